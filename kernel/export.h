/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocations as dma-bufs.
 */
#ifndef P2PMEM_EXPORT_H
#define P2PMEM_EXPORT_H

#include "memory.h"

/*
 * A new dma-buf of the allocation, which it keeps. Its descriptor goes to `*user` before anybody
 * can use it. `flags` as open()'s. 0 or a negative errno.
 */
int p2pmem_export_fd(struct p2pmem_allocation *allocation, u32 flags, s32 __user *user);

/*
 * Tells all importers to stop, and waits until the deadline for what they have begun; mappings are
 * -ENODEV. For memory that is gone.
 */
void p2pmem_revoke_buffers(struct p2pmem *memory, unsigned long deadline);

/*
 * The machine is another: importers that have mapped something past the host and would not be
 * allowed to any more are told. Sleeps, with no lock held.
 */
void p2pmem_recheck_all(void);

/* Nobody has anything to do with their contents any more that he has not ended. */
bool p2pmem_buffers_are_idle(struct p2pmem *memory);

/* Says in the log who imports: they are late. */
void p2pmem_name_importers(struct p2pmem *memory);

#endif
