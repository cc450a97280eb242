// SPDX-License-Identifier: MIT
/*
 * That the source is, and stays, what it was when the copy began: a file can be cut, written to and
 * made longer by others, and some files have no size until they are read.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "copy/private.h"

#define TRIES 100 /* at a moment when a file that grows does not */

/* Whether there is a byte at `offset`: 1, 0 or a negative errno. */
static int has_byte(int fd, uint64_t offset)
{
	char byte;
	ssize_t got = pread(fd, &byte, 1, (off_t)offset);

	return got < 0 ? -errno : (int)got;
}

static int say_cannot_look(const struct p2p_file *source, int code, struct p2p_error *error)
{
	return p2p_error_set(error, code, "cannot look at source %s a second time: %s",
			     source->path, strerror(-code));
}

static int say_no_size(const struct p2p_file *source, struct p2p_error *error)
{
	return p2p_error_set(error, -EINVAL,
			     "source %s says it has %" PRIu64
			     " bytes, and reading it says otherwise: such files are made while "
			     "they are read; use cat %s >FILE",
			     source->path, source->size, source->path);
}

/* False: it has changed meanwhile, or never had the size that it says. */
static bool has_its_size(const struct p2p_file *source, int fd)
{
	int last = source->size ? has_byte(fd, source->size - 1) : 1;
	int past = has_byte(fd, source->size);

	/* What cannot be read the copy itself will tell, and where. */
	return last && past != 1 && (source->size || !past);
}

int p2p_source_look(struct p2p_file *source, struct p2p_error *error)
{
	uint64_t size;
	int fd, rc = 0;

	if (source->is_block)
		return 0;
	fd = p2p_file_open_buffered(source, false);
	if (fd < 0)
		return say_cannot_look(source, fd, error);
	for (int tries = 0; !rc && !has_its_size(source, fd); tries++) {
		size = source->size;
		if (fstat(source->fd, &source->stat)) {
			rc = say_cannot_look(source, -errno, error);
			break;
		}
		source->size = (uint64_t)source->stat.st_size;
		if (source->size == size || tries == TRIES)
			rc = say_no_size(source, error);
	}
	close(fd);
	return rc;
}

static int size_now(const struct p2p_file *source, struct stat *now, uint64_t *size)
{
	if (source->is_block)
		return ioctl(source->fd, BLKGETSIZE64, size) ? -errno : 0;
	if (fstat(source->fd, now))
		return -errno;
	*size = (uint64_t)now->st_size;
	return 0;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* A file that only grew has another time, too: then nothing can be told about what was there. */
static bool was_written(const struct p2p_file *source, const struct stat *now, uint64_t size)
{
	return !source->is_block && size == source->size &&
	       !(same_time(&now->st_mtim, &source->stat.st_mtim) &&
		 same_time(&now->st_ctim, &source->stat.st_ctim));
}

static int say_short(const struct p2p_copy *copy, uint64_t size, struct p2p_error *error)
{
	const struct p2p_file *source = &copy->source;

	if (source->is_block)
		return p2p_error_set(error, -EIO,
				     "reading %s failed: it is gone or became smaller, it has "
				     "%" PRIu64 " bytes and had %" PRIu64,
				     source->path, size, source->size);
	return p2p_error_set(error, -ESTALE,
			     "source %s became shorter while it was copied: it has %" PRIu64
			     " bytes, and had %" PRIu64,
			     source->path, size, source->size);
}

static int say_grown(const struct p2p_copy *copy, uint64_t size, struct p2p_error *error)
{
	const struct p2p_file *source = &copy->source;

	if (size == source->size)
		return p2p_error_set(error, -EIO,
				     "source %s goes on past the %" PRIu64 " bytes that were "
				     "copied, and does not say how far",
				     source->path, source->size);
	return p2p_error_set_hint(
		error, -EIO, P2P_HINT_LENGTH,
		"source %s grew by %" PRIu64 " bytes while it was copied, which are "
		"missing; if it only grew, go on, else start again, or choose where to end",
		source->path, size - source->size);
}

/* One read past the end: not every file system says at once that a file grew. */
static int check_end(const struct p2p_copy *copy, uint64_t size, struct p2p_error *error)
{
	const struct p2p_file *source = &copy->source;
	int fd, more;

	if (size > source->size)
		return say_grown(copy, size, error);
	if (source->is_block)
		return 0;
	fd = p2p_file_open_buffered(source, false);
	if (fd < 0)
		return say_cannot_look(source, fd, error);
	more = has_byte(fd, size);
	close(fd);
	if (more < 0)
		return say_cannot_look(source, more, error);
	return more ? say_grown(copy, size, error) : 0;
}

int p2p_source_check(const struct p2p_copy *copy, bool at_end, struct p2p_error *error)
{
	const struct p2p_file *source = &copy->source;
	struct stat now;
	uint64_t size = 0;
	int rc = size_now(source, &now, &size);

	if (rc)
		return say_cannot_look(source, rc, error);
	if (size < source->size)
		return say_short(copy, size, error);
	if (was_written(source, &now, size))
		return p2p_error_set(error, -ESTALE,
				     "source %s was changed while it was copied: start again when "
				     "nobody writes to it",
				     source->path);
	if (at_end && copy->options.length == P2P_COPY_TO_THE_END)
		return check_end(copy, size, error);
	return 0;
}
