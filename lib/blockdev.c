// SPDX-License-Identifier: MIT
/*
 * What sysfs says about a block device. `/sys/dev/block/MAJOR:MINOR` leads to everything:
 *
 *     partition, start, size    of a partition, in 512-byte units; its parent folder is the disk
 *     slaves/                   what a dm or md device is made of
 *     loop/backing_file         the file behind a loop device
 *     (the folder's real path)  the chain of PCI functions above it
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "blockdev.h"
#include "sysfs.h"

#define SECTOR    512u
#define MAX_STACK 8 /* dm on md on loop …: deeper than anybody builds, and an end to loops */

static void folder_of(dev_t device, char *folder)
{
	snprintf(folder, PATH_MAX, "/sys/dev/block/%u:%u", major(device), minor(device));
}

static int device_of(const char *folder, dev_t *device)
{
	unsigned int major_number, minor_number;
	char text[32];

	if (p2p_sysfs_text(text, sizeof(text), "%s/dev", folder))
		return -ENODEV;
	if (sscanf(text, "%u:%u", &major_number, &minor_number) != 2)
		return -EINVAL;
	*device = makedev(major_number, minor_number);
	return 0;
}

/* Calls `visit` for each device that `folder`/slaves names; returns how many there were. */
static int for_each_slave(const char *folder, void (*visit)(dev_t, void *), void *context)
{
	char path[PATH_MAX];
	struct dirent *entry;
	int count = 0;
	dev_t device;
	DIR *slaves;

	if (snprintf(path, sizeof(path), "%s/slaves", folder) >= (int)sizeof(path))
		return 0;
	slaves = opendir(path);
	if (!slaves)
		return 0;
	while ((entry = readdir(slaves))) {
		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(path, sizeof(path), "%s/slaves/%s", folder, entry->d_name) >=
		    (int)sizeof(path))
			continue;
		if (device_of(path, &device))
			continue;
		count++;
		visit(device, context);
	}
	closedir(slaves);
	return count;
}

/* Where bytes lie. */

struct ground_walk {
	struct p2p_ground *ground;
	int depth;
	bool holds_file;
};

static void ground_add(struct ground_walk *walk, dev_t device, ino_t inode, uint64_t start,
		       uint64_t end)
{
	struct p2p_ground *ground = walk->ground;

	if (ground->count == P2P_GROUND_RANGES)
		return;
	ground->range[ground->count++] = (struct p2p_ground_range){
		.device = device,
		.inode = inode,
		.start = start,
		.end = end,
		.holds_file = walk->holds_file,
	};
}

static void ground_walk_device(struct ground_walk *walk, dev_t device, uint64_t start,
			       uint64_t end);

static void ground_walk_file(struct ground_walk *walk, const struct stat *file, uint64_t start,
			     uint64_t end)
{
	bool holds_file = walk->holds_file;

	ground_add(walk, file->st_dev, file->st_ino, start, end);
	walk->holds_file = true;
	ground_walk_device(walk, file->st_dev, 0, UINT64_MAX);
	walk->holds_file = holds_file;
}

static void ground_walk_slave(dev_t device, void *context)
{
	ground_walk_device(context, device, 0, UINT64_MAX);
}

static uint64_t add_saturating(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void ground_walk_device(struct ground_walk *walk, dev_t device, uint64_t start, uint64_t end)
{
	char folder[PATH_MAX], backing[PATH_MAX], parent[PATH_MAX + 8];
	uint64_t first, partition;
	struct stat file;

	if (walk->depth == MAX_STACK)
		return;
	walk->depth++;

	folder_of(device, folder);
	snprintf(parent, sizeof(parent), "%s/..", folder);
	if (!p2p_sysfs_u64(&partition, "%s/partition", folder) &&
	    !p2p_sysfs_u64(&first, "%s/start", folder) && !device_of(parent, &device)) {
		start = add_saturating(start, first * SECTOR);
		end = add_saturating(end, first * SECTOR);
		folder_of(device, folder);
	}

	ground_add(walk, device, 0, start, end);
	for_each_slave(folder, ground_walk_slave, walk);
	if (!p2p_sysfs_text(backing, sizeof(backing), "%s/loop/backing_file", folder) &&
	    !stat(backing, &file))
		ground_walk_file(walk, &file, 0, UINT64_MAX);

	walk->depth--;
}

void p2p_ground_add_device(struct p2p_ground *ground, dev_t device, uint64_t start, uint64_t end)
{
	ground_walk_device(&(struct ground_walk){ .ground = ground }, device, start, end);
}

void p2p_ground_add_file(struct p2p_ground *ground, const struct stat *file, uint64_t start,
			 uint64_t end)
{
	ground_walk_file(&(struct ground_walk){ .ground = ground }, file, start, end);
}

static bool ranges_meet(const struct p2p_ground_range *a, const struct p2p_ground_range *b)
{
	return a->device == b->device && a->inode == b->inode && a->start < b->end &&
	       b->start < a->end;
}

enum p2p_overlap p2p_ground_overlap(const struct p2p_ground *a, const struct p2p_ground *b)
{
	enum p2p_overlap worst = P2P_OVERLAP_NONE;

	for (size_t i = 0; i < a->count; i++) {
		for (size_t j = 0; j < b->count; j++) {
			const struct p2p_ground_range *x = &a->range[i], *y = &b->range[j];

			if (!ranges_meet(x, y))
				continue;
			if (!x->holds_file && !y->holds_file)
				return P2P_OVERLAP_BYTES;
			/* Two files on one disk are the ordinary case. */
			if (x->holds_file && !y->holds_file)
				worst = P2P_OVERLAP_B_HOLDS_A;
			else if (!x->holds_file && y->holds_file)
				worst = P2P_OVERLAP_A_HOLDS_B;
		}
	}
	return worst;
}

/* Who moves them. */

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

/* An NVMe multipath disk hangs below its subsystem, whose folder links to the controllers. */
static void add_multipath(struct p2p_functions *functions, char *real)
{
	char *subsystem = strstr(real, "/nvme-subsystem/"), *end;
	char link[PATH_MAX], path[PATH_MAX];
	struct dirent *entry;
	DIR *folder;

	if (!subsystem)
		return;
	end = strchr(subsystem + strlen("/nvme-subsystem/"), '/');
	if (!end)
		return;
	*end = '\0';
	folder = opendir(real);
	if (!folder)
		return;
	while ((entry = readdir(folder))) {
		if (strncmp(entry->d_name, "nvme", 4) || !isdigit((unsigned char)entry->d_name[4]))
			continue;
		if (snprintf(link, sizeof(link), "%s/%s", real, entry->d_name) >= (int)sizeof(link))
			continue;
		if (realpath(link, path))
			add_function(functions, path);
	}
	closedir(folder);
}

struct function_walk {
	struct p2p_functions *functions;
	int depth;
};

static void walk_functions(dev_t device, void *context)
{
	struct function_walk *walk = context;
	char folder[PATH_MAX], real[PATH_MAX];
	size_t before = walk->functions->count;
	uint64_t partition;

	folder_of(device, folder);
	if (walk->depth == MAX_STACK || !realpath(folder, real))
		return;
	if (!p2p_sysfs_u64(&partition, "%s/partition", real))
		*strrchr(real, '/') = '\0';

	walk->depth++;
	if (!for_each_slave(real, walk_functions, walk)) {
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

/* Who uses it. */

static bool same_disk(dev_t a, dev_t b)
{
	struct p2p_ground x = { .count = 0 }, y = { .count = 0 };

	p2p_ground_add_device(&x, a, 0, UINT64_MAX);
	p2p_ground_add_device(&y, b, 0, UINT64_MAX);
	return p2p_ground_overlap(&x, &y) == P2P_OVERLAP_BYTES;
}

static bool find_mount(dev_t device, char *text, size_t size)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	if (!mounts)
		return false;
	while (!found && getline(&line, &room, mounts) > 0) {
		unsigned int major_number, minor_number;
		char where[PATH_MAX];

		if (sscanf(line, "%*d %*d %u:%u %*s %4095s", &major_number, &minor_number, where) !=
		    3)
			continue;
		if (!same_disk(device, makedev(major_number, minor_number)))
			continue;
		snprintf(text, size, "mounted at %s", where);
		found = true;
	}
	free(line);
	fclose(mounts);
	return found;
}

static bool find_swap(dev_t device, char *text, size_t size)
{
	FILE *swaps = fopen("/proc/swaps", "re");
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	if (!swaps)
		return false;
	while (!found && getline(&line, &room, swaps) > 0) {
		char path[PATH_MAX];
		struct stat stat_buffer;

		if (sscanf(line, "%4095s", path) != 1 || stat(path, &stat_buffer) ||
		    !S_ISBLK(stat_buffer.st_mode) || !same_disk(device, stat_buffer.st_rdev))
			continue;
		snprintf(text, size, "in use as swap (%s)", path);
		found = true;
	}
	free(line);
	fclose(swaps);
	return found;
}

static bool find_holder(dev_t device, char *text, size_t size)
{
	char folder[PATH_MAX], path[PATH_MAX + 8];
	struct dirent *entry;
	bool found = false;
	DIR *holders;

	folder_of(device, folder);
	snprintf(path, sizeof(path), "%s/holders", folder);
	holders = opendir(path);
	if (!holders)
		return false;
	while (!found && (entry = readdir(holders))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(text, size, "part of %s", entry->d_name);
		found = true;
	}
	closedir(holders);
	return found;
}

void p2p_blockdev_user(dev_t device, char *text, size_t size)
{
	text[0] = '\0';
	if (find_mount(device, text, size) || find_swap(device, text, size))
		return;
	find_holder(device, text, size);
}
