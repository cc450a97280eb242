// SPDX-License-Identifier: MIT
/*
 * What a file system without a block device of its own lies on:
 *
 *     btrfs            /sys/fs/btrfs/FSID/devices (Documentation/ABI, fs/btrfs/sysfs.c)
 *     overlayfs        its layers, from mountinfo's options (Documentation/filesystems/overlayfs)
 *     tmpfs, proc, ... nothing
 *     nfs, fuse, ...   another machine, or a program: nothing that could be seen from here
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "blockdev/filesystem.h"
#include "blockdev/directory.h"
#include "blockdev/mountinfo.h"

/* Magic numbers that are in no header for programs: the kernel's fs/ directories. */
#define MAGIC_FUSE 0x65735546
#define MAGIC_CIFS 0xff534d42
#define MAGIC_SMB2 0xfe534d42
#define MAGIC_CEPH 0x00c36400

enum place {
	PLACE_UNKNOWN,
	PLACE_MEMORY,
	PLACE_ELSEWHERE,
	PLACE_BTRFS,
	PLACE_OVERLAY,
};

static const struct {
	unsigned int magic;
	enum place place;
} places[] = {
	{ BTRFS_SUPER_MAGIC, PLACE_BTRFS },   { OVERLAYFS_SUPER_MAGIC, PLACE_OVERLAY },
	{ TMPFS_MAGIC, PLACE_MEMORY }, /* devtmpfs is one, too */
	{ RAMFS_MAGIC, PLACE_MEMORY },        { HUGETLBFS_MAGIC, PLACE_MEMORY },
	{ PROC_SUPER_MAGIC, PLACE_MEMORY },   { SYSFS_MAGIC, PLACE_MEMORY },
	{ DEBUGFS_MAGIC, PLACE_MEMORY },      { TRACEFS_MAGIC, PLACE_MEMORY },
	{ SECURITYFS_MAGIC, PLACE_MEMORY },   { CGROUP2_SUPER_MAGIC, PLACE_MEMORY },
	{ CGROUP_SUPER_MAGIC, PLACE_MEMORY }, { EFIVARFS_MAGIC, PLACE_MEMORY },
	{ NFS_SUPER_MAGIC, PLACE_ELSEWHERE }, { MAGIC_CIFS, PLACE_ELSEWHERE },
	{ MAGIC_SMB2, PLACE_ELSEWHERE },      { MAGIC_CEPH, PLACE_ELSEWHERE },
	{ V9FS_MAGIC, PLACE_ELSEWHERE },      { AFS_SUPER_MAGIC, PLACE_ELSEWHERE },
	{ MAGIC_FUSE, PLACE_ELSEWHERE }, /* virtiofs, too */
};

static enum place place_of(int fd)
{
	struct statfs facts;

	if (fstatfs(fd, &facts))
		return PLACE_UNKNOWN;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (places[i].magic == (unsigned int)facts.f_type)
			return places[i].place;
	return PLACE_UNKNOWN;
}

static const char *uuid_text(const unsigned char *uuid, char text[37])
{
	char *to = text;

	for (int i = 0; i < 16; i++)
		to += sprintf(to, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			      uuid[i]);
	return text;
}

static const char *btrfs_below(int fd, const struct p2p_below *below)
{
	struct btrfs_ioctl_fs_info_args facts = { 0 };
	char directory[PATH_MAX], path[PATH_MAX], uuid[37];
	struct dirent *entry;
	uint64_t found = 0;
	dev_t device;
	DIR *devices;

	if (ioctl(fd, BTRFS_IOC_FS_INFO, &facts))
		return "btrfs does not say which file system it is";
	snprintf(directory, sizeof(directory), "/sys/fs/btrfs/%s/devices",
		 uuid_text(facts.fsid, uuid));
	devices = opendir(directory);
	if (!devices)
		return "/sys/fs/btrfs does not list the devices of its file system";
	while ((entry = readdir(devices))) {
		if (entry->d_name[0] == '.' ||
		    snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name) >=
			    (int)sizeof(path) ||
		    p2p_block_device_of(path, &device))
			continue;
		below->device(device, below->context);
		found++;
	}
	closedir(devices);
	return found < facts.num_devices ? "/sys/fs/btrfs does not list all its devices" : NULL;
}

/* One layer's directory, as mountinfo has it. Relative ones are relative to who knows what. */
static bool tell_layer(char *path, const struct p2p_below *below)
{
	int layer;

	if (path[0] != '/')
		return false;
	layer = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (layer < 0)
		return false;
	below->layer(layer, below->context);
	close(layer);
	return true;
}

/* "lowerdir=a:b::c": colons between layers, two before those that hold data only; "\:" is one. */
static bool tell_layers(char *list, const struct p2p_below *below)
{
	char *start = list, *to = list;

	for (const char *from = list;; from++) {
		bool end = !*from;

		if (*from == '\\' && from[1]) {
			*to++ = *++from;
			continue;
		}
		if (!end && *from != ':') {
			*to++ = *from;
			continue;
		}
		*to = '\0';
		if (to > start && !tell_layer(start, below))
			return false;
		if (end)
			return true;
		start = ++to;
	}
}

struct overlay_walk {
	uint64_t id;
	const struct p2p_below *below;
	bool complete;
};

/* The options' separator is a comma; in a path it is "\,". */
static char *next_option(char **rest)
{
	char *option = *rest;

	if (!option)
		return NULL;
	for (char *at = option; *at; at++) {
		if (*at == '\\' && at[1]) {
			at++;
		} else if (*at == ',') {
			*at = '\0';
			*rest = at + 1;
			return option;
		}
	}
	*rest = NULL;
	return option;
}

static bool visit_overlay(struct p2p_mount *mount, void *context)
{
	static const char *const single[] = { "upperdir=", "workdir=", "lowerdir+=", "datadir+=" };
	struct overlay_walk *walk = context;
	char *rest = mount->options, *option;
	bool lower = false;

	if (mount->id != walk->id)
		return false;
	walk->complete = true;
	while ((option = next_option(&rest))) {
		p2p_mount_unescape(option);
		if (!strncmp(option, "lowerdir=", 9)) {
			lower = true;
			walk->complete &= tell_layers(option + 9, walk->below);
		}
		for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
			size_t length = strlen(single[i]);

			if (strncmp(option, single[i], length) != 0)
				continue;
			lower |= single[i][0] == 'l';
			walk->complete &= tell_layer(option + length, walk->below);
		}
	}
	walk->complete &= lower;
	return true;
}

static const char *overlay_below(int fd, const struct p2p_below *below)
{
	struct overlay_walk walk = { .below = below };
	struct statx facts;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &facts) || !(facts.stx_mask & STATX_MNT_ID))
		return "the kernel does not say which overlay it is on";
	walk.id = facts.stx_mnt_id;
	if (!p2p_mount_each(visit_overlay, &walk) || !walk.complete)
		return "the layers of its overlay are not to be found from here";
	return NULL;
}

const char *p2p_filesystem_below(int fd, const struct p2p_below *below)
{
	switch (place_of(fd)) {
	case PLACE_MEMORY:
	case PLACE_ELSEWHERE:
		return NULL;
	case PLACE_BTRFS:
		return btrfs_below(fd, below);
	case PLACE_OVERLAY:
		return overlay_below(fd, below);
	case PLACE_UNKNOWN:
		break;
	}
	return "its file system does not say which devices it lies on";
}

bool p2p_filesystem_aliases(int fd)
{
	enum place place = place_of(fd);

	return place == PLACE_OVERLAY || place == PLACE_ELSEWHERE || place == PLACE_UNKNOWN;
}
