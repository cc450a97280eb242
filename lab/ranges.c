// SPDX-License-Identifier: MIT
/* Sets of byte ranges. */
#include "ranges.h"

#include <stdlib.h>

bool lab_ranges_add(struct lab_ranges *set, uint64_t start, uint64_t end)
{
	if (start >= end)
		return true;
	if (set->count > 0 && set->list[set->count - 1].end == start) {
		set->list[set->count - 1].end = end;
		return true;
	}
	if (set->count == set->room) {
		size_t room = set->room ? set->room * 2 : 64;
		struct lab_span *list = realloc(set->list, room * sizeof(*list));

		if (!list)
			return false;
		set->list = list;
		set->room = room;
	}
	set->list[set->count++] = (struct lab_span){ start, end };
	return true;
}

static int by_start(const void *left, const void *right)
{
	const struct lab_span *a = left;
	const struct lab_span *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

void lab_ranges_sort(struct lab_ranges *set)
{
	size_t kept = 0;

	if (set->count == 0)
		return;
	qsort(set->list, set->count, sizeof(*set->list), by_start);
	for (size_t i = 1; i < set->count; i++) {
		if (set->list[i].start > set->list[kept].end)
			set->list[++kept] = set->list[i];
		else if (set->list[i].end > set->list[kept].end)
			set->list[kept].end = set->list[i].end;
	}
	set->count = kept + 1;
}

uint64_t lab_ranges_bytes(const struct lab_ranges *set)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < set->count; i++)
		bytes += set->list[i].end - set->list[i].start;
	return bytes;
}

uint64_t lab_ranges_common(const struct lab_ranges *a, const struct lab_ranges *b)
{
	uint64_t bytes = 0;
	size_t i = 0;
	size_t j = 0;

	while (i < a->count && j < b->count) {
		const struct lab_span *x = &a->list[i];
		const struct lab_span *y = &b->list[j];
		uint64_t start = x->start > y->start ? x->start : y->start;
		uint64_t end = x->end < y->end ? x->end : y->end;

		if (start < end)
			bytes += end - start;
		if (x->end < y->end)
			i++;
		else
			j++;
	}
	return bytes;
}

void lab_ranges_free(struct lab_ranges *set)
{
	free(set->list);
	*set = (struct lab_ranges){ 0 };
}
