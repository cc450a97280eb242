/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device that does DMA, as the core's map knows it.
 */
#ifndef P2PMEM_CLIENT_H
#define P2PMEM_CLIENT_H

#include "memory.h"

#include <linux/spinlock.h>
#include <p2pmem/map.h>

struct p2pmem_client {
	struct p2p_client core;
	struct device *dev;       /* a reference */
	struct pci_dev *function; /* where its requests come from, or NULL; a reference */
	spinlock_t lock;          /* one mapping at a time, by the mapper's rules */
	struct p2p_mapper *mapper;
	bool devices_only; /* what is not lent (any more) must not be taken for host memory */
	/* Of the mapping that is being made or undone. */
	enum dma_data_direction direction;
	unsigned long attrs;
};

/* How PCI memory, and how memory on no PCI bus is reached: the core's ops of a struct p2pmem. */
extern const struct p2p_provider_ops p2pmem_pci_ops;
extern const struct p2p_provider_ops p2pmem_range_ops;

/* p2p_map() and p2p_unmap() for the client, with statistics. Do not sleep. */
int p2pmem_client_map(struct p2pmem_client *client, const struct p2p_segment *segments, u32 count,
		      enum dma_data_direction direction, unsigned long attrs,
		      struct p2p_mapping *mapping);
void p2pmem_client_unmap(struct p2pmem_client *client, enum dma_data_direction direction,
			 unsigned long attrs, struct p2p_mapping *mapping);

#endif
