// SPDX-License-Identifier: MIT
/*
 * A source or destination, from finding what a name leads to until it is closed.
 *
 * What a name leads to is found first, without opening it (a pipe would block, a watchdog would
 * start to count), and then that very thing is opened, whatever became of the name meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blockdev/caches.h"
#include "copy/file.h"
#include "reopen.h"

int p2p_file_say_open_failure(const struct p2p_file *file, const char *what, int code,
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
	return p2p_error_set(error, code, "cannot open %s %s: %s%s", what, file->path,
			     strerror(-code), next);
}

int p2p_file_check_type(const struct p2p_file *file, const char *what, struct p2p_error *error)
{
	mode_t mode = file->stat.st_mode;

	if (S_ISBLK(mode) || S_ISREG(mode))
		return 0;
	return p2p_error_set(error, -EINVAL,
			     "%s %s is %s: copy works on block devices and regular files, so name "
			     "one of those",
			     what, file->path,
			     S_ISDIR(mode)    ? "a directory"
			     : S_ISCHR(mode)  ? "a character device"
			     : S_ISFIFO(mode) ? "a pipe"
			     : S_ISSOCK(mode) ? "a socket"
					      : "something else");
}

int p2p_file_find(struct p2p_file *file)
{
	int place = open(file->path, O_PATH | O_CLOEXEC);

	if (place < 0)
		return -errno;
	if (!fstat(place, &file->stat))
		return place;
	close(place);
	return -EIO;
}

int p2p_file_open_found(struct p2p_file *file, int place, int flags)
{
	file->fd = p2p_reopen(place, flags);
	return file->fd < 0 ? file->fd : 0;
}

int p2p_file_open_source(struct p2p_file *file, const char *path, struct p2p_error *error)
{
	int place, rc;

	*file = (struct p2p_file){ .fd = -1, .path = strdup(path) };
	if (!file->path)
		return p2p_error_set(error, -ENOMEM, "out of memory");

	place = p2p_file_find(file);
	if (place < 0)
		return p2p_file_say_open_failure(file, "source", place, error);
	rc = p2p_file_check_type(file, "source", error);
	if (!rc) {
		rc = p2p_file_open_found(file, place, O_RDONLY);
		if (rc)
			p2p_file_say_open_failure(file, "source", rc, error);
	}
	close(place);
	return rc ? rc : p2p_file_measure(file, false, error);
}

int p2p_file_open_buffered(const struct p2p_file *file, bool writable)
{
	return p2p_reopen(file->fd, writable ? O_RDWR : O_RDONLY);
}

void p2p_file_remove(const struct p2p_file *file)
{
	struct stat found;

	if (file->created && !lstat(file->path, &found) && found.st_dev == file->stat.st_dev &&
	    found.st_ino == file->stat.st_ino)
		unlink(file->path);
}

void p2p_file_close(struct p2p_file *file)
{
	if (!file->touched)
		p2p_file_remove(file);
	if (file->is_block && file->touched)
		p2p_blockdev_forget_others(file->stat.st_rdev);
	if (file->fd >= 0)
		close(file->fd);
	free(file->path);
	*file = (struct p2p_file){ .fd = -1 };
}
