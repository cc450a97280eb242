// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA ops of functions below which there may be pages of device memory.
 *
 *     normal memory         a compare with the registry's range filter, then what dma-direct does
 *     device memory         its own address, if the map says that the function reaches it by that;
 *                           else the CPU copies it through host memory
 *
 * dma-direct's functions are not for modules, so its address is worked out here where that is all
 * there is to it: without an IOMMU, and where the device is coherent, unmapping is nothing then.
 * What takes more (the kernel's bounce buffers, coherent memory) is asked of the function's twin, a
 * copy of it that still has the ops from before, as none: struct p2pmem_wrap.
 *
 * Without an IOMMU and on host bridges that translate nothing a page has one address for all. So
 * unmapping need not know how it was mapped, also not if that was before the function was wrapped,
 * and nothing is lost when ops come or go between the two.
 *
 * An op may run when the function has just been unwrapped: then it finds no ops, and does what
 * dma-direct does.
 */
#include "ops.h"

#ifdef COMPAT_WRAPS

#include "twin.h"

#include <linux/dma-direct.h>
#include <linux/mm.h>

/* Ops that may sleep: synchronize_rcu_tasks() does not wait for them. */
static atomic_t p2pmem_ops_sleepers;

void p2pmem_ops_wait(void)
{
	/* Who has loaded them sleeps in one of ours, or is done. */
	synchronize_rcu_tasks();
	synchronize_rcu();
	wait_event(p2pmem_idle, !atomic_read(&p2pmem_ops_sleepers));
	/* Who has counted itself out returns. */
	synchronize_rcu_tasks();
	synchronize_rcu();
}

static void p2pmem_ops_sleep_begin(void)
{
	atomic_inc(&p2pmem_ops_sleepers);
}

static void p2pmem_ops_sleep_end(void)
{
	if (atomic_dec_and_test(&p2pmem_ops_sleepers) && wq_has_sleeper(&p2pmem_idle))
		wake_up_all(&p2pmem_idle);
}

/* NULL: it has just been unwrapped. What is found stays until p2pmem_ops_wait() has waited. */
static __always_inline struct p2pmem_wrap *p2pmem_ops_wrap(struct device *dev)
{
	const struct dma_map_ops *ops = READ_ONCE(dev->dma_ops);

	return likely(ops) ? (void *)container_of(ops, struct p2pmem_wrap, ops) : NULL;
}

/* dma_direct_map_page() where an address is all there is to it. DMA_MAPPING_ERROR: it takes more.
 */
static __always_inline dma_addr_t p2pmem_ops_plain(struct device *dev, phys_addr_t start,
						   size_t size)
{
	dma_addr_t dma = phys_to_dma(dev, start);

	return likely(!is_swiotlb_force_bounce(dev) && dma_capable(dev, dma, size, true))
		       ? dma
		       : DMA_MAPPING_ERROR;
}

static struct device *p2pmem_ops_before(struct p2pmem_wrap *wrap, struct device *dev)
{
	return wrap ? &wrap->twin.dev : dev;
}

/*
 * All that is not the usual way through. By itself, and with the op's arguments, so that the usual
 * way has no registers to save: tests/lab/kernel/ops-cost.sh counts what it costs.
 */
static noinline dma_addr_t p2pmem_ops_map_otherwise(struct device *dev, struct page *page,
						    unsigned long offset, size_t size,
						    enum dma_data_direction direction,
						    unsigned long attrs)
{
	struct p2pmem_wrap *wrap = p2pmem_ops_wrap(dev);
	phys_addr_t start = page_to_phys(page) + offset;
	dma_addr_t dma;

	if (wrap && !p2pmem_ops_is_normal(wrap, start, size)) {
		if (p2pmem_ops_map_peer(wrap, start, size, direction, attrs, &dma) !=
		    P2PMEM_WAY_NORMAL)
			return dma;
	} else if (wrap) {
		p2pmem_ops_count_normal(wrap, size);
	}
	dma = p2pmem_ops_plain(dev, start, size);
	if (dma != DMA_MAPPING_ERROR)
		return dma;
	return dma_map_page_attrs(p2pmem_ops_before(wrap, dev), page, offset, size, direction,
				  attrs);
}

static dma_addr_t p2pmem_ops_map_page(struct device *dev, struct page *page, unsigned long offset,
				      size_t size, enum dma_data_direction direction,
				      unsigned long attrs)
{
	struct p2pmem_wrap *wrap = p2pmem_ops_wrap(dev);
	phys_addr_t start = page_to_phys(page) + offset;

	if (likely(wrap && p2pmem_ops_is_normal(wrap, start, size))) {
		dma_addr_t dma = p2pmem_ops_plain(dev, start, size);

		if (likely(dma != DMA_MAPPING_ERROR)) {
			p2pmem_ops_count_normal(wrap, size);
			return dma;
		}
	}
	return p2pmem_ops_map_otherwise(dev, page, offset, size, direction, attrs);
}

static noinline void p2pmem_ops_unmap_otherwise(struct device *dev, dma_addr_t dma, size_t size,
						enum dma_data_direction direction,
						unsigned long attrs)
{
	struct p2pmem_wrap *wrap = p2pmem_ops_wrap(dev);

	if (wrap && p2pmem_bounces_any(&wrap->bounces) &&
	    p2pmem_ops_unbounce(wrap, dma, direction, attrs))
		return;
	if (compat_is_swiotlb(dev, dma_to_phys(dev, dma)))
		dma_unmap_page_attrs(p2pmem_ops_before(wrap, dev), dma, size, direction, attrs);
}

static __always_inline void p2pmem_ops_unmap(struct p2pmem_wrap *wrap, struct device *dev,
					     dma_addr_t dma, size_t size,
					     enum dma_data_direction direction, unsigned long attrs)
{
	if (unlikely(!wrap || p2pmem_bounces_any(&wrap->bounces) ||
		     compat_is_swiotlb(dev, dma_to_phys(dev, dma))))
		p2pmem_ops_unmap_otherwise(dev, dma, size, direction, attrs);
}

static void p2pmem_ops_unmap_page(struct device *dev, dma_addr_t dma, size_t size,
				  enum dma_data_direction direction, unsigned long attrs)
{
	p2pmem_ops_unmap(p2pmem_ops_wrap(dev), dev, dma, size, direction, attrs);
}

static void p2pmem_ops_unmap_sg(struct device *dev, struct scatterlist *list, int entries,
				enum dma_data_direction direction, unsigned long attrs)
{
	struct p2pmem_wrap *wrap = p2pmem_ops_wrap(dev);
	struct scatterlist *entry;
	int i;

	for_each_sg(list, entry, entries, i)
		p2pmem_ops_unmap(wrap, dev, sg_dma_address(entry), sg_dma_len(entry), direction,
				 attrs);
}

/* As dma_direct_map_sg(): each entry by itself, so that block layers know what they get. */
static int p2pmem_ops_map_sg(struct device *dev, struct scatterlist *list, int entries,
			     enum dma_data_direction direction, unsigned long attrs)
{
	struct p2pmem_wrap *wrap = p2pmem_ops_wrap(dev);
	struct scatterlist *entry;
	size_t normal = 0;
	int i;

	for_each_sg(list, entry, entries, i) {
		dma_addr_t dma = DMA_MAPPING_ERROR;

		if (likely(wrap && p2pmem_ops_is_normal(wrap, sg_phys(entry), entry->length)))
			dma = p2pmem_ops_plain(dev, sg_phys(entry), entry->length);
		if (likely(dma != DMA_MAPPING_ERROR))
			normal += entry->length;
		else
			dma = p2pmem_ops_map_otherwise(dev, sg_page(entry), entry->offset,
						       entry->length, direction, attrs);
		if (unlikely(dma == DMA_MAPPING_ERROR)) {
			p2pmem_ops_unmap_sg(dev, list, i, direction,
					    attrs | DMA_ATTR_SKIP_CPU_SYNC);
			return -EIO;
		}
		sg_dma_address(entry) = dma;
		sg_dma_len(entry) = entry->length;
	}
	if (likely(wrap))
		p2pmem_ops_count_normal(wrap, normal);
	return entries;
}

/* Already known to be device memory, by who asks: other drivers, and our own map. */
static dma_addr_t p2pmem_ops_map_resource(struct device *dev, phys_addr_t start, size_t size,
					  enum dma_data_direction direction, unsigned long attrs)
{
	struct p2pmem_wrap *wrap = p2pmem_ops_wrap(dev);

	return wrap ? p2pmem_twin_map_resource(&wrap->twin, start, size, direction, attrs)
		    : dma_map_resource(dev, start, size, direction, attrs);
}

static void p2pmem_ops_unmap_resource(struct device *dev, dma_addr_t dma, size_t size,
				      enum dma_data_direction direction, unsigned long attrs)
{
	struct p2pmem_wrap *wrap = p2pmem_ops_wrap(dev);

	if (wrap)
		p2pmem_twin_unmap_resource(&wrap->twin, dma, size, direction, attrs);
	else
		dma_unmap_resource(dev, dma, size, direction, attrs);
}

static void p2pmem_ops_sync_single_for_cpu(struct device *dev, dma_addr_t dma, size_t size,
					   enum dma_data_direction direction)
{
	struct p2pmem_wrap *wrap = p2pmem_ops_wrap(dev);

	if (wrap && p2pmem_bounces_any(&wrap->bounces) &&
	    p2pmem_bounce_sync_for_cpu(&wrap->bounces, &wrap->twin.dev, dma, size, direction))
		return;
	if (compat_is_swiotlb(dev, dma_to_phys(dev, dma)))
		dma_sync_single_for_cpu(p2pmem_ops_before(wrap, dev), dma, size, direction);
}

static void p2pmem_ops_sync_single_for_device(struct device *dev, dma_addr_t dma, size_t size,
					      enum dma_data_direction direction)
{
	struct p2pmem_wrap *wrap = p2pmem_ops_wrap(dev);

	if (wrap && p2pmem_bounces_any(&wrap->bounces) &&
	    p2pmem_bounce_sync_for_device(&wrap->bounces, &wrap->twin.dev, dma, size, direction))
		return;
	if (compat_is_swiotlb(dev, dma_to_phys(dev, dma)))
		dma_sync_single_for_device(p2pmem_ops_before(wrap, dev), dma, size, direction);
}

static void p2pmem_ops_sync_sg_for_cpu(struct device *dev, struct scatterlist *list, int entries,
				       enum dma_data_direction direction)
{
	p2pmem_ops_sync_list(dev, list, entries, direction, p2pmem_ops_sync_single_for_cpu);
}

static void p2pmem_ops_sync_sg_for_device(struct device *dev, struct scatterlist *list, int entries,
					  enum dma_data_direction direction)
{
	p2pmem_ops_sync_list(dev, list, entries, direction, p2pmem_ops_sync_single_for_device);
}

/*
 * What follows is the twin's. Its mask for coherent memory is a copy, which its driver may have
 * changed in the original since.
 */
static struct pci_dev *p2pmem_ops_twin(struct device *dev)
{
	struct p2pmem_wrap *wrap = p2pmem_ops_wrap(dev);

	if (!wrap)
		return to_pci_dev(dev);
	wrap->twin.dev.coherent_dma_mask = dev->coherent_dma_mask;
	return &wrap->twin;
}

static void *p2pmem_ops_alloc(struct device *dev, size_t size, dma_addr_t *dma, gfp_t gfp,
			      unsigned long attrs)
{
	void *memory;

	p2pmem_ops_sleep_begin();
	memory = p2pmem_twin_alloc(p2pmem_ops_twin(dev), size, dma, gfp, attrs);
	p2pmem_ops_sleep_end();
	return memory;
}

static void p2pmem_ops_free(struct device *dev, size_t size, void *memory, dma_addr_t dma,
			    unsigned long attrs)
{
	p2pmem_ops_sleep_begin();
	p2pmem_twin_free(p2pmem_ops_twin(dev), size, memory, dma, attrs);
	p2pmem_ops_sleep_end();
}

static struct page *p2pmem_ops_alloc_pages(struct device *dev, size_t size, dma_addr_t *dma,
					   enum dma_data_direction direction, gfp_t gfp)
{
	struct page *page;

	p2pmem_ops_sleep_begin();
	page = dma_alloc_pages(&p2pmem_ops_twin(dev)->dev, size, dma, direction, gfp);
	p2pmem_ops_sleep_end();
	return page;
}

static void p2pmem_ops_free_pages(struct device *dev, size_t size, struct page *page,
				  dma_addr_t dma, enum dma_data_direction direction)
{
	p2pmem_ops_sleep_begin();
	dma_free_pages(&p2pmem_ops_twin(dev)->dev, size, page, dma, direction);
	p2pmem_ops_sleep_end();
}

static int p2pmem_ops_mmap(struct device *dev, struct vm_area_struct *vma, void *memory,
			   dma_addr_t dma, size_t size, unsigned long attrs)
{
	int error;

	p2pmem_ops_sleep_begin();
	error = dma_mmap_attrs(&p2pmem_ops_twin(dev)->dev, vma, memory, dma, size, attrs);
	p2pmem_ops_sleep_end();
	return error;
}

static int p2pmem_ops_get_sgtable(struct device *dev, struct sg_table *table, void *memory,
				  dma_addr_t dma, size_t size, unsigned long attrs)
{
	int error;

	p2pmem_ops_sleep_begin();
	error = dma_get_sgtable_attrs(&p2pmem_ops_twin(dev)->dev, table, memory, dma, size, attrs);
	p2pmem_ops_sleep_end();
	return error;
}

/* Both masks are asked about; dma_set_coherent_mask() changes the twin's own copy only. */
static int p2pmem_ops_supported(struct device *dev, u64 mask)
{
	struct p2pmem_wrap *wrap = p2pmem_ops_wrap(dev);

	return !wrap || !dma_set_coherent_mask(&wrap->twin.dev, mask);
}

static u64 p2pmem_ops_get_required_mask(struct device *dev)
{
	return dma_get_required_mask(&p2pmem_ops_twin(dev)->dev);
}

static size_t p2pmem_ops_max_mapping_size(struct device *dev)
{
	return dma_max_mapping_size(&p2pmem_ops_twin(dev)->dev);
}

const struct dma_map_ops p2pmem_ops = {
	.alloc = p2pmem_ops_alloc,
	.free = p2pmem_ops_free,
	.compat_alloc_pages_op = p2pmem_ops_alloc_pages,
	.free_pages = p2pmem_ops_free_pages,
	.mmap = p2pmem_ops_mmap,
	.get_sgtable = p2pmem_ops_get_sgtable,
	.map_page = p2pmem_ops_map_page,
	.unmap_page = p2pmem_ops_unmap_page,
	.map_sg = p2pmem_ops_map_sg,
	.unmap_sg = p2pmem_ops_unmap_sg,
	.map_resource = p2pmem_ops_map_resource,
	.unmap_resource = p2pmem_ops_unmap_resource,
	.sync_single_for_cpu = p2pmem_ops_sync_single_for_cpu,
	.sync_single_for_device = p2pmem_ops_sync_single_for_device,
	.sync_sg_for_cpu = p2pmem_ops_sync_sg_for_cpu,
	.sync_sg_for_device = p2pmem_ops_sync_sg_for_device,
	.dma_supported = p2pmem_ops_supported,
	.get_required_mask = p2pmem_ops_get_required_mask,
	.max_mapping_size = p2pmem_ops_max_mapping_size,
};

#endif
