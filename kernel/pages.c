// SPDX-License-Identifier: GPL-2.0-only
/*
 * Struct pages from p2pdma.c, and what stands in for them where the kernel has none.
 */
#include "pages.h"

#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/pci-p2pdma.h>

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
		set_page_count(p2pmem_page_at(pages, offset), 1);
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

/* gen_pool does not tell its size to others; what is too much is refused. */
static u64 p2pmem_pages_largest_piece(struct pci_dev *pdev)
{
	u64 least = 0, most = 0;
	void *pages;

	for (unsigned int i = 0; i < PCI_STD_NUM_BARS; i++)
		if (pci_resource_flags(pdev, i) & IORESOURCE_MEM)
			most = max_t(u64, most, pci_resource_len(pdev, i) >> PAGE_SHIFT);
	while (least < most) {
		u64 middle = least + (most - least + 1) / 2;

		pages = pci_alloc_p2pmem(pdev, middle << PAGE_SHIFT);
		if (pages)
			pci_free_p2pmem(pdev, pages, middle << PAGE_SHIFT);
		if (pages)
			least = middle;
		else
			most = middle - 1;
	}
	return least << PAGE_SHIFT;
}

void *p2pmem_pages_take(struct pci_dev *pdev, u64 *size, phys_addr_t *start, u32 *why)
{
	void *pages;

	*why = P2PMEM_WHY_DRIVER_MEMORY;
	if (!*size)
		*size = p2pmem_pages_largest_piece(pdev);
	pages = *size ? pci_alloc_p2pmem(pdev, *size) : NULL;
	if (!pages)
		return NULL;
	p2pmem_pages_hold(pages, *size);
	*start = page_to_phys(p2pmem_page_at(pages, 0));
	*why = P2PMEM_WHY_NONE;
	return pages;
}

void p2pmem_pages_untake(struct pci_dev *pdev, void *pages, u64 size)
{
	for (u64 offset = 0; offset < size; offset += PAGE_SIZE)
		set_page_count(p2pmem_page_at(pages, offset), 0);
	pci_free_p2pmem(pdev, pages, size);
}

static void p2pmem_pages_wait_for(struct p2pmem *memory, struct page *page)
{
	unsigned long complain = jiffies + 10 * HZ;

	while (!page_ref_freeze(page, 1)) {
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
	int error = vm_insert_page(
		vma, address, p2pmem_page_at(memory->pages, start - memory->provider.start.value));

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

void *p2pmem_pages_take(struct pci_dev *pdev, u64 *size, phys_addr_t *start, u32 *why)
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
