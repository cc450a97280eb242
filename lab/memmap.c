// SPDX-License-Identifier: MIT
/*
 * Reads "info mtree -f" (QEMU's softmmu/memory.c, mtree_print_flatview) and "query-pci".
 *
 * The first is a list of views: the address spaces that share it, then its ranges in order. The
 * second has the BARs as they are programmed.
 */
#include "memmap.h"

#include "pci.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct range {
	uint64_t start;
	uint64_t last;
	unsigned int view;
	enum lab_place_kind kind; /* LAB_PLACE_UNKNOWN: a BAR's, if it lies in one */
};

struct bar {
	uint64_t start;
	uint64_t last;
	char owner[64];
};

struct lab_memmap {
	struct range *ranges;
	size_t range_count;
	unsigned int views; /* of NVMe controllers that can do DMA, or the machine's one */
	struct bar *bars;
	size_t bar_count;
};

static void *grow(void *list, size_t count, size_t size)
{
	/* Powers of two from 32 on: room is full exactly when the count is one. */
	if (count == 0)
		return malloc(32 * size);
	if (count < 32 || (count & (count - 1)) != 0)
		return list;
	return reallocarray(list, count * 2, size);
}

/* The address spaces and ranges. */

struct view_reader {
	struct lab_memmap *map;
	const char *space; /* begins the lines of those that are looked at */
	bool inside;       /* the view at hand is one */
	bool empty;        /* and has no range yet */
};

/* "  START-LAST (prio N, TYPE): NAME @OFFSET": what follows the name does not matter. */
static bool read_range(const char *line, struct range *range)
{
	unsigned long long start;
	unsigned long long last;
	char type[16];
	char name[64];

	if (sscanf(line, " %llx-%llx (prio %*d, %15[^)]): %63s", &start, &last, type, name) != 4 ||
	    last < start)
		return false;
	range->start = start;
	range->last = last;
	range->kind = LAB_PLACE_UNKNOWN;
	if (strncmp(name, "lab-ram", 7) == 0)
		range->kind = strcmp(type, "ram") == 0 ? LAB_PLACE_RAM : LAB_PLACE_OTHER;
	else if (strcmp(type, "rom") == 0)
		range->kind = LAB_PLACE_OTHER;
	return true;
}

static bool take_range(struct view_reader *reader, const struct range *range)
{
	struct lab_memmap *map = reader->map;
	struct range *list = grow(map->ranges, map->range_count, sizeof(*list));

	if (!list)
		return false;
	map->ranges = list;
	if (reader->empty)
		map->views++;
	reader->empty = false;
	list[map->range_count] = *range;
	list[map->range_count++].view = map->views - 1;
	return true;
}

static bool take_line(struct view_reader *reader, const char *line)
{
	struct range range;

	if (strncmp(line, "FlatView ", 9) == 0) {
		reader->inside = false;
		reader->empty = true;
	} else if (strncmp(line, reader->space, strlen(reader->space)) == 0) {
		reader->inside = true;
	} else if (reader->inside && read_range(line, &range)) {
		return take_range(reader, &range);
	}
	return true;
}

static int read_views(struct lab_memmap *map, const char *path, enum lab_dma_space space,
		      struct lab_error *error)
{
	struct view_reader reader = {
		.map = map,
		.space = space == LAB_DMA_OWN ? " AS \"nvme\"" : " AS \"memory\"",
	};
	FILE *file = fopen(path, "re");
	char line[512];
	int rc = 0;

	if (!file)
		return lab_fail(error, "%s: %s", path, strerror(errno));
	while (rc == 0 && fgets(line, sizeof(line), file)) {
		if (!take_line(&reader, line))
			rc = lab_fail(error, "out of memory");
	}
	fclose(file);
	return rc;
}

/* The BARs. */

static int64_t number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static int add_bar(struct lab_memmap *map, const json_t *device, const json_t *region)
{
	const char *type = json_string_value(json_object_get(region, "type"));
	const char *id = json_string_value(json_object_get(device, "qdev_id"));
	int64_t address = number_of(region, "address");
	int64_t size = number_of(region, "size");
	struct bar *bars;

	/* Not programmed: all ones. */
	if (!type || strcmp(type, "memory") != 0 || address <= 0 || size <= 0)
		return 0;
	bars = grow(map->bars, map->bar_count, sizeof(*bars));
	if (!bars)
		return -1;
	map->bars = bars;
	bars += map->bar_count++;
	bars->start = (uint64_t)address;
	bars->last = (uint64_t)address + (uint64_t)size - 1;
	if (id && id[0] != '\0')
		snprintf(bars->owner, sizeof(bars->owner), "%.60s", id);
	else
		lab_pci_address(device, bars->owner, sizeof(bars->owner));
	return 0;
}

static int add_bars(void *context, json_t *device)
{
	json_t *region;
	size_t index;

	json_array_foreach(json_object_get(device, "regions"), index, region)
	{
		if (add_bar(context, device, region) < 0)
			return -1;
	}
	return 0;
}

static int read_pci(struct lab_memmap *map, const char *path, struct lab_error *error)
{
	json_error_t problem;
	json_t *buses = json_load_file(path, 0, &problem);
	int rc = 0;

	if (!buses)
		return lab_fail(error, "%s: %s", path, problem.text);
	if (lab_pci_each(buses, add_bars, map) < 0)
		rc = lab_fail(error, "out of memory");
	json_decref(buses);
	return rc;
}

struct lab_memmap *lab_memmap_read(const char *out, const char *name, enum lab_dma_space space,
				   struct lab_error *error)
{
	struct lab_memmap *map = calloc(1, sizeof(*map));
	char path[PATH_MAX];

	if (!map) {
		lab_fail(error, "out of memory");
		return NULL;
	}
	snprintf(path, sizeof(path), "%s/map.%s", out, name);
	if (read_views(map, path, space, error) < 0)
		goto fail;
	snprintf(path, sizeof(path), "%s/pci.%s", out, name);
	if (read_pci(map, path, error) < 0)
		goto fail;
	return map;
fail:
	lab_memmap_free(map);
	return NULL;
}

/* Finding. */

static const struct bar *bar_around(const struct lab_memmap *map, const struct range *range)
{
	for (size_t i = 0; i < map->bar_count; i++) {
		if (map->bars[i].start <= range->start && range->last <= map->bars[i].last)
			return &map->bars[i];
	}
	return NULL;
}

static struct lab_place place_of(const struct lab_memmap *map, const struct range *range)
{
	struct lab_place place = { .kind = range->kind };
	const struct bar *bar;

	if (range->kind != LAB_PLACE_UNKNOWN)
		return place;
	bar = bar_around(map, range);
	if (bar) {
		place.kind = LAB_PLACE_BAR;
		place.owner = bar->owner;
	}
	return place;
}

static struct lab_place find_in_view(const struct lab_memmap *map, unsigned int view,
				     uint64_t address, uint64_t last)
{
	for (size_t i = 0; i < map->range_count; i++) {
		const struct range *range = &map->ranges[i];

		if (range->view != view || range->last < address || range->start > last)
			continue;
		if (range->start <= address && last <= range->last)
			return place_of(map, range);
		return (struct lab_place){ .kind = LAB_PLACE_UNKNOWN }; /* it lies in two places */
	}
	return (struct lab_place){ .kind = LAB_PLACE_OTHER };
}

bool lab_place_same(struct lab_place a, struct lab_place b)
{
	if (a.kind != b.kind)
		return false;
	return !a.owner || !b.owner || strcmp(a.owner, b.owner) == 0;
}

struct lab_place lab_memmap_find(const struct lab_memmap *map, uint64_t address, uint64_t length)
{
	struct lab_place unknown = { .kind = LAB_PLACE_UNKNOWN };
	struct lab_place place = unknown;

	if (length == 0 || length - 1 > UINT64_MAX - address)
		return unknown;
	for (unsigned int view = 0; view < map->views; view++) {
		struct lab_place found = find_in_view(map, view, address, address + length - 1);

		if (view > 0 && !lab_place_same(place, found))
			return unknown;
		place = found;
	}
	return place;
}

void lab_memmap_free(struct lab_memmap *map)
{
	free(map->ranges);
	free(map->bars);
	free(map);
}
