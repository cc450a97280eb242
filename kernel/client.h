/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device that does DMA, as the core's map knows it.
 */
#ifndef P2PMEM_CLIENT_H
#define P2PMEM_CLIENT_H

#include "memory.h"

#include <linux/dma-resv.h>
#include <linux/spinlock.h>
#include "map/map.h"

struct p2pmem_client {
	struct p2p_client core;
	struct device *dev;       /* a reference */
	struct pci_dev *function; /* where its requests come from, or NULL; a reference */
	spinlock_t lock;          /* one mapping at a time, by the mapper's rules */
	struct p2p_mapper *mapper;
	u32 direct;      /* mappings past the host; of a dma-buf, under its reservation lock */
	u32 via_host;    /* the same, of those through it */
	bool of_pages;   /* for DMA ops, which are given pages: as long as somebody has them */
	bool translated; /* of these: by an IOMMU */
	const void *host_bridge; /* of these: whose windows no IOMMU maps to; never followed */
	struct dma_resv *resv;   /* of a dma-buf: its lock, not `lock`, and device memory only */
	/* Of the mapping that is being made or undone. */
	enum dma_data_direction direction;
	unsigned long attrs;
};

/* How PCI memory, and how memory on no PCI bus is reached: the core's ops of a struct p2pmem. */
extern const struct p2p_provider_ops p2pmem_pci_ops;
extern const struct p2p_provider_ops p2pmem_range_ops;

/* p2pmem_client_new(); with the reservation object of a dma-buf, for it alone. */
struct p2pmem_client *p2pmem_client_new_for(struct device *dev, struct dma_resv *resv);

/* Whether an IOMMU translates for a device; else, whether it has so many address lines. */
bool p2pmem_client_has_iommu(struct device *dev);
bool p2pmem_client_has_lines(struct device *dev, phys_addr_t start, u64 length);

/* For DMA ops of the device: p2pmem_client_reach(). */
struct p2pmem_client *p2pmem_client_new_of_pages(struct device *dev);

/*
 * What pages at `at` are to a client of p2pmem_client_new_of_pages(), and whose, unless normal.
 * Reached is by the CPU address; or, below an IOMMU, via host by what that maps. `*length`: cut
 * down to the bytes that it holds for. Inside a read-side section; does not sleep.
 */
enum p2p_reach p2pmem_client_reach(struct p2pmem_client *client, phys_addr_t at, u64 *length,
				   struct p2pmem **memory);

/* Whether a client below an IOMMU was given `dma` as the memory's own address. Does not sleep. */
bool p2pmem_client_is_own(const struct p2pmem_client *client, dma_addr_t dma);

/* What an address is to the client now; for a dma-buf, under its lock. */
enum p2p_reach p2pmem_client_ask(struct p2pmem_client *client, p2p_cpu_addr at);

/* p2p_map() and p2p_unmap() for the client, with statistics. Do not sleep, but for a dma-buf. */
int p2pmem_client_map(struct p2pmem_client *client, const struct p2p_segment *segments, u32 count,
		      enum dma_data_direction direction, unsigned long attrs,
		      struct p2p_mapping *mapping);
void p2pmem_client_unmap(struct p2pmem_client *client, enum dma_data_direction direction,
			 unsigned long attrs, struct p2p_mapping *mapping);

#endif
