/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Nodes in order of address, in linear time.
 */
#ifndef P2P_CORE_SORT_H
#define P2P_CORE_SORT_H

#include "private.h"

struct p2p_sorted {
	uint64_t key; /* domain << 16 | bus << 8 | devfn; all ones for off-bus devices */
	p2p_node node;
};

/*
 * Sorts `count` nodes: off-bus devices last, equal keys (a host bridge and function
 * 00.0 of its bus) in the order they were added. The result is the caller's, to be given back
 * with p2p_array_free(). NULL: no memory.
 */
struct p2p_sorted *p2p_sort_by_address(const struct p2p_allocator *allocator,
				       const struct p2p_node_info *info, uint32_t count);

#endif
