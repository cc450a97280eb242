// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Builds a version of the registry: chooses a table, then fills it.
 */
#include "ranges.h"

/*
 * Room for the table. At 4096 providers it is 500 KiB, the ranges are 100 KiB more, and the
 * registry stays below 1 MiB; what is free for few providers is what fits a second-level cache.
 */
#define CELLS_PER_PROVIDER 16u
#define CELLS_FREE         32768u
#define PARTS_PER_PROVIDER 1u
#define PARTS_FREE         8192u

#define GRANULE_SHIFT    12u
#define ONE_PART_SHIFT   63u /* one part, two if the span has more than 63 bits */
#define BASE_ROUND_SHIFT 3u

P2P_STATIC_ASSERT(P2P_GRANULE == 1u << GRANULE_SHIFT, "shift and size of the granule agree");

struct table {
	uint64_t base, span;
	uint32_t part_shift, parts;
	uint32_t most; /* ranges in a cell beside the one that it names */
	uint64_t cells;
};

static uint32_t highest_bit(uint64_t value)
{
	return 63u - (uint32_t)__builtin_clzll(value);
}

/*
 * Begins at a round address, so that BARs, which are aligned to their sizes, are aligned to cells
 * whatever the lowest is; at the price of an eighth more.
 */
static void set_extent(struct table *table, uint64_t lowest, uint64_t highest)
{
	uint32_t bits = highest_bit((highest - lowest) | (P2P_GRANULE - 1));
	uint32_t shift =
		bits > GRANULE_SHIFT + BASE_ROUND_SHIFT ? bits - BASE_ROUND_SHIFT : GRANULE_SHIFT;

	table->base = lowest >> shift << shift;
	table->span = highest - table->base;
}

static uint64_t part_count(const struct table *table, uint32_t part_shift)
{
	return (table->span >> part_shift) + 1;
}

/* Cells of part `part` if they are of 1 << shift bytes; the last part may be cut short. */
static uint64_t cells_of(const struct table *table, uint32_t part, uint32_t shift)
{
	uint64_t last = (UINT64_C(1) << table->part_shift) - 1;
	uint64_t left = table->span - ((uint64_t)part << table->part_shift);

	return ((left < last ? left : last) >> shift) + 1;
}

/*
 * Finds the largest cells for each part with which no cell has more than `most` ranges beside the
 * first. Ranges i and j = i + most + 1 are in different cells if the end of i and the start of j
 * differ in a bit that numbers the cells: the highest bit that differs is the largest shift.
 *
 * False: that takes more than `room` cells.
 */
static bool cut_parts(struct table *table, struct p2p_table_part *part,
		      struct p2p_provider *const *providers, uint32_t count, uint64_t room)
{
	uint32_t parts = (uint32_t)part_count(table, table->part_shift);

	table->parts = parts;
	table->cells = 0;
	for (uint32_t i = 0; i < parts; i++)
		part[i].shift = table->part_shift;
	for (uint32_t i = 0; i + table->most + 1 < count; i++) {
		uint64_t end = p2p_provider_last(providers[i]).value - table->base;
		uint64_t start = providers[i + table->most + 1]->start.value - table->base;
		uint32_t bit = highest_bit(end ^ start);
		struct p2p_table_part *shared = &part[end >> table->part_shift];

		if (bit < shared->shift)
			shared->shift = bit;
	}
	for (uint32_t i = 0; i < parts; i++) {
		part[i].bias = (uint32_t)(table->cells -
					  ((uint64_t)i << table->part_shift >> part[i].shift));
		table->cells += cells_of(table, i, part[i].shift);
		if (table->cells > room)
			return false;
	}
	return true;
}

/*
 * As few steps as there is room for; with one part if that will do, since its entry is always in
 * the cache. With `most` = count - 1 there is nothing to keep apart, so some table always fits.
 */
static void choose_table(struct table *table, struct p2p_table_part *part, uint32_t many_shift,
			 struct p2p_provider *const *providers, uint32_t count)
{
	uint64_t room = (uint64_t)CELLS_PER_PROVIDER * count + CELLS_FREE;

	for (table->most = 0;; table->most = 2 * table->most + 1) {
		table->part_shift = ONE_PART_SHIFT;
		if (cut_parts(table, part, providers, count, room))
			return;
		table->part_shift = many_shift;
		if (cut_parts(table, part, providers, count, room))
			return;
	}
}

/* `entries`: how far from the beginning of the version the ranges are. */
static void fill_cells(uint32_t *cell, const struct table *table, const struct p2p_table_part *part,
		       struct p2p_provider *const *providers, size_t entries)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < table->parts; i++) {
		uint64_t cells = cells_of(table, i, part[i].shift);

		for (uint64_t j = 0; j < cells; j++) {
			uint64_t first = table->base + ((uint64_t)i << table->part_shift) +
					 (j << part[i].shift);

			while (p2p_provider_last(providers[at]).value < first)
				at++;
			*cell++ = (uint32_t)(entries + at * sizeof(struct p2p_range_entry));
		}
	}
}

static void fill_entries(struct p2p_range_entry *entry, struct p2p_provider *const *providers,
			 uint32_t count, uint32_t padding)
{
	for (uint32_t i = 0; i < count; i++)
		entry[i] = (struct p2p_range_entry){ providers[i]->start.value,
						     providers[i]->size - 1, providers[i] };
	for (uint32_t i = 0; i < padding; i++)
		entry[count + i] = (struct p2p_range_entry){ UINT64_MAX, 0, NULL };
}

static struct p2p_ranges *assemble(const struct p2p_allocator *allocator, const struct table *table,
				   const struct p2p_table_part *part,
				   struct p2p_provider *const *providers, uint32_t count)
{
	/* An even number of cells, so that what comes behind them is aligned. */
	size_t cells = ((size_t)table->cells + 1) / 2 * 2 * sizeof(uint32_t);
	size_t entries = ((size_t)count + table->most) * sizeof(struct p2p_range_entry);
	size_t parts = table->parts * sizeof(*part);
	size_t memory = sizeof(struct p2p_ranges) + cells + entries + parts;
	struct p2p_ranges *ranges = p2p_array_new(allocator, 1, memory);
	char *room = (void *)ranges;

	if (!ranges)
		return NULL;
	ranges->base = table->base;
	ranges->span = table->span;
	ranges->simple = table->parts == 1 && table->most == 0;
	ranges->shift = ranges->simple ? part[0].shift : table->part_shift;
	ranges->step = (table->most + 1) / 2;
	ranges->count = count;
	ranges->entry = (void *)(room + sizeof(*ranges) + cells);
	ranges->part = memcpy(room + sizeof(*ranges) + cells + entries, part, parts);
	ranges->memory = memory;
	fill_entries(ranges->entry, providers, count, table->most);
	fill_cells(ranges->cell, table, part, providers, sizeof(*ranges) + cells);
	return ranges;
}

struct p2p_ranges *p2p_ranges_new(const struct p2p_allocator *allocator,
				  struct p2p_provider *const *providers, uint32_t count)
{
	uint64_t room = (uint64_t)PARTS_PER_PROVIDER * count + PARTS_FREE;
	uint32_t many_shift = GRANULE_SHIFT;
	struct p2p_table_part *part;
	struct p2p_ranges *ranges;
	struct table table;

	set_extent(&table, providers[0]->start.value,
		   p2p_provider_last(providers[count - 1]).value);
	while (part_count(&table, many_shift) > room)
		many_shift++;
	part = p2p_array_new(allocator, (size_t)part_count(&table, many_shift) + 1, sizeof(*part));
	if (!part)
		return NULL;
	choose_table(&table, part, many_shift, providers, count);
	ranges = assemble(allocator, &table, part, providers, count);
	p2p_array_free(allocator, part);
	return ranges;
}

struct p2p_ranges *p2p_ranges_empty(const struct p2p_allocator *allocator)
{
	struct p2p_provider nobody = { .size = P2P_GRANULE };
	struct p2p_provider *const nobody_only[] = { &nobody };
	struct p2p_ranges *ranges = p2p_ranges_new(allocator, nobody_only, 1);

	if (ranges)
		ranges->entry[0].provider = NULL;
	return ranges;
}
