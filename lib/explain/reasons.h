/* SPDX-License-Identifier: MIT */
/*
 * Reasons in words: each names the node and the bit, and whose rule it is.
 */
#ifndef P2P_REPORTS_REASONS_H
#define P2P_REPORTS_REASONS_H

#include <stdio.h>

#include <p2pmem/machine.h>
#include <p2pmem/route.h>

/** One sentence without a full stop. `policy` is that of the router that gave the reason. */
void p2p_reason_write(FILE *file, const struct p2p_machine *machine,
		      const struct p2p_policy *policy, const struct p2p_reason *reason);

/** "Linux 6.12", "one of Linux 6.8 to 7.3", or "the hardware". */
void p2p_policy_write(FILE *file, const struct p2p_policy *policy);

#endif
