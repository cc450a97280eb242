// SPDX-License-Identifier: MIT
/*
 * One end of a copy: a block device or a regular file, opened and measured.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "copy/end.h"
#include "sysfs.h"

#define DEFAULT_ALIGN 4096u /* what file systems ask for at most when they do not say */

static int say_open_failure(const struct p2p_end *end, const char *what, int code,
			    struct p2p_error *error)
{
	const char *next = "";

	switch (code) {
	case -EACCES:
	case -EPERM:
		next = ": run as root, or have yourself given access";
		break;
	case -EROFS:
		next = ": it is read-only";
		break;
	case -ENOENT:
		next = ": check the name";
		break;
	}
	return p2p_error_set(error, code, "cannot open %s %s: %s%s", what, end->path,
			     strerror(-code), next);
}

/* Before opening: a pipe would block, a watchdog would start to count. */
static int check_type(struct p2p_end *end, const char *what, struct p2p_error *error)
{
	if (stat(end->path, &end->stat))
		return 0; /* opening tells why */
	if (S_ISBLK(end->stat.st_mode) || S_ISREG(end->stat.st_mode))
		return 0;
	return p2p_error_set(error, -EINVAL,
			     "%s %s is %s: copy works on block devices and regular files", what,
			     end->path,
			     S_ISDIR(end->stat.st_mode)    ? "a folder"
			     : S_ISCHR(end->stat.st_mode)  ? "a character device"
			     : S_ISFIFO(end->stat.st_mode) ? "a pipe"
			     : S_ISSOCK(end->stat.st_mode) ? "a socket"
							   : "no file");
}

static int open_end(struct p2p_end *end, int flags, mode_t mode)
{
	end->fd = open(end->path, flags | O_CLOEXEC, mode);
	if (end->fd < 0)
		return -errno;
	return fstat(end->fd, &end->stat) ? -errno : 0;
}

/* Direct I/O is asked for afterwards, on the same open file: it is not every file system's. */
static void make_direct(struct p2p_end *end)
{
	int flags = fcntl(end->fd, F_GETFL);

	end->direct = flags >= 0 && !fcntl(end->fd, F_SETFL, flags | O_DIRECT);
}

static uint32_t file_align(const struct p2p_end *end)
{
#ifdef STATX_DIOALIGN
	struct statx facts;

	if (!statx(end->fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &facts) &&
	    (facts.stx_mask & STATX_DIOALIGN) && facts.stx_dio_offset_align)
		return facts.stx_dio_offset_align;
#else
	(void)end;
#endif
	return DEFAULT_ALIGN;
}

static uint64_t queue_max_io(dev_t device)
{
	uint64_t kilobytes;

	/* A partition has no queue folder of its own, its disk has. */
	if (p2p_sysfs_u64(&kilobytes, "/sys/dev/block/%u:%u/queue/max_sectors_kb", major(device),
			  minor(device)) &&
	    p2p_sysfs_u64(&kilobytes, "/sys/dev/block/%u:%u/../queue/max_sectors_kb", major(device),
			  minor(device)))
		return 0;
	return kilobytes << 10;
}

static int measure(struct p2p_end *end, struct p2p_error *error)
{
	dev_t device;

	end->is_block = S_ISBLK(end->stat.st_mode);
	device = end->is_block ? end->stat.st_rdev : end->stat.st_dev;
	make_direct(end);
	end->align = 1;

	if (end->is_block) {
		int sector = 0;

		if (ioctl(end->fd, BLKGETSIZE64, &end->size) || ioctl(end->fd, BLKSSZGET, &sector))
			return p2p_error_set(error, -errno, "cannot read the size of %s: %s",
					     end->path, strerror(errno));
		if (end->direct)
			end->align = (uint32_t)sector;
	} else {
		end->size = (uint64_t)end->stat.st_size;
		if (end->direct)
			end->align = file_align(end);
	}
	end->max_io = queue_max_io(device);
	if (end->direct)
		p2p_blockdev_functions(device, &end->functions);
	return 0;
}

int p2p_end_open_source(struct p2p_end *end, const char *path, struct p2p_error *error)
{
	int rc;

	*end = (struct p2p_end){ .fd = -1, .path = strdup(path) };
	if (!end->path)
		return p2p_error_set(error, -ENOMEM, "out of memory");

	rc = check_type(end, "source", error);
	if (rc)
		return rc;
	rc = open_end(end, O_RDONLY, 0);
	if (rc)
		return say_open_failure(end, "source", rc, error);
	return measure(end, error);
}

/* "folder" becomes "folder/name of the source", as with cp. */
static int enter_folder(struct p2p_end *end, const struct p2p_end *source)
{
	struct stat found;
	char *copy, *inside;
	int rc;

	if (stat(end->path, &found) || !S_ISDIR(found.st_mode))
		return 0;
	copy = strdup(source->path);
	if (!copy)
		return -ENOMEM;
	rc = asprintf(&inside, "%s/%s", end->path, basename(copy));
	free(copy);
	if (rc < 0)
		return -ENOMEM;
	free(end->path);
	end->path = inside;
	return 0;
}

static mode_t mode_like(const struct p2p_end *source)
{
	return source->is_block ? 0666 : source->stat.st_mode & 0777;
}

static int open_for_writing(struct p2p_end *end, const struct p2p_end *source, bool force)
{
	/* On a block device O_EXCL claims it: refused while mounted or claimed by anybody else. */
	int rc = open_end(end, force ? O_RDWR : O_RDWR | O_EXCL, 0);

	if (rc != -ENOENT)
		return rc;
	rc = open_end(end, O_RDWR | O_CREAT | O_EXCL, mode_like(source));
	end->created = !rc;
	return rc;
}

static int say_busy(const struct p2p_end *end, struct p2p_error *error)
{
	struct stat found;
	char user[PATH_MAX + 32] = "";

	if (!stat(end->path, &found))
		p2p_blockdev_user(found.st_rdev, user, sizeof(user));
	return p2p_error_set(error, -EBUSY,
			     "destination %s is %s: release it first, or overwrite it all the same "
			     "with --force",
			     end->path, user[0] ? user : "in use by another program");
}

int p2p_end_open_destination(struct p2p_end *end, const char *path, const struct p2p_end *source,
			     bool force, struct p2p_error *error)
{
	int rc;

	*end = (struct p2p_end){ .fd = -1, .path = strdup(path) };
	if (!end->path || enter_folder(end, source))
		return p2p_error_set(error, -ENOMEM, "out of memory");

	rc = check_type(end, "destination", error);
	if (rc)
		return rc;
	rc = open_for_writing(end, source, force);
	if (rc == -EBUSY)
		return say_busy(end, error);
	if (rc)
		return say_open_failure(end, "destination", rc, error);
	return measure(end, error);
}

int p2p_end_open_buffered(const struct p2p_end *end, bool writable)
{
	char path[64];
	int fd;

	/* Through /proc, so that it is the same file whatever happened to its name since. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", end->fd);
	fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void p2p_end_close(struct p2p_end *end)
{
	if (end->fd >= 0)
		close(end->fd);
	if (end->created && !end->touched)
		unlink(end->path);
	free(end->path);
	*end = (struct p2p_end){ .fd = -1 };
}
