// SPDX-License-Identifier: MIT
/*
 * --fail-on.
 */
#include "severity.h"

#define STATUS_BAD     1
#define STATUS_UNKNOWN 2

const char *const cli_fail_on_words[] = { "problem", "warning", "unknown", NULL };

int cli_fail_on_status(enum cli_fail_on fail_on, const uint32_t tally[P2P_SEVERITIES])
{
	bool warnings = fail_on == CLI_FAIL_ON_WARNING || fail_on == CLI_FAIL_ON_UNKNOWN;
	bool unknown = fail_on == CLI_FAIL_ON_UNKNOWN || fail_on == CLI_FAIL_ON_DEFAULT;

	if (tally[P2P_SEVERITY_PROBLEM] || (warnings && tally[P2P_SEVERITY_WARNING]))
		return STATUS_BAD;
	return unknown && tally[P2P_SEVERITY_UNKNOWN] ? STATUS_UNKNOWN : 0;
}

enum cli_style cli_severity_style(enum p2p_severity severity)
{
	static const enum cli_style styles[P2P_SEVERITIES] = {
		[P2P_SEVERITY_OK] = CLI_GOOD,        [P2P_SEVERITY_NOTE] = CLI_NOTE,
		[P2P_SEVERITY_UNKNOWN] = CLI_UNSURE, [P2P_SEVERITY_WARNING] = CLI_WARN,
		[P2P_SEVERITY_PROBLEM] = CLI_BAD,
	};

	return styles[severity];
}
