// SPDX-License-Identifier: MIT
/*
 * Opening what is written to: a device that nobody else uses, a file that is there, or a new one.
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
#include <unistd.h>

#include "blockdev/caches.h"
#include "blockdev/user.h"
#include "copy/file.h"

/* "directory" becomes "directory/name of the source", as with cp. */
static int enter_directory(struct p2p_file *file, const struct p2p_file *source)
{
	char *copy = strdup(source->path), *inside;
	int rc;

	if (!copy)
		return -ENOMEM;
	rc = asprintf(&inside, "%s/%s", file->path, basename(copy));
	free(copy);
	if (rc < 0)
		return -ENOMEM;
	free(file->path);
	file->path = inside;
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
static mode_t mode_like(const struct p2p_file *source)
{
	return source->stat.st_mode & (source->is_block ? 0600 : 0777);
}

static int create(struct p2p_file *file, const struct p2p_file *source, struct p2p_error *error)
{
	if (is_among_devices(file->path))
		return p2p_error_set(error, -ENOENT,
				     "there is no device %s, and no file is created among device "
				     "nodes: check the name, lsblk lists the drives",
				     file->path);
	file->fd = open(file->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode_like(source));
	if (file->fd < 0)
		return p2p_file_say_open_failure(file, "destination", -errno, error);
	file->created = true;
	return 0;
}

static int say_busy(const struct p2p_file *file, const char *user, struct p2p_error *error)
{
	return p2p_error_set_hint(
		error, -EBUSY, P2P_HINT_FORCE,
		"destination %s is %s: release it first, or overwrite it all the same", file->path,
		user[0] ? user : "in use by another program");
}

/*
 * With O_EXCL the kernel claims a device: refused while mounted or claimed by anybody else. It does
 * so for this device node alone, so who uses the same drive under another name is looked for.
 */
static int open_device(struct p2p_file *file, int place, bool force, struct p2p_error *error)
{
	char user[PATH_MAX + 32];
	int rc = p2p_file_open_found(file, place, force ? O_RDWR : O_RDWR | O_EXCL), read_only;

	if (rc && rc != -EBUSY)
		return p2p_file_say_open_failure(file, "destination", rc, error);
	if (!force && (p2p_blockdev_user(file->stat.st_rdev, user, sizeof(user)) || rc))
		return say_busy(file, user, error);
	if (rc)
		return p2p_file_say_open_failure(file, "destination", rc, error);
	p2p_blockdev_flush_others(file->stat.st_rdev);
	if (!ioctl(file->fd, BLKROGET, &read_only) && read_only)
		return p2p_error_set(
			error, -EROFS,
			"destination %s is read-only: choose another, or allow writing "
			"with blockdev --setrw",
			file->path);
	return 0;
}

static int open_existing(struct p2p_file *file, int place, bool force, struct p2p_error *error)
{
	int rc = p2p_file_check_type(file, "destination", error);

	if (rc)
		return rc;
	if (S_ISBLK(file->stat.st_mode))
		return open_device(file, place, force, error);
	rc = p2p_file_open_found(file, place, O_RDWR);
	return rc ? p2p_file_say_open_failure(file, "destination", rc, error) : 0;
}

int p2p_file_open_destination(struct p2p_file *file, const char *path,
			      const struct p2p_file *source, bool force, struct p2p_error *error)
{
	int place, rc;

	*file = (struct p2p_file){ .fd = -1, .path = strdup(path) };
	if (!file->path)
		return p2p_error_set(error, -ENOMEM, "out of memory");

	place = p2p_file_find(file);
	if (place >= 0 && S_ISDIR(file->stat.st_mode)) {
		close(place);
		if (enter_directory(file, source))
			return p2p_error_set(error, -ENOMEM, "out of memory");
		place = p2p_file_find(file);
	}
	if (place == -ENOENT)
		rc = create(file, source, error);
	else if (place < 0)
		rc = p2p_file_say_open_failure(file, "destination", place, error);
	else
		rc = open_existing(file, place, force, error);
	if (place >= 0)
		close(place);
	return rc ? rc : p2p_file_measure(file, true, error);
}
