/* SPDX-License-Identifier: MIT */
/*
 * The Linux releases that are known, as stretches that judge alike.
 */
#ifndef P2P_REPORTS_ERAS_H
#define P2P_REPORTS_ERAS_H

#include <stdio.h>

#include <p2pmem/policy.h>

/** Releases with the same rules: "5.9" to "5.17". */
struct p2p_era {
	const struct p2p_policy *first, *last;
};

#define P2P_ERAS_MAX 16

/** Fills in all of them, old to new; returns how many, at most P2P_ERAS_MAX. */
uint32_t p2p_eras(struct p2p_era eras[P2P_ERAS_MAX]);

/** "Linux 6.1", or "Linux 5.18 to 7.3" from the first of one to the last of another. */
void p2p_era_write(FILE *file, const struct p2p_era *from, const struct p2p_era *to);

#endif
