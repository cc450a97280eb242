/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A client: a device that does DMA, as the map knows it.
 */
#ifndef P2P_CORE_CLIENT_H
#define P2P_CORE_CLIENT_H

#include "provider.h"

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

P2P_END_DECLS

#endif
