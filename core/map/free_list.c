// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Free blocks by size, all blocks by place: taking, giving back and joining, each in a fixed number
 * of steps.
 */
#include "free_list.h"

#define STEP_BITS 5u

P2P_STATIC_ASSERT(1u << STEP_BITS == P2P_FREE_STEPS, "a step number has STEP_BITS bits");
P2P_STATIC_ASSERT(sizeof(struct p2p_tag) == 16, "16 bytes for 4096 are less than 0.4 %");

struct bin {
	uint32_t order, step;
};

static uint32_t highest_bit(uint32_t value)
{
	return 31u - (uint32_t)__builtin_clz(value);
}

static uint32_t lowest_bit(uint32_t value)
{
	return (uint32_t)__builtin_ctz(value);
}

/* Where a free block of that size is kept; order 0 holds the sizes below P2P_FREE_STEPS, one each.
 */
static struct bin bin_of(uint32_t units)
{
	uint32_t high;

	if (units < P2P_FREE_STEPS)
		return (struct bin){ 0, units };
	high = highest_bit(units);
	return (struct bin){ high - STEP_BITS + 1,
			     units >> (high - STEP_BITS) & (P2P_FREE_STEPS - 1) };
}

static uint32_t chunk_count(uint32_t units)
{
	return (units + P2P_TAG_CHUNK - 1) >> P2P_TAG_CHUNK_SHIFT;
}

/* A free block of one unit has one tag, which is its first. */
static void set_free(struct p2p_free_list *list, uint32_t unit, uint32_t units)
{
	struct bin bin = bin_of(units);

	p2p_tag_at(list, unit)->head = units << P2P_TAG_SHIFT | P2P_TAG_FREE;
	if (units > 1)
		p2p_tag_at(list, unit + units - 1)->head = units << P2P_TAG_SHIFT | P2P_TAG_END;
	if (unit + units < list->units)
		p2p_tag_at(list, unit + units)->head |= P2P_TAG_AFTER_FREE;
	p2p_tag_link(list, &list->first[bin.order][bin.step], unit);
	list->steps[bin.order] |= 1u << bin.step;
	list->orders |= 1u << bin.order;
}

/* Returns its size; the tags are as if nothing began or ended here. */
static uint32_t clear_free(struct p2p_free_list *list, uint32_t unit)
{
	struct p2p_tag *tag = p2p_tag_at(list, unit);
	uint32_t units = p2p_tag_units(tag);
	struct bin bin = bin_of(units);

	p2p_tag_unlink(list, &list->first[bin.order][bin.step], unit);
	if (list->first[bin.order][bin.step] == P2P_NO_UNIT) {
		list->steps[bin.order] &= ~(1u << bin.step);
		if (list->steps[bin.order] == 0)
			list->orders &= ~(1u << bin.order);
	}
	tag->head = 0;
	p2p_tag_at(list, unit + units - 1)->head = 0;
	if (unit + units < list->units)
		p2p_tag_at(list, unit + units)->head &= ~P2P_TAG_AFTER_FREE;
	return units;
}

static int need_tag(struct p2p_free_list *list, uint32_t unit)
{
	struct p2p_tag **chunk = &list->chunk[unit >> P2P_TAG_CHUNK_SHIFT];

	if (*chunk)
		return 0;
	*chunk = p2p_array_new(&list->allocator, P2P_TAG_CHUNK, sizeof(**chunk));
	if (!*chunk)
		return -ENOMEM;
	memset(*chunk, 0, P2P_TAG_CHUNK * sizeof(**chunk));
	list->memory += P2P_TAG_CHUNK * sizeof(**chunk);
	return 0;
}

int p2p_free_list_begin(struct p2p_free_list *list, const struct p2p_allocator *allocator,
			uint32_t units)
{
	size_t table = chunk_count(units) * sizeof(struct p2p_tag *);

	memset(list, 0, sizeof(*list));
	memset(list->first, 0xff, sizeof(list->first));
	list->allocator = *allocator;
	list->units = units;
	list->memory = table;
	list->chunk = p2p_array_new(allocator, 1, table);
	if (!list->chunk)
		return -ENOMEM;
	memset(list->chunk, 0, table);
	if (need_tag(list, 0) != 0 || need_tag(list, units - 1) != 0) {
		p2p_free_list_end(list);
		return -ENOMEM;
	}
	set_free(list, 0, units);
	return 0;
}

void p2p_free_list_end(struct p2p_free_list *list)
{
	uint32_t chunks = chunk_count(list->units);

	for (uint32_t i = 0; i < chunks; i++)
		p2p_array_free(&list->allocator, list->chunk[i]);
	p2p_array_free(&list->allocator, list->chunk);
}

/* A free block that surely holds `units`: of the next bin that begins at or above that size. */
static uint32_t find_free(const struct p2p_free_list *list, uint64_t units)
{
	uint32_t steps, orders;
	struct bin bin;

	if (units > list->units)
		return P2P_NO_UNIT;
	if (units >= P2P_FREE_STEPS)
		units += (UINT32_C(1) << (highest_bit((uint32_t)units) - STEP_BITS)) - 1;
	bin = bin_of((uint32_t)units);
	steps = list->steps[bin.order] & UINT32_MAX << bin.step;
	if (steps == 0) {
		orders = list->orders & (UINT32_MAX << bin.order << 1);
		if (orders == 0)
			return P2P_NO_UNIT;
		bin.order = lowest_bit(orders);
		steps = list->steps[bin.order];
	}
	return list->first[bin.order][lowest_bit(steps)];
}

/* Units from the beginning of a free block to the first aligned one. */
static uint64_t lead_of(uint32_t block, uint64_t alignment, uint64_t bias)
{
	return -(bias + block) & (alignment - 1);
}

/*
 * First a free block just large enough, which is often aligned; then one with room for any lead.
 * Each is one look, so that a fragmented pool costs no more.
 */
static uint32_t find_aligned(const struct p2p_free_list *list, uint32_t units, uint64_t alignment,
			     uint64_t bias, uint32_t *lead)
{
	uint32_t block = find_free(list, units);
	uint64_t before;

	if (block == P2P_NO_UNIT)
		return P2P_NO_UNIT;
	before = lead_of(block, alignment, bias);
	if (before + units > p2p_tag_units(p2p_tag_at(list, block))) {
		if (alignment > list->units)
			return P2P_NO_UNIT;
		block = find_free(list, units + alignment - 1);
		if (block == P2P_NO_UNIT)
			return P2P_NO_UNIT;
		before = lead_of(block, alignment, bias);
	}
	*lead = (uint32_t)before;
	return block;
}

/*
 * Tags for all that will begin and end, now and when the block is given back: freeing must not
 * need memory.
 */
static int need_tags(struct p2p_free_list *list, uint32_t block, uint32_t unit, uint32_t units)
{
	bool lead = unit != block, tail = unit + units < list->units;

	if ((lead && need_tag(list, unit - 1) != 0) || need_tag(list, unit) != 0 ||
	    need_tag(list, unit + units - 1) != 0 || (tail && need_tag(list, unit + units) != 0))
		return -ENOMEM;
	return 0;
}

int p2p_free_list_take(struct p2p_free_list *list, uint32_t units, uint64_t alignment,
		       uint64_t bias, uint32_t *unit)
{
	uint32_t lead = 0, all;
	uint32_t block = find_aligned(list, units, alignment, bias, &lead);

	if (block == P2P_NO_UNIT)
		return -ENOSPC;
	if (need_tags(list, block, block + lead, units) != 0)
		return -ENOMEM;
	all = clear_free(list, block);
	p2p_tag_at(list, block + lead)->head = units << P2P_TAG_SHIFT;
	if (all > lead + units)
		set_free(list, block + lead + units, all - lead - units);
	if (lead != 0)
		set_free(list, block, lead);
	*unit = block + lead;
	return 0;
}

void p2p_free_list_give(struct p2p_free_list *list, uint32_t unit)
{
	struct p2p_tag *tag = p2p_tag_at(list, unit);
	uint32_t units = p2p_tag_units(tag), after = unit + units, before;

	if (tag->head & P2P_TAG_AFTER_FREE) {
		before = p2p_tag_units(p2p_tag_at(list, unit - 1));
		clear_free(list, unit - before);
		unit -= before;
		units += before;
	}
	tag->head = 0;
	if (after < list->units && p2p_tag_at(list, after)->head & P2P_TAG_FREE)
		units += clear_free(list, after);
	set_free(list, unit, units);
}

struct p2p_tag *p2p_free_list_used(const struct p2p_free_list *list, uint32_t unit)
{
	struct p2p_tag *tag;

	if (!list->chunk[unit >> P2P_TAG_CHUNK_SHIFT])
		return NULL;
	tag = p2p_tag_at(list, unit);
	return p2p_tag_units(tag) != 0 && !(tag->head & (P2P_TAG_FREE | P2P_TAG_END)) ? tag : NULL;
}
