// SPDX-License-Identifier: MIT
/*
 * The page caches of a disk's other names: the partitions of a disk, the disk of a partition.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "blockdev/caches.h"
#include "blockdev/directory.h"
#include "sysfs.h"

static void flush(int fd)
{
	fdatasync(fd); /* an error is told to those who wrote */
}

static void forget(int fd)
{
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

/* As far as we may open them. */
static void call(const char *directory, void (*what)(int fd))
{
	dev_t device;
	int fd = p2p_block_device_of(directory, &device) ? -1 : p2p_block_open(device);

	if (fd < 0)
		return;
	what(fd);
	close(fd);
}

static void for_each_other(dev_t device, void (*what)(int fd))
{
	char directory[PATH_MAX], path[PATH_MAX + 256];
	struct dirent *entry;
	uint64_t number;
	DIR *parts;

	p2p_block_directory(device, directory);
	if (!p2p_sysfs_u64(&number, "%s/partition", directory)) {
		snprintf(path, sizeof(path), "%s/..", directory);
		call(path, what);
		return;
	}
	parts = opendir(directory);
	if (!parts)
		return;
	while ((entry = readdir(parts))) {
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		if (entry->d_name[0] != '.' && !p2p_sysfs_u64(&number, "%s/partition", path))
			call(path, what);
	}
	closedir(parts);
}

void p2p_blockdev_flush_others(dev_t device)
{
	for_each_other(device, flush);
}

void p2p_blockdev_forget_others(dev_t device)
{
	for_each_other(device, forget);
}
