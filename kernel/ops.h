/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the DMA ops with and without an IOMMU have in common.
 */
#ifndef P2PMEM_OPS_H
#define P2PMEM_OPS_H

#include "wrap.h"

#ifdef COMPAT_WRAPS

#include "memory.h"
#include "registry.h"

/* How an entry of a list, or what is mapped by itself, gets an address. */
enum p2pmem_way {
	P2PMEM_WAY_NORMAL,     /* as ever: no device memory */
	P2PMEM_WAY_TRANSLATED, /* as ever: device memory that is reached by way of the IOMMU */
	P2PMEM_WAY_OWN,        /* by its own address */
	P2PMEM_WAY_BOUNCED,    /* the CPU copies */
};

/*
 * Of what p2pmem_ops_is_normal() says no to: counts device memory, and gives it its address in
 * `*dma` unless that is as ever. DMA_MAPPING_ERROR: no memory to bounce it through.
 */
enum p2pmem_way p2pmem_ops_map_peer(struct p2pmem_wrap *wrap, phys_addr_t start, size_t size,
				    enum dma_data_direction direction, unsigned long attrs,
				    dma_addr_t *dma);

/* The way alone; nothing is done, and the next answer may be another. */
enum p2pmem_way p2pmem_ops_way(struct p2pmem_wrap *wrap, phys_addr_t start, size_t size);

/* Counts what is mapped as ever without p2pmem_ops_map_peer(), device memory or not. */
void p2pmem_ops_count_as_ever(struct p2pmem_wrap *wrap, phys_addr_t start, size_t size,
			      enum dma_data_direction direction);

/* False: it has not been bounced. */
bool p2pmem_ops_unbounce(struct p2pmem_wrap *wrap, dma_addr_t dma,
			 enum dma_data_direction direction, unsigned long attrs);

static __always_inline bool p2pmem_ops_is_normal(const struct p2pmem_wrap *wrap, phys_addr_t start,
						 size_t size)
{
	p2p_cpu_addr first = { start }, last = { start + size - 1 };

	return !p2p_range_filter_passes_range(wrap->filter, first, last);
}

static __always_inline void p2pmem_ops_count_normal(struct p2pmem_wrap *wrap, size_t size)
{
	this_cpu_add(*wrap->normal_bytes, size);
}

/* Each entry of a list as `one` does it. */
static __always_inline void p2pmem_ops_sync_list(struct device *dev, struct scatterlist *list,
						 int entries, enum dma_data_direction direction,
						 void (*one)(struct device *, dma_addr_t, size_t,
							     enum dma_data_direction))
{
	struct scatterlist *entry;
	int i;

	for_each_sg(list, entry, entries, i)
		one(dev, sg_dma_address(entry), entry->length, direction);
}

#endif

#endif
