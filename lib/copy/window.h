/* SPDX-License-Identifier: MIT */
/*
 * A window: the stretch of a copy between two flushes.
 */
#ifndef P2P_LIB_COPY_WINDOW_H
#define P2P_LIB_COPY_WINDOW_H

#include "copy/moved.h"
#include "copy/private.h"
#include "copy/samples.h"

/* How much work an interruption can cost, at most. */
#define P2P_WINDOW_NS UINT64_C(2000000000)

struct p2p_window {
	struct p2p_copy *copy;
	uint64_t position; /**< how far the copy has come; good so far is in the report */
	uint64_t deadline; /**< when to settle */

	/* since the last settling */
	struct p2p_moved moved;
	struct p2p_samples samples; /**< of what was moved */
	unsigned int blank_proofs;  /**< that proved nothing */
	bool unproven; /**< something went where nothing is proven or all is wrong: compare all */
};

void p2p_window_open(struct p2p_window *window, struct p2p_copy *copy);
void p2p_window_close(struct p2p_window *window);

/** Nothing is in the window yet. */
void p2p_window_restart(struct p2p_window *window);

/**
 * Moves everything up to `end`, with the descriptors and alignment in use, and settles. Returns 0,
 * or a negative errno with the sentence; what was moved but not settled is then up to the caller.
 */
int p2p_window_move(struct p2p_window *window, uint64_t end, struct p2p_error *error);

/* settle.c */

/**
 * Makes what was moved good: flushed, the source and the lender still there, and compared, by
 * samples or all of it. Otherwise the copy goes back to what is good or certain, on another path.
 */
int p2p_window_settle(struct p2p_window *window, struct p2p_error *error);

/**
 * Gives the path up for another. What came through it since the last settling is in doubt if the
 * lender does not answer.
 */
int p2p_window_lose_path(struct p2p_window *window, bool answers, const struct p2p_error *why,
			 struct p2p_error *error);

/**
 * Wrong bytes came through peer memory: what only samples vouch for is copied again, through host
 * memory.
 */
int p2p_window_distrust(struct p2p_window *window, const struct p2p_error *why,
			struct p2p_error *error);

/** Nothing in the destination counts any more. */
void p2p_window_forget_all(struct p2p_window *window);

#endif
