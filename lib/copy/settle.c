// SPDX-License-Identifier: MIT
/*
 * Settling a window: how bytes become good, and the two ways back.
 *
 *     |== certain ==|===== good =====|-- window --|          to do          |
 *     0             samples vouch    not looked at                       length
 *
 * A lender that went away, or lost its memory, takes the window with it: back to what is good, and
 * the next lender may serve. Wrong bytes mean that samples could not vouch for what came before
 * either: back to what is certain, whole comparisons and host memory alone, and no lender again.
 *
 * Whole comparisons may end half-way, by a stop or an error: what they have seen by then is good.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "copy/clock.h"
#include "copy/reason.h"
#include "copy/window.h"

/* What is in the window. */
static struct p2p_tally tally_of(const struct p2p_window *window)
{
	return p2p_moved_tally(&window->moved, window->copy->report.good, window->position);
}

static bool has_peer(const struct p2p_window *window)
{
	return tally_of(window).peer;
}

static int go_back(struct p2p_window *window, uint64_t to, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	bool last = window->position > p2p_copy_held(copy);
	int rc = 0;

	window->position = copy->report.done = copy->report.good = to;
	p2p_window_restart(window);
	/* With its last block a file looks finished. */
	if (last)
		rc = p2p_copy_cut(copy, error);
	return last && !rc ? p2p_copy_sync_size(copy, error) : rc;
}

static void set_tally(struct p2p_copy_report *report, const struct p2p_tally *tally)
{
	report->peer_bytes = tally->peer;
	report->host_bytes = tally->host;
	report->hole_bytes = tally->holes;
}

void p2p_window_forget_all(struct p2p_window *window)
{
	struct p2p_copy *copy = window->copy;

	copy->certain = (struct p2p_mark){ .bytes = 0 };
	set_tally(&copy->report, &copy->certain.tally);
	go_back(window, 0, NULL);
}

int p2p_window_lose_path(struct p2p_window *window, bool answers, const struct p2p_error *why,
			 struct p2p_error *error)
{
	int rc = answers ? 0 : go_back(window, window->copy->report.good, error);

	return rc ? rc : p2p_path_drop(window->copy, true, why, error);
}

/* Wrong bytes. */

static int say_differs(const struct p2p_window *window, uint64_t at, struct p2p_error *error)
{
	const struct p2p_copy *copy = window->copy;
	char again[80] = "";

	if (has_peer(window) && copy->report.good > copy->certain.bytes)
		snprintf(again, sizeof(again),
			 "; the %" PRIu64 " bytes before it are in doubt, too",
			 copy->report.good - copy->certain.bytes);
	return p2p_error_set(
		error, -EIO,
		"reading back found wrong bytes in %s in the block at byte %" PRIu64 "%s%s",
		copy->destination.path, copy->report.destination_offset + at,
		has_peer(window) ? ", in a stretch that peer memory carried without any error"
				 : ", moved through host memory: is the source changing, or a "
				   "drive failing?",
		again);
}

int p2p_window_distrust(struct p2p_window *window, const struct p2p_error *why,
			struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	int rc;

	set_tally(&copy->report, &copy->certain.tally);
	rc = go_back(window, copy->certain.bytes, error);
	if (rc)
		return rc;
	/* Where wrong bytes are already, a sample may miss that others were lost. */
	window->unproven = true;
	if (copy->report.path == P2P_COPY_PATH_PEER)
		return p2p_path_drop(copy, false, why, error);
	p2p_copy_tell(copy, P2P_COPY_EVENT_NOTE, why->text);
	return 0;
}

static int handle_difference(struct p2p_window *window, uint64_t at, struct p2p_error *error)
{
	struct p2p_error why;
	/* What another wrote is no fault of the path. */
	int rc = p2p_source_check(window->copy, false, error);

	if (rc)
		return rc;
	if (!has_peer(window))
		return say_differs(window, at, error);
	say_differs(window, at, &why);
	return p2p_window_distrust(window, &why, error);
}

/* Comparing. */

static bool compares_all(const struct p2p_window *window)
{
	const struct p2p_copy_report *report = &window->copy->report;

	return window->copy->options.verify || window->unproven ||
	       (has_peer(window) && report->comparison != P2P_COPY_COMPARES_SAMPLES);
}

static int say_interrupted(struct p2p_error *error)
{
	return p2p_error_set(error, -EINTR, "interrupted");
}

/* What of the window is before `end` counts from now on; `all`: every byte of it was compared. */
static void make_good(struct p2p_window *window, uint64_t end, bool all)
{
	struct p2p_copy *copy = window->copy;
	struct p2p_copy_report *report = &copy->report;
	struct p2p_tally part = p2p_moved_tally(&window->moved, report->good, end);
	bool certain = copy->certain.bytes == report->good && (all || !part.peer);

	report->peer_bytes += part.peer;
	report->host_bytes += part.host;
	report->hole_bytes += part.holes;
	report->good = end;
	if (certain)
		copy->certain = (struct p2p_mark){
			.bytes = end,
			.tally = { report->peer_bytes, report->host_bytes, report->hole_bytes },
		};
	if (end == window->position)
		p2p_window_restart(window);
}

static int say_unreadable(const struct p2p_window *window, uint64_t at,
			  const struct p2p_transfer_result *result, struct p2p_error *error)
{
	const struct p2p_copy *copy = window->copy;
	bool source = result->step == P2P_STEP_READ_SOURCE;
	int rc = p2p_source_check(copy, false, error);

	if (rc)
		return rc;
	return p2p_error_set(error, result->code,
			     "reading back %s failed in the block at byte %" PRIu64 ": %s",
			     source ? copy->source.path : copy->destination.path,
			     (source ? copy->report.offset : copy->report.destination_offset) + at,
			     p2p_io_reason(result->code));
}

/* `at`: where the error is, from the copy's start. */
static int handle_result(struct p2p_window *window, const struct p2p_transfer_result *result,
			 uint64_t at, struct p2p_error *error)
{
	switch (result->code) {
	case 0:
		return 0;
	case -EINTR:
		return say_interrupted(error);
	case -EBADMSG:
		return handle_difference(window, at, error);
	default:
		return say_unreadable(window, at, result, error);
	}
}

/* Whatever ends it, what came before was compared, and counts. */
static int compare_all(struct p2p_window *window, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	uint64_t start = copy->report.good, end = window->position, started = p2p_now_ns();
	struct p2p_transfer_result result;
	int rc = p2p_copy_compare(copy, start, end - start, &result, error);

	copy->report.compare_ns += p2p_now_ns() - started;
	if (rc)
		return rc;
	copy->report.verified_bytes += result.completed;
	make_good(window, start + result.completed, true);
	if (!result.code && copy->report.good < end)
		return say_interrupted(error);
	return handle_result(window, &result, start + result.at, error);
}

static int compare_samples(struct p2p_window *window, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	uint64_t start = copy->report.good, end = window->position, started = p2p_now_ns();
	struct p2p_transfer_result result;
	int rc = p2p_copy_compare_samples(copy, start, end - start, &window->samples, &result,
					  error);

	copy->report.compare_ns += p2p_now_ns() - started;
	if (rc)
		return rc;
	if (result.code)
		return handle_result(window, &result, result.at, error);
	copy->report.sampled_bytes += result.completed;
	make_good(window, end, false);
	return 0;
}

/* Who moves the bytes. */

static bool has(const struct p2p_functions *functions, const char *bdf)
{
	for (size_t i = 0; i < functions->count; i++)
		if (!strcmp(functions->bdf[i], bdf))
			return true;
	return false;
}

static bool same_functions(const struct p2p_functions *a, const struct p2p_functions *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!has(b, a->bdf[i]))
			return false;
	return true;
}

/* An end's DMA may move to a function that the path was never proven for: a failover, a new member.
 */
static void look_at_functions(struct p2p_copy *copy, struct p2p_end *end)
{
	struct p2p_functions now;

	p2p_blockdev_functions(end->is_block ? end->stat.st_rdev : end->stat.st_dev, &now);
	if (same_functions(&end->functions, &now))
		return;
	end->functions = now;
	p2p_copy_compare_all(copy, P2P_COPY_COMPARES_ALL_CHANGED);
}

int p2p_window_settle(struct p2p_window *window, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	struct p2p_error gone;
	int rc = p2p_copy_flush(copy, error);

	if (!rc)
		rc = p2p_source_check(copy, false, error);
	if (rc)
		return rc;
	if (copy->report.path == P2P_COPY_PATH_PEER && has_peer(window) && !p2p_path_alive(copy)) {
		p2p_error_set(&gone, -EFAULT, "peer memory of %s is gone", copy->provider);
		return p2p_window_lose_path(window, false, &gone, error);
	}
	if (has_peer(window)) {
		look_at_functions(copy, &copy->source);
		look_at_functions(copy, &copy->destination);
	}
	if (window->position == copy->report.good) {
		p2p_window_restart(window);
		return 0;
	}
	return compares_all(window) ? compare_all(window, error) : compare_samples(window, error);
}
