/* SPDX-License-Identifier: MIT */
/*
 * Moves or compares a range with several blocks in flight, reads and writes overlapped.
 */
#ifndef P2P_LIB_COPY_PIPELINE_H
#define P2P_LIB_COPY_PIPELINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <p2pmem/error.h>

#include "proof/canary.h"
#include "copy/samples.h"
#include "memories/ops.h"

struct p2p_transfer {
	int source, destination; /**< file descriptors */
	uint64_t source_offset, destination_offset, length;
	uint64_t block;
	unsigned int depth;
	uint32_t align; /**< requests are rounded up to this: the last read may pass the end */
	struct p2p_memory *memory; /**< at least block * depth bytes */
	/**
	 * NULL: write the destination from `memory`. Else read the destination into this one and
	 * compare; both are host memory then.
	 */
	struct p2p_memory *compare;
	/**
	 * NULL: blocks from the start to `length`. Else only these, none larger than a block, in
	 * bytes from the offsets; `length` is not looked at.
	 */
	const struct p2p_piece *pieces;
	size_t piece_count;
	/** NULL, or what must be in `memory` whenever blocks have arrived. */
	const struct p2p_canary *canary;
	uint64_t deadline;       /**< CLOCK_MONOTONIC in ns: start no block after it; 0: none */
	const atomic_bool *stop; /**< start no block once it is set */
	/** Told now and then how many bytes of this transfer are through; may be NULL. */
	void (*progress)(void *context, uint64_t done);
	void *context;
};

enum p2p_transfer_step {
	P2P_TRANSFER_READ_SOURCE,
	P2P_TRANSFER_WRITE_DESTINATION,
	P2P_TRANSFER_READ_DESTINATION,
	P2P_TRANSFER_COMPARE,
	P2P_TRANSFER_SOURCE_ENDED, /**< the source is gone or has become shorter; only in results */
	P2P_TRANSFER_PROVIDER_LOST, /**< the canary is gone, and nothing of this counts; likewise */
	P2P_TRANSFER_BOUNCED,       /**< through host memory after all: nor does anything of this */
};

struct p2p_transfer_result {
	uint64_t completed; /**< bytes from the start without a gap; of pieces: of those before */
	/**
	 * The error nearest to the start, 0: none; -EBADMSG: bytes differ; -EINTR: stopped while
	 * the kernel turned requests away.
	 */
	int code;
	enum p2p_transfer_step step; /**< what failed */
	uint64_t at;                 /**< where, in bytes from the transfer's start, block-wise */
};

struct p2p_pipeline;

/** Returns 0 or a negative errno with the sentence. The caller closes it. */
int p2p_pipeline_open(unsigned int depth, struct p2p_pipeline **pipeline, struct p2p_error *error);

/** Runs until all is through, or an error, the deadline or a stop; nothing is in flight after. */
struct p2p_transfer_result p2p_pipeline_run(struct p2p_pipeline *pipeline,
					    const struct p2p_transfer *transfer);

/** NULL is allowed. */
void p2p_pipeline_close(struct p2p_pipeline *pipeline);

#endif
