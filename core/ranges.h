/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * One version of the registry: all addresses from the lowest provider to the highest, cut into
 * ranges that are each one provider's or nobody's, and a table that says near which range an
 * address is.
 *
 *     cell     [ 1        | 1        | 2        | 5        ]   equal cells of 1 << shift bytes
 *     range    0[  nobody ]1[ A            ]2[ n. ]3[B]4[n.]5[ C     ]
 *
 * A cell holds the number of the range that its first byte is in. The address's own range is at
 * most `m` further on, m being the most range starts inside any one cell; it is found in log2(m)
 * steps without a branch, and their number is the same for all addresses. Providers are usually
 * as large as a cell and begin where one begins, and then there are no steps at all.
 *
 * Ranges that are nobody's make the answer exact without looking at a provider, and removing a
 * provider is the store of a NULL.
 */
#ifndef P2P_CORE_RANGES_H
#define P2P_CORE_RANGES_H

#include "memory.h"

#include <p2pmem/provider.h>

/* Reading `start` and `provider` costs a look-up one cache line each, never two. */
struct p2p_ranges {
	uint64_t base; /* where cell 0 begins, at or below the lowest provider */
	uint64_t span; /* from there to the last byte of the highest; past it is nobody's */
	const uint32_t *cell;
	const uint64_t *start; /* count, then as many of UINT64_MAX as steps can overshoot */
	struct p2p_provider **provider; /* count; NULL: nobody's */
	uint32_t step;                  /* the first step, a power of two; 0: none */
	uint32_t count;                 /* at least 1 */
	uint32_t shift;
	size_t memory; /* bytes, all of it one allocation */
};

/* The version with no provider in it. Not from an allocator. */
extern const struct p2p_ranges p2p_ranges_none;

/*
 * Makes the version that has the `count` providers given, in order of address and not overlapping,
 * 1 <= count <= P2P_REGISTRY_MAX. NULL: no memory. Given back with p2p_array_free().
 */
struct p2p_ranges *p2p_ranges_new(const struct p2p_allocator *allocator,
				  struct p2p_provider *const *providers, uint32_t count);

/* The range that `base + offset` is in; `offset` is at most the span. */
static inline uint32_t p2p_ranges_at(const struct p2p_ranges *ranges, uint64_t offset)
{
	uint32_t at = ranges->cell[offset >> ranges->shift];
	uint64_t address = ranges->base + offset;

	for (uint32_t step = ranges->step; step != 0; step >>= 1)
		at += ranges->start[at + step] <= address ? step : 0;
	return at;
}

#endif
