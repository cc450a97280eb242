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

/* NULL: no memory; it is noisy then. */
static struct quiet *quiet_new(const struct pci_dev *twin)
{
	struct quiet *quiet = kzalloc(sizeof(*quiet), GFP_ATOMIC);

	if (!quiet)
		return NULL;
	quiet->pdev = *twin;
	quiet->nothing.alloc = quiet_alloc;
	quiet->nothing.free = quiet_free;
	return quiet;
}

static void quiet_do_nothing(struct quiet *quiet)
{
	quiet->pdev.dev.dma_ops = &quiet->nothing;
	compat_set_translates_by_flag(&quiet->pdev.dev, false);
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
	quiet->pdev.dev.dma_ops = twin->dev.dma_ops;
	compat_set_translates_by_flag(&quiet->pdev.dev, compat_translates_by_flag(&twin->dev));
	dma_free_attrs(&quiet->pdev.dev, size, memory, dma, attrs);
	kfree(quiet);
}

#endif
