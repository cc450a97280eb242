// SPDX-License-Identifier: MIT
/*
 * Devices by the numbers that events have, and by the names that people have for them.
 */
#include "devices.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <p2pmem/text.h>

#include "sysfs.h"

#define MINOR_BITS 20

static void set(char name[P2P_WATCH_NAME], const char *text)
{
	snprintf(name, P2P_WATCH_NAME, "%.*s", P2P_WATCH_NAME - 1, text);
}

void p2p_watch_controller(uint32_t number, struct p2p_watch_device *found)
{
	char link[64], path[PATH_MAX];
	const char *name;

	snprintf(found->label, sizeof(found->label), "nvme%" PRIu32, number);
	set(found->device, found->label);
	snprintf(link, sizeof(link), "/sys/class/nvme/%s/device", found->label);
	if (!realpath(link, path))
		return;
	name = strrchr(path, '/') + 1;
	/* "ctl" is what those across a network have. */
	if (strcmp(name, "ctl") != 0)
		set(found->device, name);
}

/* What is virtual has no DMA of its own: other devices' requests carry its data. */
static bool is_virtual(const char *path)
{
	static const char start[] = "/sys/devices/virtual/";

	return !strncmp(path, start, strlen(start));
}

/* `path` is the disk's or the partition's directory below /sys/devices. */
static void disk_at(char *path, struct p2p_watch_device *found, uint32_t *whole)
{
	char number[32];
	unsigned int major, minor;
	struct p2p_bdf bdf;

	if (!p2p_sysfs_text(number, sizeof(number), "%s/partition", path))
		*strrchr(path, '/') = '\0';
	if (!p2p_sysfs_text(number, sizeof(number), "%s/dev", path) &&
	    sscanf(number, "%u:%u", &major, &minor) == 2)
		*whole = major << MINOR_BITS | minor;
	set(found->label, strrchr(path, '/') + 1);
	if (is_virtual(path))
		return;
	set(found->device, found->label);
	if (p2p_sysfs_function(path, &bdf))
		p2p_bdf_text(bdf, found->device);
}

void p2p_watch_disk(uint32_t disk, struct p2p_watch_device *found, uint32_t *whole)
{
	char link[64], path[PATH_MAX];

	*found = (struct p2p_watch_device){ .device = "" };
	*whole = disk;
	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", disk >> MINOR_BITS,
		 disk & ((1U << MINOR_BITS) - 1));
	if (disk && realpath(link, path))
		disk_at(path, found, whole);
}

static int find_function(const char *name, struct p2p_watch_device *found)
{
	char path[PATH_MAX];
	struct p2p_bdf bdf;

	if (p2p_bdf_parse(name, &bdf))
		return -ENODEV;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", p2p_bdf_text(bdf, found->device));
	if (!access(path, F_OK))
		return 0;
	set(found->device, "");
	return -ENODEV;
}

int p2p_watch_device_find(const char *name, struct p2p_watch_device *found)
{
	static const char dev[] = "/dev/";
	char link[PATH_MAX], path[PATH_MAX];
	uint32_t number, whole;
	int end = -1;

	*found = (struct p2p_watch_device){ .device = "" };
	if (!strncmp(name, dev, strlen(dev)))
		name += strlen(dev);
	if (!*name || strchr(name, '/') || strlen(name) >= P2P_WATCH_NAME)
		return -ENODEV;
	snprintf(link, sizeof(link), "/sys/class/nvme/%s", name);
	if (sscanf(name, "nvme%" SCNu32 "%n", &number, &end) == 1 && !name[end] &&
	    !access(link, F_OK)) {
		p2p_watch_controller(number, found);
		return 0;
	}
	snprintf(link, sizeof(link), "/sys/class/block/%s", name);
	if (!realpath(link, path))
		return find_function(name, found);
	disk_at(path, found, &whole);
	return found->device[0] ? 0 : -ENODEV;
}

static uint32_t list(const char *directory, char (*devices)[P2P_WATCH_NAME], uint32_t count,
		     uint32_t room)
{
	struct p2p_watch_device found;
	DIR *stream = opendir(directory);
	struct dirent *entry;

	while (stream && count < room && (entry = readdir(stream))) {
		uint32_t i = 0;

		if (entry->d_name[0] == '.' || p2p_watch_device_find(entry->d_name, &found))
			continue;
		while (i < count && strcmp(devices[i], found.device) != 0)
			i++;
		if (i == count)
			set(devices[count++], found.device);
	}
	if (stream)
		closedir(stream);
	return count;
}

uint32_t p2p_watch_devices(char (*devices)[P2P_WATCH_NAME], uint32_t room)
{
	uint32_t count = list("/sys/class/nvme", devices, 0, room);

	return list("/sys/class/block", devices, count, room);
}
