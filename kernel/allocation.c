// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocations: allocated, emptied for their new owner, and given back when nothing uses them any
 * more.
 */
#include "allocation.h"

#include "cpu.h"
#include "deferred_free.h"

#include <linux/io.h>
#include <linux/slab.h>

/* Where x86 has no memory type for what is no RAM, it maps it uncached: lookup_memtype(). */
static void p2pmem_allocation_reserve_type(struct p2pmem_allocation *allocation)
{
	lockdep_assert_held(&allocation->memory->lock);
	if (!p2pmem_allocation_combines(allocation))
		return;
	allocation->combined = !arch_io_reserve_memtype_wc(allocation->start, allocation->size);
	/* Somebody maps it otherwise: so do we, in all our mappings. */
	if (!allocation->combined)
		allocation->flags |= P2PMEM_ALLOC_UNCACHED;
}

static int p2pmem_allocation_take(struct p2pmem_allocation *allocation, u64 alignment)
{
	struct p2pmem *memory = allocation->memory;
	struct p2pmem_owner *owner = allocation->owner;
	p2p_cpu_addr start;
	int error;

	lockdep_assert_held(&memory->lock);
	if (memory->gone || !memory->ready)
		return -ENODEV;
	if (owner->limited &&
	    (allocation->size > memory->limit || owner->used > memory->limit - allocation->size))
		return -EDQUOT;
	error = p2p_pool_take(memory->pool, memory->pool_owner, allocation->size, alignment,
			      &start);
	if (error)
		return error;
	allocation->start = start.value;
	error = mtree_insert_range(&memory->allocations, p2pmem_first_page(allocation),
				   p2pmem_last_page(allocation), allocation, GFP_KERNEL);
	if (error) {
		p2p_pool_give(memory->pool, memory->pool_owner, start);
		return error;
	}
	p2pmem_allocation_reserve_type(allocation);
	owner->used += allocation->size;
	memory->total_allocations++;
	memory->allocated += allocation->size;
	memory->high_water = max(memory->high_water, memory->allocated);
	return 0;
}

static struct p2pmem_allocation *p2pmem_allocation_make(struct p2pmem *memory,
							struct p2pmem_owner *owner, u64 size,
							u32 flags)
{
	struct p2pmem_allocation *allocation = kzalloc(sizeof(*allocation), GFP_KERNEL_ACCOUNT);

	if (!allocation)
		return NULL;
	kref_init(&allocation->users);
	allocation->memory = p2pmem_memory_get(memory);
	allocation->owner = owner;
	kref_get(&owner->users);
	allocation->size = PAGE_ALIGN(size);
	allocation->flags = flags;
	return allocation;
}

/* Now its owner has it, and lets it be found: with a reference, as the caller keeps its own. */
static int p2pmem_allocation_give(struct p2pmem_allocation *allocation)
{
	struct p2pmem *memory = allocation->memory;
	int error = 0;

	mutex_lock(&memory->lock);
	if (memory->gone) {
		error = -ENODEV;
	} else {
		p2pmem_allocation_get(allocation);
		allocation->owned = true;
	}
	mutex_unlock(&memory->lock);
	return error;
}

int p2pmem_allocation_new(struct p2pmem *memory, struct p2pmem_owner *owner, u64 size,
			  u64 alignment, u32 flags, struct p2pmem_allocation **allocation)
{
	struct p2pmem_allocation *fresh;
	int error;

	if (size == 0 || (alignment & (alignment - 1)))
		return -EINVAL;
	if (size > memory->provider.size || alignment > memory->provider.size)
		return -ENOSPC;
	fresh = p2pmem_allocation_make(memory, owner, size, flags);
	if (!fresh)
		return -ENOMEM;
	mutex_lock(&memory->lock);
	error = p2pmem_allocation_take(fresh, max_t(u64, alignment, PAGE_SIZE));
	mutex_unlock(&memory->lock);
	if (error) {
		p2pmem_allocation_destroy(fresh);
		return error;
	}
	error = p2pmem_cpu_clear(fresh);
	if (!error)
		error = p2pmem_allocation_give(fresh);
	if (error)
		p2pmem_allocation_put(fresh);
	else
		*allocation = fresh;
	return error;
}

static struct p2pmem_allocation *p2pmem_allocation_lookup(struct p2pmem *memory,
							  struct p2pmem_owner *owner, u64 offset)
{
	struct p2pmem_allocation *allocation = NULL;

	lockdep_assert_held(&memory->lock);
	if (offset < memory->provider.size)
		allocation = mtree_load(&memory->allocations, offset >> PAGE_SHIFT);
	return allocation && allocation->owned && allocation->owner == owner ? allocation : NULL;
}

struct p2pmem_allocation *p2pmem_allocation_find(struct p2pmem *memory, struct p2pmem_owner *owner,
						 u64 offset)
{
	struct p2pmem_allocation *allocation;

	mutex_lock(&memory->lock);
	allocation = p2pmem_allocation_lookup(memory, owner, offset);
	if (allocation)
		kref_get(&allocation->users);
	mutex_unlock(&memory->lock);
	return allocation;
}

bool p2pmem_is_allocated(struct p2pmem *memory, phys_addr_t start, u64 size)
{
	MA_STATE(at, &memory->allocations, 0, 0);
	u64 offset = start - memory->provider.start.value;
	unsigned long last = (offset + size - 1) >> PAGE_SHIFT;
	bool allocated;

	mas_set(&at, offset >> PAGE_SHIFT);
	rcu_read_lock();
	while ((allocated = mas_walk(&at)) && at.last < last)
		mas_set(&at, at.last + 1);
	rcu_read_unlock();
	return allocated;
}

int p2pmem_allocation_drop(struct p2pmem *memory, struct p2pmem_owner *owner, u64 offset)
{
	struct p2pmem_allocation *allocation;

	mutex_lock(&memory->lock);
	allocation = p2pmem_allocation_lookup(memory, owner, offset);
	if (allocation && p2pmem_offset(allocation) != offset)
		allocation = NULL;
	if (allocation)
		allocation->owned = false;
	mutex_unlock(&memory->lock);
	if (!allocation)
		return -ENOENT;
	p2pmem_allocation_put(allocation);
	return 0;
}

void p2pmem_allocation_disown(struct p2pmem_allocation *allocation)
{
	struct p2pmem *memory = allocation->memory;
	bool owned;

	mutex_lock(&memory->lock);
	owned = allocation->owned;
	allocation->owned = false;
	mutex_unlock(&memory->lock);
	if (owned)
		p2pmem_allocation_put(allocation);
}

static struct p2pmem_allocation *p2pmem_allocation_drop_next(struct p2pmem *memory,
							     struct p2pmem_owner *owner,
							     unsigned long *page)
{
	struct p2pmem_allocation *allocation;

	mutex_lock(&memory->lock);
	do {
		allocation = mt_find(&memory->allocations, page, ULONG_MAX);
	} while (allocation && !(allocation->owned && allocation->owner == owner));
	if (allocation)
		allocation->owned = false;
	mutex_unlock(&memory->lock);
	return allocation;
}

void p2pmem_allocation_drop_all(struct p2pmem *memory, struct p2pmem_owner *owner)
{
	struct p2pmem_allocation *allocation;
	unsigned long page = 0;

	while ((allocation = p2pmem_allocation_drop_next(memory, owner, &page)))
		p2pmem_allocation_put(allocation);
}

struct p2pmem_allocation *p2pmem_allocation_get(struct p2pmem_allocation *allocation)
{
	kref_get(&allocation->users);
	return allocation;
}

static void p2pmem_allocation_last_user_left(struct kref *users)
{
	p2pmem_allocation_free(container_of(users, struct p2pmem_allocation, users));
}

void p2pmem_allocation_put(struct p2pmem_allocation *allocation)
{
	kref_put(&allocation->users, p2pmem_allocation_last_user_left);
}

/**
 * p2pmem_alloc - allocates memory of a device
 * @memory: whose; the caller has a reference
 * @size: bytes, rounded up to pages
 * @alignment: a power of two, or 0
 * @start: set to the CPU address. It can be mapped for devices and, with ioremap(), for the CPU.
 *
 * The memory is zero. It stays allocated until p2pmem_free(), also when the device goes: then
 * nobody else gets it, and nobody can map it.
 *
 * Context: may sleep.
 * Return: 0, -ENODEV, -ENOSPC, -EINVAL, -ENOMEM, or -EINTR: a fatal signal
 */
int p2pmem_alloc(struct p2pmem *memory, size_t size, size_t alignment, phys_addr_t *start)
{
	struct p2pmem_allocation *allocation;
	int error = p2pmem_allocation_new(memory, &memory->drivers, size, alignment,
					  P2PMEM_ALLOC_UNCACHED, &allocation);

	if (error)
		return error;
	*start = allocation->start;
	p2pmem_allocation_put(allocation);
	return 0;
}
EXPORT_SYMBOL_GPL(p2pmem_alloc);

/**
 * p2pmem_free - gives back what p2pmem_alloc() gave
 * @memory: whose
 * @start: what p2pmem_alloc() set; no device may still use it
 *
 * Context: may sleep.
 */
void p2pmem_free(struct p2pmem *memory, phys_addr_t start)
{
	if (p2pmem_allocation_drop(memory, &memory->drivers, start - memory->provider.start.value))
		dev_WARN(&memory->dev, "%pa was not given by p2pmem_alloc()\n", &start);
}
EXPORT_SYMBOL_GPL(p2pmem_free);
