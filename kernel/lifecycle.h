/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Provider memory comes and goes.
 */
#ifndef P2PMEM_LIFECYCLE_H
#define P2PMEM_LIFECYCLE_H

#include "memory.h"

/*
 * A new memory that nobody sees yet; given up with p2pmem_memory_put(). Or an ERR_PTR(): -EFBIG:
 * more than the core's pool can divide; -ENOMEM, -ENOSPC: no number is left.
 */
struct p2pmem *p2pmem_new(phys_addr_t start, u64 size, const struct p2p_provider_ops *ops);

/*
 * Makes it known, as /dev/p2pmemN; `parent`: whose it is in sysfs, or NULL. 0 or a negative errno;
 * then it is still the caller's.
 */
int p2pmem_add(struct p2pmem *memory, struct device *parent);

/* Gives back what it has of its function, pages and the claim; when nobody uses it any more. */
void p2pmem_give_back(struct p2pmem *memory);

/* Without `force`, what is in use stays. */
enum p2pmem_removal {
	P2PMEM_IF_UNUSED,
	P2PMEM_FORCE
};

/*
 * Takes it from everybody. Once this returns no CPU reaches it, all importers have been told, and
 * no mapping of a device is left, or P2PMEM_PATIENCE is over: then it is named in the log, and what
 * has been claimed stays so until the last mapping is undone, which may be never. The reference
 * that p2pmem_new() gave is dropped.
 *
 * With the device lock of its function held, if it has one. 0; -ETIMEDOUT: removed, but a device
 * may still reach it; with nothing done: -ENODEV: it is gone already; -EBUSY: in use.
 */
int p2pmem_remove(struct p2pmem *memory, enum p2pmem_removal how);

/* Whether the range is of memory that was removed and that a device may still reach. */
bool p2pmem_is_left(phys_addr_t start, u64 size);

/* The driver of a function goes, and with it upstream's pages: those of what is left, too. */
void p2pmem_left_unbound(const struct pci_dev *pdev);

/* The module goes: nothing is left of what was removed. */
void p2pmem_left_stop(void);

#endif
