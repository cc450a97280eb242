/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocations from provider memory.
 */
#ifndef P2PMEM_ALLOCATION_H
#define P2PMEM_ALLOCATION_H

#include "memory.h"

/*
 * Allocates, for the owner and with a reference for the caller: another thread may make the owner
 * let go of it at once. The memory is zero. `alignment` is 0 or a power of two. 0, -ENODEV,
 * -ENOSPC, -EDQUOT, -EINVAL, -ENOMEM, or -EINTR: a fatal signal. May sleep.
 */
int p2pmem_allocation_new(struct p2pmem *memory, struct p2pmem_owner *owner, u64 size,
			  u64 alignment, u32 flags, struct p2pmem_allocation **allocation);

/* The owner's allocation that the offset is in, with a reference, or NULL. */
struct p2pmem_allocation *p2pmem_allocation_find(struct p2pmem *memory, struct p2pmem_owner *owner,
						 u64 offset);

/*
 * Whether somebody has all of these bytes, which are in the memory: as one allocation, or
 * neighbours. Any context.
 */
bool p2pmem_is_allocated(struct p2pmem *memory, phys_addr_t start, u64 size);

/*
 * The owner lets go of the allocation that begins at the offset: it stays as long as others use it.
 * 0 or -ENOENT: the owner has none there.
 */
int p2pmem_allocation_drop(struct p2pmem *memory, struct p2pmem_owner *owner, u64 offset);

/* The owner lets go of this allocation, if it has not already. The caller keeps its reference. */
void p2pmem_allocation_disown(struct p2pmem_allocation *allocation);

/* As the last that a owner does. */
void p2pmem_allocation_drop_all(struct p2pmem *memory, struct p2pmem_owner *owner);

struct p2pmem_allocation *p2pmem_allocation_get(struct p2pmem_allocation *allocation);
void p2pmem_allocation_put(struct p2pmem_allocation *allocation);

#endif
