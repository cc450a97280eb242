/* SPDX-License-Identifier: MIT */
/*
 * The state of a copy, shared by the files of this directory.
 *
 *     copy.c      open, run, close            check.c        what refuses a copy before it starts
 *     file*.c     a block device or file      extent.c       its data and holes
 *     source.c    that it stays what it was   destination.c  a destination file's size
 *     overlap.c   files that would hurt       medium.c       what is on the medium
 *                 each other                  path.c         which memory bytes go through, giving
 *     rank.c      how well a provider serves                 a path up
 *     proof.c     proving a block             trust.c        what of a path was proven
 *     move.c      moving bytes                samples.c      a piece of each block
 *     compare.c   reading back                checkpoint.c   making them good
 *     moved.c     which way they went         pipeline.c     many blocks in flight
 *     buffered.c  direct I/O that is none     ring.c         requests that run on their own
 *     event.c     what the caller is told     io_error.c     what the block layer's errors mean
 *     results.c   what is recorded of pairs
 */
#ifndef P2P_LIB_COPY_PRIVATE_H
#define P2P_LIB_COPY_PRIVATE_H

#include <stdatomic.h>

#include <p2pmem/copy.h>

#include "copy/file.h"
#include "copy/moved.h"
#include "copy/pipeline.h"
#include "copy/samples.h"
#include "copy/trust.h"
#include "memories/ops.h"

/* From one checkpoint to the next: how much work an interruption can cost, at most. */
#define P2P_CHECKPOINT_NS UINT64_C(2000000000)

/** A provider whose memory may serve this copy. */
struct p2p_ranked {
	struct p2p_memory_provider provider;
	struct p2p_copy_route source_route, destination_route;
	char *wrong; /**< what is recorded against it; or NULL */
};

/** A place in the copy, and the tally up to there. */
struct p2p_mark {
	uint64_t bytes;
	struct p2p_tally tally;
};

struct p2p_copy {
	struct p2p_copy_options options; /**< its strings only during p2p_copy_open() */
	struct p2p_copy_report report;
	struct p2p_file source, destination;
	uint32_t align;         /**< of requests to both files */
	uint64_t direct_length; /**< what goes in whole sectors; the rest goes buffered */
	uint64_t block;         /**< bytes, as chosen; a small provider gets less, see the report */
	unsigned int depth;
	bool sets_size;          /**< the destination is a file that ends where the copy ends */
	uint64_t room;           /**< bytes of the copy that the file's size has room for */
	int flush_failure;       /**< the first; then nothing more becomes good */
	struct p2p_mark certain; /**< good without samples that vouch for a peer path */
	uint64_t random;         /**< state of p2p_random_next() */
	uint64_t hole_piece;     /**< bytes that a device can be told to zero in a short time */
	int source_fd, destination_fd; /**< in use: the files' own, or buffered ones */

	char *results;                /**< path of the results to heed, or NULL */
	char *results_note;           /**< what is to be said of them yet, or NULL */
	struct p2p_ranked *providers; /**< best first */
	size_t provider_count, next_provider;
	struct p2p_memory *memory; /**< of the current path */
	char provider[P2P_PROVIDER_NAME], provider_node[P2P_PROVIDER_NODE];
	struct p2p_trust trust;   /**< in the current path */
	struct p2p_canary canary; /**< in its memory */

	struct p2p_memory *compared[2]; /**< source's and destination's bytes; opened when needed */
	struct p2p_pipeline *pipeline;
	atomic_bool stop;
};

/* check.c */

/** Sets range, alignment, block and depth; refuses what cannot work. */
int p2p_copy_check(struct p2p_copy *copy, struct p2p_error *error);

/* overlap.c */

/** Refuses a source and a destination that would hurt each other. To be called when the range is
 * set. */
int p2p_copy_check_overlap(const struct p2p_copy *copy, struct p2p_error *error);

/* buffered.c */

/**
 * Whether direct I/O of [at, at + length), which has just gone through the peer memory, passes the
 * page cache all the same; `error` then says whose. It goes there again, and then the memory holds
 * the source's bytes anew.
 */
bool p2p_copy_is_buffered(struct p2p_copy *copy, uint64_t at, size_t length,
			  struct p2p_error *error);

/* path.c */

/** Lists who may provide memory; an error when peer memory is a must and nobody does. */
int p2p_path_providers(struct p2p_copy *copy, struct p2p_error *error);

/** Opens the best path left. -ENODEV: none left that may be used. */
int p2p_path_open(struct p2p_copy *copy, struct p2p_error *error);

/**
 * Whether the provider still answers, and has all the time held what it was given: reads from a
 * device that is gone bring all ones without any error, so that a drive may have written those.
 */
bool p2p_path_alive(struct p2p_copy *copy);
/** Sets `error`: bytes went through host memory. */
void p2p_path_say_bounced(const struct p2p_copy *copy, struct p2p_error *error);

/**
 * Gives the peer path up, aloud, and opens the next: another provider when `try_others`, else host
 * memory. When that is not allowed, fails with what `why` says.
 */
int p2p_path_drop(struct p2p_copy *copy, bool try_others, const struct p2p_error *why,
		  struct p2p_error *error);

/* proof.c */

enum p2p_block_proof {
	P2P_BLOCK_HOLDS,   /**< the block is in the destination, read back and equal */
	P2P_BLOCK_REFUSED, /**< the path does not take the request */
	P2P_BLOCK_WRONG,   /**< wrong bytes arrived */
	P2P_BLOCK_BROKEN,  /**< a file failed without this path's part in it; the copy must end
			    */
};

/**
 * Moves [at, at + length), at most one block, through a slot of the current peer path and proves
 * it.
 * `*proven`: that showed something about the path. For REFUSED and WRONG `error` holds the reason
 * to drop the path, for BROKEN the final error.
 */
enum p2p_block_proof p2p_copy_prove(struct p2p_copy *copy, uint64_t at, uint64_t length,
				    unsigned int slot, bool *proven, struct p2p_error *error);

/* compare.c */

/** How many requests comparing may have in flight. */
unsigned int p2p_copy_ring_depth(const struct p2p_copy *copy);

/** Bytes of a piece, with the alignment in use. */
uint32_t p2p_copy_sample_size(const struct p2p_copy *copy);

/** Opens copy->compared, if it is not yet: room for a block each, at least. */
int p2p_copy_compare_open(struct p2p_copy *copy, struct p2p_error *error);

/**
 * Reads [at, at + length) of both files through host memory and compares. Asked to stop it stops at
 * once; begun after that, it goes on for P2P_CHECKPOINT_NS.
 */
int p2p_copy_compare(struct p2p_copy *copy, uint64_t at, uint64_t length,
		     struct p2p_transfer_result *result, struct p2p_error *error);

/** The same with the samples of [at, at + length) alone. Places are from the copy's start. */
int p2p_copy_compare_samples(struct p2p_copy *copy, uint64_t at, uint64_t length,
			     const struct p2p_samples *samples, struct p2p_transfer_result *result,
			     struct p2p_error *error);

/** From now on whatever peer memory carries is compared whole; says why, once. */
void p2p_copy_compare_all(struct p2p_copy *copy, enum p2p_copy_comparison why);

/* source.c */

/** Refuses a file that does not have the size that it says. */
int p2p_source_look(struct p2p_file *source, struct p2p_error *error);

/**
 * Whether the source is what it was at the beginning; `at_end`: and ends where it did. -ESTALE:
 * what was read may be of different versions, nothing counts. Other errors leave good what is good.
 */
int p2p_source_check(const struct p2p_copy *copy, bool at_end, struct p2p_error *error);

/* destination.c */

/**
 * How much of a destination file is to be good before its last block is written; 0: that makes no
 * difference. It depends on the path's block.
 */
uint64_t p2p_copy_held(const struct p2p_copy *copy);

/**
 * To be called before the first byte is written: whether a destination file can take all; then
 * makes it ready.
 */
int p2p_copy_touch(struct p2p_copy *copy, struct p2p_error *error);

/**
 * Whether all but the last block is good. Then it may be written: so that the file looks whole no
 * sooner than it is, it becomes too long until p2p_copy_cut().
 */
bool p2p_copy_begin_last(struct p2p_copy *copy);

/** Makes a destination file long enough for [position, *end) of the copy, or cuts that at `*end`.
 */
int p2p_copy_grow(struct p2p_copy *copy, uint64_t position, uint64_t *end, struct p2p_error *error);

/** Makes a destination file end no earlier than the copy's `end`, after a hole. */
int p2p_copy_reach(struct p2p_copy *copy, uint64_t end, struct p2p_error *error);

/** Ends a destination file where the copy ends, or where an unfinished one is good. */
int p2p_copy_cut(struct p2p_copy *copy, struct p2p_error *error);

/* medium.c */

/** Puts the destination's bytes on its medium. Once that failed, it fails for ever. */
int p2p_copy_flush(struct p2p_copy *copy, struct p2p_error *error);

/** The same for its size: on the medium an old, larger one would look finished. */
int p2p_copy_sync_size(struct p2p_copy *copy, struct p2p_error *error);

/** Gives the destination its final size, and puts that and its name on the medium. */
int p2p_copy_finish(struct p2p_copy *copy, struct p2p_error *error);

/** Hands on an error that was kept. Returns its code. */
static inline int p2p_error_take(struct p2p_error *error, const struct p2p_error *kept)
{
	if (error)
		*error = *kept;
	return kept->code;
}

#endif
