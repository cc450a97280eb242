/* SPDX-License-Identifier: MIT */
/* Sets of byte ranges, for saying which parts of a drive were touched how. */
#ifndef LAB_RANGES_H
#define LAB_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lab_span {
	uint64_t start;
	uint64_t end; /* exclusive */
};

/* Zeroed is empty. Sorted and without overlaps after lab_ranges_sort(). */
struct lab_ranges {
	struct lab_span *list;
	size_t count;
	size_t room;
};

/** lab_ranges_add() - add a range, cheap when it goes on where the last one ended. Return: false
 * when memory ran out. */
bool lab_ranges_add(struct lab_ranges *set, uint64_t start, uint64_t end);

/** lab_ranges_sort() - sort and merge; needed before the two below. */
void lab_ranges_sort(struct lab_ranges *set);

/** lab_ranges_bytes() - how many bytes the set covers. */
uint64_t lab_ranges_bytes(const struct lab_ranges *set);

/** lab_ranges_common() - how many bytes are in both sets. */
uint64_t lab_ranges_common(const struct lab_ranges *a, const struct lab_ranges *b);

/** lab_ranges_free() - give the memory back; the set is empty then. */
void lab_ranges_free(struct lab_ranges *set);

#endif
