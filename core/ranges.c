// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Builds a version of the registry: lists the ranges, then chooses the table.
 */
#include "ranges.h"

#include <p2pmem/registry.h>

/*
 * More cells mean fewer steps; 16 for each provider, at 4 bytes, are a quarter KiB for three
 * providers, and leave hardly a cell with two of them when they lie at random.
 */
#define CELLS_PER_PROVIDER 16u
#define CELLS_MIN          1024u
#define GRANULE_SHIFT      12u

P2P_STATIC_ASSERT(P2P_GRANULE == 1u << GRANULE_SHIFT, "shift and size of the granule agree");

/* The start of range 0 depends on the table; all other starts do not. */
struct table {
	uint64_t base, cells;
	uint32_t shift, step;
};

static const uint32_t none_cell[1];
static const uint64_t none_start[1];
static struct p2p_provider *const none_provider[1];

const struct p2p_ranges p2p_ranges_none = {
	.cell = none_cell,
	.start = none_start,
	.provider = (struct p2p_provider **)(uintptr_t)none_provider,
	.count = 1,
};

/* Range 0 is nobody's: from the base of the table to the lowest provider, perhaps empty. */
static uint32_t list_ranges(struct p2p_provider *const *providers, uint32_t count, uint64_t *start,
			    struct p2p_provider **provider)
{
	uint32_t at = 1;

	start[0] = 0;
	provider[0] = NULL;
	for (uint32_t i = 0; i < count; i++) {
		start[at] = providers[i]->start.value;
		provider[at++] = providers[i];
		if (i + 1 == count ||
		    providers[i + 1]->start.value == p2p_provider_last(providers[i]).value + 1)
			continue;
		start[at] = p2p_provider_last(providers[i]).value + 1;
		provider[at++] = NULL;
	}
	return at;
}

static uint64_t base_of(uint64_t lowest, uint32_t shift)
{
	return lowest >> shift << shift;
}

/* The first of the steps that find any range: the most starts in a cell, to a power of two. */
static uint32_t first_step(const uint64_t *start, uint32_t count, uint32_t shift)
{
	uint64_t base = base_of(start[1], shift), cell = UINT64_MAX;
	uint32_t inside = 0, most = 0, step = 0;

	for (uint32_t i = 1; i < count; i++) {
		uint64_t offset = start[i] - base;

		if (offset >> shift != cell) {
			cell = offset >> shift;
			inside = 0;
		}
		/* A range that starts with its cell is the one that the cell names. */
		inside += offset != cell << shift;
		most = inside > most ? inside : most;
	}
	while (most > 2 * step - (step != 0))
		step = step == 0 ? 1 : 2 * step;
	return step;
}

static struct table table_with(const uint64_t *start, uint32_t count, uint64_t last, uint32_t shift)
{
	struct table table = { .base = base_of(start[1], shift), .shift = shift };

	table.cells = ((last - table.base) >> shift) + 1;
	table.step = first_step(start, count, shift);
	return table;
}

/* The finest cells that there is room for, then coarser ones as long as they cost no step. */
static struct table choose_table(const uint64_t *start, uint32_t count, uint64_t last,
				 uint32_t providers)
{
	uint64_t room = (uint64_t)CELLS_PER_PROVIDER * providers;
	uint32_t shift = GRANULE_SHIFT;
	struct table table, coarser;

	if (room < CELLS_MIN)
		room = CELLS_MIN;
	while ((last - base_of(start[1], shift)) >> shift >= room)
		shift++;
	table = table_with(start, count, last, shift);
	while (table.cells > 1 && table.shift < 63) {
		coarser = table_with(start, count, last, table.shift + 1);
		if (coarser.step > table.step)
			break;
		table = coarser;
	}
	return table;
}

static void fill_cells(uint32_t *cell, const struct table *table, const uint64_t *start,
		       uint32_t count)
{
	uint32_t at = 0;

	for (uint64_t i = 0; i < table->cells; i++) {
		uint64_t first = table->base + (i << table->shift);

		while (at + 1 < count && start[at + 1] <= first)
			at++;
		cell[i] = at;
	}
}

/* Everything in one block: the head, starts with their padding, providers, cells. */
static struct p2p_ranges *assemble(const struct p2p_allocator *allocator, const uint64_t *start,
				   struct p2p_provider *const *provider, uint32_t count,
				   const struct table *table)
{
	size_t padding = 2 * (size_t)table->step;
	size_t starts = (count + padding) * sizeof(*start);
	size_t providers = count * sizeof(struct p2p_provider *);
	size_t memory = sizeof(struct p2p_ranges) + starts + providers +
			(size_t)table->cells * sizeof(uint32_t);
	struct p2p_ranges *ranges = p2p_array_new(allocator, 1, memory);
	uint64_t *all_starts;
	uint32_t *cell;

	if (!ranges)
		return NULL;
	all_starts = (void *)(ranges + 1);
	ranges->provider = (void *)((char *)all_starts + starts);
	cell = (void *)((char *)ranges->provider + providers);
	memcpy(all_starts, start, count * sizeof(*start));
	all_starts[0] = table->base;
	memset(all_starts + count, 0xff, padding * sizeof(*start));
	memcpy(ranges->provider, provider, providers);
	fill_cells(cell, table, all_starts, count);
	ranges->base = table->base;
	ranges->cell = cell;
	ranges->start = all_starts;
	ranges->step = table->step;
	ranges->count = count;
	ranges->shift = table->shift;
	ranges->memory = memory;
	return ranges;
}

struct p2p_ranges *p2p_ranges_new(const struct p2p_allocator *allocator,
				  struct p2p_provider *const *providers, uint32_t count)
{
	uint64_t last = p2p_provider_last(providers[count - 1]).value;
	size_t most = 2 * (size_t)count;
	uint64_t *start = p2p_array_new(allocator, most, sizeof(*start));
	struct p2p_provider **provider = p2p_array_new(allocator, most, sizeof(*provider));
	struct p2p_ranges *ranges = NULL;
	struct table table;
	uint32_t listed;

	if (start && provider) {
		listed = list_ranges(providers, count, start, provider);
		table = choose_table(start, listed, last, count);
		ranges = assemble(allocator, start, provider, listed, &table);
		if (ranges)
			ranges->span = last - table.base;
	}
	p2p_array_free(allocator, start);
	p2p_array_free(allocator, provider);
	return ranges;
}
