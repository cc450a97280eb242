// SPDX-License-Identifier: MIT
/*
 * A window: the stretch between two flushes, and how its bytes are moved and made good.
 *
 *     |=========== good ===========|-- window, in flight --|          to do          |
 *     0                            done, flushed, verified                         length
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "copy/clock.h"
#include "copy/extent.h"
#include "copy/reason.h"
#include "copy/window.h"

#define WINDOW_NS UINT64_C(2000000000) /* how much work an interruption can cost, at most */

static void count(struct p2p_window *window, uint64_t bytes)
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
	struct p2p_window *window = context;

	window->copy->report.done = window->position + done;
	p2p_copy_tell(window->copy, P2P_COPY_EVENT_PROGRESS, NULL);
}

/* Nothing is in the window yet. */
static void restart(struct p2p_window *window)
{
	window->peer = window->host = window->holes = 0;
	window->deadline = p2p_now_ns() + WINDOW_NS;
}

static int say_interrupted(struct p2p_error *error)
{
	return p2p_error_set(error, -EINTR, "interrupted");
}

/* Takes the window back to what is certain. */
static void rewind_window(struct p2p_window *window)
{
	window->position = window->copy->report.done = window->copy->report.good;
	restart(window);
}

static int say_differs(const struct p2p_window *window, uint64_t at, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;

	return p2p_error_set(
		error, -EIO,
		"verification found wrong bytes in %s in the block at byte %" PRIu64 "%s",
		copy->destination.path, copy->report.destination_offset + at,
		window->peer ? ", in a stretch that peer memory carried without any error"
			     : ", moved through host memory: is the source changing, or a "
			       "drive failing?");
}

/* Wrong bytes end the peer path, and the stretch goes again; through host memory they are final. */
static int handle_difference(struct p2p_window *window, uint64_t at, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	struct p2p_error why;

	if (!window->peer)
		return say_differs(window, at, error);
	say_differs(window, at, &why);
	rewind_window(window);
	if (copy->report.path == P2P_COPY_PATH_PEER)
		return p2p_path_drop(copy, false, &why, error);
	p2p_copy_tell(copy, P2P_COPY_EVENT_NOTE, why.text);
	return 0;
}

static int verify_window(struct p2p_window *window, bool *again, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	uint64_t start = copy->report.good, length = window->position - start;
	struct p2p_transfer_result result;
	int rc = p2p_copy_compare(copy, start, length, &result, error);

	if (rc)
		return rc;
	if (result.code == -EINTR)
		return say_interrupted(error);
	if (result.code == -EBADMSG) {
		*again = true;
		return handle_difference(window, start + result.at, error);
	}
	if (result.code)
		return p2p_error_set(error, result.code,
				     "reading back %s failed in the block at byte %" PRIu64 ": %s",
				     result.step == P2P_STEP_READ_SOURCE ? copy->source.path
									 : copy->destination.path,
				     start + result.at, p2p_io_reason(result.code));
	if (result.completed < length)
		return say_interrupted(error);
	copy->report.verified_bytes += length;
	return 0;
}

int p2p_window_settle(struct p2p_window *window, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	struct p2p_copy_report *report = &copy->report;
	struct p2p_error gone;
	bool again = false;
	int rc = p2p_copy_flush(copy, error);

	if (rc)
		return rc;
	if (report->path == P2P_COPY_PATH_PEER && window->peer && !p2p_path_alive(copy)) {
		p2p_error_set(&gone, -EFAULT, "peer memory of %s is gone", copy->provider);
		rewind_window(window);
		return p2p_path_drop(copy, true, &gone, error);
	}
	if (copy->options.verify && window->position > report->good)
		rc = verify_window(window, &again, error);
	if (rc || again)
		return rc;

	report->peer_bytes += window->peer;
	report->host_bytes += window->host;
	report->hole_bytes += window->holes;
	report->good = window->position;
	restart(window);
	return 0;
}

static void say_failure(struct p2p_window *window, const struct p2p_transfer_result *result,
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

static int move_pipelined(struct p2p_window *window, uint64_t length, struct p2p_error *error)
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
	if (result.code == -EINTR)
		return say_interrupted(error);
	say_failure(window, &result, &why);
	if (copy->report.path != P2P_COPY_PATH_PEER)
		return p2p_error_set(error, why.code, "%s", why.text);
	/* What came before the lender's end is in doubt. */
	if (!p2p_path_alive(copy))
		rewind_window(window);
	/* The path or an end? Another path will tell. */
	return p2p_path_drop(copy, true, &why, error);
}

static int move_proving(struct p2p_window *window, uint64_t length, struct p2p_error *error)
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
static bool make_hole(struct p2p_window *window, uint64_t length)
{
	struct p2p_copy *copy = window->copy;
	int mode = copy->destination.is_block ? FALLOC_FL_ZERO_RANGE : FALLOC_FL_PUNCH_HOLE;

	return !fallocate(copy->destination.fd, mode | FALLOC_FL_KEEP_SIZE,
			  (off_t)(copy->report.destination_offset + window->position),
			  (off_t)length);
}

static int move_extent(struct p2p_window *window, uint64_t end, struct p2p_error *error)
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

int p2p_window_move(struct p2p_window *window, uint64_t end, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	int rc = 0;

	while (!rc && (window->position < end || copy->report.good < end)) {
		if (atomic_load(&copy->stop))
			return say_interrupted(error);
		if (window->position < end)
			rc = move_extent(window, end, error);
		if (!rc && (window->position == end || p2p_now_ns() > window->deadline))
			rc = p2p_window_settle(window, error);
	}
	return rc;
}

void p2p_window_open(struct p2p_window *window, struct p2p_copy *copy)
{
	*window = (struct p2p_window){ .copy = copy };
	restart(window);
}
