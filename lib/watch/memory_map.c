// SPDX-License-Identifier: MIT
/*
 * Which physical addresses are devices' memory.
 */
#include "memory_map.h"

#include <errno.h>
#include <stdlib.h>

#include <p2pmem/text.h>

#include "grow.h"
#include "span.h"

/* RAM, or a function's own line. False: it is of no use here. */
static bool parse(const char *line, struct p2p_watch_range *range)
{
	struct p2p_span name;
	struct p2p_bdf bdf;

	if (!p2p_span_iomem(p2p_span(line), &range->first, &range->last, &name) ||
	    range->last < range->first)
		return false;
	range->function[0] = '\0';
	if (p2p_span_is(name, "System RAM"))
		return true;
	if (!p2p_span_bdf(&name, &bdf) || name.length)
		return false;
	p2p_bdf_text(bdf, range->function);
	return true;
}

int p2p_watch_memory_map_read(struct p2p_watch_memory_map *map, FILE *text)
{
	struct p2p_watch_range range;
	char line[256];

	map->count = 0;
	while (fgets(line, sizeof(line), text)) {
		if (!parse(line, &range))
			continue;
		if (!p2p_grow((void **)&map->ranges, map->count, &map->room, sizeof(*map->ranges)))
			return -ENOMEM;
		map->ranges[map->count++] = range;
	}
	/* Users who may not know them are shown zeros. */
	for (uint32_t i = 0; i < map->count; i++)
		if (map->ranges[i].last)
			return 0;
	return -EACCES;
}

void p2p_watch_memory_map_free(struct p2p_watch_memory_map *map)
{
	free(map->ranges);
	*map = (struct p2p_watch_memory_map){ .ranges = NULL };
}

const struct p2p_watch_range *p2p_watch_memory_map_find(const struct p2p_watch_memory_map *map,
							uint64_t address)
{
	/* Ranges that hold others come before them. */
	for (uint32_t i = map->count; i--;)
		if (address >= map->ranges[i].first && address <= map->ranges[i].last)
			return &map->ranges[i];
	return NULL;
}
