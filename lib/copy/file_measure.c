// SPDX-License-Identifier: MIT
/*
 * A file's size, whether it takes direct I/O, and what its requests may be.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include "copy/buffered.h"
#include "copy/file.h"
#include "sysfs.h"

#define DEFAULT_ALIGN 4096u /* what file systems ask for at most when they do not say */

static uint64_t queue_max_io(dev_t device)
{
	uint64_t kilobytes;

	/* A partition has no queue directory of its own, its disk has. */
	if (p2p_sysfs_u64(&kilobytes, "/sys/dev/block/%u:%u/queue/max_sectors_kb", major(device),
			  minor(device)) &&
	    p2p_sysfs_u64(&kilobytes, "/sys/dev/block/%u:%u/../queue/max_sectors_kb", major(device),
			  minor(device)))
		return 0;
	return kilobytes << 10;
}

static int measure_device(struct p2p_file *file, struct p2p_error *error)
{
	int flags = fcntl(file->fd, F_GETFL), sector = 0;

	if (ioctl(file->fd, BLKGETSIZE64, &file->size) || ioctl(file->fd, BLKSSZGET, &sector))
		return p2p_error_set(error, -errno, "cannot read the size of %s: %s", file->path,
				     strerror(errno));
	if (!file->size)
		return p2p_error_set(error, -ENXIO,
				     "%s has no bytes: no medium, or nothing is attached to it; "
				     "check the name",
				     file->path);
	file->direct = flags >= 0 && !fcntl(file->fd, F_SETFL, flags | O_DIRECT);
	file->align = file->direct ? (uint32_t)sector : 1;
	return 0;
}

static void measure_file(struct p2p_file *file, bool writing)
{
	struct p2p_direct known = p2p_direct_known(file->fd, writing);

	file->size = (uint64_t)file->stat.st_size;
	file->direct = known.direct;
	file->no_peer = known.direct ? known.no_peer
				     : "a file system without direct I/O on that file: buffered";
	file->align = !known.direct ? 1 : known.align ? known.align : DEFAULT_ALIGN;
}

int p2p_file_measure(struct p2p_file *file, bool writing, struct p2p_error *error)
{
	dev_t device;
	int rc = 0;

	if (fstat(file->fd, &file->stat))
		return p2p_error_set(error, -errno, "cannot look at %s: %s", file->path,
				     strerror(errno));
	file->is_block = S_ISBLK(file->stat.st_mode);
	device = file->is_block ? file->stat.st_rdev : file->stat.st_dev;
	if (file->is_block)
		rc = measure_device(file, error);
	else
		measure_file(file, writing);
	file->max_io = queue_max_io(device);
	if (file->direct)
		p2p_blockdev_functions(device, &file->functions);
	return rc;
}
