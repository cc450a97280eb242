// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Holes by size, pieces by place: taking, giving back and joining, each in a fixed number of steps.
 */
#include "holes.h"

#define STEP_BITS 5u

P2P_STATIC_ASSERT(1u << STEP_BITS == P2P_HOLE_STEPS, "a step number has STEP_BITS bits");
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

/* Where a hole of that size is kept; order 0 holds the sizes below P2P_HOLE_STEPS, one each. */
static struct bin bin_of(uint32_t units)
{
	uint32_t high;

	if (units < P2P_HOLE_STEPS)
		return (struct bin){ 0, units };
	high = highest_bit(units);
	return (struct bin){ high - STEP_BITS + 1,
			     units >> (high - STEP_BITS) & (P2P_HOLE_STEPS - 1) };
}

static uint32_t chunk_count(uint32_t units)
{
	return (units + P2P_TAG_CHUNK - 1) >> P2P_TAG_CHUNK_SHIFT;
}

/* The hole's first tag is as good as its last if that is the same. */
static void set_hole(struct p2p_holes *holes, uint32_t unit, uint32_t units)
{
	struct bin bin = bin_of(units);

	p2p_tag_at(holes, unit)->head = units << P2P_TAG_SHIFT | P2P_TAG_HOLE;
	if (units > 1)
		p2p_tag_at(holes, unit + units - 1)->head = units << P2P_TAG_SHIFT | P2P_TAG_END;
	if (unit + units < holes->units)
		p2p_tag_at(holes, unit + units)->head |= P2P_TAG_AFTER_HOLE;
	p2p_tag_link(holes, &holes->first[bin.order][bin.step], unit);
	holes->steps[bin.order] |= 1u << bin.step;
	holes->orders |= 1u << bin.order;
}

/* Returns its size; the tags are as if nothing began or ended here. */
static uint32_t clear_hole(struct p2p_holes *holes, uint32_t unit)
{
	struct p2p_tag *tag = p2p_tag_at(holes, unit);
	uint32_t units = p2p_tag_units(tag);
	struct bin bin = bin_of(units);

	p2p_tag_unlink(holes, &holes->first[bin.order][bin.step], unit);
	if (holes->first[bin.order][bin.step] == P2P_NO_UNIT) {
		holes->steps[bin.order] &= ~(1u << bin.step);
		if (holes->steps[bin.order] == 0)
			holes->orders &= ~(1u << bin.order);
	}
	tag->head = 0;
	p2p_tag_at(holes, unit + units - 1)->head = 0;
	if (unit + units < holes->units)
		p2p_tag_at(holes, unit + units)->head &= ~P2P_TAG_AFTER_HOLE;
	return units;
}

static int need_tag(struct p2p_holes *holes, uint32_t unit)
{
	struct p2p_tag **chunk = &holes->chunk[unit >> P2P_TAG_CHUNK_SHIFT];

	if (*chunk)
		return 0;
	*chunk = p2p_array_new(&holes->allocator, P2P_TAG_CHUNK, sizeof(**chunk));
	if (!*chunk)
		return -ENOMEM;
	memset(*chunk, 0, P2P_TAG_CHUNK * sizeof(**chunk));
	holes->memory += P2P_TAG_CHUNK * sizeof(**chunk);
	return 0;
}

int p2p_holes_begin(struct p2p_holes *holes, const struct p2p_allocator *allocator, uint32_t units)
{
	size_t table = chunk_count(units) * sizeof(struct p2p_tag *);

	memset(holes, 0, sizeof(*holes));
	memset(holes->first, 0xff, sizeof(holes->first));
	holes->allocator = *allocator;
	holes->units = units;
	holes->memory = table;
	holes->chunk = p2p_array_new(allocator, 1, table);
	if (!holes->chunk)
		return -ENOMEM;
	memset(holes->chunk, 0, table);
	if (need_tag(holes, 0) != 0 || need_tag(holes, units - 1) != 0) {
		p2p_holes_end(holes);
		return -ENOMEM;
	}
	set_hole(holes, 0, units);
	return 0;
}

void p2p_holes_end(struct p2p_holes *holes)
{
	uint32_t chunks = chunk_count(holes->units);

	for (uint32_t i = 0; i < chunks; i++)
		p2p_array_free(&holes->allocator, holes->chunk[i]);
	p2p_array_free(&holes->allocator, holes->chunk);
}

/* A hole that surely holds `units`: of the next bin that begins at or above that size. */
static uint32_t find_hole(const struct p2p_holes *holes, uint64_t units)
{
	uint32_t steps, orders;
	struct bin bin;

	if (units > holes->units)
		return P2P_NO_UNIT;
	if (units >= P2P_HOLE_STEPS)
		units += (UINT32_C(1) << (highest_bit((uint32_t)units) - STEP_BITS)) - 1;
	bin = bin_of((uint32_t)units);
	steps = holes->steps[bin.order] & UINT32_MAX << bin.step;
	if (steps == 0) {
		orders = holes->orders & (UINT32_MAX << bin.order << 1);
		if (orders == 0)
			return P2P_NO_UNIT;
		bin.order = lowest_bit(orders);
		steps = holes->steps[bin.order];
	}
	return holes->first[bin.order][lowest_bit(steps)];
}

/* Units from the beginning of a hole to the first aligned one. */
static uint64_t lead_of(uint32_t hole, uint64_t alignment, uint64_t bias)
{
	return -(bias + hole) & (alignment - 1);
}

/*
 * First a hole just large enough, which is often aligned; then one in which every place is. Both
 * looks are one look each, so that a fragmented pool costs no more.
 */
static uint32_t find_aligned(const struct p2p_holes *holes, uint32_t units, uint64_t alignment,
			     uint64_t bias, uint32_t *lead)
{
	uint32_t hole = find_hole(holes, units);
	uint64_t before;

	if (hole == P2P_NO_UNIT)
		return P2P_NO_UNIT;
	before = lead_of(hole, alignment, bias);
	if (before + units > p2p_tag_units(p2p_tag_at(holes, hole))) {
		if (alignment > holes->units)
			return P2P_NO_UNIT;
		hole = find_hole(holes, units + alignment - 1);
		if (hole == P2P_NO_UNIT)
			return P2P_NO_UNIT;
		before = lead_of(hole, alignment, bias);
	}
	*lead = (uint32_t)before;
	return hole;
}

/*
 * Tags for all that will begin and end, now and when the piece is given back: freeing must not
 * need memory.
 */
static int need_tags(struct p2p_holes *holes, uint32_t hole, uint32_t unit, uint32_t units)
{
	bool lead = unit != hole, tail = unit + units < holes->units;

	if ((lead && need_tag(holes, unit - 1) != 0) || need_tag(holes, unit) != 0 ||
	    need_tag(holes, unit + units - 1) != 0 || (tail && need_tag(holes, unit + units) != 0))
		return -ENOMEM;
	return 0;
}

int p2p_holes_take(struct p2p_holes *holes, uint32_t units, uint64_t alignment, uint64_t bias,
		   uint32_t *unit)
{
	uint32_t lead = 0, all;
	uint32_t hole = find_aligned(holes, units, alignment, bias, &lead);

	if (hole == P2P_NO_UNIT)
		return -ENOSPC;
	if (need_tags(holes, hole, hole + lead, units) != 0)
		return -ENOMEM;
	all = clear_hole(holes, hole);
	p2p_tag_at(holes, hole + lead)->head = units << P2P_TAG_SHIFT;
	if (all > lead + units)
		set_hole(holes, hole + lead + units, all - lead - units);
	if (lead != 0)
		set_hole(holes, hole, lead);
	*unit = hole + lead;
	return 0;
}

void p2p_holes_give(struct p2p_holes *holes, uint32_t unit)
{
	struct p2p_tag *tag = p2p_tag_at(holes, unit);
	uint32_t units = p2p_tag_units(tag), after = unit + units, before;

	if (tag->head & P2P_TAG_AFTER_HOLE) {
		before = p2p_tag_units(p2p_tag_at(holes, unit - 1));
		clear_hole(holes, unit - before);
		unit -= before;
		units += before;
	}
	tag->head = 0;
	if (after < holes->units && p2p_tag_at(holes, after)->head & P2P_TAG_HOLE)
		units += clear_hole(holes, after);
	set_hole(holes, unit, units);
}

struct p2p_tag *p2p_holes_used(const struct p2p_holes *holes, uint32_t unit)
{
	struct p2p_tag *tag;

	if (!holes->chunk[unit >> P2P_TAG_CHUNK_SHIFT])
		return NULL;
	tag = p2p_tag_at(holes, unit);
	return p2p_tag_units(tag) != 0 && !(tag->head & (P2P_TAG_HOLE | P2P_TAG_END)) ? tag : NULL;
}
