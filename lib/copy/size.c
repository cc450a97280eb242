// SPDX-License-Identifier: MIT
/*
 * The destination's size and its medium: room before, the right end after, flushed in between.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "copy/private.h"
#include "copy/reason.h"

static bool is_dense(const struct p2p_end *end)
{
	return end->is_block || (uint64_t)end->stat.st_blocks * 512 >= end->size;
}

static int say_no_room(struct p2p_copy *copy, struct p2p_error *error)
{
	/* A file made for this copy, and nothing in it: it goes again. */
	copy->destination.touched = copy->destination.touched && !copy->destination.created;
	return p2p_error_set(error, -ENOSPC,
			     "the file system of %s has no room for %" PRIu64
			     " bytes: make room, or choose another",
			     copy->destination.path, copy->report.length);
}

/* Before a file is cut for a copy that cannot fit. Holes, and sharing of blocks, may need less. */
static bool has_room(const struct p2p_copy *copy)
{
	uint64_t own = (uint64_t)copy->destination.stat.st_blocks * 512;
	struct statvfs space;

	return !is_dense(&copy->source) || fstatvfs(copy->destination.fd, &space) ||
	       space.f_bavail * space.f_frsize + own >= copy->report.length;
}

/* No space is better said now than half-way. File systems that cannot reserve are written as is. */
static int reserve(struct p2p_copy *copy, struct p2p_error *error)
{
	const struct p2p_copy_report *report = &copy->report;

	if (!report->length || !is_dense(&copy->source))
		return 0;
	if (!fallocate(copy->destination.fd, FALLOC_FL_KEEP_SIZE, (off_t)report->destination_offset,
		       (off_t)report->length) ||
	    errno != ENOSPC)
		return 0;
	return say_no_room(copy, error);
}

int p2p_copy_touch(struct p2p_copy *copy, struct p2p_error *error)
{
	struct p2p_end *destination = &copy->destination;
	uint64_t start = copy->report.destination_offset, end = start + copy->report.length;

	if (destination->touched)
		return 0;
	if (copy->sets_size && !has_room(copy))
		return say_no_room(copy, error);
	destination->touched = true;
	if (!copy->sets_size)
		return 0;

	/* A whole copy replaces the file, as cp does: old data must not show through new holes. */
	if ((copy->options.length == P2P_COPY_TO_THE_END &&
	     ftruncate(destination->fd, (off_t)start)) ||
	    ftruncate(destination->fd, (off_t)end))
		return p2p_error_set(error, -errno, "cannot set the size of %s: %s",
				     destination->path, strerror(errno));
	return reserve(copy, error);
}

int p2p_copy_cut(struct p2p_copy *copy, struct p2p_error *error)
{
	const struct p2p_end *destination = &copy->destination;
	uint64_t end = copy->report.destination_offset + copy->report.good;

	if (!copy->sets_size || !destination->touched)
		return 0;
	if (copy->options.length != P2P_COPY_TO_THE_END && end < destination->size)
		end = destination->size;
	if (!ftruncate(destination->fd, (off_t)end))
		return 0;
	return p2p_error_set(error, -errno, "cannot set the size of %s: %s", destination->path,
			     strerror(errno));
}

int p2p_copy_flush(struct p2p_copy *copy, struct p2p_error *error)
{
	if (!copy->destination.touched || !fdatasync(copy->destination_fd))
		return 0;
	return p2p_error_set(error, -errno, "flushing %s failed: %s", copy->destination.path,
			     p2p_io_reason(-errno));
}
