/* SPDX-License-Identifier: MIT */
/*
 * How much a finding matters: one scale for all reports.
 */
#ifndef P2P_REPORTS_SEVERITY_H
#define P2P_REPORTS_SEVERITY_H

/** Worst last. */
enum p2p_severity {
	P2P_SEVERITY_OK,
	P2P_SEVERITY_NOTE,    /**< worth knowing, nothing to do */
	P2P_SEVERITY_UNKNOWN, /**< could not be read, so it may be wrong */
	P2P_SEVERITY_WARNING, /**< works, but slower, less, or not to be trusted without proof */
	P2P_SEVERITY_PROBLEM, /**< keeps some devices from peer-to-peer, or is plainly wrong */
};
#define P2P_SEVERITIES 5

/** "ok", "note", "unknown", "warning" or "problem". */
const char *p2p_severity_name(enum p2p_severity severity);

#endif
