// SPDX-License-Identifier: MIT
/*
 * Linear scan, binary search, and a two-level table of 2 MiB pages over 48 bits as user-space
 * drivers use it (SPDK, lib/env_dpdk/memory.c: 1 GiB tables below one table of 2^18 pointers).
 */
#include <stdlib.h>

#include "lookup_peers.h"

#define PAGE_SHIFT  21
#define TABLE_SHIFT 30
#define TOP_SHIFT   48
#define TABLE_PAGES (1u << (TABLE_SHIFT - PAGE_SHIFT))
#define TOP_TABLES  (1u << (TOP_SHIFT - TABLE_SHIFT))

struct sorted {
	uint32_t count;
	struct range {
		uint64_t start, size;
		struct p2p_provider *provider;
	} range[];
};

static void *make_sorted(struct p2p_provider *const *providers, uint32_t count)
{
	struct sorted *sorted = malloc(sizeof(*sorted) + count * sizeof(sorted->range[0]));

	if (!sorted)
		return NULL;
	sorted->count = count;
	for (uint32_t i = 0; i < count; i++)
		sorted->range[i] = (struct range){ providers[i]->start.value, providers[i]->size,
						   providers[i] };
	return sorted;
}

static struct p2p_provider *find_linear(const void *peer, p2p_cpu_addr address)
{
	const struct sorted *sorted = peer;

	for (uint32_t i = 0; i < sorted->count; i++)
		if (address.value - sorted->range[i].start < sorted->range[i].size)
			return sorted->range[i].provider;
	return NULL;
}

static struct p2p_provider *find_binary(const void *peer, p2p_cpu_addr address)
{
	const struct sorted *sorted = peer;
	uint32_t low = 0, high = sorted->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (address.value < sorted->range[middle].start)
			high = middle;
		else if (address.value - sorted->range[middle].start >= sorted->range[middle].size)
			low = middle + 1;
		else
			return sorted->range[middle].provider;
	}
	return NULL;
}

struct page_table {
	struct p2p_provider *page[TABLE_PAGES];
};

struct top_table {
	struct page_table *table[TOP_TABLES];
};

static void drop_pages(void *peer)
{
	struct top_table *top = peer;

	for (uint32_t i = 0; i < TOP_TABLES; i++)
		free(top->table[i]);
	free(top);
}

static struct p2p_provider **page_of(struct top_table *top, uint64_t address)
{
	struct page_table **table = &top->table[address >> TABLE_SHIFT];

	if (!*table)
		*table = calloc(1, sizeof(**table));
	return *table ? &(*table)->page[address >> PAGE_SHIFT & (TABLE_PAGES - 1)] : NULL;
}

static void *make_pages(struct p2p_provider *const *providers, uint32_t count)
{
	const uint64_t page = UINT64_C(1) << PAGE_SHIFT;
	struct top_table *top = calloc(1, sizeof(*top));

	for (uint32_t i = 0; top && i < count; i++) {
		uint64_t start = providers[i]->start.value, size = providers[i]->size;
		bool fits = ((start | size) & (page - 1)) == 0 && (start + size) >> TOP_SHIFT == 0;

		for (uint64_t offset = 0; fits && offset < size; offset += page) {
			struct p2p_provider **slot = page_of(top, start + offset);

			fits = slot != NULL;
			if (fits)
				*slot = providers[i];
		}
		if (!fits) {
			drop_pages(top);
			return NULL;
		}
	}
	return top;
}

static struct p2p_provider *find_pages(const void *peer, p2p_cpu_addr address)
{
	const struct top_table *top = peer;
	const struct page_table *table;

	if (address.value >> TOP_SHIFT != 0)
		return NULL;
	table = top->table[address.value >> TABLE_SHIFT];
	if (!table)
		return NULL;
	return table->page[address.value >> PAGE_SHIFT & (TABLE_PAGES - 1)];
}

const struct peer peer_linear = { "linear", make_sorted, find_linear, free, 256 };
const struct peer peer_binary = { "binary", make_sorted, find_binary, free, UINT32_MAX };
const struct peer peer_pages = { "2M-table", make_pages, find_pages, drop_pages, UINT32_MAX };
