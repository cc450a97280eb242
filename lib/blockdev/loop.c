// SPDX-License-Identifier: MIT
/*
 * What is behind a loop device: the driver says which inode it is. The name in sysfs may lead
 * elsewhere by now: the file was removed and is still in use through another hard link, or
 * something was mounted over it, or it is another mount namespace's name.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "blockdev/directory.h"
#include "blockdev/loop.h"
#include "reopen.h"
#include "sysfs.h"

bool p2p_loop_is(dev_t device)
{
	return major(device) == LOOP_MAJOR;
}

/* Only to be asked about its file system, so only if it is the very file. */
static void open_by_name(dev_t device, struct p2p_loop_back *back)
{
	char directory[PATH_MAX], path[PATH_MAX];
	struct stat *found = &back->stat;
	int place;

	p2p_block_directory(device, directory);
	if (p2p_sysfs_text(path, sizeof(path), "%s/loop/backing_file", directory))
		return;
	place = open(path, O_PATH | O_CLOEXEC);
	if (place < 0)
		return;
	if (!fstat(place, found) && S_ISREG(found->st_mode) && found->st_dev == back->device &&
	    found->st_ino == back->inode)
		back->fd = p2p_reopen(place, O_RDONLY);
	close(place);
}

int p2p_loop_look(dev_t device, struct p2p_loop_back *back)
{
	struct loop_info64 info;
	int fd = p2p_block_open(device), rc;

	*back = (struct p2p_loop_back){ .fd = -1 };
	if (fd < 0)
		return fd;
	rc = ioctl(fd, LOOP_GET_STATUS64, &info) ? -errno : 0;
	close(fd);
	if (rc)
		return rc;

	/* Kernels differ in what lo_rdevice is for a file: 0, or the same as lo_device. */
	back->is_device = info.lo_rdevice && info.lo_rdevice != info.lo_device;
	back->device = (dev_t)(back->is_device ? info.lo_rdevice : info.lo_device);
	back->inode = (ino_t)info.lo_inode;
	if (!back->is_device)
		open_by_name(device, back);
	return 0;
}
