// SPDX-License-Identifier: MIT
/*
 * What is published: /sys/class/p2pmem/p2pmemN.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <p2pmem/text.h>

#include "module/memories.h"
#include "span.h"
#include "sysfs.h"

#define CLASS "%s/sys/class/p2pmem"
#define ONE   CLASS "/p2pmem%" PRIu32

int p2p_module_index(const char *text, uint32_t *index)
{
	struct p2p_span rest = p2p_span(text);
	uint64_t number;

	p2p_span_skip(&rest, "/dev/");
	if (!p2p_span_skip(&rest, "p2pmem") || !p2p_span_decimal(&rest, UINT32_MAX, &number) ||
	    rest.length)
		return -EINVAL;
	*index = (uint32_t)number;
	return 0;
}

static uint64_t counted(const struct p2p_system *system, uint32_t index, const char *name)
{
	uint64_t value;

	return p2p_sysfs_u64(&value, ONE "/%s", system->root, index, name) ? P2P_UNCOUNTED : value;
}

/* The device link of memory that is on no PCI bus leads elsewhere, or nowhere. */
static bool read_function(const struct p2p_system *system, uint32_t index, struct p2p_bdf *function)
{
	char link[PATH_MAX], target[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof(link), ONE "/device", system->root, index);
	length = readlink(link, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = '\0';
	return !p2p_bdf_parse(basename(target), function);
}

int p2p_module_memory_read(const struct p2p_system *system, uint32_t index,
			   struct p2p_module_memory *memory)
{
	uint64_t bar = counted(system, index, "bar"), offset = counted(system, index, "offset");

	*memory = (struct p2p_module_memory){ .index = index };
	memory->size = counted(system, index, "size");
	if (memory->size == P2P_UNCOUNTED)
		return -ENOENT;
	memory->on_pci = read_function(system, index, &memory->function);
	memory->bar = bar < P2P_BARS ? (int32_t)bar : -1;
	memory->offset = offset == P2P_UNCOUNTED ? 0 : offset;
	memory->page_backed = counted(system, index, "page_backed") == 1;
	memory->available = counted(system, index, "available");
	memory->limit = counted(system, index, "limit");
	memory->high_water = counted(system, index, "high_water");
	memory->allocations = counted(system, index, "allocations");
	return 0;
}

static int by_index(const void *a, const void *b)
{
	const struct p2p_module_memory *left = a, *right = b;

	return left->index < right->index ? -1 : left->index > right->index;
}

int p2p_module_memories_on(const struct p2p_system *system, struct p2p_module_memory **memories,
			   size_t *count, struct p2p_error *error)
{
	char path[PATH_MAX];
	struct dirent **names;
	uint32_t index;
	int entries;

	*memories = NULL;
	*count = 0;
	snprintf(path, sizeof(path), CLASS, system->root);
	entries = scandir(path, &names, NULL, NULL);
	if (entries < 0)
		return errno == ENOMEM ? p2p_error_set(error, -ENOMEM, "out of memory")
				       : p2p_module_missing(error);

	*memories = calloc((size_t)entries + 1, sizeof(**memories));
	for (int i = 0; i < entries; i++) {
		if (*memories && !p2p_module_index(names[i]->d_name, &index) &&
		    !p2p_module_memory_read(system, index, &(*memories)[*count]))
			++*count;
		free(names[i]);
	}
	free(names);
	if (!*memories)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	qsort(*memories, *count, sizeof(**memories), by_index);
	return 0;
}

int p2p_module_memories(struct p2p_module_memory **memories, size_t *count, struct p2p_error *error)
{
	return p2p_module_memories_on(&p2p_this_system, memories, count, error);
}
