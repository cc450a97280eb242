/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The map: from pieces of CPU addresses to the addresses that one client is programmed with.
 *
 *     segments   [ host ][ device A ][ host ][ device B (two windows) ][ host ]
 *                    \                   \                                /
 *                     one batch: map_host, or no call at all in a linear window
 *     mapped     [      ][          ][      ][          ][            ][      ]
 *
 * The order is kept. Neighbours in the client's addresses become one, but in a list of nothing but
 * host memory: there segments are answered one by one, or as the batch answers, so that normal
 * memory costs what it cost before. All or nothing: when an error is returned, nothing is mapped.
 */
#ifndef P2PMEM_MAP_H
#define P2PMEM_MAP_H

#include "mapper.h"

P2P_BEGIN_DECLS

/** Memory of one provider that a mapping uses. */
struct p2p_map_use {
	struct p2p_provider *provider;
	enum p2p_reach reach;
	bool mapped;       /**< by the provider's `map` op, in one piece */
	uint32_t segments; /**< that are in it, each part of a segment counted as one */
	uint64_t bytes;
	p2p_dma_addr dma; /**< what `map` gave */
};

#define P2P_MAP_USES 2

/** One mapping. Fill in `mapped` and `room`, nothing else. It must not be moved while mapped. */
struct p2p_mapping {
	struct p2p_mapped *mapped; /**< the caller's array */
	uint32_t room;             /**< entries of it; as many as segments are usually enough */
	uint32_t count;            /**< set: entries used */
	uint32_t culprit; /**< set on -EINVAL, -EREMOTE, -ERANGE: the number of the segment */
	uint64_t direct_bytes, via_host_bytes; /**< set: how much of it is device memory */
	struct p2p_map_use *use;               /**< set: the device memory; `uses` entries */
	uint32_t uses;
	/** Set if there are uses: what is normal memory, counted as theirs. */
	uint32_t normal_segments;
	uint64_t normal_bytes;
	/* The map's own. */
	struct p2p_map_use first_use[P2P_MAP_USES];
	uint32_t use_room;
	uint64_t cookie;
	bool host;
};

/**
 * Maps `count` segments. One call at a time on one mapper. Inside a read-side section of the
 * registry's RCU, ops included: where ops sleep it must be one that allows that (SRCU in the
 * kernel).
 *
 * Returns 0, or with nothing mapped:
 * -EINVAL    a segment is empty or goes past the end of 64 bits
 * -EREMOTE   a provider is unreachable for the client, perhaps only by the address it was mapped at
 * -ERANGE    host memory that the client has no way to, or an address beyond what it can hold
 * -EMSGSIZE  more entries than there is room for
 * -ENOMEM    or what an op returned
 */
int p2p_map(struct p2p_mapper *mapper, const struct p2p_segment *segments, uint32_t count,
	    struct p2p_mapping *mapping);

/**
 * Undoes exactly what p2p_map() did; providers may have been removed meanwhile. As p2p_map(), but
 * needs no read-side section.
 */
void p2p_unmap(struct p2p_mapper *mapper, struct p2p_mapping *mapping);

P2P_END_DECLS

#endif
