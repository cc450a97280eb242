/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a wrapped function's twin (struct p2pmem_wrap) has from the ops of before: coherent memory,
 * and by an IOMMU all. With CONFIG_DMA_API_DEBUG the kernel's list of what is allocated and mapped
 * gets no entry for the twin: the caller of our op makes one for the function, and what was there
 * before the function was wrapped has none other either.
 */
#ifndef P2PMEM_TWIN_H
#define P2PMEM_TWIN_H

#include "compat/compat.h"

#include <linux/dma-mapping.h>
#include <linux/pci.h>

#ifdef CONFIG_DMA_API_DEBUG

void *p2pmem_twin_alloc(struct pci_dev *twin, size_t size, dma_addr_t *dma, gfp_t gfp,
			unsigned long attrs);
void p2pmem_twin_free(struct pci_dev *twin, size_t size, void *memory, dma_addr_t dma,
		      unsigned long attrs);
dma_addr_t p2pmem_twin_map_resource(struct pci_dev *twin, phys_addr_t start, size_t size,
				    enum dma_data_direction direction, unsigned long attrs);
void p2pmem_twin_unmap_resource(struct pci_dev *twin, dma_addr_t dma, size_t size,
				enum dma_data_direction direction, unsigned long attrs);

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

static inline dma_addr_t p2pmem_twin_map_resource(struct pci_dev *twin, phys_addr_t start,
						  size_t size, enum dma_data_direction direction,
						  unsigned long attrs)
{
	return dma_map_resource(&twin->dev, start, size, direction, attrs);
}

static inline void p2pmem_twin_unmap_resource(struct pci_dev *twin, dma_addr_t dma, size_t size,
					      enum dma_data_direction direction,
					      unsigned long attrs)
{
	dma_unmap_resource(&twin->dev, dma, size, direction, attrs);
}

#endif

#ifdef COMPAT_WRAPS

/* compat_before_map_page() and so on; `dev`: the function. */
#if defined(CONFIG_DMA_API_DEBUG) && defined(COMPAT_TRANSLATES_BY_FLAG)

dma_addr_t p2pmem_twin_map_page(struct pci_dev *twin, struct device *dev, struct page *page,
				unsigned long offset, size_t size,
				enum dma_data_direction direction, unsigned long attrs);
void p2pmem_twin_unmap_page(struct pci_dev *twin, struct device *dev, dma_addr_t dma, size_t size,
			    enum dma_data_direction direction, unsigned long attrs);
int p2pmem_twin_map_list(struct pci_dev *twin, struct device *dev, struct scatterlist *list,
			 int entries, enum dma_data_direction direction, unsigned long attrs);
void p2pmem_twin_unmap_list(struct pci_dev *twin, struct device *dev, struct scatterlist *list,
			    int entries, enum dma_data_direction direction, unsigned long attrs);

#else

static inline dma_addr_t p2pmem_twin_map_page(struct pci_dev *twin, struct device *dev,
					      struct page *page, unsigned long offset, size_t size,
					      enum dma_data_direction direction,
					      unsigned long attrs)
{
	return compat_before_map_page(&twin->dev, dev, page, offset, size, direction, attrs);
}

static inline void p2pmem_twin_unmap_page(struct pci_dev *twin, struct device *dev, dma_addr_t dma,
					  size_t size, enum dma_data_direction direction,
					  unsigned long attrs)
{
	compat_before_unmap_page(&twin->dev, dev, dma, size, direction, attrs);
}

static inline int p2pmem_twin_map_list(struct pci_dev *twin, struct device *dev,
				       struct scatterlist *list, int entries,
				       enum dma_data_direction direction, unsigned long attrs)
{
	return compat_before_map_list(&twin->dev, dev, list, entries, direction, attrs);
}

static inline void p2pmem_twin_unmap_list(struct pci_dev *twin, struct device *dev,
					  struct scatterlist *list, int entries,
					  enum dma_data_direction direction, unsigned long attrs)
{
	compat_before_unmap_list(&twin->dev, dev, list, entries, direction, attrs);
}

#endif

#endif

#endif
