// SPDX-License-Identifier: MIT
/*
 * The PCI functions that do the DMA of a block device: the last ones on its path in sysfs.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blockdev/directory.h"
#include "blockdev/functions.h"
#include "span.h"
#include "sysfs.h"

bool p2p_functions_have(const struct p2p_functions *functions, struct p2p_bdf bdf)
{
	for (size_t i = 0; i < functions->count; i++)
		if (!p2p_bdf_compare(functions->bdf[i], bdf))
			return true;
	return false;
}

static void add_function(struct p2p_functions *functions, char *path)
{
	struct p2p_bdf bdf;

	if (functions->count < sizeof(functions->bdf) / sizeof(functions->bdf[0]) &&
	    p2p_sysfs_function(path, &bdf) && !p2p_functions_have(functions, bdf))
		functions->bdf[functions->count++] = bdf;
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
