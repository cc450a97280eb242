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

#include "registry.h"

P2P_BEGIN_DECLS

/** Physically contiguous; may begin and end anywhere, also in different providers. */
struct p2p_segment {
	p2p_cpu_addr start;
	uint64_t length; /**< bytes, not 0 */
};

struct p2p_mapped {
	p2p_dma_addr start;
	uint64_t length; /**< bytes */
};

/** What a client can do with memory of the host and through the host. Any may be NULL. */
struct p2p_client_ops {
	/**
	 * Maps host memory, all of a list in one batch. `mapped` has room for `count`; the answers
	 * are in the segments' order, may join neighbours, and never cut a segment. `*cookie` comes
	 * back with unmap_host. 0 or a negative errno with nothing mapped.
	 */
	int (*map_host)(const struct p2p_client *client, const struct p2p_segment *segments,
			uint32_t count, struct p2p_mapped *mapped, uint32_t *mapped_count,
			uint64_t *cookie);
	void (*unmap_host)(const struct p2p_client *client, uint64_t cookie);
	/** Maps memory of another device, to be reached through the host. 0 or a negative errno. */
	int (*map_device)(const struct p2p_client *client, p2p_cpu_addr start, uint64_t length,
			  p2p_dma_addr *dma);
	void (*unmap_device)(const struct p2p_client *client, p2p_dma_addr dma, uint64_t length);
};

/** A device that does DMA; the caller's, constant while something is mapped for it. */
struct p2p_client {
	p2p_node node;        /**< or P2P_NO_NODE */
	p2p_dma_addr highest; /**< the last address that it can be programmed with */
	/** Host memory that it reaches unmapped: the CPU address plus `linear_offset`. */
	p2p_cpu_addr linear_start;
	uint64_t linear_size;   /**< bytes, 0: none */
	uint64_t linear_offset; /**< modulo 2^64: may be "negative" */
	const struct p2p_client_ops *ops;
	void *context; /**< the caller's */
};

/** Remembers what providers answered to one client. */
struct p2p_mapper;

/** All that is passed must outlive the mapper. 0, -ENOMEM, or -EINVAL: an impossible window. */
int p2p_mapper_new(const struct p2p_allocator *allocator, const struct p2p_registry *registry,
		   const struct p2p_client *client, struct p2p_mapper **mapper);

/** Nothing of it may be mapped. NULL is allowed. */
void p2p_mapper_free(struct p2p_mapper *mapper);

/** The map's own: a provider in use; with a length also a piece that its `map` op mapped. */
struct p2p_map_undo {
	struct p2p_provider *provider;
	p2p_dma_addr dma;
	uint64_t length;
};

#define P2P_MAP_UNDOS 2

/** One mapping. Fill in `mapped` and `room`, nothing else. It must not be moved while mapped. */
struct p2p_mapping {
	struct p2p_mapped *mapped; /**< the caller's array */
	uint32_t room;             /**< entries of it; as many as segments are usually enough */
	uint32_t count;            /**< set: entries used */
	uint32_t culprit; /**< set on -EINVAL, -EREMOTE, -ERANGE: the number of the segment */
	uint64_t direct_bytes, via_host_bytes; /**< set: how much of it is device memory */
	/* The map's own. */
	struct p2p_map_undo *undo, first_undo[P2P_MAP_UNDOS];
	uint32_t undos, undo_room;
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

/**
 * What the memory at `address` is to the client. `*decision` tells how far that holds: of
 * P2P_NORMAL, to the next provider or the end of 64 bits (length 0: all 2^64 bytes). As p2p_map().
 */
enum p2p_reach p2p_map_ask(struct p2p_mapper *mapper, p2p_cpu_addr address,
			   struct p2p_decision *decision);

/** "normal", "direct", "via-host", "unreachable". */
const char *p2p_reach_name(enum p2p_reach reach);

P2P_END_DECLS

#endif
