// SPDX-License-Identifier: MIT
/*
 * Taking a checkpoint: how bytes become good, and the two ways back.
 *
 *     |== certain ==|===== good =====|--- moved ---|          to do          |
 *     0             samples vouch    not looked at                        length
 *
 * A provider that went away, or lost its memory, takes what was moved since with it: back to what
 * is good, and the next provider may serve. Wrong bytes mean that samples could not vouch for what
 * came before either: back to what is certain, whole comparisons and host memory alone, and no
 * provider again.
 *
 * Whole comparisons may end half-way, by a stop or an error: what they have seen by then is good.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "copy/checkpoint.h"
#include "copy/event.h"
#include "copy/io_error.h"

/* Nothing was moved yet. */
static void restart(struct p2p_checkpoint *checkpoint)
{
	checkpoint->moved.count = 0;
	checkpoint->samples.count = 0;
	checkpoint->blank_proofs = 0;
	checkpoint->unproven = false;
	checkpoint->deadline = p2p_now_ns() + P2P_CHECKPOINT_NS;
}

void p2p_checkpoint_open(struct p2p_checkpoint *checkpoint, struct p2p_copy *copy)
{
	*checkpoint = (struct p2p_checkpoint){ .copy = copy };
	restart(checkpoint);
}

void p2p_checkpoint_close(struct p2p_checkpoint *checkpoint)
{
	free(checkpoint->samples.pieces);
	free(checkpoint->moved.stretches);
}

/* What was moved since. */
static struct p2p_tally tally_of(const struct p2p_checkpoint *checkpoint)
{
	return p2p_moved_tally(&checkpoint->moved, checkpoint->copy->report.good,
			       checkpoint->position);
}

static bool has_peer(const struct p2p_checkpoint *checkpoint)
{
	return tally_of(checkpoint).peer;
}

static int go_back(struct p2p_checkpoint *checkpoint, uint64_t to, struct p2p_error *error)
{
	struct p2p_copy *copy = checkpoint->copy;
	bool last = checkpoint->position > p2p_copy_held(copy);
	int rc = 0;

	checkpoint->position = copy->report.done = copy->report.good = to;
	restart(checkpoint);
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

void p2p_checkpoint_forget_all(struct p2p_checkpoint *checkpoint)
{
	struct p2p_copy *copy = checkpoint->copy;

	copy->certain = (struct p2p_mark){ .bytes = 0 };
	set_tally(&copy->report, &copy->certain.tally);
	go_back(checkpoint, 0, NULL);
}

int p2p_checkpoint_lose_path(struct p2p_checkpoint *checkpoint, bool answers,
			     const struct p2p_error *why, struct p2p_error *error)
{
	int rc = answers ? 0 : go_back(checkpoint, checkpoint->copy->report.good, error);

	return rc ? rc : p2p_path_drop(checkpoint->copy, true, why, error);
}

/* Wrong bytes. */

static int say_differs(const struct p2p_checkpoint *checkpoint, uint64_t at,
		       struct p2p_error *error)
{
	const struct p2p_copy *copy = checkpoint->copy;
	char again[80] = "";

	if (has_peer(checkpoint) && copy->report.good > copy->certain.bytes)
		snprintf(again, sizeof(again),
			 "; the %" PRIu64 " bytes before it are in doubt, too",
			 copy->report.good - copy->certain.bytes);
	return p2p_error_set(
		error, -EIO,
		"reading back found wrong bytes in %s in the block at byte %" PRIu64 "%s%s",
		copy->destination.path, copy->report.destination_offset + at,
		has_peer(checkpoint) ? ", in a stretch that peer memory carried without any error"
				     : ", moved through host memory: is the source changing, or a "
				       "drive failing?",
		again);
}

int p2p_checkpoint_distrust(struct p2p_checkpoint *checkpoint, const struct p2p_error *why,
			    struct p2p_error *error)
{
	struct p2p_copy *copy = checkpoint->copy;
	int rc;

	set_tally(&copy->report, &copy->certain.tally);
	rc = go_back(checkpoint, copy->certain.bytes, error);
	if (rc)
		return rc;
	/* Where wrong bytes are already, a sample may miss that others were lost. */
	checkpoint->unproven = true;
	if (copy->report.path == P2P_COPY_PATH_PEER)
		return p2p_path_drop(copy, false, why, error);
	p2p_copy_tell(copy, P2P_COPY_EVENT_NOTE, why->text);
	return 0;
}

static int handle_difference(struct p2p_checkpoint *checkpoint, uint64_t at,
			     struct p2p_error *error)
{
	struct p2p_error why;
	/* What another wrote is not a fault of the path. */
	int rc = p2p_source_check(checkpoint->copy, false, error);

	if (rc)
		return rc;
	if (!has_peer(checkpoint))
		return say_differs(checkpoint, at, error);
	say_differs(checkpoint, at, &why);
	return p2p_checkpoint_distrust(checkpoint, &why, error);
}

/* Comparing. */

static bool compares_all(const struct p2p_checkpoint *checkpoint)
{
	const struct p2p_copy_report *report = &checkpoint->copy->report;

	return checkpoint->copy->options.verify || checkpoint->unproven ||
	       (has_peer(checkpoint) && report->comparison != P2P_COPY_COMPARES_SAMPLES);
}

static int say_interrupted(struct p2p_error *error)
{
	return p2p_error_set(error, -EINTR, "interrupted");
}

/* What was moved before `end` counts from now on; `all`: every byte of it was compared. */
static void make_good(struct p2p_checkpoint *checkpoint, uint64_t end, bool all)
{
	struct p2p_copy *copy = checkpoint->copy;
	struct p2p_copy_report *report = &copy->report;
	struct p2p_tally part = p2p_moved_tally(&checkpoint->moved, report->good, end);
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
	if (end == checkpoint->position)
		restart(checkpoint);
}

static int say_unreadable(const struct p2p_checkpoint *checkpoint, uint64_t at,
			  const struct p2p_transfer_result *result, struct p2p_error *error)
{
	const struct p2p_copy *copy = checkpoint->copy;
	bool source = result->step == P2P_TRANSFER_READ_SOURCE;
	int rc = p2p_source_check(copy, false, error);

	if (rc)
		return rc;
	return p2p_error_set(error, result->code,
			     "reading back %s failed in the block at byte %" PRIu64 ": %s",
			     source ? copy->source.path : copy->destination.path,
			     (source ? copy->report.offset : copy->report.destination_offset) + at,
			     p2p_io_error_text(result->code));
}

/* `at`: where the error is, from the copy's start. */
static int handle_result(struct p2p_checkpoint *checkpoint,
			 const struct p2p_transfer_result *result, uint64_t at,
			 struct p2p_error *error)
{
	switch (result->code) {
	case 0:
		return 0;
	case -EINTR:
		return say_interrupted(error);
	case -EBADMSG:
		return handle_difference(checkpoint, at, error);
	default:
		return say_unreadable(checkpoint, at, result, error);
	}
}

/* Whatever ends it, what came before was compared, and counts. */
static int compare_all(struct p2p_checkpoint *checkpoint, struct p2p_error *error)
{
	struct p2p_copy *copy = checkpoint->copy;
	uint64_t start = copy->report.good, end = checkpoint->position, started = p2p_now_ns();
	struct p2p_transfer_result result;
	int rc = p2p_copy_compare(copy, start, end - start, &result, error);

	copy->report.compare_ns += p2p_now_ns() - started;
	if (rc)
		return rc;
	copy->report.verified_bytes += result.completed;
	make_good(checkpoint, start + result.completed, true);
	if (!result.code && copy->report.good < end)
		return say_interrupted(error);
	return handle_result(checkpoint, &result, start + result.at, error);
}

static int compare_samples(struct p2p_checkpoint *checkpoint, struct p2p_error *error)
{
	struct p2p_copy *copy = checkpoint->copy;
	uint64_t start = copy->report.good, end = checkpoint->position, started = p2p_now_ns();
	struct p2p_transfer_result result;
	int rc = p2p_copy_compare_samples(copy, start, end - start, &checkpoint->samples, &result,
					  error);

	copy->report.compare_ns += p2p_now_ns() - started;
	if (rc)
		return rc;
	if (result.code)
		return handle_result(checkpoint, &result, result.at, error);
	copy->report.sampled_bytes += result.completed;
	make_good(checkpoint, end, false);
	return 0;
}

/* Who moves the bytes. */

static bool same_functions(const struct p2p_functions *a, const struct p2p_functions *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!p2p_functions_have(b, a->bdf[i]))
			return false;
	return true;
}

/* DMA may move to a function that the path was never proven for: a failover, a new member. */
static void look_at_functions(struct p2p_copy *copy, struct p2p_file *file)
{
	struct p2p_functions now;

	p2p_blockdev_functions(file->is_block ? file->stat.st_rdev : file->stat.st_dev, &now);
	if (same_functions(&file->functions, &now))
		return;
	file->functions = now;
	p2p_copy_compare_all(copy, P2P_COPY_COMPARES_ALL_CHANGED);
}

int p2p_checkpoint_take(struct p2p_checkpoint *checkpoint, struct p2p_error *error)
{
	struct p2p_copy *copy = checkpoint->copy;
	struct p2p_error gone;
	int rc = p2p_copy_flush(copy, error);

	if (!rc)
		rc = p2p_source_check(copy, false, error);
	if (rc)
		return rc;
	if (copy->report.path == P2P_COPY_PATH_PEER && has_peer(checkpoint) &&
	    !p2p_path_alive(copy)) {
		p2p_error_set(&gone, -EFAULT, "peer memory of %s is gone", copy->provider);
		return p2p_checkpoint_lose_path(checkpoint, false, &gone, error);
	}
	if (copy->report.path == P2P_COPY_PATH_PEER && has_peer(checkpoint) &&
	    p2p_memory_bounces(copy->memory)) {
		p2p_path_say_bounced(copy, &gone);
		return p2p_checkpoint_lose_path(checkpoint, false, &gone, error);
	}
	if (has_peer(checkpoint)) {
		look_at_functions(copy, &copy->source);
		look_at_functions(copy, &copy->destination);
	}
	if (checkpoint->position == copy->report.good) {
		restart(checkpoint);
		return 0;
	}
	return compares_all(checkpoint) ? compare_all(checkpoint, error)
					: compare_samples(checkpoint, error);
}
