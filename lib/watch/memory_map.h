/* SPDX-License-Identifier: MIT */
/*
 * Which physical addresses are devices' memory, from /proc/iomem (Linux kernel/resource.c).
 */
#ifndef P2P_WATCH_MEMORY_MAP_H
#define P2P_WATCH_MEMORY_MAP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "event.h"

struct p2p_watch_range {
	uint64_t first, last;
	char function[P2P_WATCH_NAME]; /**< whose BAR it is; "": RAM */
};

/** All zero: empty. */
struct p2p_watch_memory_map {
	struct p2p_watch_range *ranges;
	uint32_t count, room;
};

/**
 * Reads it anew from text like /proc/iomem's; lines that are not understood are left out. Returns
 * 0, -ENOMEM, or -EACCES: the addresses are hidden.
 */
int p2p_watch_memory_map_read(struct p2p_watch_memory_map *map, FILE *text);

void p2p_watch_memory_map_free(struct p2p_watch_memory_map *map);

/** The range that the address is in, or NULL: neither RAM nor a BAR. */
const struct p2p_watch_range *p2p_watch_memory_map_find(const struct p2p_watch_memory_map *map,
							uint64_t address);

#endif
