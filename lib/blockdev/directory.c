// SPDX-License-Identifier: MIT
/*
 * A block device's directory in sysfs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "blockdev/directory.h"
#include "sysfs.h"

void p2p_block_directory(dev_t device, char directory[PATH_MAX])
{
	snprintf(directory, PATH_MAX, "/sys/dev/block/%u:%u", major(device), minor(device));
}

const char *p2p_block_name(dev_t device, char *name, size_t size)
{
	char directory[PATH_MAX], target[PATH_MAX];
	ssize_t length;

	p2p_block_directory(device, directory);
	length = readlink(directory, target, sizeof(target) - 1);
	if (length > 0) {
		target[length] = '\0';
		snprintf(name, size, "%s",
			 strrchr(target, '/') ? strrchr(target, '/') + 1 : target);
	} else {
		snprintf(name, size, "%u:%u", major(device), minor(device));
	}
	return name;
}

int p2p_block_device_of(const char *directory, dev_t *device)
{
	unsigned int major_number, minor_number;
	char text[32];

	if (p2p_sysfs_text(text, sizeof(text), "%s/dev", directory))
		return -ENODEV;
	if (sscanf(text, "%u:%u", &major_number, &minor_number) != 2)
		return -EINVAL;
	*device = makedev(major_number, minor_number);
	return 0;
}

static int open_if(const char *path, dev_t device)
{
	struct stat found;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &found) && S_ISBLK(found.st_mode) && found.st_rdev == device)
		return fd;
	close(fd);
	return -ENODEV;
}

int p2p_block_open(dev_t device)
{
	char path[PATH_MAX], name[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", p2p_block_name(device, name, sizeof(name)));
	fd = open_if(path, device);
	if (fd != -ENOENT && fd != -ENODEV)
		return fd;
	snprintf(path, sizeof(path), "/dev/block/%u:%u", major(device), minor(device));
	return open_if(path, device);
}

int p2p_block_slaves(const char *directory, void (*visit)(dev_t, void *), void *context)
{
	char path[PATH_MAX];
	struct dirent *entry;
	int count = 0, rc = 0;
	dev_t device;
	DIR *slaves;

	if (snprintf(path, sizeof(path), "%s/slaves", directory) >= (int)sizeof(path))
		return -EIO;
	slaves = opendir(path);
	if (!slaves)
		return errno == ENOENT ? 0 : -EIO;
	while ((entry = readdir(slaves))) {
		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(path, sizeof(path), "%s/slaves/%s", directory, entry->d_name) >=
			    (int)sizeof(path) ||
		    p2p_block_device_of(path, &device)) {
			rc = -EIO;
			continue;
		}
		count++;
		visit(device, context);
	}
	closedir(slaves);
	return rc ? rc : count;
}

const char *p2p_block_identity(const char *directory, char identity[P2P_BLOCK_IDENTITY])
{
	char wwid[P2P_BLOCK_IDENTITY - 32];
	uint64_t sectors;

	identity[0] = '\0';
	if (p2p_sysfs_text(wwid, sizeof(wwid), "%s/wwid", directory) &&
	    p2p_sysfs_text(wwid, sizeof(wwid), "%s/device/wwid", directory))
		return identity;
	/* The size too: there are bridges that give every unit behind them the same id. */
	if (!wwid[0] || p2p_sysfs_u64(&sectors, "%s/size", directory))
		return identity;
	snprintf(identity, P2P_BLOCK_IDENTITY, "%s, %" PRIu64 " sectors", wwid, sectors);
	return identity;
}
