// SPDX-License-Identifier: MIT
/*
 * Moving bytes between two checkpoints.
 *
 *     |=========== good ===========|-- moved, in flight --|          to do          |
 *     0                            last checkpoint                                length
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>

#include "clock.h"
#include "copy/event.h"
#include "copy/extent.h"
#include "copy/io_error.h"
#include "copy/move.h"

/* One after the other; then what follows goes on unproven, all of it compared at the checkpoint. */
#define BLANK_PROOFS 2

/* A hole on a device may mean writing: in pieces that take about so long, to be interruptible. */
#define HOLE_NS  UINT64_C(100000000)
#define HOLE_MIN (UINT64_C(1) << 20)
#define HOLE_MAX (UINT64_C(1) << 30)

static int say_out_of_memory(struct p2p_error *error)
{
	return p2p_error_set(error, -ENOMEM, "out of memory");
}

static void advance(struct p2p_checkpoint *checkpoint, uint64_t bytes)
{
	checkpoint->position += bytes;
	checkpoint->copy->report.done = checkpoint->position;
}

static int count(struct p2p_checkpoint *checkpoint, uint64_t bytes, struct p2p_error *error)
{
	struct p2p_copy *copy = checkpoint->copy;
	bool peer = copy->report.path == P2P_COPY_PATH_PEER;

	if (p2p_samples_add(&checkpoint->samples, checkpoint->position, bytes, copy->report.block,
			    p2p_copy_sample_size(copy), &copy->random) ||
	    p2p_moved_add(&checkpoint->moved, checkpoint->position, bytes,
			  peer ? P2P_WAY_PEER : P2P_WAY_HOST))
		return say_out_of_memory(error);
	advance(checkpoint, bytes);
	return 0;
}

static void show_progress(void *context, uint64_t done)
{
	struct p2p_checkpoint *checkpoint = context;

	checkpoint->copy->report.done = checkpoint->position + done;
	p2p_copy_tell(checkpoint->copy, P2P_COPY_EVENT_PROGRESS, NULL);
}

static int say_interrupted(struct p2p_error *error)
{
	return p2p_error_set(error, -EINTR, "interrupted");
}

static void say_failure(struct p2p_checkpoint *checkpoint, const struct p2p_transfer_result *result,
			struct p2p_error *error)
{
	struct p2p_copy *copy = checkpoint->copy;
	bool reading = result->step != P2P_TRANSFER_WRITE_DESTINATION;
	bool peer = copy->report.path == P2P_COPY_PATH_PEER;
	uint64_t start = reading ? copy->report.offset : copy->report.destination_offset;

	if (result->step == P2P_TRANSFER_PROVIDER_LOST) {
		p2p_error_set(error, result->code,
			      "peer memory of %s is gone, or did not answer for a moment, while "
			      "bytes went through it",
			      copy->provider);
		return;
	}
	if (result->step == P2P_TRANSFER_BOUNCED) {
		p2p_path_say_bounced(copy, error);
		return;
	}
	p2p_error_set(error, result->code, "%s %s in the block at byte %" PRIu64 "%s%s failed: %s",
		      reading ? "reading" : "writing",
		      reading ? copy->source.path : copy->destination.path,
		      start + checkpoint->position, peer ? " through peer memory of " : "",
		      peer ? copy->provider : "",
		      result->step == P2P_TRANSFER_SOURCE_ENDED
			      ? "it ends early, the device is gone or the file became shorter"
			      : p2p_io_error_text(result->code));
}

/* After these what was moved since the last checkpoint does not count. */
static bool is_lost(enum p2p_transfer_step step)
{
	return step == P2P_TRANSFER_PROVIDER_LOST || step == P2P_TRANSFER_BOUNCED;
}

static int handle_failure(struct p2p_checkpoint *checkpoint,
			  const struct p2p_transfer_result *result, struct p2p_error *error)
{
	struct p2p_copy *copy = checkpoint->copy;
	struct p2p_error why;
	int rc;

	if (result->code == -EINTR)
		return say_interrupted(error);
	if (result->step == P2P_TRANSFER_SOURCE_ENDED) {
		rc = p2p_source_check(copy, false, error);
		if (rc)
			return rc;
	}
	say_failure(checkpoint, result, &why);
	if (copy->report.path != P2P_COPY_PATH_PEER)
		return p2p_error_take(error, &why);
	/* The path or a file? Another path will tell. */
	return p2p_checkpoint_lose_path(checkpoint, !is_lost(result->step) && p2p_path_alive(copy),
					&why, error);
}

static int move_pipelined(struct p2p_checkpoint *checkpoint, uint64_t length,
			  struct p2p_error *error)
{
	struct p2p_copy *copy = checkpoint->copy;
	struct p2p_transfer transfer = {
		.source = copy->source_fd,
		.destination = copy->destination_fd,
		.source_offset = copy->report.offset + checkpoint->position,
		.destination_offset = copy->report.destination_offset + checkpoint->position,
		.length = length,
		.block = copy->report.block,
		.depth = copy->report.depth,
		.align = copy->align,
		.memory = copy->memory,
		.canary = copy->report.path == P2P_COPY_PATH_PEER ? &copy->canary : NULL,
		.deadline = checkpoint->deadline,
		.stop = &copy->stop,
		.progress = show_progress,
		.context = checkpoint,
	};
	struct p2p_transfer_result result = p2p_pipeline_run(copy->pipeline, &transfer);
	int rc = count(checkpoint, result.completed, error);

	if (rc || !result.code)
		return rc;
	return handle_failure(checkpoint, &result, error);
}

static int move_proving(struct p2p_checkpoint *checkpoint, uint64_t length, unsigned int slot,
			struct p2p_error *error)
{
	struct p2p_copy *copy = checkpoint->copy;
	uint64_t started = p2p_now_ns();
	enum p2p_block_proof proof;
	struct p2p_error why;
	bool proven;
	int rc;

	if (length > copy->report.block)
		length = copy->report.block;
	proof = p2p_copy_prove(copy, checkpoint->position, length, slot, &proven, &why);
	copy->report.proof_ns += p2p_now_ns() - started;
	switch (proof) {
	case P2P_BLOCK_HOLDS:
		if (p2p_memory_bounces(copy->memory)) {
			p2p_path_say_bounced(copy, &why);
			return p2p_checkpoint_lose_path(checkpoint, false, &why, error);
		}
		checkpoint->blank_proofs += !proven;
		rc = count(checkpoint, length, error);
		show_progress(checkpoint, 0);
		return rc;
	case P2P_BLOCK_REFUSED:
		return p2p_checkpoint_lose_path(checkpoint, p2p_path_alive(copy), &why, error);
	case P2P_BLOCK_WRONG:
		return p2p_checkpoint_distrust(checkpoint, &why, error);
	case P2P_BLOCK_BROKEN:
		break;
	}
	rc = p2p_source_check(copy, false, error);
	return rc ? rc : p2p_error_take(error, &why);
}

/* Through peer memory no further than was proven. */
static int move_by_peer(struct p2p_checkpoint *checkpoint, uint64_t length, struct p2p_error *error)
{
	struct p2p_copy *copy = checkpoint->copy;
	const struct p2p_stretch stretch = {
		.source_offset = copy->report.offset + checkpoint->position,
		.destination_offset = copy->report.destination_offset + checkpoint->position,
		.length = length,
		.block = copy->report.block,
		.align = copy->align,
		.depth = copy->report.depth,
	};
	unsigned int slot;
	uint64_t reach = p2p_trust_reach(&copy->trust, &stretch, &slot);

	if (reach)
		return move_pipelined(checkpoint, reach, error);
	/* Where all bytes are zeros for long, nothing can be proven; to prove block by block is
	 * slow. */
	if (checkpoint->blank_proofs < BLANK_PROOFS || !p2p_trust_any(&copy->trust))
		return move_proving(checkpoint, length, slot, error);
	checkpoint->unproven = true;
	return move_pipelined(checkpoint, length, error);
}

/* Holes. */

/* False: the destination cannot make holes, zeros must be written. */
static bool make_hole(const struct p2p_checkpoint *checkpoint, uint64_t length)
{
	const struct p2p_copy *copy = checkpoint->copy;
	int mode = copy->destination.is_block ? FALLOC_FL_ZERO_RANGE : FALLOC_FL_PUNCH_HOLE;

	return !fallocate(copy->destination.fd, mode | FALLOC_FL_KEEP_SIZE,
			  (off_t)(copy->report.destination_offset + checkpoint->position),
			  (off_t)length);
}

static void choose_hole_piece(struct p2p_copy *copy, uint64_t took)
{
	if (took < HOLE_NS / 2 && copy->hole_piece < HOLE_MAX)
		copy->hole_piece *= 2;
	else if (took > HOLE_NS * 2 && copy->hole_piece > HOLE_MIN)
		copy->hole_piece /= 2;
}

/* Sets `made` to how much became a hole; 0: it is to be written. */
static int move_hole(struct p2p_checkpoint *checkpoint, uint64_t length, uint64_t *made,
		     struct p2p_error *error)
{
	struct p2p_copy *copy = checkpoint->copy;
	uint64_t started = p2p_now_ns();

	*made = 0;
	if (!copy->hole_piece)
		copy->hole_piece = HOLE_MIN;
	if (copy->destination.is_block && length > copy->hole_piece)
		length = copy->hole_piece;
	if (!make_hole(checkpoint, length))
		return 0;
	choose_hole_piece(copy, p2p_now_ns() - started);
	/* A drive's word for its zeros is no better than for other bytes. */
	if ((copy->destination.is_block &&
	     p2p_samples_add(&checkpoint->samples, checkpoint->position, length, length,
			     p2p_copy_sample_size(copy), &copy->random)) ||
	    p2p_moved_add(&checkpoint->moved, checkpoint->position, length, P2P_WAY_HOLE))
		return say_out_of_memory(error);
	advance(checkpoint, length);
	show_progress(checkpoint, 0);
	*made = length;
	return p2p_copy_reach(copy, checkpoint->position, error);
}

static int move_extent(struct p2p_checkpoint *checkpoint, uint64_t end, struct p2p_error *error)
{
	struct p2p_copy *copy = checkpoint->copy;
	uint64_t offset = copy->report.offset, made = 0;
	struct p2p_extent extent = p2p_extent_at(copy->source_fd, offset + checkpoint->position,
						 offset + end, copy->align);
	int rc;

	end = extent.end - offset;
	if (extent.hole) {
		rc = p2p_copy_touch(copy, error);
		if (!rc)
			rc = move_hole(checkpoint, end - checkpoint->position, &made, error);
		if (rc || made)
			return rc;
	}
	if (copy->report.path != P2P_COPY_PATH_PEER || p2p_trust_any(&copy->trust)) {
		rc = p2p_copy_touch(copy, error);
		if (!rc)
			rc = p2p_copy_grow(copy, checkpoint->position, &end, error);
		if (rc)
			return rc;
	}
	return copy->report.path == P2P_COPY_PATH_PEER
		       ? move_by_peer(checkpoint, end - checkpoint->position, error)
		       : move_pipelined(checkpoint, end - checkpoint->position, error);
}

/* All but the last block of a file that grows is settled before that is written. */
static uint64_t stop_before(const struct p2p_copy *copy, uint64_t end)
{
	uint64_t held = p2p_copy_held(copy);

	return copy->report.good < held && held < end ? held : end;
}

int p2p_copy_move(struct p2p_checkpoint *checkpoint, uint64_t end, struct p2p_error *error)
{
	struct p2p_copy *copy = checkpoint->copy;
	int rc = 0;

	while (!rc && (checkpoint->position < end || copy->report.good < end)) {
		uint64_t next = stop_before(copy, end);

		if (atomic_load(&copy->stop))
			return say_interrupted(error);
		if (checkpoint->position < next)
			rc = move_extent(checkpoint, next, error);
		if (!rc && (checkpoint->position >= next || p2p_now_ns() > checkpoint->deadline))
			rc = p2p_checkpoint_take(checkpoint, error);
	}
	return rc;
}
