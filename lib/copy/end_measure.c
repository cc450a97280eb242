// SPDX-License-Identifier: MIT
/*
 * An end's size, whether it takes direct I/O, and what its requests may be.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include "copy/buffered.h"
#include "copy/end_parts.h"
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

static int measure_device(struct p2p_end *end, struct p2p_error *error)
{
	int flags = fcntl(end->fd, F_GETFL), sector = 0;

	if (ioctl(end->fd, BLKGETSIZE64, &end->size) || ioctl(end->fd, BLKSSZGET, &sector))
		return p2p_error_set(error, -errno, "cannot read the size of %s: %s", end->path,
				     strerror(errno));
	if (!end->size)
		return p2p_error_set(error, -ENXIO,
				     "%s has no bytes: no medium, or nothing is attached to it; "
				     "check the name",
				     end->path);
	end->direct = flags >= 0 && !fcntl(end->fd, F_SETFL, flags | O_DIRECT);
	end->align = end->direct ? (uint32_t)sector : 1;
	return 0;
}

static void measure_file(struct p2p_end *end, bool writing)
{
	struct p2p_direct known = p2p_direct_known(end->fd, writing);

	end->size = (uint64_t)end->stat.st_size;
	end->direct = known.direct;
	end->no_peer = known.direct ? known.no_peer
				    : "a file system without direct I/O on that file: buffered";
	end->align = !known.direct ? 1 : known.align ? known.align : DEFAULT_ALIGN;
}

int p2p_end_measure(struct p2p_end *end, bool writing, struct p2p_error *error)
{
	dev_t device;
	int rc = 0;

	if (fstat(end->fd, &end->stat))
		return p2p_error_set(error, -errno, "cannot look at %s: %s", end->path,
				     strerror(errno));
	end->is_block = S_ISBLK(end->stat.st_mode);
	device = end->is_block ? end->stat.st_rdev : end->stat.st_dev;
	if (end->is_block)
		rc = measure_device(end, error);
	else
		measure_file(end, writing);
	end->max_io = queue_max_io(device);
	if (end->direct)
		p2p_blockdev_functions(device, &end->functions);
	return rc;
}
