/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Struct pages for provider memory. With CONFIG_PCI_P2PDMA they are upstream's own: block devices
 * accept no others. So the memory is one large allocation from the pool that p2pdma.c keeps for the
 * function, cut up by ours. Without, they are ours. Each page has one reference that is never
 * dropped as long as the memory is published, so that transfers that hold a page can be seen.
 */
#ifndef P2PMEM_PAGES_H
#define P2PMEM_PAGES_H

#include "memory.h"

/* P2PMEM_WHY_NONE: it seems that pages can be made for it; with the device lock held. */
u32 p2pmem_pages_why_not(const struct p2pmem *memory);

/*
 * Makes pages for a range of a BAR: the caller holds the device lock and has claimed the range. Or
 * for memory on no PCI bus, `wrapped`.
 * `wrapped`: and has begun to wrap DMA ops, without which there are none of ours. Returns NULL and
 * sets `*why`, or where the kernel has them in its linear map. Given back by
 * p2pmem_pages_give_back().
 */
void *p2pmem_pages_make(struct p2pmem *memory, bool wrapped, u32 *why);

/* The same of memory that the function's driver publishes. `*start` is set. */
void *p2pmem_pages_take(struct pci_dev *pdev, u64 size, phys_addr_t *start, u32 *why);

/* Undoes p2pmem_pages_take() before anything used it. */
void p2pmem_pages_untake(struct pci_dev *pdev, void *pages, u64 size);

/*
 * Undoes both, for memory that was not added or has been removed. Waits for transfers, as p2pdma.c
 * would next: memunmap_pages().
 */
void p2pmem_pages_give_back(struct p2pmem *memory);

/* Whether a transfer still holds a page of the range. */
bool p2pmem_pages_busy(const struct p2pmem *memory, phys_addr_t start, u64 size);

/* The CPU's mapping of one page. */
vm_fault_t p2pmem_pages_insert(struct p2pmem *memory, struct vm_area_struct *vma,
			       unsigned long address, phys_addr_t start);

#endif
