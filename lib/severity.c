// SPDX-License-Identifier: MIT
/*
 * How much a finding matters.
 */
#include <p2pmem/severity.h>

const char *p2p_severity_name(enum p2p_severity severity)
{
	switch (severity) {
	case P2P_SEVERITY_OK:
		return "ok";
	case P2P_SEVERITY_NOTE:
		return "note";
	case P2P_SEVERITY_UNKNOWN:
		return "unknown";
	case P2P_SEVERITY_WARNING:
		return "warning";
	case P2P_SEVERITY_PROBLEM:
		break;
	}
	return "problem";
}
