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
#include <liburing.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "copy/pipeline.h"
#include "copy/round.h"

#define TICK_NS 100000000 /* how long a wait may keep progress and a stop from being seen */

struct slot {
	char *buffer, *compared;
	uint64_t at;     /* from the transfer's start */
	uint32_t wanted; /* bytes of the range in this block */
	uint32_t asked;  /* `wanted`, rounded up for the system calls */
	uint32_t moved;  /* by the running step */
	size_t offset;   /* of `buffer` in its memory */
	enum p2p_step step;
};

struct p2p_pipeline {
	struct io_uring ring;
	unsigned int depth;
	struct slot *slots;
	struct slot **idle;

	/* the running transfer */
	const struct p2p_transfer *transfer;
	unsigned int active; /* slots in use */
	unsigned int idle_count;
	uint64_t next; /* first byte not started */
	uint64_t done;
	struct p2p_transfer_result result;
};

uint64_t p2p_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int p2p_pipeline_open(unsigned int depth, struct p2p_pipeline **pipeline, struct p2p_error *error)
{
	struct p2p_pipeline *opened = calloc(1, sizeof(*opened));
	int rc;

	if (!opened)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	opened->depth = depth;
	opened->slots = calloc(depth, sizeof(*opened->slots));
	opened->idle = calloc(depth, sizeof(struct slot *));
	rc = opened->slots && opened->idle ? io_uring_queue_init(depth, &opened->ring, 0) : -ENOMEM;
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
	io_uring_queue_exit(&pipeline->ring);
	free(pipeline->slots);
	free(pipeline->idle);
	free(pipeline);
}

static void submit_step(struct p2p_pipeline *pipeline, struct slot *slot)
{
	const struct p2p_transfer *transfer = pipeline->transfer;
	struct io_uring_sqe *sqe = io_uring_get_sqe(&pipeline->ring); /* one slot, one entry */
	uint64_t from = transfer->source_offset + slot->at + slot->moved;
	uint64_t to = transfer->destination_offset + slot->at + slot->moved;
	uint32_t left = slot->asked - slot->moved;

	switch (slot->step) {
	case P2P_STEP_READ_SOURCE:
		io_uring_prep_read(sqe, transfer->source, slot->buffer + slot->moved, left, from);
		break;
	case P2P_STEP_WRITE_DESTINATION:
		io_uring_prep_write(sqe, transfer->destination, slot->buffer + slot->moved, left,
				    to);
		break;
	default:
		io_uring_prep_read(sqe, transfer->destination, slot->compared + slot->moved, left,
				   to);
		break;
	}
	io_uring_sqe_set_data(sqe, slot);
}

static void start_block(struct p2p_pipeline *pipeline)
{
	const struct p2p_transfer *transfer = pipeline->transfer;
	struct slot *slot = pipeline->idle[--pipeline->idle_count];
	uint64_t left = transfer->length - pipeline->next;

	slot->at = pipeline->next;
	slot->wanted = (uint32_t)(left < transfer->block ? left : transfer->block);
	slot->asked = (uint32_t)round_up(slot->wanted, transfer->align);
	slot->moved = 0;
	slot->step = P2P_STEP_READ_SOURCE;
	pipeline->next += slot->wanted;
	submit_step(pipeline, slot);
}

static bool may_start(const struct p2p_pipeline *pipeline)
{
	const struct p2p_transfer *transfer = pipeline->transfer;

	return pipeline->idle_count && pipeline->next < transfer->length &&
	       !pipeline->result.code && !atomic_load(transfer->stop) &&
	       !(transfer->deadline && p2p_now_ns() > transfer->deadline);
}

static void finish_block(struct p2p_pipeline *pipeline, struct slot *slot, int code)
{
	struct p2p_transfer_result *result = &pipeline->result;

	pipeline->idle[pipeline->idle_count++] = slot;
	if (!code) {
		pipeline->done += slot->wanted;
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
	if (slot->step == P2P_STEP_READ_SOURCE) {
		rc = clear_padding(pipeline, slot);
		if (rc) {
			finish_block(pipeline, slot, rc);
			return;
		}
		slot->step = pipeline->transfer->compare ? P2P_STEP_READ_DESTINATION
							 : P2P_STEP_WRITE_DESTINATION;
		submit_step(pipeline, slot);
		return;
	}
	if (slot->step == P2P_STEP_READ_DESTINATION) {
		slot->step = P2P_STEP_COMPARE;
		rc = memcmp(slot->buffer, slot->compared, slot->wanted) ? -EBADMSG : 0;
	}
	finish_block(pipeline, slot, rc);
}

static bool is_write(const struct slot *slot)
{
	return slot->step == P2P_STEP_WRITE_DESTINATION;
}

static void complete(struct p2p_pipeline *pipeline, struct slot *slot, int got)
{
	uint32_t needed = is_write(slot) ? slot->asked : slot->wanted;

	if (got == -EINTR || got == -EAGAIN) {
		submit_step(pipeline, slot);
		return;
	}
	if (got < 0) {
		finish_block(pipeline, slot, got);
		return;
	}

	slot->moved += (uint32_t)got;
	if (slot->moved >= needed) {
		next_step(pipeline, slot);
		return;
	}
	/* An early end; direct I/O cannot even ask again from an odd place. */
	if (!got || slot->moved % pipeline->transfer->align) {
		if (slot->step == P2P_STEP_READ_SOURCE)
			slot->step = P2P_STEP_SOURCE_ENDED;
		finish_block(pipeline, slot, -EIO);
		return;
	}
	submit_step(pipeline, slot);
}

static int wait_for_some(struct p2p_pipeline *pipeline)
{
	struct __kernel_timespec tick = { .tv_nsec = TICK_NS };
	struct io_uring_cqe *cqe;
	int rc = io_uring_submit_and_wait_timeout(&pipeline->ring, &cqe, 1, &tick, NULL);

	return rc < 0 && rc != -ETIME && rc != -EINTR && rc != -EAGAIN ? rc : 0;
}

static void reap(struct p2p_pipeline *pipeline)
{
	struct io_uring_cqe *cqe;

	while (!io_uring_peek_cqe(&pipeline->ring, &cqe)) {
		struct slot *slot = io_uring_cqe_get_data(cqe);
		int got = cqe->res;

		io_uring_cqe_seen(&pipeline->ring, cqe);
		/* liburing's own timeout request carries no slot of ours. */
		if (slot >= pipeline->slots && slot < pipeline->slots + pipeline->depth)
			complete(pipeline, slot, got);
	}
}

static void prepare(struct p2p_pipeline *pipeline, const struct p2p_transfer *transfer)
{
	pipeline->transfer = transfer;
	pipeline->active = transfer->depth < pipeline->depth ? transfer->depth : pipeline->depth;
	pipeline->next = 0;
	pipeline->done = 0;
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
		reap(pipeline);
		if (transfer->progress)
			transfer->progress(transfer->context, pipeline->done);
	} while (!rc);

	if (rc && !pipeline->result.code) {
		pipeline->result.code = rc;
		pipeline->result.at = 0;
	}
	pipeline->result.completed = pipeline->result.code ? pipeline->result.at : pipeline->next;
	return pipeline->result;
}
