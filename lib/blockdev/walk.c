// SPDX-License-Identifier: MIT
/*
 * From a device or a file down to everything that its bytes lie on. Stacked devices count whole: a
 * false refusal costs a word, a missed overlap costs data.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "blockdev/filesystem.h"
#include "blockdev/ground.h"
#include "blockdev/loop.h"
#include "sysfs.h"

struct walk {
	struct p2p_ground *ground;
	enum p2p_ground_kind kind; /* of what is found from here on */
	bool surface;              /* no further down than to the disk of a partition */
	int depth, rc;
};

static void add(struct walk *walk, const struct p2p_ground_range *range)
{
	if (!walk->rc)
		walk->rc = p2p_ground_add(walk->ground, range);
}

static void add_unknown(struct walk *walk, dev_t device, const char *why)
{
	struct p2p_ground_range range = { .kind = P2P_GROUND_UNKNOWN, .device = device };
	char name[64];

	if (!walk->ground->unknown[0])
		snprintf(walk->ground->unknown, sizeof(walk->ground->unknown), "%s: %s",
			 p2p_block_name(device, name, sizeof(name)), why);
	add(walk, &range);
}

static void walk_device(struct walk *walk, dev_t device, uint64_t start, uint64_t end);

static void visit_whole(dev_t device, void *context)
{
	walk_device(context, device, 0, UINT64_MAX);
}

static void walk_filesystem(struct walk *walk, int fd, dev_t device);

static void visit_layer(int layer, void *context)
{
	struct stat directory;

	if (fstat(layer, &directory))
		((struct walk *)context)->rc = -errno;
	else
		walk_filesystem(context, layer, directory.st_dev);
}

/* `fd` is any open file on it, or -1. */
static void walk_filesystem(struct walk *walk, int fd, dev_t device)
{
	const struct p2p_below below = { visit_whole, visit_layer, walk };
	enum p2p_ground_kind kind = walk->kind;
	const char *why = NULL;

	walk->kind = P2P_GROUND_BELOW;
	if (walk->depth == P2P_BLOCK_STACK) {
		why = "too many layers";
	} else if (major(device)) {
		walk_device(walk, device, 0, UINT64_MAX);
	} else {
		walk->depth++;
		why = fd < 0 ? "the file behind a loop device has lost its name"
			     : p2p_filesystem_below(fd, &below);
		walk->depth--;
	}
	if (why)
		add_unknown(walk, device, why);
	walk->kind = kind;
}

static void walk_file(struct walk *walk, int fd, const struct stat *file, uint64_t start,
		      uint64_t end)
{
	struct p2p_ground_range range = {
		.kind = walk->kind,
		.is_file = true,
		.device = file->st_dev,
		.inode = file->st_ino,
		.start = start,
		.end = end,
	};

	if (fd >= 0) {
		range.aliases = p2p_filesystem_aliases(fd);
		range.size = (uint64_t)file->st_size;
		range.modified = file->st_mtim;
		range.changed = file->st_ctim;
	}
	add(walk, &range);
	walk_filesystem(walk, fd, file->st_dev);
}

static void walk_loop(struct walk *walk, dev_t device)
{
	struct p2p_loop_back back;
	char why[128];
	int rc = p2p_loop_look(device, &back);

	if (rc == -ENXIO)
		return;
	if (rc) {
		snprintf(why, sizeof(why), "what is behind it cannot be asked: %s", strerror(-rc));
		add_unknown(walk, device, why);
		return;
	}
	if (back.is_device) {
		walk_device(walk, back.device, 0, UINT64_MAX);
		return;
	}
	if (back.fd < 0)
		back.stat = (struct stat){ .st_dev = back.device, .st_ino = back.inode };
	walk_file(walk, back.fd, &back.stat, 0, UINT64_MAX);
	if (back.fd >= 0)
		close(back.fd);
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Partitions become ranges of their disk. False: it is one, but not of which disk or where. */
static bool enter_disk(char directory[PATH_MAX], dev_t *device, uint64_t *start, uint64_t *end)
{
	char parent[PATH_MAX + 8];
	uint64_t number, first, sectors;

	if (!p2p_sysfs_u64(&sectors, "%s/size", directory))
		*end = lesser(*end, sectors * P2P_BLOCK_SECTOR);
	if (p2p_sysfs_u64(&number, "%s/partition", directory))
		return true;
	snprintf(parent, sizeof(parent), "%s/..", directory);
	if (p2p_sysfs_u64(&first, "%s/start", directory) || p2p_block_device_of(parent, device))
		return false;
	*start += first * P2P_BLOCK_SECTOR;
	*end = *end > UINT64_MAX - first * P2P_BLOCK_SECTOR ? UINT64_MAX
							    : *end + first * P2P_BLOCK_SECTOR;
	p2p_block_directory(*device, directory);
	return true;
}

static void walk_device(struct walk *walk, dev_t device, uint64_t start, uint64_t end)
{
	struct p2p_ground_range range = { .kind = walk->kind };
	char directory[PATH_MAX];
	bool known;

	if (walk->depth == P2P_BLOCK_STACK) {
		add_unknown(walk, device, "too many layers");
		return;
	}
	p2p_block_directory(device, directory);
	known = !access(directory, F_OK) && enter_disk(directory, &device, &start, &end);
	range.device = device;
	range.start = start;
	range.end = end;
	p2p_block_identity(directory, range.identity);
	add(walk, &range);

	walk->depth++;
	if (!known || (!walk->surface && p2p_block_slaves(directory, visit_whole, walk) < 0))
		add_unknown(walk, device, "sysfs does not say what it is part or made of");
	if (p2p_loop_is(device))
		walk_loop(walk, device);
	walk->depth--;
}

int p2p_ground_add_device(struct p2p_ground *ground, dev_t device, uint64_t start, uint64_t end)
{
	struct walk walk = { .ground = ground };

	walk_device(&walk, device, start, end);
	return walk.rc;
}

int p2p_ground_add_surface(struct p2p_ground *ground, dev_t device)
{
	struct walk walk = { .ground = ground, .surface = true };

	walk_device(&walk, device, 0, UINT64_MAX);
	return walk.rc;
}

int p2p_ground_add_file(struct p2p_ground *ground, int fd, const struct stat *file, uint64_t start,
			uint64_t end)
{
	struct walk walk = { .ground = ground };

	walk_file(&walk, fd, file, start, end);
	return walk.rc;
}
