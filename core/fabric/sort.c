// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Nodes in order of address: a radix sort, whose time no input can stretch.
 */
#include "sort.h"

/* 7 bits: the counters of a pass fit a kernel's stack frame of 1024 bytes. */
#define DIGIT_BITS 7u
#define DIGITS     (1u << DIGIT_BITS)

static uint64_t sort_key(const struct p2p_node_info *info)
{
	uint8_t devfn = info->kind == P2P_KIND_HOST_BRIDGE ? 0 : info->bdf.devfn;

	if (info->kind == P2P_KIND_OFF_BUS)
		return UINT64_MAX;
	return (uint64_t)info->bdf.domain << 16 | (uint64_t)info->bdf.bus << 8 | devfn;
}

static unsigned int digit(const struct p2p_sorted *item, unsigned int shift)
{
	return item->key >> shift & (DIGITS - 1);
}

/* One stable pass. False: all digits were the same and nothing was moved. */
static bool sort_by_digit(const struct p2p_sorted *from, struct p2p_sorted *to, uint32_t count,
			  unsigned int shift)
{
	uint32_t start[DIGITS] = { 0 };
	uint32_t sum = 0;

	for (uint32_t i = 0; i < count; i++)
		start[digit(&from[i], shift)]++;
	if (count == 0 || start[digit(&from[0], shift)] == count)
		return false;
	for (unsigned int i = 0; i < DIGITS; i++) {
		uint32_t here = start[i];

		start[i] = sum;
		sum += here;
	}
	for (uint32_t i = 0; i < count; i++)
		to[start[digit(&from[i], shift)]++] = from[i];
	return true;
}

struct p2p_sorted *p2p_sort_by_address(const struct p2p_allocator *allocator,
				       const struct p2p_node_info *info, uint32_t count)
{
	struct p2p_sorted *sorted = p2p_array_new(allocator, count, sizeof(*sorted));
	struct p2p_sorted *other = p2p_array_new(allocator, count, sizeof(*other));

	if (!sorted || !other) {
		p2p_array_free(allocator, sorted);
		p2p_array_free(allocator, other);
		return NULL;
	}
	for (uint32_t i = 0; i < count; i++) {
		sorted[i].key = sort_key(&info[i]);
		sorted[i].node = i;
	}
	for (unsigned int shift = 0; shift < 64; shift += DIGIT_BITS) {
		struct p2p_sorted *swap = sorted;

		if (!sort_by_digit(sorted, other, count, shift))
			continue;
		sorted = other;
		other = swap;
	}
	p2p_array_free(allocator, other);
	return sorted;
}
