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

/* The same of all that is no PCI function. May sleep. */
u32 p2pmem_wrap_check_machine(void);

#endif
