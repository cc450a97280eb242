/* SPDX-License-Identifier: MIT */
/*
 * Which way each stretch since the last checkpoint went, so that any part of it can be counted.
 */
#ifndef P2P_LIB_COPY_MOVED_H
#define P2P_LIB_COPY_MOVED_H

#include <stddef.h>
#include <stdint.h>

/** Bytes by the way that they took. */
struct p2p_tally {
	uint64_t peer, host, holes;
};

enum p2p_way {
	P2P_WAY_PEER,
	P2P_WAY_HOST,
	P2P_WAY_HOLE,
};

/** [at, end), in bytes from the copy's start. */
struct p2p_moved_stretch {
	uint64_t at, end;
	enum p2p_way way;
};

/** In ascending order. The caller frees `stretches` at last. */
struct p2p_moved {
	struct p2p_moved_stretch *stretches;
	uint32_t count, room;
};

/** Adds `length` bytes behind all that is there. Returns 0 or -ENOMEM. */
int p2p_moved_add(struct p2p_moved *moved, uint64_t at, uint64_t length, enum p2p_way way);

/** What of [from, to) went which way. */
struct p2p_tally p2p_moved_tally(const struct p2p_moved *moved, uint64_t from, uint64_t to);

#endif
