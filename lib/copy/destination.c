// SPDX-License-Identifier: MIT
/*
 * A destination file's size: room before, growing while it is written, the right end after.
 *
 *     0          good        written       room           held         length
 *     |===========|------------|............|              |== last ====|
 *                                file's end ^                block
 *
 * The file's end stays ahead of what is written, so that writes need not move it and can run side
 * by side, but never reaches the copy's end before everything else is good. Then it passes it, by a
 * block, until the last block is good as well: a file that has its size is whole, whatever ends
 * the copy. Where no file can be so long, the last block alone may be there and not compared.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "copy/private.h"
#include "round.h"

#define GROW_MIN (UINT64_C(64) << 20)
#define GROW_MAX (UINT64_C(4) << 30)

static uint64_t end_of(const struct p2p_copy *copy)
{
	return copy->report.destination_offset + copy->report.length;
}

static int say_size_failure(const struct p2p_copy *copy, int code, struct p2p_error *error)
{
	return p2p_error_set(error, code, "cannot set the size of %s: %s", copy->destination.path,
			     strerror(-code));
}

static int set_size(struct p2p_copy *copy, uint64_t size, struct p2p_error *error)
{
	uint64_t start = copy->report.destination_offset;

	if (ftruncate(copy->destination.fd, (off_t)size))
		return say_size_failure(copy, -errno, error);
	copy->room = size > start ? size - start : 0;
	return 0;
}

/* Limits. */

/* To punch a hole past a file's end changes nothing, but is refused where no file can reach. */
static int check_largest_file(const struct p2p_copy *copy, struct p2p_error *error)
{
	uint64_t end = end_of(copy);

	if (end <= copy->destination.size ||
	    !fallocate(copy->destination.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		       (off_t)(end - 1), 1) ||
	    errno != EFBIG)
		return 0;
	return p2p_error_set_hint(error, -EFBIG, P2P_HINT_LENGTH,
				  "the file system of %s takes no file of %" PRIu64
				  " bytes: choose another, or copy less",
				  copy->destination.path, end);
}

/* Room. */

static bool is_dense(const struct p2p_file *file)
{
	return file->is_block || (uint64_t)file->stat.st_blocks * 512 >= file->size;
}

static bool is_no_room(int code)
{
	return code == ENOSPC || code == EDQUOT;
}

static int say_no_room(const struct p2p_copy *copy, struct p2p_error *error)
{
	return p2p_error_set(error, -ENOSPC,
			     "the file system of %s has no room for %" PRIu64
			     " bytes: make room, or choose another",
			     copy->destination.path, copy->report.length);
}

/* Some file systems keep blocks for those who may use them. */
static bool may_use_reserve(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	return !syscall(SYS_capget, &header, data) && data[0].effective & 1u << CAP_SYS_RESOURCE;
}

static int check_room(const struct p2p_copy *copy, struct p2p_error *error)
{
	uint64_t own = (uint64_t)copy->destination.stat.st_blocks * 512;
	struct statvfs space;
	uint64_t free;

	if (fstatvfs(copy->destination.fd, &space))
		return 0;
	free = (may_use_reserve() ? space.f_bfree : space.f_bavail) * space.f_frsize;
	return free + own >= copy->report.length ? 0 : say_no_room(copy, error);
}

/* What the file is to have beyond what it has: asked for and given back. */
static int try_room(const struct p2p_copy *copy, struct p2p_error *error)
{
	const struct p2p_file *destination = &copy->destination;
	uint64_t end = end_of(copy);
	bool full;

	if (end <= destination->size)
		return 0;
	full = fallocate(destination->fd, FALLOC_FL_KEEP_SIZE, (off_t)destination->size,
			 (off_t)(end - destination->size)) &&
	       is_no_room(errno);
	if (full && ftruncate(destination->fd, (off_t)destination->size))
		return say_size_failure(copy, -errno, error);
	return full ? say_no_room(copy, error) : 0;
}

/* No space is better said now than half-way. File systems that cannot reserve are written as is. */
static int reserve(const struct p2p_copy *copy, struct p2p_error *error)
{
	const struct p2p_copy_report *report = &copy->report;

	if (!report->length || !is_dense(&copy->source) ||
	    !fallocate(copy->destination.fd, FALLOC_FL_KEEP_SIZE, (off_t)report->destination_offset,
		       (off_t)report->length) ||
	    !is_no_room(errno))
		return 0;
	return say_no_room(copy, error);
}

/* Everything that refuses the copy, while the file is still as it was. */
static int check_file(const struct p2p_copy *copy, struct p2p_error *error)
{
	int rc;

	if (!copy->sets_size)
		return 0;
	rc = check_largest_file(copy, error);
	/* Holes, and sharing of blocks, may need less. */
	if (!rc && is_dense(&copy->source))
		rc = check_room(copy, error);
	if (!rc && is_dense(&copy->source))
		rc = try_room(copy, error);
	return rc;
}

/* Sizes. */

/* Whether the file's size is to tell that the copy is whole. */
static bool shows_its_end(const struct p2p_copy *copy)
{
	bool shows = copy->options.length == P2P_COPY_TO_THE_END ||
		     end_of(copy) > copy->destination.size;

	return copy->sets_size && shows && copy->report.length && copy->report.block;
}

uint64_t p2p_copy_held(const struct p2p_copy *copy)
{
	const struct p2p_copy_report *report = &copy->report;

	return shows_its_end(copy) ? round_down(report->length - 1, report->block) : 0;
}

/* A whole copy replaces the file, as cp does: old data must not show through new holes. */
static int start_size(struct p2p_copy *copy, struct p2p_error *error)
{
	uint64_t start = copy->report.destination_offset, size = copy->destination.size;
	int rc;

	if (copy->sets_size && copy->options.length == P2P_COPY_TO_THE_END) {
		rc = set_size(copy, start, error);
		return !rc && size > start ? p2p_copy_sync_size(copy, error) : rc;
	}
	copy->room = size > start ? size - start : 0;
	return 0;
}

int p2p_copy_touch(struct p2p_copy *copy, struct p2p_error *error)
{
	struct p2p_file *destination = &copy->destination;
	int rc;

	if (destination->touched)
		return 0;
	rc = destination->is_block ? 0 : check_file(copy, error);
	if (rc)
		return rc;
	destination->touched = true;
	if (destination->is_block)
		return 0;
	rc = start_size(copy, error);
	if (!rc && copy->sets_size)
		rc = reserve(copy, error);
	if (rc && destination->created)
		destination->touched = false; /* nothing is in it: it goes again */
	return rc;
}

static uint64_t within(uint64_t value, uint64_t least, uint64_t most)
{
	return value < least ? least : value > most ? most : value;
}

/* Beyond RLIMIT_FSIZE there may be a signal for it. */
static bool may_have_size(uint64_t size)
{
	struct rlimit limit;

	return size <= INT64_MAX && (getrlimit(RLIMIT_FSIZE, &limit) || size <= limit.rlim_cur);
}

static void pass_the_end(struct p2p_copy *copy)
{
	const struct p2p_copy_report *report = &copy->report;
	uint64_t size = end_of(copy) + report->block;

	if (!shows_its_end(copy) || copy->room > report->length || !may_have_size(size))
		return;
	set_size(copy, size, NULL);
}

bool p2p_copy_begin_last(struct p2p_copy *copy)
{
	if (copy->report.good < p2p_copy_held(copy))
		return false;
	pass_the_end(copy);
	return true;
}

int p2p_copy_grow(struct p2p_copy *copy, uint64_t position, uint64_t *end, struct p2p_error *error)
{
	uint64_t held = p2p_copy_held(copy), next;
	int rc = 0;

	if (p2p_copy_begin_last(copy))
		return 0;
	if (*end > copy->room) {
		/* By as much again: few steps for any size. */
		next = position > copy->room ? position : copy->room;
		next = round_up(next + within(next, GROW_MIN, GROW_MAX), copy->report.block);
		if (next > held)
			next = held;
		rc = set_size(copy, copy->report.destination_offset + next, error);
	}
	if (*end > copy->room)
		*end = copy->room;
	return rc;
}

int p2p_copy_reach(struct p2p_copy *copy, uint64_t end, struct p2p_error *error)
{
	if (!copy->sets_size || end <= copy->room)
		return 0;
	return set_size(copy, copy->report.destination_offset + end, error);
}

int p2p_copy_cut(struct p2p_copy *copy, struct p2p_error *error)
{
	const struct p2p_file *destination = &copy->destination;
	uint64_t end = copy->report.destination_offset + copy->report.good;

	if (!copy->sets_size || !destination->touched)
		return 0;
	if (copy->options.length != P2P_COPY_TO_THE_END && end < destination->size)
		end = destination->size;
	return set_size(copy, end, error);
}
