// SPDX-License-Identifier: GPL-2.0-only
/*
 * memremap_pages() with the type of p2pdma.c's pages, which nothing recognises on kernels without
 * CONFIG_PCI_P2PDMA, but which makes the kernel's linear map of them uncached. What the CPU caches
 * has another type.
 *
 * They stay until the last reference is gone, however long after the function's driver that is: the
 * range stays claimed as long, and in the registry, so that nobody takes it for host memory.
 */
#include "own_pages.h"

#include "wrap.h"

#ifdef COMPAT_WRAPS

#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/slab.h>

static void p2pmem_own_pages_refuse(const struct p2pmem *memory, const char *why)
{
	if (memory->pdev)
		pci_info(memory->pdev, "no pages for BAR %u: %s\n", memory->bar, why);
	else
		pr_info("p2pmem: no pages at %#llx: %s\n", memory->provider.start.value, why);
}

/* So that no IOMMU maps anything to these addresses: iommu_ops.c. Firmware has it no other way. */
static bool p2pmem_own_pages_are_in_a_window(const struct p2pmem *memory)
{
	const struct pci_host_bridge *bridge = memory->host_bridge;
	const struct resource_entry *window;
	struct resource *bar;

	if (!memory->pdev)
		return true;
	bar = &memory->pdev->resource[memory->bar];
	resource_list_for_each_entry(window, &bridge->windows)
		if (resource_type(window->res) == IORESOURCE_MEM &&
		    resource_contains(window->res, bar))
			return true;
	return false;
}

static struct dev_pagemap *p2pmem_own_pages_new_map(const struct p2pmem *memory)
{
	struct dev_pagemap *pagemap = kzalloc(sizeof(*pagemap), GFP_KERNEL);

	if (!pagemap)
		return NULL;
	pagemap->type = memory->range.cached ? MEMORY_DEVICE_GENERIC : MEMORY_DEVICE_PCI_P2PDMA;
	pagemap->range.start = memory->provider.start.value;
	pagemap->range.end = p2p_provider_last(&memory->provider).value;
	pagemap->nr_range = 1;
	return pagemap;
}

void *p2pmem_own_pages_make(struct p2pmem *memory, u32 *why)
{
	struct dev_pagemap *pagemap;
	void *pages;

	*why = P2PMEM_WHY_NO_PAGES;
	/* One for all: dma_ops.c. Of what is on no PCI bus its driver says so. */
	if (memory->pdev && !p2pmem_has_one_address(memory)) {
		p2pmem_own_pages_refuse(memory, "its bus address is another");
		return NULL;
	}
	memory->host_bridge = memory->pdev ? pci_find_host_bridge(memory->pdev->bus) : NULL;
	if (!p2pmem_own_pages_are_in_a_window(memory)) {
		p2pmem_own_pages_refuse(memory, "no host bridge says that it is there");
		return NULL;
	}
	pagemap = p2pmem_own_pages_new_map(memory);
	if (!pagemap)
		return NULL;
	pages = memremap_pages(pagemap,
			       memory->pdev ? dev_to_node(&memory->pdev->dev) : NUMA_NO_NODE);
	if (IS_ERR(pages)) {
		p2pmem_own_pages_refuse(memory, "the kernel cannot map it, or has it already");
		kfree(pagemap);
		return NULL;
	}
	p2pmem_wrapping_again();
	WRITE_ONCE(memory->pagemap, pagemap);
	*why = P2PMEM_WHY_NONE;
	return pages;
}

void p2pmem_own_pages_free(struct p2pmem *memory)
{
	struct dev_pagemap *pagemap = memory->pagemap;

	WRITE_ONCE(memory->pagemap, NULL);
	memunmap_pages(pagemap);
	kfree(pagemap);
	p2pmem_wrapping_end();
}

#else

void *p2pmem_own_pages_make(struct p2pmem *memory, u32 *why)
{
	*why = P2PMEM_WHY_NO_P2PDMA;
	return NULL;
}

void p2pmem_own_pages_free(struct p2pmem *memory)
{
}

#endif
