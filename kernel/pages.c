// SPDX-License-Identifier: GPL-2.0-only
/*
 * Struct pages: of p2pdma.c where the kernel has it, else our own (own_pages.c).
 */
#include "pages.h"

#include "compat/compat.h"
#include "own_pages.h"

#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/pci-p2pdma.h>
#include <linux/sysfs.h>

/* memremap_pages() hotplugs sections of this size. */
#define SECTION SZ_2M

static struct page *p2pmem_page_at(const void *pages, u64 offset)
{
	return virt_to_page(pages + offset);
}

/* As they are while nobody has allocated them. Nobody but us has a reference. */
static bool p2pmem_page_try_let_go(struct page *page)
{
	if (!page_ref_freeze(page, 1))
		return false;
	if (COMPAT_FREE_PAGE_COUNT)
		page_ref_unfreeze(page, COMPAT_FREE_PAGE_COUNT);
	return true;
}

static bool p2pmem_pages_are_aligned(const struct p2pmem *memory)
{
	return IS_ALIGNED(memory->provider.start.value | memory->provider.size, SECTION);
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

#ifdef CONFIG_PCI_P2PDMA

static void p2pmem_pages_hold(void *pages, u64 size)
{
	for (u64 offset = 0; offset < size; offset += PAGE_SIZE)
		init_page_count(p2pmem_page_at(pages, offset));
}

/* A function may be known to p2pdma.c, and have no pool: then the functions for it would crash. */
static bool p2pmem_pages_has_pool(struct pci_dev *pdev)
{
	struct kernfs_node *directory = sysfs_get_dirent(pdev->dev.kobj.sd, "p2pmem");

	sysfs_put(directory);
	return directory;
}

u32 p2pmem_pages_why_not(const struct p2pmem *memory)
{
	if (!p2pmem_pages_are_aligned(memory))
		return P2PMEM_WHY_ALIGNMENT;
	/* A pool there would outlive our part of it: gen_pool cannot take memory out again. */
	return rcu_access_pointer(memory->pdev->p2pdma) ? P2PMEM_WHY_NO_PAGES : P2PMEM_WHY_NONE;
}

void *p2pmem_pages_make(struct p2pmem *memory, bool wrapped, u32 *why)
{
	struct pci_dev *pdev = memory->pdev;
	u64 size = memory->provider.size;
	void *pages = NULL;
	int error;

	device_lock_assert(&pdev->dev);
	*why = p2pmem_pages_why_not(memory);
	if (*why)
		return NULL;
	*why = P2PMEM_WHY_NO_PAGES;
	memory->pages_group = devres_open_group(&pdev->dev, NULL, GFP_KERNEL);
	if (!memory->pages_group)
		return NULL;
	error = pci_p2pdma_add_resource(pdev, memory->bar, size, memory->bar_offset);
	devres_close_group(&pdev->dev, memory->pages_group);
	if (error)
		pci_info(pdev, "no pages for BAR %u: %pe\n", memory->bar, ERR_PTR(error));
	else
		pages = pci_alloc_p2pmem(pdev, size);
	if (!pages) {
		devres_release_group(&pdev->dev, memory->pages_group);
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

static void p2pmem_pages_release(struct p2pmem *memory)
{
	pci_free_p2pmem(memory->pdev, memory->pages, memory->provider.size);
	if (memory->pages_group)
		devres_release_group(&memory->pdev->dev, memory->pages_group);
}

#else

u32 p2pmem_pages_why_not(const struct p2pmem *memory)
{
	return P2PMEM_WHY_NO_P2PDMA;
}

void *p2pmem_pages_make(struct p2pmem *memory, bool wrapped, u32 *why)
{
	if (memory->pdev)
		device_lock_assert(&memory->pdev->dev);
	*why = P2PMEM_WHY_NO_P2PDMA;
	if (!wrapped)
		return NULL;
	*why = P2PMEM_WHY_ALIGNMENT;
	return p2pmem_pages_are_aligned(memory) ? p2pmem_own_pages_make(memory, why) : NULL;
}

void *p2pmem_pages_take(struct pci_dev *pdev, u64 size, phys_addr_t *start, u32 *why)
{
	*why = P2PMEM_WHY_NO_P2PDMA;
	return NULL;
}

void p2pmem_pages_untake(struct pci_dev *pdev, void *pages, u64 size)
{
}

static void p2pmem_pages_release(struct p2pmem *memory)
{
	p2pmem_own_pages_free(memory);
}

#endif

void p2pmem_pages_give_back(struct p2pmem *memory)
{
	if (!memory->pages)
		return;
	for (u64 offset = 0; offset < memory->provider.size; offset += PAGE_SIZE)
		p2pmem_pages_wait_for(memory, p2pmem_page_at(memory->pages, offset));
	p2pmem_pages_release(memory);
	memory->pages = NULL;
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
