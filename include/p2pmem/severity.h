/* SPDX-License-Identifier: MIT */
/*
 * How much something matters: one scale for all that is found out about a machine or a pair.
 */
#ifndef P2PMEM_SEVERITY_H
#define P2PMEM_SEVERITY_H

#include <p2pmem/types.h>

P2P_BEGIN_DECLS

/** Worst last. */
enum p2p_severity {
	P2P_SEVERITY_OK,
	P2P_SEVERITY_NOTE,    /**< worth knowing, nothing to do */
	P2P_SEVERITY_UNKNOWN, /**< could not be read, so it may be wrong */
	P2P_SEVERITY_WARNING, /**< works, but slower, less, or not to be trusted without proof */
	P2P_SEVERITY_PROBLEM, /**< keeps some devices from peer-to-peer, or is plainly wrong */
};
#define P2P_SEVERITIES 5

/** Gives a severity's stable word. Returns "ok", "note", "unknown", "warning" or "problem". */
const char *p2p_severity_name(enum p2p_severity severity);

P2P_END_DECLS

#endif
