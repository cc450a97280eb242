// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA ops of functions below an IOMMU that translates for the DMA API.
 *
 *     normal memory    as ever: passed on
 *     device memory
 *         via host     as ever: the IOMMU maps its pages as any others, as p2pdma.c has it
 *         direct       its own address, which no switch hands on to the IOMMU
 *         unreachable  bounced; what is copied through is normal memory again
 *
 * Undoing has to tell the last two from the rest. An address is one's own if it is in memory that
 * is registered below the function's host bridge: the kernel keeps the windows of that out of what
 * it maps to (iova_reserve_pci_windows()), and memory stays registered as long as somebody has
 * pages of it. A bounce is looked up. As long as neither is mapped nothing is asked.
 *
 * A list goes as ever as a whole, since it gets one range of addresses then. With a direct or a
 * bounced entry in it, each is mapped by itself; and so a list that has one is undone.
 *
 * Syncing has nothing to do but for bounces: devices are coherent here, and trusted.
 */
#include "ops.h"

#ifdef COMPAT_WRAPS

#include "twin.h"

#include <linux/mm.h>

/* NULL: it has just been unwrapped, and has the ops from before. As p2pmem_ops_wrap() otherwise. */
static __always_inline struct p2pmem_wrap *p2pmem_iommu_wrap(struct device *dev);

static noinline enum p2pmem_way p2pmem_iommu_map_peer(struct p2pmem_wrap *wrap, struct page *page,
						      unsigned long offset, size_t size,
						      enum dma_data_direction direction,
						      unsigned long attrs, dma_addr_t *dma)
{
	enum p2pmem_way way =
		p2pmem_ops_map_peer(wrap, page_to_phys(page) + offset, size, direction, attrs, dma);

	if (way == P2PMEM_WAY_NORMAL || way == P2PMEM_WAY_TRANSLATED)
		*dma = p2pmem_twin_map_page(&wrap->twin, wrap->client->dev, page, offset, size,
					    direction, attrs);
	return way;
}

static bool p2pmem_iommu_is_apart(enum p2pmem_way way)
{
	return way == P2PMEM_WAY_OWN || way == P2PMEM_WAY_BOUNCED;
}

/*
 * All that is not the usual way through has functions of its own, with the op's arguments, so that
 * the usual way has no registers to save: tests/lab/kernel/ops-cost-iommu.sh counts what it costs.
 */
static noinline dma_addr_t p2pmem_iommu_map_otherwise(struct device *dev, struct page *page,
						      unsigned long offset, size_t size,
						      enum dma_data_direction direction,
						      unsigned long attrs)
{
	struct p2pmem_wrap *wrap = p2pmem_iommu_wrap(dev);
	enum p2pmem_way way;
	dma_addr_t dma;

	if (!wrap)
		return dma_map_page_attrs(dev, page, offset, size, direction, attrs);
	way = p2pmem_iommu_map_peer(wrap, page, offset, size, direction, attrs, &dma);
	if (p2pmem_iommu_is_apart(way) && dma != DMA_MAPPING_ERROR)
		atomic_inc(&wrap->apart);
	return dma;
}

static dma_addr_t p2pmem_iommu_map_page(struct device *dev, struct page *page, unsigned long offset,
					size_t size, enum dma_data_direction direction,
					unsigned long attrs)
{
	struct p2pmem_wrap *wrap = p2pmem_iommu_wrap(dev);

	if (unlikely(!wrap || !p2pmem_ops_is_normal(wrap, page_to_phys(page) + offset, size)))
		return p2pmem_iommu_map_otherwise(dev, page, offset, size, direction, attrs);
	p2pmem_ops_count_normal(wrap, size);
	return p2pmem_twin_map_page(&wrap->twin, dev, page, offset, size, direction, attrs);
}

static bool p2pmem_iommu_is_own(struct p2pmem_wrap *wrap, dma_addr_t dma)
{
	return !p2pmem_ops_is_normal(wrap, dma, 1) && p2pmem_client_is_own(wrap->client, dma);
}

static bool p2pmem_iommu_was_apart(struct p2pmem_wrap *wrap, dma_addr_t dma)
{
	return p2pmem_iommu_is_own(wrap, dma) || p2pmem_bounces_have(&wrap->bounces, dma);
}

/* False: it was mapped as ever. */
static bool p2pmem_iommu_unmap_apart(struct p2pmem_wrap *wrap, dma_addr_t dma,
				     enum dma_data_direction direction, unsigned long attrs)
{
	return p2pmem_iommu_is_own(wrap, dma) || (p2pmem_bounces_any(&wrap->bounces) &&
						  p2pmem_ops_unbounce(wrap, dma, direction, attrs));
}

/* Who undoes something that is apart has seen it mapped, so sees its count. */
static __always_inline bool p2pmem_iommu_any_apart(const struct p2pmem_wrap *wrap)
{
	return atomic_read(&wrap->apart);
}

static noinline void p2pmem_iommu_unmap_otherwise(struct device *dev, dma_addr_t dma, size_t size,
						  enum dma_data_direction direction,
						  unsigned long attrs)
{
	struct p2pmem_wrap *wrap = p2pmem_iommu_wrap(dev);

	if (!wrap)
		dma_unmap_page_attrs(dev, dma, size, direction, attrs);
	else if (p2pmem_iommu_unmap_apart(wrap, dma, direction, attrs))
		atomic_dec(&wrap->apart);
	else
		p2pmem_twin_unmap_page(&wrap->twin, dev, dma, size, direction, attrs);
}

static void p2pmem_iommu_unmap_page(struct device *dev, dma_addr_t dma, size_t size,
				    enum dma_data_direction direction, unsigned long attrs)
{
	struct p2pmem_wrap *wrap = p2pmem_iommu_wrap(dev);

	if (unlikely(!wrap || p2pmem_iommu_any_apart(wrap)))
		p2pmem_iommu_unmap_otherwise(dev, dma, size, direction, attrs);
	else
		p2pmem_twin_unmap_page(&wrap->twin, dev, dma, size, direction, attrs);
}

/* The first `count` entries, each of them mapped by itself. */
static void p2pmem_iommu_unmap_entries(struct p2pmem_wrap *wrap, struct scatterlist *list,
				       int count, enum dma_data_direction direction,
				       unsigned long attrs)
{
	struct scatterlist *entry;
	int i;

	for_each_sg(list, entry, count, i)
		if (!p2pmem_iommu_unmap_apart(wrap, sg_dma_address(entry), direction, attrs))
			p2pmem_twin_unmap_page(&wrap->twin, wrap->client->dev,
					       sg_dma_address(entry), sg_dma_len(entry), direction,
					       attrs);
}

/* Of a list with entries that are apart. `*apart`: whether it had one after all. */
static int p2pmem_iommu_map_entries(struct p2pmem_wrap *wrap, struct scatterlist *list, int entries,
				    enum dma_data_direction direction, unsigned long attrs,
				    bool *apart)
{
	struct scatterlist *entry;
	int i;

	*apart = false;
	for_each_sg(list, entry, entries, i) {
		dma_addr_t dma;
		enum p2pmem_way way = p2pmem_iommu_map_peer(wrap, sg_page(entry), entry->offset,
							    entry->length, direction, attrs, &dma);

		if (dma == DMA_MAPPING_ERROR) {
			p2pmem_iommu_unmap_entries(wrap, list, i, direction,
						   attrs | DMA_ATTR_SKIP_CPU_SYNC);
			return -EIO;
		}
		*apart |= p2pmem_iommu_is_apart(way);
		sg_dma_address(entry) = dma;
		sg_dma_len(entry) = entry->length;
	}
	return entries;
}

static void p2pmem_iommu_count_list(struct p2pmem_wrap *wrap, struct scatterlist *list, int entries,
				    enum dma_data_direction direction)
{
	struct scatterlist *entry;
	int i;

	for_each_sg(list, entry, entries, i)
		p2pmem_ops_count_as_ever(wrap, sg_phys(entry), entry->length, direction);
}

static bool p2pmem_iommu_has_apart(struct p2pmem_wrap *wrap, struct scatterlist *list, int entries)
{
	struct scatterlist *entry;
	int i;

	for_each_sg(list, entry, entries, i)
		if (p2pmem_iommu_is_apart(p2pmem_ops_way(wrap, sg_phys(entry), entry->length)))
			return true;
	return false;
}

/* With device memory in it, perhaps. */
static noinline int p2pmem_iommu_map_list_otherwise(struct device *dev, struct scatterlist *list,
						    int entries, enum dma_data_direction direction,
						    unsigned long attrs)
{
	struct p2pmem_wrap *wrap = p2pmem_iommu_wrap(dev);
	bool apart;
	int mapped;

	if (!wrap)
		return dma_map_sg_attrs(dev, list, entries, direction, attrs) ?: -EIO;
	if (!p2pmem_iommu_has_apart(wrap, list, entries)) {
		p2pmem_iommu_count_list(wrap, list, entries, direction);
		return p2pmem_twin_map_list(&wrap->twin, dev, list, entries, direction, attrs);
	}
	mapped = p2pmem_iommu_map_entries(wrap, list, entries, direction, attrs, &apart);
	if (mapped < 0)
		return mapped;
	if (apart) {
		atomic_inc(&wrap->apart);
		return mapped;
	}
	/* The map has changed since, and nothing would tell who undoes it. */
	p2pmem_iommu_unmap_entries(wrap, list, entries, direction, attrs);
	return p2pmem_twin_map_list(&wrap->twin, dev, list, entries, direction, attrs);
}

static int p2pmem_iommu_map_sg(struct device *dev, struct scatterlist *list, int entries,
			       enum dma_data_direction direction, unsigned long attrs)
{
	struct p2pmem_wrap *wrap = p2pmem_iommu_wrap(dev);
	struct scatterlist *entry;
	size_t size = 0;
	int i;

	if (unlikely(!wrap))
		return p2pmem_iommu_map_list_otherwise(dev, list, entries, direction, attrs);
	for_each_sg(list, entry, entries, i) {
		if (unlikely(!p2pmem_ops_is_normal(wrap, sg_phys(entry), entry->length)))
			return p2pmem_iommu_map_list_otherwise(dev, list, entries, direction,
							       attrs);
		size += entry->length;
	}
	p2pmem_ops_count_normal(wrap, size);
	return p2pmem_twin_map_list(&wrap->twin, dev, list, entries, direction, attrs);
}

/* Whole lists may have entries at their end without an address. */
static bool p2pmem_iommu_list_was_apart(struct p2pmem_wrap *wrap, struct scatterlist *list,
					int entries)
{
	struct scatterlist *entry;
	int i;

	for_each_sg(list, entry, entries, i) {
		if (!sg_dma_len(entry))
			return false;
		if (p2pmem_iommu_was_apart(wrap, sg_dma_address(entry)))
			return true;
	}
	return false;
}

static noinline void p2pmem_iommu_unmap_list_otherwise(struct device *dev, struct scatterlist *list,
						       int entries,
						       enum dma_data_direction direction,
						       unsigned long attrs)
{
	struct p2pmem_wrap *wrap = p2pmem_iommu_wrap(dev);

	if (!wrap) {
		dma_unmap_sg_attrs(dev, list, entries, direction, attrs);
	} else if (p2pmem_iommu_list_was_apart(wrap, list, entries)) {
		p2pmem_iommu_unmap_entries(wrap, list, entries, direction, attrs);
		atomic_dec(&wrap->apart);
	} else {
		p2pmem_twin_unmap_list(&wrap->twin, dev, list, entries, direction, attrs);
	}
}

static void p2pmem_iommu_unmap_sg(struct device *dev, struct scatterlist *list, int entries,
				  enum dma_data_direction direction, unsigned long attrs)
{
	struct p2pmem_wrap *wrap = p2pmem_iommu_wrap(dev);

	if (unlikely(!wrap || p2pmem_iommu_any_apart(wrap)))
		p2pmem_iommu_unmap_list_otherwise(dev, list, entries, direction, attrs);
	else
		p2pmem_twin_unmap_list(&wrap->twin, dev, list, entries, direction, attrs);
}

static void p2pmem_iommu_sync_single_for_cpu(struct device *dev, dma_addr_t dma, size_t size,
					     enum dma_data_direction direction)
{
	struct p2pmem_wrap *wrap = p2pmem_iommu_wrap(dev);

	if (wrap && p2pmem_bounces_any(&wrap->bounces))
		p2pmem_bounce_sync_for_cpu(&wrap->bounces, &wrap->twin.dev, dma, size, direction);
}

static void p2pmem_iommu_sync_single_for_device(struct device *dev, dma_addr_t dma, size_t size,
						enum dma_data_direction direction)
{
	struct p2pmem_wrap *wrap = p2pmem_iommu_wrap(dev);

	if (wrap && p2pmem_bounces_any(&wrap->bounces))
		p2pmem_bounce_sync_for_device(&wrap->bounces, &wrap->twin.dev, dma, size,
					      direction);
}

static void p2pmem_iommu_sync_sg_for_cpu(struct device *dev, struct scatterlist *list, int entries,
					 enum dma_data_direction direction)
{
	p2pmem_ops_sync_list(dev, list, entries, direction, p2pmem_iommu_sync_single_for_cpu);
}

static void p2pmem_iommu_sync_sg_for_device(struct device *dev, struct scatterlist *list,
					    int entries, enum dma_data_direction direction)
{
	p2pmem_ops_sync_list(dev, list, entries, direction, p2pmem_iommu_sync_single_for_device);
}

static __always_inline struct p2pmem_wrap *p2pmem_iommu_wrap(struct device *dev)
{
	const struct dma_map_ops *ops = READ_ONCE(dev->dma_ops);

	if (unlikely(!ops || ops->map_page != p2pmem_iommu_map_page))
		return NULL;
	return (void *)container_of(ops, struct p2pmem_wrap, ops);
}

#ifdef COMPAT_TRANSLATES_BY_FLAG

static unsigned long p2pmem_iommu_get_merge_boundary(struct device *dev)
{
	struct p2pmem_wrap *wrap = p2pmem_iommu_wrap(dev);

	return dma_get_merge_boundary(wrap ? &wrap->twin.dev : dev);
}

/* One for all functions: the op has none. */
static size_t p2pmem_iommu_best_size;

static size_t p2pmem_iommu_opt_mapping_size(void)
{
	return p2pmem_iommu_best_size;
}

static void p2pmem_iommu_ops_take_over(struct dma_map_ops *ops, struct device *twin)
{
	memcpy(ops, &p2pmem_ops, sizeof(*ops));
	p2pmem_iommu_best_size = dma_opt_mapping_size(twin);
	ops->get_merge_boundary = p2pmem_iommu_get_merge_boundary;
	ops->opt_mapping_size = p2pmem_iommu_opt_mapping_size;
}

#else

static void p2pmem_iommu_ops_take_over(struct dma_map_ops *ops, struct device *twin)
{
	memcpy(ops, twin->dma_ops, sizeof(*ops));
}

#endif

/* All that is not about device memory is as it was. */
void p2pmem_iommu_ops_fill(struct dma_map_ops *ops, struct device *twin)
{
	p2pmem_iommu_ops_take_over(ops, twin);
	ops->map_page = p2pmem_iommu_map_page;
	ops->unmap_page = p2pmem_iommu_unmap_page;
	ops->map_sg = p2pmem_iommu_map_sg;
	ops->unmap_sg = p2pmem_iommu_unmap_sg;
	ops->sync_single_for_cpu = p2pmem_iommu_sync_single_for_cpu;
	ops->sync_single_for_device = p2pmem_iommu_sync_single_for_device;
	ops->sync_sg_for_cpu = p2pmem_iommu_sync_sg_for_cpu;
	ops->sync_sg_for_device = p2pmem_iommu_sync_sg_for_device;
}

#endif
