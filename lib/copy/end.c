// SPDX-License-Identifier: MIT
/*
 * One end of a copy: a block device or a regular file, opened and measured.
 *
 * What a name leads to is found first, without opening it (a pipe would block, a watchdog would
 * start to count), and then that very thing is opened, whatever became of the name meanwhile.
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

#include "blockdev/caches.h"
#include "blockdev/user.h"
#include "copy/buffered.h"
#include "copy/end.h"
#include "reopen.h"
#include "sysfs.h"

#define DEFAULT_ALIGN 4096u /* what file systems ask for at most when they do not say */

static int say_open_failure(const struct p2p_end *end, const char *what, int code,
			    struct p2p_error *error)
{
	static const struct {
		int code;
		const char *next;
	} steps[] = {
		{ -EACCES, ": run as root, or ask for access to it" },
		{ -EPERM, ": run as root, or ask for access to it" },
		{ -EROFS, ": use one that is not read-only" },
		{ -ENOENT, ": check the name" },
		{ -ETXTBSY, ": it is a running program or in use as swap" },
		{ -EEXIST, ": a symbolic link that leads nowhere; remove it, or name another" },
		{ -ENOMEDIUM, ": insert one" },
	};
	const char *next = "";

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i].code == code)
			next = steps[i].next;
	return p2p_error_set(error, code, "cannot open %s %s: %s%s", what, end->path,
			     strerror(-code), next);
}

static int check_type(const struct p2p_end *end, const char *what, struct p2p_error *error)
{
	mode_t mode = end->stat.st_mode;

	if (S_ISBLK(mode) || S_ISREG(mode))
		return 0;
	return p2p_error_set(error, -EINVAL,
			     "%s %s is %s: copy works on block devices and regular files, so name "
			     "one of those",
			     what, end->path,
			     S_ISDIR(mode)    ? "a directory"
			     : S_ISCHR(mode)  ? "a character device"
			     : S_ISFIFO(mode) ? "a pipe"
			     : S_ISSOCK(mode) ? "a socket"
					      : "something else");
}

/* Finds what the path leads to. Returns a descriptor good for nothing else, or a negative errno. */
static int find(struct p2p_end *end)
{
	int place = open(end->path, O_PATH | O_CLOEXEC);

	if (place < 0)
		return -errno;
	if (!fstat(place, &end->stat))
		return place;
	close(place);
	return -EIO;
}

static int open_found(struct p2p_end *end, int place, int flags)
{
	end->fd = p2p_reopen(place, flags);
	return end->fd < 0 ? end->fd : 0;
}

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

static int measure(struct p2p_end *end, bool writing, struct p2p_error *error)
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

int p2p_end_open_source(struct p2p_end *end, const char *path, struct p2p_error *error)
{
	int place, rc;

	*end = (struct p2p_end){ .fd = -1, .path = strdup(path) };
	if (!end->path)
		return p2p_error_set(error, -ENOMEM, "out of memory");

	place = find(end);
	if (place < 0)
		return say_open_failure(end, "source", place, error);
	rc = check_type(end, "source", error);
	if (!rc) {
		rc = open_found(end, place, O_RDONLY);
		if (rc)
			say_open_failure(end, "source", rc, error);
	}
	close(place);
	return rc ? rc : measure(end, false, error);
}

/* "directory" becomes "directory/name of the source", as with cp. */
static int enter_directory(struct p2p_end *end, const struct p2p_end *source)
{
	char *copy = strdup(source->path), *inside;
	int rc;

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

/*
 * Who mistypes a device's name must not get a file in its place, in memory. What is mounted below
 * /dev, such as /dev/shm, is for files.
 */
static bool is_among_devices(const char *path)
{
	char *copy = strdup(path), *directory = copy ? realpath(dirname(copy), NULL) : NULL;
	struct stat here, devices;
	bool among = directory && (!strcmp(directory, "/dev") || !strncmp(directory, "/dev/", 5)) &&
		     !stat(directory, &here) && !stat("/dev", &devices) &&
		     here.st_dev == devices.st_dev;

	free(directory);
	free(copy);
	return among;
}

/*
 * No wider than the source's. A device's readers are those of its node's group, which a new file
 * does not belong to: only its maker may read it.
 */
static mode_t mode_like(const struct p2p_end *source)
{
	return source->stat.st_mode & (source->is_block ? 0600 : 0777);
}

static int create(struct p2p_end *end, const struct p2p_end *source, struct p2p_error *error)
{
	if (is_among_devices(end->path))
		return p2p_error_set(error, -ENOENT,
				     "there is no device %s, and no file is created among device "
				     "nodes: check the name, lsblk lists the drives",
				     end->path);
	end->fd = open(end->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode_like(source));
	if (end->fd < 0)
		return say_open_failure(end, "destination", -errno, error);
	end->created = true;
	return 0;
}

static int say_busy(const struct p2p_end *end, const char *user, struct p2p_error *error)
{
	return p2p_error_set(error, -EBUSY,
			     "destination %s is %s: release it first, or overwrite it all the same "
			     "with --force",
			     end->path, user[0] ? user : "in use by another program");
}

/*
 * With O_EXCL the kernel claims a device: refused while mounted or claimed by anybody else. It does
 * so for this device node alone, so who uses the same drive under another name is looked for.
 */
static int open_device(struct p2p_end *end, int place, bool force, struct p2p_error *error)
{
	char user[PATH_MAX + 32];
	int rc = open_found(end, place, force ? O_RDWR : O_RDWR | O_EXCL), read_only;

	if (rc && rc != -EBUSY)
		return say_open_failure(end, "destination", rc, error);
	if (!force && (p2p_blockdev_user(end->stat.st_rdev, user, sizeof(user)) || rc))
		return say_busy(end, user, error);
	if (rc)
		return say_open_failure(end, "destination", rc, error);
	p2p_blockdev_flush_others(end->stat.st_rdev);
	if (!ioctl(end->fd, BLKROGET, &read_only) && read_only)
		return p2p_error_set(
			error, -EROFS,
			"destination %s is read-only: choose another, or allow writing "
			"with blockdev --setrw",
			end->path);
	return 0;
}

static int open_existing(struct p2p_end *end, int place, bool force, struct p2p_error *error)
{
	int rc = check_type(end, "destination", error);

	if (rc)
		return rc;
	if (S_ISBLK(end->stat.st_mode))
		return open_device(end, place, force, error);
	rc = open_found(end, place, O_RDWR);
	return rc ? say_open_failure(end, "destination", rc, error) : 0;
}

int p2p_end_open_destination(struct p2p_end *end, const char *path, const struct p2p_end *source,
			     bool force, struct p2p_error *error)
{
	int place, rc;

	*end = (struct p2p_end){ .fd = -1, .path = strdup(path) };
	if (!end->path)
		return p2p_error_set(error, -ENOMEM, "out of memory");

	place = find(end);
	if (place >= 0 && S_ISDIR(end->stat.st_mode)) {
		close(place);
		if (enter_directory(end, source))
			return p2p_error_set(error, -ENOMEM, "out of memory");
		place = find(end);
	}
	if (place == -ENOENT)
		rc = create(end, source, error);
	else if (place < 0)
		rc = say_open_failure(end, "destination", place, error);
	else
		rc = open_existing(end, place, force, error);
	if (place >= 0)
		close(place);
	return rc ? rc : measure(end, true, error);
}

int p2p_end_open_buffered(const struct p2p_end *end, bool writable)
{
	return p2p_reopen(end->fd, writable ? O_RDWR : O_RDONLY);
}

/* By its name, so only while that is still the file's. */
static void remove_created(const struct p2p_end *end)
{
	struct stat found;

	if (!lstat(end->path, &found) && found.st_dev == end->stat.st_dev &&
	    found.st_ino == end->stat.st_ino)
		unlink(end->path);
}

void p2p_end_close(struct p2p_end *end)
{
	if (end->created && !end->touched)
		remove_created(end);
	if (end->is_block && end->touched)
		p2p_blockdev_forget_others(end->stat.st_rdev);
	if (end->fd >= 0)
		close(end->fd);
	free(end->path);
	*end = (struct p2p_end){ .fd = -1 };
}
