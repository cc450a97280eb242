// SPDX-License-Identifier: MIT
/*
 * Who uses a block device. The kernel knows too, but only for the one name that was opened, and
 * does not say who it is.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "blockdev/directory.h"
#include "blockdev/ground.h"
#include "blockdev/mountinfo.h"
#include "blockdev/user.h"

struct look {
	struct p2p_ground ground;
	char *text;
	size_t size;
};

static bool is_same_disk(const struct look *look, dev_t device)
{
	struct p2p_ground other = { .count = 0 };
	bool same = !p2p_ground_add_device(&other, device, 0, UINT64_MAX) &&
		    p2p_ground_overlap(&look->ground, &other, NULL) == P2P_OVERLAP_BYTES;

	p2p_ground_free(&other);
	return same;
}

static bool is_mount_of(struct p2p_mount *mount, void *context)
{
	struct look *look = context;

	if (!major(mount->device) || !is_same_disk(look, mount->device))
		return false;
	snprintf(look->text, look->size, "mounted at %s", mount->where);
	return true;
}

static bool find_swap(struct look *look)
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

		if (sscanf(line, "%4095s", path) != 1 ||
		    stat(p2p_mount_unescape(path), &stat_buffer) || !S_ISBLK(stat_buffer.st_mode) ||
		    !is_same_disk(look, stat_buffer.st_rdev))
			continue;
		snprintf(look->text, look->size, "in use as swap (%s)", path);
		found = true;
	}
	free(line);
	fclose(swaps);
	return found;
}

static bool find_holder(dev_t device, struct look *look)
{
	char directory[PATH_MAX], path[PATH_MAX + 8];
	struct dirent *entry;
	bool found = false;
	DIR *holders;

	p2p_block_directory(device, directory);
	snprintf(path, sizeof(path), "%s/holders", directory);
	holders = opendir(path);
	if (!holders)
		return false;
	while (!found && (entry = readdir(holders))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(look->text, look->size, "part of %s", entry->d_name);
		found = true;
	}
	closedir(holders);
	return found;
}

bool p2p_blockdev_user(dev_t device, char *text, size_t size)
{
	struct look look = { .text = text, .size = size };
	bool found;

	text[0] = '\0';
	/* Two logical volumes on one disk do not use each other; a mounted one does use its disk.
	 */
	found = !p2p_ground_add_surface(&look.ground, device) &&
		(p2p_mount_each(is_mount_of, &look) || find_swap(&look) ||
		 find_holder(device, &look));
	p2p_ground_free(&look.ground);
	return found;
}
