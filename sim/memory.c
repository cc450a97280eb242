// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The bytes of all memories of a machine: pages that come into being when written to.
 */
#include "private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGES_MAX (1u << 16) /* 256 MiB of host memory */
#define PAGE_BITS 51         /* of a page number: MEMORY_MAX and node and BAR fit into 64 bits */

static uint64_t key_of(sim_node node, unsigned int bar, uint64_t offset)
{
	return (((uint64_t)node * 8 + bar) << PAGE_BITS | offset / SIM_PAGE) + 1;
}

/* The slot of the key, or the free one where it belongs. There always is a free one. */
static struct sim_page *find(const struct sim_pages *pages, uint64_t key)
{
	uint32_t mask = pages->room - 1;
	uint32_t i = (uint32_t)(key * 0x9e3779b97f4a7c15ull >> 32) & mask;

	while (pages->slot[i].key && pages->slot[i].key != key)
		i = (i + 1) & mask;
	return &pages->slot[i];
}

static int grow(struct sim_pages *pages)
{
	struct sim_pages larger = { .room = pages->room ? pages->room * 2 : 16 };

	larger.count = pages->count;
	larger.slot = calloc(larger.room, sizeof(*larger.slot));
	if (!larger.slot)
		return -ENOMEM;
	for (uint32_t i = 0; i < pages->room; i++)
		if (pages->slot[i].key)
			*find(&larger, pages->slot[i].key) = pages->slot[i];
	free(pages->slot);
	*pages = larger;
	return 0;
}

static int make(struct sim_pages *pages, uint64_t key, uint8_t **bytes)
{
	struct sim_page *page;

	if (pages->count * 2 >= pages->room && grow(pages) != 0)
		return -ENOMEM;
	page = find(pages, key);
	if (!page->key) {
		if (pages->count == PAGES_MAX)
			return -ENOSPC;
		page->bytes = calloc(1, SIM_PAGE);
		if (!page->bytes)
			return -ENOMEM;
		page->key = key;
		pages->count++;
	}
	*bytes = page->bytes;
	return 0;
}

void sim_pages_free(struct sim_pages *pages)
{
	for (uint32_t i = 0; i < pages->room; i++)
		free(pages->slot[i].bytes);
	free(pages->slot);
}

static bool is_memory(const struct sim_machine *machine, sim_node node, unsigned int bar,
		      uint64_t offset, uint64_t size)
{
	const struct sim_info *info = sim_info(machine, node);
	uint64_t whole = 0;

	if (info && info->memory_size)
		whole = bar == 0 ? info->memory_size : 0;
	else if (info && bar < SIM_BARS)
		whole = info->bar_size[bar];
	return offset <= whole && size <= whole - offset;
}

static uint64_t in_page(uint64_t offset, uint64_t size)
{
	uint64_t room = SIM_PAGE - offset % SIM_PAGE;

	return size < room ? size : room;
}

int sim_peek(const struct sim_machine *machine, sim_node node, unsigned int bar, uint64_t offset,
	     void *bytes, uint64_t size)
{
	uint8_t *to = bytes;

	if (!is_memory(machine, node, bar, offset, size))
		return -EINVAL;
	while (size) {
		const struct sim_page *page = NULL;
		uint64_t part = in_page(offset, size);

		if (machine->pages.room)
			page = find(&machine->pages, key_of(node, bar, offset));
		if (page && page->key)
			memcpy(to, page->bytes + offset % SIM_PAGE, part);
		else
			memset(to, 0, part);
		to += part;
		offset += part;
		size -= part;
	}
	return 0;
}

int sim_poke(struct sim_machine *machine, sim_node node, unsigned int bar, uint64_t offset,
	     const void *bytes, uint64_t size)
{
	const uint8_t *from = bytes;

	if (!is_memory(machine, node, bar, offset, size))
		return -EINVAL;
	while (size) {
		uint64_t part = in_page(offset, size);
		uint8_t *page;
		int rc = make(&machine->pages, key_of(node, bar, offset), &page);

		if (rc)
			return rc;
		memcpy(page + offset % SIM_PAGE, from, part);
		from += part;
		offset += part;
		size -= part;
	}
	return 0;
}
