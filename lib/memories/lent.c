// SPDX-License-Identifier: MIT
/*
 * All memory that devices lend, whichever way.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memories/lent.h"
#include "memories/module.h"

static struct p2p_lent by_driver(const struct p2p_published *published)
{
	struct p2p_lent lent = {
		.module = P2P_BY_DRIVER,
		.available = published->available,
		.page_backed = true,
	};

	snprintf(lent.owner, sizeof(lent.owner), "%s", published->bdf);
	return lent;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static struct p2p_lent by_module(const struct p2p_module_memory *memory)
{
	struct p2p_lent lent = {
		.module = memory->index,
		/* P2P_UNCOUNTED is the greatest number. */
		.available = lesser(memory->size, lesser(memory->available, memory->limit)),
		.page_backed = memory->page_backed,
	};

	if (memory->on_pci)
		p2p_bdf_text(memory->function, lent.owner);
	else
		snprintf(lent.owner, sizeof(lent.owner), "p2pmem%" PRIu32, memory->index);
	return lent;
}

/* The driver's way is preferred, unless the module has taken all: then nothing is free there. */
static void choose_way(struct p2p_lent *list, size_t published_count, struct p2p_lent *lent)
{
	for (size_t i = 0; lent->page_backed && i < published_count; i++) {
		if (strcmp(list[i].owner, lent->owner))
			continue;
		if (list[i].available)
			lent->second = true;
		else
			list[i].second = true;
	}
}

int p2p_lent_merge(const struct p2p_published *published, size_t published_count,
		   const struct p2p_module_memory *memories, size_t memory_count,
		   struct p2p_lent **list, size_t *count)
{
	*count = 0;
	*list = calloc(published_count + memory_count + 1, sizeof(**list));
	if (!*list)
		return -ENOMEM;
	for (size_t i = 0; i < published_count; i++)
		(*list)[(*count)++] = by_driver(&published[i]);
	for (size_t i = 0; i < memory_count; i++) {
		struct p2p_lent *lent = &(*list)[(*count)++];

		*lent = by_module(&memories[i]);
		choose_way(*list, published_count, lent);
	}
	return 0;
}

int p2p_lent_list(struct p2p_lent **list, size_t *count)
{
	struct p2p_module_memory *memories = NULL;
	struct p2p_published *published;
	size_t published_count, memory_count;
	int rc = p2p_published_list(&published, &published_count);

	if (rc)
		return rc;
	/* No module is no error: it lends nothing. */
	rc = p2p_module_memories(&memories, &memory_count, NULL);
	if (rc != -ENOMEM)
		rc = p2p_lent_merge(published, published_count, memories, memory_count, list,
				    count);
	free(memories);
	free(published);
	return rc;
}

bool p2p_lent_is(const struct p2p_lent *lent, const char *name)
{
	uint32_t index;

	if (!p2p_module_index(name, &index))
		return lent->module == index;
	return !lent->second && !strcmp(lent->owner, name);
}

int p2p_lent_open(const struct p2p_lent *lent, size_t size, struct p2p_memory **memory,
		  struct p2p_error *error)
{
	if (lent->module == P2P_BY_DRIVER)
		return p2p_published_memory_open(lent->owner, size, memory, error);
	return p2p_module_memory_open_on(&p2p_this_system, (uint32_t)lent->module, size, memory,
					 error);
}

const char *p2p_lent_node(const struct p2p_lent *lent, char text[P2P_LENT_NODE])
{
	if (lent->module == P2P_BY_DRIVER)
		snprintf(text, P2P_LENT_NODE, "/sys/bus/pci/devices/%s/p2pmem/allocate",
			 lent->owner);
	else
		snprintf(text, P2P_LENT_NODE, "/dev/p2pmem%" PRId64, lent->module);
	return text;
}
