/* SPDX-License-Identifier: MIT */
/*
 * How well a lender serves the ends of a copy, as the running kernel's rules see it.
 */
#ifndef P2P_LIB_COPY_RANK_H
#define P2P_LIB_COPY_RANK_H

#include <p2pmem/copy.h>

#include "blockdev/functions.h"

struct p2p_ranks;

/** Reads the running machine. NULL when it cannot be read: then every route is unknown. */
struct p2p_ranks *p2p_ranks_open(void);

/** NULL is allowed. */
void p2p_ranks_close(struct p2p_ranks *ranks);

/**
 * The PCI address of the device that people mean by `name`. Returns 0, -ENOENT or -ENOTUNIQ with
 * the sentence. Without ranks the name must be the address itself.
 */
int p2p_ranks_resolve(const struct p2p_ranks *ranks, const char *name, char bdf[P2P_BDF_TEXT],
		      struct p2p_error *error);

/** The worst route from any of `clients` to the lender's memory. `ranks` may be NULL. */
struct p2p_copy_route p2p_rank(const struct p2p_ranks *ranks, const char *lender,
			       const struct p2p_functions *clients);

/** Less than 0 when `a` is to be preferred, greater when `b` is. */
int p2p_rank_compare(struct p2p_copy_route a, struct p2p_copy_route b);

#endif
