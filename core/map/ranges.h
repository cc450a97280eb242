/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * One version of the registry: the providers' ranges in order of address, and a table in two
 * levels that says which of them may hold an address.
 *
 *     part     [ shift, bias | shift, bias | ...  ]   equal parts of all from lowest to highest
 *     cell     [ 0 | 0 | 1 | 2 | 2 | ...           ]   each part cut again, as finely as it needs
 *     range    0[ A     ] 1[B]   2[ C ]
 *
 * A cell names the first range that reaches into it (an empty cell, one that comes later). If no
 * cell has more than one range in it, that range is the only candidate, and comparing with its
 * ends makes the answer exact. Else the candidate is at most `m` further on, and is found in
 * log2(m) steps without a branch. How many steps is the same for all addresses: a look-up of
 * random addresses has no branch that a processor could guess wrong.
 *
 * The parts let a version cover windows that are terabytes apart and hold BARs of megabytes.
 */
#ifndef P2P_CORE_RANGES_H
#define P2P_CORE_RANGES_H

#include "array.h"

#include "provider.h"

struct p2p_table_part {
	uint32_t shift; /* its cells are of 1 << shift bytes */
	uint32_t bias;  /* added to an offset's cells from the base on: its cell, modulo 2^32 */
};

struct p2p_range_entry {
	uint64_t start;
	uint64_t extent;               /* the last byte's distance from the start */
	struct p2p_provider *provider; /* NULL: removed */
};

/* One allocation: this, the cells, the ranges, the parts. A look-up reads one cache line of it. */
struct p2p_ranges {
	uint64_t base;  /* where part 0 begins, at or below the lowest provider */
	uint64_t span;  /* from there to the last byte of the highest provider */
	uint32_t shift; /* of the parts, at most 63; of the cells if simple */
	uint32_t step;  /* the first step, a power of two; 0: none */
	bool simple;    /* one part and no steps */
	uint32_t count; /* at least 1 */
	const struct p2p_table_part *part;
	struct p2p_range_entry *entry; /* count, then what steps can overshoot, starts all ones */
	size_t memory;                 /* bytes */
	uint32_t cell[]; /* where the range is: bytes from the beginning of this structure */
};

/*
 * Makes the version that has the `count` providers given, in order of address and not overlapping,
 * 1 <= count <= P2P_REGISTRY_MAX. NULL: no memory. Given back with p2p_array_free().
 */
struct p2p_ranges *p2p_ranges_new(const struct p2p_allocator *allocator,
				  struct p2p_provider *const *providers, uint32_t count);

/* The version with no provider: one from which its only provider was removed. */
struct p2p_ranges *p2p_ranges_empty(const struct p2p_allocator *allocator);

static inline const struct p2p_range_entry *p2p_cell_entry(const struct p2p_ranges *ranges,
							   uint64_t cell)
{
	return (const void *)((const char *)ranges + ranges->cell[cell]);
}

/*
 * The range that `base + offset` is in or, when it is in none, one beside the gap that it is in;
 * `offset` is at most the span.
 */
static inline const struct p2p_range_entry *p2p_ranges_at(const struct p2p_ranges *ranges,
							  uint64_t offset)
{
	uint64_t at = offset >> ranges->shift, address = ranges->base + offset;
	const struct p2p_range_entry *entry;
	const struct p2p_table_part *part;

	if (ranges->simple)
		return p2p_cell_entry(ranges, at);
	part = &ranges->part[at];
	entry = p2p_cell_entry(ranges, (uint32_t)(offset >> part->shift) + part->bias);
	for (uint32_t step = ranges->step; step != 0; step >>= 1)
		entry += entry[step].start <= address ? step : 0;
	return entry;
}

#endif
