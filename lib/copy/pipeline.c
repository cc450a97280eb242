// SPDX-License-Identifier: MIT
/*
 * Moves or compares a range with several blocks in flight.
 *
 * Each slot carries one block through its steps, with one request in the ring at a time; the slots
 * are independent, which is what overlaps reads with writes:
 *
 *     slot 0   read 0 ....  write 0 ....  read 4 ...
 *     slot 1     read 1 ....   write 1 .....  read 5
 *     slot 2       read 2 ...  write 2 ...
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "copy/pipeline.h"
#include "copy/ring.h"
#include "round.h"

#define TICK_NS     100000000u /* how long a wait may keep progress and a stop from being seen */
#define PAUSE_NS    1000000u   /* before a request that was turned away is made again */
#define PATIENCE_NS UINT64_C(5000000000) /* with requests that are turned away */

struct slot {
	char *buffer, *compared;
	uint64_t at;            /* from the transfer's start */
	uint32_t wanted;        /* bytes of the range in this block */
	uint32_t asked;         /* `wanted`, rounded up for the system calls */
	uint32_t moved;         /* by the running step */
	size_t offset;          /* of `buffer` in its memory */
	uint64_t refused_since; /* when the kernel first turned this request away, 0: it did not */
	enum p2p_transfer_step step;
};

struct p2p_pipeline {
	struct p2p_ring *ring;
	unsigned int depth;
	struct slot *slots;
	struct slot **idle;

	/* the running transfer */
	const struct p2p_transfer *transfer;
	unsigned int active; /* slots in use */
	unsigned int idle_count;
	uint64_t next; /* first byte not started */
	size_t next_piece;
	uint64_t done;
	uint64_t stuck_since; /* when the ring first could not start more, 0: it can */
	bool arrived;         /* a block, since the canary was looked at */
	bool pause;           /* something was turned away: do not ask again at once */
	struct p2p_transfer_result result;
};

int p2p_pipeline_open(unsigned int depth, struct p2p_pipeline **pipeline, struct p2p_error *error)
{
	struct p2p_pipeline *opened = calloc(1, sizeof(*opened));
	int rc;

	if (!opened)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	opened->depth = depth;
	opened->slots = calloc(depth, sizeof(*opened->slots));
	opened->idle = calloc(depth, sizeof(struct slot *));
	rc = opened->slots && opened->idle ? p2p_ring_open(depth, &opened->ring) : -ENOMEM;
	if (rc) {
		free(opened->slots);
		free(opened->idle);
		free(opened);
		return p2p_error_set(error, rc, "cannot use io_uring: %s%s", strerror(-rc),
				     rc == -EPERM || rc == -ENOSYS
					     ? ": see sysctl kernel.io_uring_disabled, and the "
					       "container's seccomp profile"
					     : "");
	}
	*pipeline = opened;
	return 0;
}

void p2p_pipeline_close(struct p2p_pipeline *pipeline)
{
	if (!pipeline)
		return;
	p2p_ring_close(pipeline->ring);
	free(pipeline->slots);
	free(pipeline->idle);
	free(pipeline);
}

static void request_step(struct p2p_pipeline *pipeline, struct slot *slot)
{
	const struct p2p_transfer *transfer = pipeline->transfer;
	uint64_t from = transfer->source_offset + slot->at + slot->moved;
	uint64_t to = transfer->destination_offset + slot->at + slot->moved;
	uint32_t left = slot->asked - slot->moved;

	switch (slot->step) {
	case P2P_TRANSFER_READ_SOURCE:
		p2p_ring_read(pipeline->ring, transfer->source, slot->buffer + slot->moved, left,
			      from, slot);
		break;
	case P2P_TRANSFER_WRITE_DESTINATION:
		p2p_ring_write(pipeline->ring, transfer->destination, slot->buffer + slot->moved,
			       left, to, slot);
		break;
	default:
		p2p_ring_read(pipeline->ring, transfer->destination, slot->compared + slot->moved,
			      left, to, slot);
		break;
	}
}

static void take_next(struct p2p_pipeline *pipeline, struct slot *slot)
{
	const struct p2p_transfer *transfer = pipeline->transfer;
	uint64_t left = transfer->length - pipeline->next;

	if (transfer->pieces) {
		slot->at = transfer->pieces[pipeline->next_piece].at;
		slot->wanted = transfer->pieces[pipeline->next_piece].length;
		pipeline->next_piece++;
	} else {
		slot->at = pipeline->next;
		slot->wanted = (uint32_t)(left < transfer->block ? left : transfer->block);
		pipeline->next += slot->wanted;
	}
}

static bool has_next(const struct p2p_pipeline *pipeline)
{
	const struct p2p_transfer *transfer = pipeline->transfer;

	return transfer->pieces ? pipeline->next_piece < transfer->piece_count
				: pipeline->next < transfer->length;
}

static void start_block(struct p2p_pipeline *pipeline)
{
	const struct p2p_transfer *transfer = pipeline->transfer;
	struct slot *slot = pipeline->idle[--pipeline->idle_count];

	take_next(pipeline, slot);
	slot->asked = (uint32_t)round_up(slot->wanted, transfer->align);
	slot->moved = 0;
	slot->refused_since = 0;
	slot->step = P2P_TRANSFER_READ_SOURCE;
	request_step(pipeline, slot);
}

static bool may_start(const struct p2p_pipeline *pipeline)
{
	const struct p2p_transfer *transfer = pipeline->transfer;

	return pipeline->idle_count && has_next(pipeline) && !pipeline->result.code &&
	       !atomic_load(transfer->stop) &&
	       !(transfer->deadline && p2p_now_ns() > transfer->deadline);
}

static void finish_block(struct p2p_pipeline *pipeline, struct slot *slot, int code)
{
	struct p2p_transfer_result *result = &pipeline->result;

	pipeline->idle[pipeline->idle_count++] = slot;
	if (!code) {
		pipeline->done += slot->wanted;
		pipeline->arrived = true;
	} else if (!result->code || slot->at < result->at) {
		result->code = code;
		result->step = slot->step;
		result->at = slot->at;
	}
}

/* A read that passes the end brings less than a whole sector; what follows must not be old bytes.
 */
static int clear_padding(struct p2p_pipeline *pipeline, struct slot *slot)
{
	static const char zeros[4096];
	uint32_t at = slot->wanted;

	while (at < slot->asked) {
		uint32_t left = slot->asked - at;
		uint32_t size = left < sizeof(zeros) ? left : sizeof(zeros);
		int rc = p2p_memory_store(pipeline->transfer->memory, slot->offset + at, zeros,
					  size);

		if (rc)
			return rc;
		at += size;
	}
	return 0;
}

static void next_step(struct p2p_pipeline *pipeline, struct slot *slot)
{
	int rc = 0;

	slot->moved = 0;
	if (slot->step == P2P_TRANSFER_READ_SOURCE) {
		rc = clear_padding(pipeline, slot);
		if (rc) {
			finish_block(pipeline, slot, rc);
			return;
		}
		slot->step = pipeline->transfer->compare ? P2P_TRANSFER_READ_DESTINATION
							 : P2P_TRANSFER_WRITE_DESTINATION;
		request_step(pipeline, slot);
		return;
	}
	if (slot->step == P2P_TRANSFER_READ_DESTINATION) {
		slot->step = P2P_TRANSFER_COMPARE;
		rc = memcmp(slot->buffer, slot->compared, slot->wanted) ? -EBADMSG : 0;
	}
	finish_block(pipeline, slot, rc);
}

static bool is_write(const struct slot *slot)
{
	return slot->step == P2P_TRANSFER_WRITE_DESTINATION;
}

/* What to do about a request that the kernel turned away, first `since` then. 0: try again. */
static int turned_away(struct p2p_pipeline *pipeline, uint64_t *since)
{
	uint64_t now = p2p_now_ns();

	pipeline->pause = true;
	if (!*since)
		*since = now;
	if (atomic_load(pipeline->transfer->stop))
		return -EINTR;
	return now - *since < PATIENCE_NS ? 0 : -EAGAIN;
}

static void complete(struct p2p_pipeline *pipeline, struct slot *slot, int got)
{
	uint32_t needed = is_write(slot) ? slot->asked : slot->wanted;

	if (got == -EINTR || got == -EAGAIN) {
		got = turned_away(pipeline, &slot->refused_since);
		if (got)
			finish_block(pipeline, slot, got);
		else
			request_step(pipeline, slot);
		return;
	}
	if (got < 0) {
		finish_block(pipeline, slot, got);
		return;
	}

	slot->refused_since = 0;
	slot->moved += (uint32_t)got;
	if (slot->moved >= needed) {
		next_step(pipeline, slot);
		return;
	}
	/* An early end; direct I/O cannot even ask again from an odd place. */
	if (!got || slot->moved % pipeline->transfer->align) {
		if (slot->step == P2P_TRANSFER_READ_SOURCE)
			slot->step = P2P_TRANSFER_SOURCE_ENDED;
		finish_block(pipeline, slot, -EIO);
		return;
	}
	request_step(pipeline, slot);
}

static int wait_for_some(struct p2p_pipeline *pipeline)
{
	int rc;

	if (pipeline->pause)
		p2p_pause_ns(PAUSE_NS);
	pipeline->pause = false;
	rc = p2p_ring_wait(pipeline->ring, TICK_NS);
	if (rc == -EAGAIN)
		return turned_away(pipeline, &pipeline->stuck_since);
	pipeline->stuck_since = 0;
	return rc;
}

/* Memory that did not answer brought ones to the destination, and nobody reports an error. */
static void look_at_canary(struct p2p_pipeline *pipeline)
{
	const struct p2p_transfer *transfer = pipeline->transfer;

	if (!pipeline->arrived || !transfer->canary)
		return;
	pipeline->arrived = false;
	if (!p2p_canary_lives(transfer->canary, transfer->memory))
		pipeline->result = (struct p2p_transfer_result){
			.code = -EFAULT,
			.step = P2P_TRANSFER_PROVIDER_LOST,
		};
	else if (p2p_memory_bounces(transfer->memory))
		pipeline->result = (struct p2p_transfer_result){
			.code = -EREMOTEIO,
			.step = P2P_TRANSFER_BOUNCED,
		};
}

static void reap(struct p2p_pipeline *pipeline)
{
	void *slot;
	int got;

	while (p2p_ring_reap(pipeline->ring, &slot, &got))
		complete(pipeline, slot, got);
	look_at_canary(pipeline);
}

static void prepare(struct p2p_pipeline *pipeline, const struct p2p_transfer *transfer)
{
	pipeline->transfer = transfer;
	pipeline->active = transfer->depth < pipeline->depth ? transfer->depth : pipeline->depth;
	pipeline->next = 0;
	pipeline->next_piece = 0;
	pipeline->done = 0;
	pipeline->stuck_since = 0;
	pipeline->arrived = pipeline->pause = false;
	pipeline->result = (struct p2p_transfer_result){ .code = 0 };
	pipeline->idle_count = 0;
	while (pipeline->idle_count < pipeline->active) {
		/* Slot 0 on top: a transfer of one block always uses the same memory. */
		unsigned int index = pipeline->active - 1 - pipeline->idle_count;
		struct slot *slot = &pipeline->slots[index];

		slot->offset = index * transfer->block;
		slot->buffer = transfer->memory->base + slot->offset;
		slot->compared = transfer->compare ? transfer->compare->base + slot->offset : NULL;
		pipeline->idle[pipeline->idle_count++] = slot;
	}
}

struct p2p_transfer_result p2p_pipeline_run(struct p2p_pipeline *pipeline,
					    const struct p2p_transfer *transfer)
{
	int rc = 0;

	prepare(pipeline, transfer);
	do {
		while (may_start(pipeline))
			start_block(pipeline);
		if (pipeline->idle_count == pipeline->active)
			break;
		rc = wait_for_some(pipeline);
		if (!rc)
			reap(pipeline);
		if (transfer->progress)
			transfer->progress(transfer->context, pipeline->done);
	} while (!rc);

	if (rc) { /* what arrived and what did not is not known */
		p2p_ring_abandon(pipeline->ring);
		pipeline->result = (struct p2p_transfer_result){ .code = rc };
	}
	if (pipeline->result.code)
		pipeline->result.completed = pipeline->result.at;
	else
		pipeline->result.completed = transfer->pieces ? pipeline->done : pipeline->next;
	return pipeline->result;
}
