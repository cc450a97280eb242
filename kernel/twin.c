// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DMA API's own functions always write into the list of CONFIG_DMA_API_DEBUG; none of those
 * behind them are for modules. So each call is made with another that does nothing but take back
 * what it wrote. The list knows devices by where their structure is, and both calls are of one that
 * nobody else has.
 *
 *     allocate    dma_alloc_attrs()             dma_free_attrs(), which frees nothing
 *     free        dma_alloc_attrs() of just     dma_free_attrs()
 *                 this memory
 *     map         dma_map_*()                   dma_unmap_*(), which unmaps nothing
 *     unmap       dma_map_*() to just this      dma_unmap_*()
 *                 address
 */
#include "twin.h"

#include "compat/compat.h"

#if defined(COMPAT_WRAPS) && defined(CONFIG_DMA_API_DEBUG)

#include <linux/dma-map-ops.h>
#include <linux/slab.h>

struct quiet {
	struct pci_dev pdev;
	struct dma_map_ops nothing;
	void *memory;
	dma_addr_t dma;
	int entries;
};

static void *quiet_alloc(struct device *dev, size_t size, dma_addr_t *dma, gfp_t gfp,
			 unsigned long attrs)
{
	const struct quiet *quiet = container_of(to_pci_dev(dev), struct quiet, pdev);

	*dma = quiet->dma;
	return quiet->memory;
}

static void quiet_free(struct device *dev, size_t size, void *memory, dma_addr_t dma,
		       unsigned long attrs)
{
}

static dma_addr_t quiet_map_page(struct device *dev, struct page *page, unsigned long offset,
				 size_t size, enum dma_data_direction direction,
				 unsigned long attrs)
{
	return container_of(to_pci_dev(dev), struct quiet, pdev)->dma;
}

static void quiet_unmap_page(struct device *dev, dma_addr_t dma, size_t size,
			     enum dma_data_direction direction, unsigned long attrs)
{
}

static dma_addr_t quiet_map_resource(struct device *dev, phys_addr_t start, size_t size,
				     enum dma_data_direction direction, unsigned long attrs)
{
	return container_of(to_pci_dev(dev), struct quiet, pdev)->dma;
}

static int quiet_map_sg(struct device *dev, struct scatterlist *list, int entries,
			enum dma_data_direction direction, unsigned long attrs)
{
	return container_of(to_pci_dev(dev), struct quiet, pdev)->entries;
}

static void quiet_unmap_sg(struct device *dev, struct scatterlist *list, int entries,
			   enum dma_data_direction direction, unsigned long attrs)
{
}

/* NULL: no memory; it is noisy then. */
static struct quiet *quiet_new(const struct pci_dev *twin)
{
	struct quiet *quiet = kzalloc(sizeof(*quiet), GFP_ATOMIC);

	if (!quiet)
		return NULL;
	quiet->pdev = *twin;
	quiet->nothing.alloc = quiet_alloc;
	quiet->nothing.free = quiet_free;
	quiet->nothing.map_page = quiet_map_page;
	quiet->nothing.unmap_page = quiet_unmap_page;
	quiet->nothing.map_resource = quiet_map_resource;
	quiet->nothing.unmap_resource = quiet_unmap_page;
	quiet->nothing.map_sg = quiet_map_sg;
	quiet->nothing.unmap_sg = quiet_unmap_sg;
	return quiet;
}

static void quiet_do_nothing(struct quiet *quiet)
{
	quiet->pdev.dev.dma_ops = &quiet->nothing;
	compat_set_translates_by_flag(&quiet->pdev.dev, false);
}

static void quiet_do_as(struct quiet *quiet, const struct pci_dev *twin)
{
	quiet->pdev.dev.dma_ops = twin->dev.dma_ops;
	compat_set_translates_by_flag(&quiet->pdev.dev, compat_translates_by_flag(&twin->dev));
}

void *p2pmem_twin_alloc(struct pci_dev *twin, size_t size, dma_addr_t *dma, gfp_t gfp,
			unsigned long attrs)
{
	struct quiet *quiet = quiet_new(twin);
	struct device *dev = quiet ? &quiet->pdev.dev : &twin->dev;
	void *memory = dma_alloc_attrs(dev, size, dma, gfp, attrs);

	if (!quiet)
		return memory;
	quiet_do_nothing(quiet);
	dma_free_attrs(dev, size, memory, *dma, attrs);
	kfree(quiet);
	return memory;
}

void p2pmem_twin_free(struct pci_dev *twin, size_t size, void *memory, dma_addr_t dma,
		      unsigned long attrs)
{
	struct quiet *quiet = quiet_new(twin);

	if (!quiet) {
		dma_free_attrs(&twin->dev, size, memory, dma, attrs);
		return;
	}
	quiet->memory = memory;
	quiet->dma = dma;
	quiet_do_nothing(quiet);
	dma_alloc_attrs(&quiet->pdev.dev, size, &dma, GFP_ATOMIC, attrs);
	quiet_do_as(quiet, twin);
	dma_free_attrs(&quiet->pdev.dev, size, memory, dma, attrs);
	kfree(quiet);
}

/* In the list also if it failed. */
dma_addr_t p2pmem_twin_map_resource(struct pci_dev *twin, phys_addr_t start, size_t size,
				    enum dma_data_direction direction, unsigned long attrs)
{
	struct quiet *quiet = quiet_new(twin);
	struct device *dev = quiet ? &quiet->pdev.dev : &twin->dev;
	dma_addr_t dma = dma_map_resource(dev, start, size, direction, attrs);

	dma_mapping_error(dev, dma);
	if (quiet) {
		quiet_do_nothing(quiet);
		dma_unmap_resource(dev, dma, size, direction, attrs);
	}
	kfree(quiet);
	return dma;
}

void p2pmem_twin_unmap_resource(struct pci_dev *twin, dma_addr_t dma, size_t size,
				enum dma_data_direction direction, unsigned long attrs)
{
	struct quiet *quiet = quiet_new(twin);
	struct device *dev = quiet ? &quiet->pdev.dev : &twin->dev;

	if (quiet) {
		quiet->dma = dma;
		quiet_do_nothing(quiet);
		dma_map_resource(dev, virt_to_phys(quiet), size, direction, DMA_ATTR_SKIP_CPU_SYNC);
		dma_mapping_error(dev, dma);
		quiet_do_as(quiet, twin);
	}
	dma_unmap_resource(dev, dma, size, direction, attrs);
	kfree(quiet);
}

#ifdef COMPAT_TRANSLATES_BY_FLAG

dma_addr_t p2pmem_twin_map_page(struct pci_dev *twin, struct device *function, struct page *page,
				unsigned long offset, size_t size,
				enum dma_data_direction direction, unsigned long attrs)
{
	struct quiet *quiet = quiet_new(twin);
	struct device *dev = quiet ? &quiet->pdev.dev : &twin->dev;
	dma_addr_t dma = dma_map_page_attrs(dev, page, offset, size, direction, attrs);

	/* The list wants to see this asked. */
	if (!dma_mapping_error(dev, dma) && quiet) {
		quiet_do_nothing(quiet);
		dma_unmap_page_attrs(dev, dma, size, direction, attrs);
	}
	kfree(quiet);
	return dma;
}

/* Any page will do: the list minds only that two are mapped from one. */
void p2pmem_twin_unmap_page(struct pci_dev *twin, struct device *function, dma_addr_t dma,
			    size_t size, enum dma_data_direction direction, unsigned long attrs)
{
	struct quiet *quiet = quiet_new(twin);
	struct device *dev = quiet ? &quiet->pdev.dev : &twin->dev;

	if (quiet) {
		quiet->dma = dma;
		quiet_do_nothing(quiet);
		dma_map_page_attrs(dev, virt_to_page(quiet), offset_in_page(quiet), size, direction,
				   DMA_ATTR_SKIP_CPU_SYNC);
		dma_mapping_error(dev, dma);
		quiet_do_as(quiet, twin);
	}
	dma_unmap_page_attrs(dev, dma, size, direction, attrs);
	kfree(quiet);
}

int p2pmem_twin_map_list(struct pci_dev *twin, struct device *function, struct scatterlist *list,
			 int entries, enum dma_data_direction direction, unsigned long attrs)
{
	struct sg_table table = { .sgl = list, .orig_nents = entries };
	struct quiet *quiet = quiet_new(twin);
	struct device *dev = quiet ? &quiet->pdev.dev : &twin->dev;
	int error = dma_map_sgtable(dev, &table, direction, attrs);

	if (!error && quiet) {
		quiet_do_nothing(quiet);
		dma_unmap_sg_attrs(dev, list, entries, direction, attrs);
	}
	kfree(quiet);
	return error ?: table.nents;
}

/* Those that have an address are in front. */
static int quiet_count(struct scatterlist *list, int entries)
{
	struct scatterlist *entry;
	int i;

	for_each_sg(list, entry, entries, i)
		if (!sg_dma_len(entry))
			return i;
	return entries;
}

void p2pmem_twin_unmap_list(struct pci_dev *twin, struct device *function, struct scatterlist *list,
			    int entries, enum dma_data_direction direction, unsigned long attrs)
{
	struct quiet *quiet = quiet_new(twin);
	struct device *dev = quiet ? &quiet->pdev.dev : &twin->dev;

	if (quiet) {
		quiet->entries = quiet_count(list, entries);
		quiet_do_nothing(quiet);
		dma_map_sg_attrs(dev, list, entries, direction, DMA_ATTR_SKIP_CPU_SYNC);
		quiet_do_as(quiet, twin);
	}
	dma_unmap_sg_attrs(dev, list, entries, direction, attrs);
	kfree(quiet);
}

#endif

#endif
