// SPDX-License-Identifier: MIT
/*
 * Open, run, close: a copy goes through its range in windows. After each window the destination is
 * flushed (and read back when verifying), so that at any moment it is known how far it is good.
 *
 *     |=========== good ===========|-- window, in flight --|          to do          |
 *     0                            done, flushed, verified                         length
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "copy/extent.h"
#include "copy/private.h"
#include "copy/reason.h"
#include "copy/round.h"

#define WINDOW_NS UINT64_C(2000000000) /* how much work an interruption can cost, at most */

void p2p_copy_options_init(struct p2p_copy_options *options)
{
	*options = (struct p2p_copy_options){
		.destination_offset = P2P_COPY_SAME_OFFSET,
		.length = P2P_COPY_TO_THE_END,
	};
}

void p2p_copy_tell(struct p2p_copy *copy, enum p2p_copy_event event, const char *text)
{
	if (copy->options.event)
		copy->options.event(copy->options.context, event, text, &copy->report);
}

static int check_options(const struct p2p_copy_options *options, struct p2p_error *error)
{
	if (options->strategy != P2P_COPY_HOST)
		return 0;
	if (options->require_p2p || options->provider)
		return p2p_error_set(error, -EINVAL,
				     "the host strategy and %s exclude each other: leave one out",
				     options->require_p2p ? "--require-p2p" : "--provider");
	return 0;
}

int p2p_copy_open(const struct p2p_copy_options *options, struct p2p_copy **copy,
		  struct p2p_error *error)
{
	struct p2p_copy *opened;
	int rc = check_options(options, error);

	if (rc)
		return rc;
	opened = calloc(1, sizeof(*opened));
	if (!opened)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	opened->options = *options;
	opened->source.fd = opened->destination.fd = -1;

	rc = p2p_end_open_source(&opened->source, options->source, error);
	if (!rc)
		rc = p2p_end_open_destination(&opened->destination, options->destination,
					      &opened->source, options->force, error);
	if (!rc)
		rc = p2p_copy_check(opened, error);
	if (!rc)
		rc = p2p_path_candidates(opened, error);
	if (!rc)
		rc = p2p_pipeline_open(opened->depth, &opened->pipeline, error);
	if (rc) {
		p2p_copy_close(opened);
		return rc;
	}
	opened->source_fd = opened->source.fd;
	opened->destination_fd = opened->destination.fd;
	*copy = opened;
	return 0;
}

void p2p_copy_close(struct p2p_copy *copy)
{
	if (!copy)
		return;
	p2p_pipeline_close(copy->pipeline);
	p2p_memory_close(copy->memory);
	p2p_memory_close(copy->compared[0]);
	p2p_memory_close(copy->compared[1]);
	p2p_end_close(&copy->destination);
	p2p_end_close(&copy->source);
	free(copy->candidates);
	free(copy);
}

void p2p_copy_stop(struct p2p_copy *copy)
{
	atomic_store(&copy->stop, true);
}

const struct p2p_copy_report *p2p_copy_report(const struct p2p_copy *copy)
{
	return &copy->report;
}

/* The destination's size. */

static bool is_dense(const struct p2p_end *end)
{
	return end->is_block || (uint64_t)end->stat.st_blocks * 512 >= end->size;
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
	copy->destination.touched = !copy->destination.created;
	return p2p_error_set(error, -ENOSPC,
			     "the file system of %s has no room for %" PRIu64
			     " bytes: make room, or choose another",
			     copy->destination.path, report->length);
}

int p2p_copy_touch(struct p2p_copy *copy, struct p2p_error *error)
{
	struct p2p_end *destination = &copy->destination;
	uint64_t start = copy->report.destination_offset, end = start + copy->report.length;

	if (destination->touched)
		return 0;
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

/* Ends a destination file where the copy ends, or where an unfinished one is good. */
static int cut(struct p2p_copy *copy, struct p2p_error *error)
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

/* Moving bytes. `position` is how far the running window has come. */

struct window {
	struct p2p_copy *copy;
	uint64_t position;
	uint64_t deadline;
	uint64_t peer, host, holes; /* bytes since the last settling */
};

static void count(struct window *window, uint64_t bytes)
{
	if (window->copy->report.path == P2P_COPY_PATH_PEER)
		window->peer += bytes;
	else
		window->host += bytes;
	window->position += bytes;
	window->copy->report.done = window->position;
}

static void show_progress(void *context, uint64_t done)
{
	struct window *window = context;

	window->copy->report.done = window->position + done;
	p2p_copy_tell(window->copy, P2P_COPY_EVENT_PROGRESS, NULL);
}

static void open_window(struct window *window)
{
	window->peer = window->host = window->holes = 0;
	window->deadline = p2p_now_ns() + WINDOW_NS;
}

static int say_interrupted(struct p2p_error *error)
{
	return p2p_error_set(error, -EINTR, "interrupted");
}

static int say_differs(struct window *window, uint64_t at, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;

	return p2p_error_set(error, -EIO,
			     "verification found wrong bytes in %s in the block at byte %" PRIu64
			     "%s",
			     copy->destination.path, copy->report.destination_offset + at,
			     copy->report.path == P2P_COPY_PATH_PEER
				     ? ", moved through peer memory without any error"
				     : ", moved through host memory: is the source changing, or a "
				       "drive failing?");
}

/*
 * Makes the window good: flushed, and read back when verifying. Wrong bytes end the peer path and
 * take the window back to its start; through host memory they end the copy.
 */
static int settle(struct window *window, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	struct p2p_copy_report *report = &copy->report;
	uint64_t length = window->position - report->good;
	struct p2p_transfer_result result;
	struct p2p_error why;
	int rc = p2p_copy_flush(copy, error);

	if (rc)
		return rc;
	if (copy->options.verify && length) {
		rc = p2p_copy_compare(copy, report->good, length, &result, error);
		if (rc)
			return rc;
		if (result.code == -EBADMSG && report->path == P2P_COPY_PATH_PEER) {
			say_differs(window, report->good + result.at, &why);
			window->position = report->done = report->good;
			open_window(window);
			return p2p_path_drop(copy, false, &why, error);
		}
		if (result.code == -EBADMSG)
			return say_differs(window, report->good + result.at, error);
		if (result.code)
			return p2p_error_set(
				error, result.code,
				"reading back %s failed in the block at byte %" PRIu64 ": %s",
				result.step == P2P_STEP_READ_SOURCE ? copy->source.path
								    : copy->destination.path,
				report->good + result.at, p2p_io_reason(result.code));
		if (result.completed < length)
			return say_interrupted(error);
		report->verified_bytes += length;
	}
	report->peer_bytes += window->peer;
	report->host_bytes += window->host;
	report->hole_bytes += window->holes;
	report->good = window->position;
	open_window(window);
	return 0;
}

static void say_failure(struct window *window, const struct p2p_transfer_result *result,
			struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	bool reading = result->step != P2P_STEP_WRITE_DESTINATION;
	bool peer = copy->report.path == P2P_COPY_PATH_PEER;
	uint64_t start = reading ? copy->report.offset : copy->report.destination_offset;

	p2p_error_set(error, result->code, "%s %s in the block at byte %" PRIu64 "%s%s failed: %s",
		      reading ? "reading" : "writing",
		      reading ? copy->source.path : copy->destination.path,
		      start + window->position, peer ? " through peer memory of " : "",
		      peer ? copy->provider : "",
		      result->step == P2P_STEP_SOURCE_ENDED
			      ? "it ends early, the device is gone or the file became shorter"
			      : p2p_io_reason(result->code));
}

static int move_pipelined(struct window *window, uint64_t length, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	struct p2p_transfer transfer = {
		.source = copy->source_fd,
		.destination = copy->destination_fd,
		.source_offset = copy->report.offset + window->position,
		.destination_offset = copy->report.destination_offset + window->position,
		.length = length,
		.block = copy->report.block,
		.depth = copy->report.depth,
		.align = copy->align,
		.memory = copy->memory,
		.deadline = window->deadline,
		.stop = &copy->stop,
		.progress = show_progress,
		.context = window,
	};
	struct p2p_transfer_result result;
	struct p2p_error why;
	int rc = p2p_copy_touch(copy, error);

	if (rc)
		return rc;
	result = p2p_pipeline_run(copy->pipeline, &transfer);
	count(window, result.completed);
	if (!result.code)
		return 0;
	say_failure(window, &result, &why);
	if (copy->report.path != P2P_COPY_PATH_PEER)
		return p2p_error_set(error, why.code, "%s", why.text);
	/* The path or an end? Another path will tell. */
	return p2p_path_drop(copy, true, &why, error);
}

static int move_proving(struct window *window, uint64_t length, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	struct p2p_error why;

	if (length > copy->report.block)
		length = copy->report.block;
	switch (p2p_copy_prove(copy, window->position, length, &why)) {
	case P2P_PROOF_HOLDS:
		count(window, length);
		show_progress(window, 0);
		return 0;
	case P2P_PROOF_REFUSED:
		return p2p_path_drop(copy, true, &why, error);
	case P2P_PROOF_WRONG:
		return p2p_path_drop(copy, false, &why, error);
	case P2P_PROOF_BROKEN:
		break;
	}
	return p2p_error_set(error, why.code, "%s", why.text);
}

/* False: the destination cannot make holes, zeros must be written. */
static bool make_hole(struct window *window, uint64_t length)
{
	struct p2p_copy *copy = window->copy;
	int mode = copy->destination.is_block ? FALLOC_FL_ZERO_RANGE : FALLOC_FL_PUNCH_HOLE;

	return !fallocate(copy->destination.fd, mode | FALLOC_FL_KEEP_SIZE,
			  (off_t)(copy->report.destination_offset + window->position),
			  (off_t)length);
}

static int move_extent(struct window *window, uint64_t end, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	uint64_t offset = copy->report.offset;
	struct p2p_extent extent = p2p_extent_at(copy->source_fd, offset + window->position,
						 offset + end, copy->align);
	uint64_t length = extent.end - offset - window->position;
	int rc;

	if (extent.hole) {
		rc = p2p_copy_touch(copy, error);
		if (rc)
			return rc;
		if (make_hole(window, length)) {
			window->holes += length;
			window->position += length;
			copy->report.done = window->position;
			return 0;
		}
	}
	if (copy->report.path == P2P_COPY_PATH_PEER && !copy->proven)
		return move_proving(window, length, error);
	return move_pipelined(window, length, error);
}

/* Moves everything up to `end` with the descriptors and alignment in use. */
static int move_until(struct window *window, uint64_t end, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	int rc = 0;

	while (!rc && (window->position < end || copy->report.good < end)) {
		if (atomic_load(&copy->stop))
			return say_interrupted(error);
		if (window->position < end)
			rc = move_extent(window, end, error);
		if (!rc && (window->position == end || p2p_now_ns() > window->deadline))
			rc = settle(window, error);
	}
	return rc;
}

/* What is not made of whole sectors goes through host memory and the page cache. */
static int use_page_cache(struct p2p_copy *copy, struct p2p_error *error)
{
	char text[160];

	copy->source_fd = p2p_end_open_buffered(&copy->source, false);
	copy->destination_fd = p2p_end_open_buffered(&copy->destination, true);
	if (copy->source_fd < 0 || copy->destination_fd < 0)
		return p2p_error_set(error,
				     copy->source_fd < 0 ? copy->source_fd : copy->destination_fd,
				     "cannot open an end a second time, for its page cache");
	snprintf(text, sizeof(text),
		 "the last %" PRIu64 " bytes are no whole sector: they go buffered through host "
		 "memory",
		 copy->report.length - copy->direct_length);
	if (copy->direct_length)
		p2p_copy_tell(copy, P2P_COPY_EVENT_NOTE, text);
	copy->align = 1;
	if (copy->report.path != P2P_COPY_PATH_PEER)
		return 0;
	p2p_memory_close(copy->memory);
	copy->memory = NULL;
	copy->report.path = P2P_COPY_PATH_HOST;
	return p2p_host_memory_open(copy->block * copy->depth, &copy->memory, error);
}

static void stop_using_page_cache(struct p2p_copy *copy)
{
	if (copy->source_fd >= 0 && copy->source_fd != copy->source.fd)
		close(copy->source_fd);
	if (copy->destination_fd >= 0 && copy->destination_fd != copy->destination.fd)
		close(copy->destination_fd);
	copy->source_fd = copy->source.fd;
	copy->destination_fd = copy->destination.fd;
}

static int move_all(struct window *window, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	int rc = p2p_path_open(copy, error);

	if (!rc)
		rc = move_until(window, copy->direct_length, error);
	if (!rc && copy->direct_length < copy->report.length) {
		rc = use_page_cache(copy, error);
		if (!rc)
			rc = move_until(window, copy->report.length, error);
	}
	return rc;
}

int p2p_copy_run(struct p2p_copy *copy, struct p2p_error *error)
{
	struct window window = { .copy = copy };
	struct p2p_error settling = { .code = 0 };
	int rc;

	open_window(&window);
	rc = move_all(&window, error);
	if (!rc)
		rc = p2p_copy_touch(copy, error); /* an empty source still makes an empty file */
	else if (window.position > copy->report.good)
		settle(&window, &settling); /* what did arrive is worth keeping, if it is good */
	stop_using_page_cache(copy);

	if (!rc)
		return cut(copy, error);
	cut(copy, NULL);
	return rc;
}
