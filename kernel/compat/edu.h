/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between kernel versions for the modules of the lab: edu/ and link/. */
#ifndef P2PMEM_COMPAT_EDU_H
#define P2PMEM_COMPAT_EDU_H

#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/version.h>

/* The namespace became a string in 6.13 (cdd30ebb1b9f). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define COMPAT_IMPORT_DMA_BUF() MODULE_IMPORT_NS("DMA_BUF")
#else
#define COMPAT_IMPORT_DMA_BUF() MODULE_IMPORT_NS(DMA_BUF)
#endif

/* The same call-back by another name: include/linux/dma-buf.h of 6.12 and of 7.3. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 1, 0)
#define compat_move_notify invalidate_mappings
#else
#define compat_move_notify move_notify
#endif

/* 7.3 maps memory by its address, with or without a struct page, and calls what is no RAM MMIO. */
static inline dma_addr_t compat_map_device_memory(struct device *dev, phys_addr_t start,
						  size_t length, enum dma_data_direction direction)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 1, 0)
	return dma_map_phys(dev, start, length, direction, DMA_ATTR_MMIO);
#else
	return dma_map_resource(dev, start, length, direction, 0);
#endif
}

static inline void compat_unmap_device_memory(struct device *dev, dma_addr_t dma, size_t length,
					      enum dma_data_direction direction)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 1, 0)
	dma_unmap_phys(dev, dma, length, direction, DMA_ATTR_MMIO);
#else
	dma_unmap_resource(dev, dma, length, direction, 0);
#endif
}

#endif
