/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Coherent memory of a wrapped function, as its twin (struct p2pmem_wrap) has it from the ops of
 * before. With CONFIG_DMA_API_DEBUG the kernel's list of what is allocated gets no entry for the
 * twin: the caller of our op makes one for the function, and what was allocated before the function
 * was wrapped has none other either.
 */
#ifndef P2PMEM_TWIN_H
#define P2PMEM_TWIN_H

#include <linux/dma-mapping.h>
#include <linux/pci.h>

#ifdef CONFIG_DMA_API_DEBUG

void *p2pmem_twin_alloc(struct pci_dev *twin, size_t size, dma_addr_t *dma, gfp_t gfp,
			unsigned long attrs);
void p2pmem_twin_free(struct pci_dev *twin, size_t size, void *memory, dma_addr_t dma,
		      unsigned long attrs);

#else

static inline void *p2pmem_twin_alloc(struct pci_dev *twin, size_t size, dma_addr_t *dma, gfp_t gfp,
				      unsigned long attrs)
{
	return dma_alloc_attrs(&twin->dev, size, dma, gfp, attrs);
}

static inline void p2pmem_twin_free(struct pci_dev *twin, size_t size, void *memory, dma_addr_t dma,
				    unsigned long attrs)
{
	dma_free_attrs(&twin->dev, size, memory, dma, attrs);
}

#endif

#endif
