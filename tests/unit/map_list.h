/* SPDX-License-Identifier: MIT */
/*
 * Lists of segments for a client on a random machine: host memory and what is published, also both
 * in one segment.
 */
#ifndef P2P_TESTS_UNIT_MAP_LIST_H
#define P2P_TESTS_UNIT_MAP_LIST_H

#include "bus_map.h"

#define LIST_SEGMENTS 3
#define LIST_TARGETS  10
#define LIST_BYTES    (3 * SIM_PAGE) /* of one target, at most */

/* A piece of a list with one owner. */
struct map_target {
	const struct bus_range *range; /* NULL: host memory */
	int index;                     /* whose, in the spec */
	sim_node node;
	unsigned int bar;
	uint64_t offset, size; /* in that memory */
	uint64_t cpu;
	uint32_t segment;
	struct p2p_decision decision; /* what the map says about it */
};

struct map_list {
	struct p2p_segment segment[LIST_SEGMENTS];
	uint32_t segments;
	struct map_target target[LIST_TARGETS];
	uint32_t targets;
};

/* A part of the range, perhaps going on in what adjoins, perhaps with host memory around it. */
void map_list_make(const struct bus_map *map, const struct bus_range *range, uint64_t random,
		   struct map_list *list);

/* Makes two of target `i`, the first of `size` bytes. */
void map_list_cut(struct map_list *list, uint32_t i, uint64_t size);

/* The target that holds that CPU address, or NULL. */
const struct map_target *map_list_at(const struct map_list *list, uint64_t cpu);

#endif
