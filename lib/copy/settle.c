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
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "copy/clock.h"
#include "copy/reason.h"
#include "copy/window.h"

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

	if (window->tally.peer && copy->report.good > copy->certain.bytes)
		snprintf(again, sizeof(again),
			 "; the %" PRIu64 " bytes before it are in doubt, too",
			 copy->report.good - copy->certain.bytes);
	return p2p_error_set(
		error, -EIO,
		"reading back found wrong bytes in %s in the block at byte %" PRIu64 "%s%s",
		copy->destination.path, copy->report.destination_offset + at,
		window->tally.peer ? ", in a stretch that peer memory carried without any error"
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
	if (!window->tally.peer)
		return say_differs(window, at, error);
	say_differs(window, at, &why);
	return p2p_window_distrust(window, &why, error);
}

/* Comparing. */

static bool compares_all(const struct p2p_window *window)
{
	const struct p2p_copy_report *report = &window->copy->report;

	return window->copy->options.verify || window->unproven ||
	       (window->tally.peer && report->comparison != P2P_COPY_COMPARES_SAMPLES);
}

static int say_interrupted(struct p2p_error *error)
{
	return p2p_error_set(error, -EINTR, "interrupted");
}

/* Sets `again` when the copy went back. */
static int compare(struct p2p_window *window, bool all, bool *again, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	uint64_t start = copy->report.good, length = window->position - start;
	struct p2p_transfer_result result;
	uint64_t started = p2p_now_ns();
	int rc = all ? p2p_copy_compare(copy, start, length, &result, error)
		     : p2p_copy_compare_samples(copy, start, length, &window->samples, &result,
						error);

	copy->report.compare_ns += p2p_now_ns() - started;
	if (rc)
		return rc;
	if (all) /* else pieces are counted from the copy's start */
		result.at += start;
	if (result.code == -EINTR)
		return say_interrupted(error);
	if (result.code == -EBADMSG) {
		*again = true;
		return handle_difference(window, result.at, error);
	}
	if (result.code) {
		rc = p2p_source_check(copy, false, error);
		if (rc)
			return rc;
		return p2p_error_set(error, result.code,
				     "reading back %s failed in the block at byte %" PRIu64 ": %s",
				     result.step == P2P_STEP_READ_SOURCE ? copy->source.path
									 : copy->destination.path,
				     (result.step == P2P_STEP_READ_SOURCE
					      ? copy->report.offset
					      : copy->report.destination_offset) +
					     result.at,
				     p2p_io_reason(result.code));
	}
	if (all && result.completed < length)
		return say_interrupted(error);
	*(all ? &copy->report.verified_bytes : &copy->report.sampled_bytes) += result.completed;
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

static void make_good(struct p2p_window *window, bool all)
{
	struct p2p_copy *copy = window->copy;
	struct p2p_copy_report *report = &copy->report;
	bool certain = copy->certain.bytes == report->good && (all || !window->tally.peer);

	report->peer_bytes += window->tally.peer;
	report->host_bytes += window->tally.host;
	report->hole_bytes += window->tally.holes;
	report->good = window->position;
	if (certain)
		copy->certain = (struct p2p_mark){
			.bytes = report->good,
			.tally = { report->peer_bytes, report->host_bytes, report->hole_bytes },
		};
	p2p_window_restart(window);
}

int p2p_window_settle(struct p2p_window *window, struct p2p_error *error)
{
	struct p2p_copy *copy = window->copy;
	struct p2p_error gone;
	bool again = false, all;
	int rc = p2p_copy_flush(copy, error);

	if (!rc)
		rc = p2p_source_check(copy, false, error);
	if (rc)
		return rc;
	if (copy->report.path == P2P_COPY_PATH_PEER && window->tally.peer &&
	    !p2p_path_alive(copy)) {
		p2p_error_set(&gone, -EFAULT, "peer memory of %s is gone", copy->provider);
		return p2p_window_lose_path(window, false, &gone, error);
	}
	if (window->tally.peer) {
		look_at_functions(copy, &copy->source);
		look_at_functions(copy, &copy->destination);
	}
	all = compares_all(window);
	if (window->position > copy->report.good)
		rc = compare(window, all, &again, error);
	if (!rc && !again)
		make_good(window, all);
	return rc;
}
