// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Who owns which block of a pool. Where blocks are is the business of free_list.c.
 */
#include "free_list.h"

#include "pool.h"

#define UNIT_SHIFT      12u
#define FIRST_OWNERS    8u
#define NO_OWNER        UINT32_MAX
#define GENERATION_OPEN 1u /* generations of open owners are odd */

P2P_STATIC_ASSERT(P2P_POOL_UNIT == 1u << UNIT_SHIFT, "shift and size of the unit agree");
P2P_STATIC_ASSERT(P2P_POOL_MAX >> UNIT_SHIFT < 1u << (32 - P2P_TAG_SHIFT), "a tag holds any size");

struct owner {
	uint32_t generation;
	uint32_t first; /* block, or of a closed owner the next closed owner */
	uint64_t units;
};

struct p2p_pool {
	struct p2p_allocator allocator;
	p2p_cpu_addr start;
	uint32_t available; /* units */
	uint32_t owners, room, closed;
	struct owner *owner;
	struct p2p_free_list free;
};

int p2p_pool_new(const struct p2p_allocator *allocator, p2p_cpu_addr start, uint64_t size,
		 struct p2p_pool **pool)
{
	struct p2p_pool *fresh;

	if (size == 0 || size > P2P_POOL_MAX || size - 1 > UINT64_MAX - start.value ||
	    ((start.value | size) & (P2P_POOL_UNIT - 1)) != 0)
		return -EINVAL;
	fresh = p2p_array_new(allocator, 1, sizeof(*fresh));
	if (!fresh)
		return -ENOMEM;
	memset(fresh, 0, sizeof(*fresh));
	fresh->allocator = *allocator;
	fresh->start = start;
	fresh->available = (uint32_t)(size >> UNIT_SHIFT);
	fresh->closed = NO_OWNER;
	if (p2p_free_list_begin(&fresh->free, allocator, fresh->available) != 0) {
		p2p_array_free(allocator, fresh);
		return -ENOMEM;
	}
	*pool = fresh;
	return 0;
}

void p2p_pool_free(struct p2p_pool *pool)
{
	struct p2p_allocator allocator;

	if (!pool)
		return;
	allocator = pool->allocator;
	p2p_free_list_end(&pool->free);
	p2p_array_free(&allocator, pool->owner);
	p2p_array_free(&allocator, pool);
}

static struct owner *owner_of(const struct p2p_pool *pool, p2p_pool_owner owner)
{
	if (owner.index >= pool->owners || !(owner.generation & GENERATION_OPEN) ||
	    pool->owner[owner.index].generation != owner.generation)
		return NULL;
	return &pool->owner[owner.index];
}

static int add_owner(struct p2p_pool *pool)
{
	uint32_t room = pool->room ? 2 * pool->room : FIRST_OWNERS;
	void *memory = pool->owner;

	if (pool->owners == pool->room) {
		if (room < pool->room || p2p_array_grow(&pool->allocator, &memory, pool->owners,
							room, sizeof(*pool->owner)) != 0)
			return -ENOMEM;
		pool->owner = memory;
		pool->room = room;
	}
	pool->owner[pool->owners] = (struct owner){ .first = pool->closed };
	pool->closed = pool->owners++;
	return 0;
}

int p2p_pool_open(struct p2p_pool *pool, p2p_pool_owner *owner)
{
	struct owner *opened;

	if (pool->closed == NO_OWNER && add_owner(pool) != 0)
		return -ENOMEM;
	owner->index = pool->closed;
	opened = &pool->owner[owner->index];
	pool->closed = opened->first;
	opened->first = P2P_NO_UNIT;
	owner->generation = ++opened->generation;
	return 0;
}

static void give(struct p2p_pool *pool, struct owner *owner, uint32_t unit)
{
	uint32_t units = p2p_tag_units(p2p_tag_at(&pool->free, unit));

	p2p_tag_unlink(&pool->free, &owner->first, unit);
	owner->units -= units;
	pool->available += units;
	p2p_free_list_give(&pool->free, unit);
}

int p2p_pool_close(struct p2p_pool *pool, p2p_pool_owner owner, uint64_t *bytes)
{
	struct owner *closed = owner_of(pool, owner);

	if (!closed)
		return -EINVAL;
	if (bytes)
		*bytes = closed->units << UNIT_SHIFT;
	while (closed->first != P2P_NO_UNIT)
		give(pool, closed, closed->first);
	closed->generation++;
	closed->first = pool->closed;
	pool->closed = owner.index;
	return 0;
}

int p2p_pool_take(struct p2p_pool *pool, p2p_pool_owner owner, uint64_t size, uint64_t alignment,
		  p2p_cpu_addr *address)
{
	struct owner *taker = owner_of(pool, owner);
	uint32_t units, unit;
	int error;

	if (!taker || size == 0 || alignment == 0 || (alignment & (alignment - 1)) != 0)
		return -EINVAL;
	if (size > (uint64_t)pool->available << UNIT_SHIFT)
		return -ENOSPC;
	units = (uint32_t)((size + P2P_POOL_UNIT - 1) >> UNIT_SHIFT);
	if (alignment < P2P_POOL_UNIT)
		alignment = P2P_POOL_UNIT;
	error = p2p_free_list_take(&pool->free, units, alignment >> UNIT_SHIFT,
				   pool->start.value >> UNIT_SHIFT, &unit);
	if (error)
		return error;
	p2p_tag_at(&pool->free, unit)->owner = owner.index;
	p2p_tag_link(&pool->free, &taker->first, unit);
	taker->units += units;
	pool->available -= units;
	address->value = pool->start.value + ((uint64_t)unit << UNIT_SHIFT);
	return 0;
}

int p2p_pool_give(struct p2p_pool *pool, p2p_pool_owner owner, p2p_cpu_addr address)
{
	uint64_t offset = address.value - pool->start.value;
	struct owner *giver = owner_of(pool, owner);
	const struct p2p_tag *tag;

	if (!giver)
		return -EINVAL;
	if (offset >> UNIT_SHIFT >= pool->free.units || (offset & (P2P_POOL_UNIT - 1)) != 0)
		return -ENOENT;
	tag = p2p_free_list_used(&pool->free, (uint32_t)(offset >> UNIT_SHIFT));
	if (!tag)
		return -ENOENT;
	if (tag->owner != owner.index)
		return -EPERM;
	give(pool, giver, (uint32_t)(offset >> UNIT_SHIFT));
	return 0;
}

uint64_t p2p_pool_available(const struct p2p_pool *pool)
{
	return (uint64_t)pool->available << UNIT_SHIFT;
}

uint64_t p2p_pool_owned(const struct p2p_pool *pool, p2p_pool_owner owner)
{
	const struct owner *known = owner_of(pool, owner);

	return known ? known->units << UNIT_SHIFT : 0;
}

size_t p2p_pool_memory(const struct p2p_pool *pool)
{
	return sizeof(*pool) + pool->room * sizeof(*pool->owner) + pool->free.memory;
}
