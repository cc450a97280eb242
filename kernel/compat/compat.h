/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels that we build for, 6.1 to 7.3, in one place.
 */
#ifndef P2PMEM_COMPAT_H
#define P2PMEM_COMPAT_H

#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/version.h>

/* 6.17 has no pfn_t any more. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#include <linux/pfn_t.h>
#define COMPAT_PFN_T
#endif

/*
 * Device memory is in no cache of the CPU's. Nobody would sync it anyhow; but CONFIG_DMA_API_DEBUG
 * wants to be told, or warns when two devices have the same mapped.
 */
#define COMPAT_RESOURCE_ATTRS DMA_ATTR_SKIP_CPU_SYNC

/* Maps what has no struct page, through the IOMMU if there is one. dma_map_phys(): 6.18. */
static inline dma_addr_t compat_dma_map(struct device *dev, phys_addr_t start, size_t length,
					enum dma_data_direction direction)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	return dma_map_phys(dev, start, length, direction, DMA_ATTR_MMIO);
#else
	return dma_map_resource(dev, start, length, direction, COMPAT_RESOURCE_ATTRS);
#endif
}

static inline void compat_dma_unmap(struct device *dev, dma_addr_t dma, size_t length,
				    enum dma_data_direction direction)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	dma_unmap_phys(dev, dma, length, direction, DMA_ATTR_MMIO);
#else
	dma_unmap_resource(dev, dma, length, direction, COMPAT_RESOURCE_ATTRS);
#endif
}

/*
 * The importer's call-back when memory goes, in its struct dma_buf_attach_ops; under its new name
 * it is a promise to unmap (7.3 is the kernel that was tried).
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 1, 0)
#define compat_move_notify invalidate_mappings
#define COMPAT_IMPORTERS_PROMISE
#else
#define compat_move_notify move_notify
#endif

static inline void compat_tell_importers(struct dma_buf *buffer)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 1, 0)
	dma_buf_invalidate_mappings(buffer);
#else
	dma_buf_move_notify(buffer);
#endif
}

/* A reference to a file that is perhaps being released: false then. What keeps it is the caller's.
 */
static inline bool compat_get_file(struct file *file)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	return get_file_active(&file);
#else
	return get_file_rcu(file);
#endif
}

/* A page table entry without page in a mapping that may have both kinds. */
static inline vm_fault_t compat_insert_mixed(struct vm_area_struct *vma, unsigned long address,
					     unsigned long pfn)
{
#ifdef COMPAT_PFN_T
	return vmf_insert_mixed(vma, address, __pfn_to_pfn_t(pfn, PFN_DEV));
#else
	return vmf_insert_mixed(vma, address, pfn);
#endif
}

/* Of a page of p2pdma.c's that nobody has: free_zone_device_folio() has left it so since 6.15. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
#define COMPAT_FREE_PAGE_COUNT 0
#else
#define COMPAT_FREE_PAGE_COUNT 1
#endif

/* "BARs can't be mapped by CPU or peers": 6.15 */
static inline bool compat_bars_are_mappable(const struct pci_dev *pdev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	return !pdev->non_mappable_bars;
#else
	return true;
#endif
}

static inline void compat_set_vm_flags(struct vm_area_struct *vma, unsigned long flags)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, flags);
#else
	vma->vm_flags |= flags;
#endif
}

static inline void compat_clear_vm_flags(struct vm_area_struct *vma, unsigned long flags)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_clear(vma, flags);
#else
	vma->vm_flags &= ~flags;
#endif
}

/*
 * Where DMA ops of ours are put around those of stock drivers' functions, because the kernel takes
 * nobody's device memory for what it is: docs/dma-ops.md says on what that rests. Tried series
 * only.
 */
#define COMPAT_IS_SERIES(major, minor) (LINUX_VERSION_CODE >> 8 == ((major) << 8 | (minor)))
#if !defined(CONFIG_PCI_P2PDMA) && defined(CONFIG_ZONE_DEVICE) &&                                  \
	(defined(CONFIG_X86_64) || (defined(CONFIG_ARM64) && COMPAT_IS_SERIES(6, 12))) &&          \
	!defined(CONFIG_SWIOTLB_DYNAMIC) &&                                                        \
	((COMPAT_IS_SERIES(6, 1) && defined(CONFIG_DMA_OPS)) ||                                    \
	 (COMPAT_IS_SERIES(6, 12) && defined(CONFIG_ARCH_HAS_DMA_OPS)))
#define COMPAT_WRAPS
#endif

/* Where the kernel's own P2PDMA is told what root has allowed: p2pdma.c. */
#if defined(CONFIG_PCI_P2PDMA) && defined(CONFIG_FPROBE) && COMPAT_IS_SERIES(7, 3) &&              \
	(defined(CONFIG_X86_64) || defined(CONFIG_ARM64))
#define COMPAT_TELLS
#endif

#ifdef COMPAT_WRAPS
#include <linux/swiotlb.h>

#if COMPAT_IS_SERIES(6, 1)
#define compat_alloc_pages_op alloc_pages
#else
#define compat_alloc_pages_op alloc_pages_op
#endif

/* Memory of the kernel's own bounce buffers. */
static inline bool compat_is_swiotlb(struct device *dev, phys_addr_t start)
{
#if COMPAT_IS_SERIES(6, 1)
	return is_swiotlb_buffer(dev, start);
#else
	return swiotlb_find_pool(dev, start);
#endif
}

/* Whether the DMA API may leave out calls to sync; of the device lock's holder. */
static inline void compat_set_skip_sync(struct device *dev, const struct device *from)
{
#ifdef CONFIG_DMA_NEED_SYNC
	dev->dma_skip_sync = from && from->dma_skip_sync;
#endif
}

/*
 * How the DMA API translates by an IOMMU: by ops, which are asked by the pointer; or since 6.7 by a
 * flag, which outranks a device's ops, and functions that are asked by a device that has the flag.
 * `twin`: as `dev` was before it was wrapped.
 */
#include <linux/dma-map-ops.h>

#if COMPAT_IS_SERIES(6, 1)

static inline bool compat_translates(struct device *dev)
{
	char name[sizeof("iommu_dma_map_page") + 1]; /* so that a longer one is another */

	/* The ops themselves are not for modules. */
	if (!dev->dma_ops || !dev->dma_ops->map_page)
		return false;
	snprintf(name, sizeof(name), "%ps", dev->dma_ops->map_page);
	return !strcmp(name, "iommu_dma_map_page");
}

static inline bool compat_has_ops(struct device *dev)
{
	return get_dma_ops(dev) && !compat_translates(dev);
}

static inline bool compat_translates_by_flag(const struct device *dev)
{
	return false;
}

static inline void compat_set_translates_by_flag(struct device *dev, bool does)
{
}

static inline dma_addr_t compat_before_map_page(struct device *twin, struct device *dev,
						struct page *page, unsigned long offset,
						size_t size, enum dma_data_direction direction,
						unsigned long attrs)
{
	return twin->dma_ops->map_page(dev, page, offset, size, direction, attrs);
}

/* As of a page that was not copied to where the kernel bounces: it looks for that first. */
static inline void compat_before_unmap_page(struct device *twin, struct device *dev, dma_addr_t dma,
					    size_t size, enum dma_data_direction direction,
					    unsigned long attrs)
{
	twin->dma_ops->unmap_resource(dev, dma, size, direction, attrs);
}

static inline int compat_before_map_list(struct device *twin, struct device *dev,
					 struct scatterlist *list, int entries,
					 enum dma_data_direction direction, unsigned long attrs)
{
	return twin->dma_ops->map_sg(dev, list, entries, direction, attrs);
}

static inline void compat_before_unmap_list(struct device *twin, struct device *dev,
					    struct scatterlist *list, int entries,
					    enum dma_data_direction direction, unsigned long attrs)
{
	twin->dma_ops->unmap_sg(dev, list, entries, direction, attrs);
}

#else
#define COMPAT_TRANSLATES_BY_FLAG

static inline bool compat_translates(const struct device *dev)
{
	return dev->dma_iommu && !dev->dma_ops;
}

static inline bool compat_has_ops(struct device *dev)
{
	return get_dma_ops(dev);
}

static inline bool compat_translates_by_flag(const struct device *dev)
{
	return dev->dma_iommu;
}

/* Shares a word with others: of the device lock's holder, after compat_set_skip_sync(dev, NULL). */
static inline void compat_set_translates_by_flag(struct device *dev, bool does)
{
	dev->dma_iommu = does;
}

static inline dma_addr_t compat_before_map_page(struct device *twin, struct device *dev,
						struct page *page, unsigned long offset,
						size_t size, enum dma_data_direction direction,
						unsigned long attrs)
{
	return dma_map_page_attrs(twin, page, offset, size, direction, attrs);
}

/* As above. */
static inline void compat_before_unmap_page(struct device *twin, struct device *dev, dma_addr_t dma,
					    size_t size, enum dma_data_direction direction,
					    unsigned long attrs)
{
	dma_unmap_resource(twin, dma, size, direction, attrs);
}

/* dma_map_sg_attrs() would not say which error. */
static inline int compat_before_map_list(struct device *twin, struct device *dev,
					 struct scatterlist *list, int entries,
					 enum dma_data_direction direction, unsigned long attrs)
{
	struct sg_table table = { .sgl = list, .orig_nents = entries };

	return dma_map_sgtable(twin, &table, direction, attrs) ?: table.nents;
}

static inline void compat_before_unmap_list(struct device *twin, struct device *dev,
					    struct scatterlist *list, int entries,
					    enum dma_data_direction direction, unsigned long attrs)
{
	dma_unmap_sg_attrs(twin, list, entries, direction, attrs);
}
#endif
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define COMPAT_IMPORT_NS(name) MODULE_IMPORT_NS(#name)
#else
#define COMPAT_IMPORT_NS(name) MODULE_IMPORT_NS(name)
#endif

#endif
