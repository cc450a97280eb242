// SPDX-License-Identifier: MIT
/*
 * Which physical addresses are devices' memory.
 */
#include "memory_map.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

/* "0000:03:00.0" and nothing else; a domain may be longer. */
static bool is_function(const char *label)
{
	unsigned int domain, bus, device, function;
	int end = -1;

	return sscanf(label, "%8x:%2x:%2x.%1x%n", &domain, &bus, &device, &function, &end) == 4 &&
	       !label[end];
}

/* "  3c000000-3fffffff : System RAM". False: it is of no use here. */
static bool parse(char *line, struct p2p_watch_range *range)
{
	int at = -1;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, " %" SCNx64 "-%" SCNx64 " : %n", &range->first, &range->last, &at) != 2 ||
	    at < 0 || range->last < range->first || strlen(line + at) >= P2P_WATCH_NAME)
		return false;
	range->function[0] = '\0';
	if (!strcmp(line + at, "System RAM"))
		return true;
	if (!is_function(line + at))
		return false;
	snprintf(range->function, sizeof(range->function), "%s", line + at);
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
