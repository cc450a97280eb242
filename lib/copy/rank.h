/* SPDX-License-Identifier: MIT */
/*
 * How well a provider serves a copy, as the running kernel's rules see it.
 */
#ifndef P2P_LIB_COPY_RANK_H
#define P2P_LIB_COPY_RANK_H

#include <p2pmem/copy.h>
#include <p2pmem/machine.h>

#include "blockdev/functions.h"

struct p2p_ranks;

/** Reads the running machine. NULL when it cannot be read: then every route is unknown. */
struct p2p_ranks *p2p_ranks_open(void);

/** NULL is allowed. */
void p2p_ranks_close(struct p2p_ranks *ranks);

/** The machine that was read. NULL: none, or `ranks` is. */
const struct p2p_machine *p2p_ranks_machine(const struct p2p_ranks *ranks);

/** The worst route from any of `clients` to the provider's memory. `ranks` may be NULL. */
struct p2p_copy_route p2p_rank(const struct p2p_ranks *ranks, struct p2p_bdf provider,
			       const struct p2p_functions *clients);

/** Less than 0 when `a` is to be preferred, greater when `b` is. */
int p2p_rank_compare(struct p2p_copy_route a, struct p2p_copy_route b);

#endif
