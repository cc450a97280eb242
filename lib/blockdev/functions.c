// SPDX-License-Identifier: MIT
/*
 * The PCI functions that do the DMA of a block device: the last ones on its path in sysfs.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blockdev/directory.h"
#include "blockdev/functions.h"
#include "sysfs.h"

/* The last "dddd:bb:dd.f" component of a sysfs path, or NULL. */
static const char *last_function(char *path)
{
	const char *found = NULL;
	char *rest = path, *part;

	while ((part = strsep(&rest, "/"))) {
		unsigned int domain, bus, device, function;
		int used = 0;

		if (sscanf(part, "%8x:%2x:%2x.%1u%n", &domain, &bus, &device, &function, &used) ==
			    4 &&
		    part[used] == '\0' && strlen(part) < P2P_BDF_TEXT)
			found = part;
	}
	return found;
}

static void add_function(struct p2p_functions *functions, char *path)
{
	const char *bdf = last_function(path);

	if (!bdf || functions->count == sizeof(functions->bdf) / sizeof(functions->bdf[0]))
		return;
	for (size_t i = 0; i < functions->count; i++)
		if (!strcmp(functions->bdf[i], bdf))
			return;
	snprintf(functions->bdf[functions->count++], P2P_BDF_TEXT, "%s", bdf);
}

/* An NVMe multipath disk hangs below its subsystem, whose directory links to the controllers. */
static void add_multipath(struct p2p_functions *functions, char *real)
{
	char *subsystem = strstr(real, "/nvme-subsystem/"), *end;
	char link[PATH_MAX], path[PATH_MAX];
	struct dirent *entry;
	DIR *controllers;

	if (!subsystem)
		return;
	end = strchr(subsystem + strlen("/nvme-subsystem/"), '/');
	if (!end)
		return;
	*end = '\0';
	controllers = opendir(real);
	if (!controllers)
		return;
	while ((entry = readdir(controllers))) {
		if (strncmp(entry->d_name, "nvme", 4) || !isdigit((unsigned char)entry->d_name[4]))
			continue;
		if (snprintf(link, sizeof(link), "%s/%s", real, entry->d_name) >= (int)sizeof(link))
			continue;
		if (realpath(link, path))
			add_function(functions, path);
	}
	closedir(controllers);
}

struct function_walk {
	struct p2p_functions *functions;
	int depth;
};

static void walk_functions(dev_t device, void *context)
{
	struct function_walk *walk = context;
	char directory[PATH_MAX], real[PATH_MAX];
	size_t before = walk->functions->count;
	uint64_t partition;

	p2p_block_directory(device, directory);
	if (walk->depth == P2P_BLOCK_STACK || !realpath(directory, real))
		return;
	if (!p2p_sysfs_u64(&partition, "%s/partition", real))
		*strrchr(real, '/') = '\0';

	walk->depth++;
	if (!p2p_block_slaves(real, walk_functions, walk)) {
		add_multipath(walk->functions, real);
		if (walk->functions->count == before)
			add_function(walk->functions, real);
	}
	walk->depth--;
}

void p2p_blockdev_functions(dev_t device, struct p2p_functions *functions)
{
	functions->count = 0;
	walk_functions(device, &(struct function_walk){ .functions = functions });
}
