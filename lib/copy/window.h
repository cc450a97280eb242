/* SPDX-License-Identifier: MIT */
/*
 * A window: the stretch of a copy between two flushes.
 */
#ifndef P2P_LIB_COPY_WINDOW_H
#define P2P_LIB_COPY_WINDOW_H

#include "copy/private.h"

struct p2p_window {
	struct p2p_copy *copy;
	uint64_t position;          /**< how far the copy has come; good so far is in the report */
	uint64_t deadline;          /**< when to settle */
	uint64_t peer, host, holes; /**< bytes since the last settling, by the way they took */
};

void p2p_window_open(struct p2p_window *window, struct p2p_copy *copy);

/**
 * Moves everything up to `end`, with the descriptors and alignment in use, and settles. Returns 0,
 * or a negative errno with the sentence; what was moved but not settled is then up to the caller.
 */
int p2p_window_move(struct p2p_window *window, uint64_t end, struct p2p_error *error);

/**
 * Makes what was moved good: flushed, the lender still there, and read back when verifying.
 * Otherwise the window goes back to its start, on another path.
 */
int p2p_window_settle(struct p2p_window *window, struct p2p_error *error);

#endif
