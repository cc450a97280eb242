/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocations from provider memory.
 */
#ifndef P2PMEM_ALLOCATION_H
#define P2PMEM_ALLOCATION_H

#include "memory.h"

struct p2pmem_allocation {
	struct kref users;
	struct p2pmem *memory;      /* a reference */
	struct p2pmem_owner *owner; /* a reference */
	bool owned;                 /* by it, with a reference; under memory->lock */
	phys_addr_t start;
	u64 size;
	u32 flags;     /* P2PMEM_ALLOC_* */
	bool combined; /* the CPU's memory type is set for it; under memory->lock */
	struct list_head deferred;
};

static inline u64 p2pmem_offset(const struct p2pmem_allocation *allocation)
{
	return allocation->start - allocation->memory->provider.start.value;
}

/*
 * Whether the CPU's stores are combined. Else it caches the memory, or does neither: so where it
 * was asked for, where the kernel has mapped it so already (pages), and where a BAR takes no such
 * stores.
 */
static inline bool p2pmem_allocation_combines(const struct p2pmem_allocation *allocation)
{
	const struct p2pmem *memory = allocation->memory;

	return !(allocation->flags & P2PMEM_ALLOC_UNCACHED) && !memory->range.cached &&
	       !memory->pages && !memory->narrow;
}

/* Of what comes from kmalloc(), the last put frees it. */
void p2pmem_owner_init(struct p2pmem_owner *owner, bool limited);
void p2pmem_owner_put(struct p2pmem_owner *owner);

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

/* The memory is gone and the CPU's mappings are: its types go before somebody else maps it. */
void p2pmem_release_memtypes(struct p2pmem *memory);

/* For deferred allocations: nobody uses it; false if a transfer still holds its pages. */
bool p2pmem_allocation_try_free(struct p2pmem_allocation *allocation);

#endif
