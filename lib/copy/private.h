/* SPDX-License-Identifier: MIT */
/*
 * The state of a copy, shared by the files of this directory.
 *
 *     copy.c    open, run, close            check.c    what refuses a copy before it starts
 *     end.c     a block device or file      extent.c   its data and holes
 *     path.c    which memory bytes go       rank.c     how well a lender serves
 *               through, giving a path up   proof.c    a path's first bytes; reading back
 *     window.c  moves bytes from flush      size.c     the destination's end and medium
 *               to flush                    pipeline.c many blocks in flight
 *     clock.c   time                        ring.c     requests that run on their own
 *     overlap.c ends that would hurt        buffered.c direct I/O that is none
 *               each other
 */
#ifndef P2P_LIB_COPY_PRIVATE_H
#define P2P_LIB_COPY_PRIVATE_H

#include <stdatomic.h>

#include <p2pmem/copy.h>

#include "copy/end.h"
#include "copy/pipeline.h"
#include "memories/lent.h"
#include "memories/memory.h"

/** A device whose memory may serve this copy. */
struct p2p_candidate {
	struct p2p_lent lent;
	struct p2p_copy_route source_route, destination_route;
};

struct p2p_copy {
	struct p2p_copy_options options; /**< its strings belong to the copy */
	struct p2p_copy_report report;
	struct p2p_end source, destination;
	uint32_t align;         /**< of requests to both ends */
	uint64_t direct_length; /**< what goes in whole sectors; the rest goes buffered */
	uint64_t block;         /**< bytes, as chosen; a small lender gets less, see the report */
	unsigned int depth;
	bool sets_size; /**< the destination is a file that ends where the copy ends */
	int source_fd, destination_fd; /**< in use: the ends' own, or buffered ones */

	struct p2p_candidate *candidates; /**< best first */
	size_t candidate_count, next_candidate;
	struct p2p_memory *memory; /**< of the current path */
	char provider[P2P_BDF_TEXT], provider_node[P2P_LENT_NODE];
	bool proven; /**< the current path has moved bytes that could have been wrong, rightly */

	struct p2p_memory *compared[2]; /**< source's and destination's bytes; opened when needed */
	struct p2p_pipeline *pipeline;
	atomic_bool stop;
};

/* check.c */

/** Sets range, alignment, block and depth; refuses what cannot work. */
int p2p_copy_check(struct p2p_copy *copy, struct p2p_error *error);

/* overlap.c */

/** Refuses ends that would hurt each other. To be called when the range is set. */
int p2p_copy_check_overlap(const struct p2p_copy *copy, struct p2p_error *error);

/* buffered.c */

/**
 * Whether direct I/O of [at, at + length), which has just gone through the lent memory, passes the
 * page cache all the same; `error` then says whose. It goes there again, and then the memory holds
 * the source's bytes anew.
 */
bool p2p_copy_is_buffered(struct p2p_copy *copy, uint64_t at, size_t length,
			  struct p2p_error *error);

/* path.c */

/** Lists the devices that may lend memory; an error when peer memory is a must and nobody does. */
int p2p_path_candidates(struct p2p_copy *copy, struct p2p_error *error);

/** Opens the best path left. -ENODEV: none left that may be used. */
int p2p_path_open(struct p2p_copy *copy, struct p2p_error *error);

/**
 * Whether the lender still answers: reads from a device that is gone bring all ones without any
 * error, so that a drive may have written those. Nothing may be in flight.
 */
bool p2p_path_alive(struct p2p_copy *copy);

/**
 * Gives the peer path up, aloud, and opens the next: another lender when `try_others`, else host
 * memory. When that is not allowed, fails with what `why` says.
 */
int p2p_path_drop(struct p2p_copy *copy, bool try_others, const struct p2p_error *why,
		  struct p2p_error *error);

/* proof.c */

enum p2p_proof {
	P2P_PROOF_HOLDS,   /**< the block is in the destination, read back and equal */
	P2P_PROOF_REFUSED, /**< the path does not take the request */
	P2P_PROOF_WRONG,   /**< wrong bytes arrived */
	P2P_PROOF_BROKEN,  /**< an end failed without this path's part in it; the copy must end */
};

/**
 * Moves [at, at + length), at most one block, through the current peer path and proves it. For
 * REFUSED and WRONG `error` holds the reason to drop the path, for BROKEN the final error.
 */
enum p2p_proof p2p_copy_prove(struct p2p_copy *copy, uint64_t at, uint64_t length,
			      struct p2p_error *error);

/** Reads [at, at + length) of both ends through host memory and compares. */
int p2p_copy_compare(struct p2p_copy *copy, uint64_t at, uint64_t length,
		     struct p2p_transfer_result *result, struct p2p_error *error);

/* size.c */

/** To be called before the first byte is written: gives a destination file its size. */
int p2p_copy_touch(struct p2p_copy *copy, struct p2p_error *error);

/** Puts the destination's bytes on its medium. */
int p2p_copy_flush(struct p2p_copy *copy, struct p2p_error *error);

/** Ends a destination file where the copy ends, or where an unfinished one is good. */
int p2p_copy_cut(struct p2p_copy *copy, struct p2p_error *error);

/* copy.c */

void p2p_copy_tell(struct p2p_copy *copy, enum p2p_copy_event event, const char *text);

#endif
