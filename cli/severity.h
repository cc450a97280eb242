/* SPDX-License-Identifier: MIT */
/*
 * --fail-on: which findings make an exit status of their own, for every command that has findings.
 */
#ifndef P2P_CLI_SEVERITY_H
#define P2P_CLI_SEVERITY_H

#include <stdint.h>

#include "options.h"
#include <p2pmem/severity.h>
#include "terminal.h"

enum cli_fail_on {
	CLI_FAIL_ON_PROBLEM,
	CLI_FAIL_ON_WARNING,
	CLI_FAIL_ON_UNKNOWN,
	CLI_FAIL_ON_DEFAULT, /**< not given: the command's own rule */
};

/** The words of the option, in the order of the enum. */
extern const char *const cli_fail_on_words[];

/**
 * 1: there is a problem, or with WARNING and UNKNOWN a warning; 2: there is none, but with UNKNOWN
 * something is unknown; else 0. DEFAULT does not count warnings, and counts what is unknown.
 */
int cli_fail_on_status(enum cli_fail_on fail_on, const uint32_t tally[P2P_SEVERITIES]);

enum cli_style cli_severity_style(enum p2p_severity severity);

#endif
