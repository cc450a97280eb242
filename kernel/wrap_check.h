/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What DMA ops cannot guard: docs/dma-ops.md.
 */
#ifndef P2PMEM_WRAP_CHECK_H
#define P2PMEM_WRAP_CHECK_H

#include <linux/pci.h>
#include <linux/types.h>

/* P2PMEM_WHY_NONE: ops around a function's are sound; else the reason. With its device lock. */
u32 p2pmem_wrap_check(struct pci_dev *pdev);

/* A part of that, of what its driver has made. */
u32 p2pmem_wrap_check_children(struct pci_dev *pdev);

/*
 * Below it there are cameras, or sound: their drivers may have buffers of
 * dma_alloc_noncontiguous(), which an IOMMU's flag tells how to free (compat_translates_by_flag()).
 */
bool p2pmem_wrap_has_buffers(struct pci_dev *pdev);

/* It is for sound, the buffers of which are its driver's: nobody hands it others. */
bool p2pmem_wrap_is_needless(const struct pci_dev *pdev);

/* The same of all that is no PCI function. May sleep. */
u32 p2pmem_wrap_check_machine(void);

#endif
