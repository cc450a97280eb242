// SPDX-License-Identifier: GPL-2.0-only
/*
 * Struct pages from p2pdma.c, and what stands in for them where the kernel has none.
 */
#include "pages.h"

#include "compat/compat.h"

#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/pci-p2pdma.h>
#include <linux/sysfs.h>

#ifdef CONFIG_PCI_P2PDMA

/* memremap_pages() hotplugs sections of this size. */
#define SECTION SZ_2M

static struct page *p2pmem_page_at(const void *pages, u64 offset)
{
	return virt_to_page(pages + offset);
}

static void p2pmem_pages_hold(void *pages, u64 size)
{
	for (u64 offset = 0; offset < size; offset += PAGE_SIZE)
		init_page_count(p2pmem_page_at(pages, offset));
}

/* As p2pdma.c has them while nobody has allocated them. Nobody but us has a reference. */
static bool p2pmem_page_try_let_go(struct page *page)
{
	if (!page_ref_freeze(page, 1))
		return false;
	if (COMPAT_FREE_PAGE_COUNT)
		page_ref_unfreeze(page, COMPAT_FREE_PAGE_COUNT);
	return true;
}

/* A function may be known to p2pdma.c, and have no pool: then the functions for it would crash. */
static bool p2pmem_pages_has_pool(struct pci_dev *pdev)
{
	struct kernfs_node *directory = sysfs_get_dirent(pdev->dev.kobj.sd, "p2pmem");

	sysfs_put(directory);
	return directory;
}

u32 p2pmem_pages_why_not(struct pci_dev *pdev, u32 bar, u64 offset, u64 size)
{
	if (!IS_ALIGNED(pci_resource_start(pdev, bar) + offset, SECTION) ||
	    !IS_ALIGNED(size, SECTION))
		return P2PMEM_WHY_ALIGNMENT;
	/* A pool there would outlive our part of it: gen_pool cannot take memory out again. */
	return rcu_access_pointer(pdev->p2pdma) ? P2PMEM_WHY_NO_PAGES : P2PMEM_WHY_NONE;
}

void *p2pmem_pages_make(struct pci_dev *pdev, u32 bar, u64 offset, u64 size, void **group, u32 *why)
{
	void *pages = NULL;
	int error;

	device_lock_assert(&pdev->dev);
	*why = p2pmem_pages_why_not(pdev, bar, offset, size);
	if (*why)
		return NULL;
	*why = P2PMEM_WHY_NO_PAGES;
	*group = devres_open_group(&pdev->dev, NULL, GFP_KERNEL);
	if (!*group)
		return NULL;
	error = pci_p2pdma_add_resource(pdev, bar, size, offset);
	devres_close_group(&pdev->dev, *group);
	if (error)
		pci_info(pdev, "no pages for BAR %u: %pe\n", bar, ERR_PTR(error));
	else
		pages = pci_alloc_p2pmem(pdev, size);
	if (!pages) {
		devres_release_group(&pdev->dev, *group);
		return NULL;
	}
	p2pmem_pages_hold(pages, size);
	*why = P2PMEM_WHY_NONE;
	return pages;
}

void *p2pmem_pages_take(struct pci_dev *pdev, u64 size, phys_addr_t *start, u32 *why)
{
	void *pages;

	device_lock_assert(&pdev->dev);
	*why = P2PMEM_WHY_DRIVER_MEMORY;
	pages = p2pmem_pages_has_pool(pdev) ? pci_alloc_p2pmem(pdev, size) : NULL;
	if (!pages)
		return NULL;
	p2pmem_pages_hold(pages, size);
	*start = page_to_phys(p2pmem_page_at(pages, 0));
	*why = P2PMEM_WHY_NONE;
	return pages;
}

void p2pmem_pages_untake(struct pci_dev *pdev, void *pages, u64 size)
{
	for (u64 offset = 0; offset < size; offset += PAGE_SIZE)
		p2pmem_page_try_let_go(p2pmem_page_at(pages, offset));
	pci_free_p2pmem(pdev, pages, size);
}

static void p2pmem_pages_wait_for(struct p2pmem *memory, struct page *page)
{
	unsigned long complain = jiffies + 10 * HZ;

	while (!p2pmem_page_try_let_go(page)) {
		if (time_after(jiffies, complain)) {
			dev_warn(&memory->dev, "removal waits for a transfer\n");
			complain = jiffies + 10 * HZ;
		}
		usleep_range(1000, 2000);
	}
}

void p2pmem_pages_give_back(struct p2pmem *memory)
{
	if (!memory->pages)
		return;
	for (u64 offset = 0; offset < memory->provider.size; offset += PAGE_SIZE)
		p2pmem_pages_wait_for(memory, p2pmem_page_at(memory->pages, offset));
	pci_free_p2pmem(memory->pdev, memory->pages, memory->provider.size);
	memory->pages = NULL;
	if (memory->pages_group)
		devres_release_group(&memory->pdev->dev, memory->pages_group);
}

bool p2pmem_pages_busy(const struct p2pmem *memory, phys_addr_t start, u64 size)
{
	const void *pages = memory->pages + (start - memory->provider.start.value);

	if (!memory->pages)
		return false;
	for (u64 offset = 0; offset < size; offset += PAGE_SIZE)
		if (page_ref_count(p2pmem_page_at(pages, offset)) != 1)
			return true;
	return false;
}

vm_fault_t p2pmem_pages_insert(struct p2pmem *memory, struct vm_area_struct *vma,
			       unsigned long address, phys_addr_t start)
{
	struct page *page = p2pmem_page_at(memory->pages, start - memory->provider.start.value);
	int error = vm_insert_page(vma, address, page);

	/* Somebody else's fault was faster. */
	if (error == -EBUSY)
		return VM_FAULT_NOPAGE;
	return error ? vmf_error(error) : VM_FAULT_NOPAGE;
}

#else

u32 p2pmem_pages_why_not(struct pci_dev *pdev, u32 bar, u64 offset, u64 size)
{
	return P2PMEM_WHY_NO_P2PDMA;
}

void *p2pmem_pages_make(struct pci_dev *pdev, u32 bar, u64 offset, u64 size, void **group, u32 *why)
{
	*why = P2PMEM_WHY_NO_P2PDMA;
	return NULL;
}

void *p2pmem_pages_take(struct pci_dev *pdev, u64 size, phys_addr_t *start, u32 *why)
{
	*why = P2PMEM_WHY_NO_P2PDMA;
	return NULL;
}

void p2pmem_pages_untake(struct pci_dev *pdev, void *pages, u64 size)
{
}

void p2pmem_pages_give_back(struct p2pmem *memory)
{
}

bool p2pmem_pages_busy(const struct p2pmem *memory, phys_addr_t start, u64 size)
{
	return false;
}

vm_fault_t p2pmem_pages_insert(struct p2pmem *memory, struct vm_area_struct *vma,
			       unsigned long address, phys_addr_t start)
{
	return VM_FAULT_SIGBUS;
}

#endif
