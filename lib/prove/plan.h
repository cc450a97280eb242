/* SPDX-License-Identifier: MIT */
/*
 * What to try with a pair: requests of every size, at even and odd places.
 */
#ifndef P2P_LIB_PROVE_PLAN_H
#define P2P_LIB_PROVE_PLAN_H

#include <stddef.h>
#include <stdint.h>

struct p2p_prove_limits {
	uint32_t unit;         /**< as a client has them */
	uint32_t memory_align; /**< likewise */
	uint32_t largest;      /**< likewise */
	unsigned int depth;    /**< likewise */
	uint64_t room;         /**< bytes of the memory */
	uint64_t storage;      /**< bytes of the client's */
};

/**
 * Requests of one size that are in flight together. Request i is at i * stride + lead of a window
 * of the storage, and at i * stride + shift of a window of the memory, with a gap behind it.
 */
struct p2p_prove_batch {
	uint32_t length;
	uint32_t shift; /**< how far from a page's start */
	uint32_t lead;  /**< 0 or a unit */
	uint32_t stride;
	unsigned int count;
};

/** Bytes of a batch's windows. */
static inline size_t p2p_prove_window(const struct p2p_prove_batch *batch)
{
	return (size_t)batch->stride * batch->count;
}

/**
 * Plans: sizes double from one unit to the largest that fits, one unit less than each, places at a
 * page's start, just behind it and just before the next. Returns 0, -ENOSPC (not one request fits),
 * or -ENOMEM. `*batches` is the caller's to free.
 */
int p2p_prove_plan(const struct p2p_prove_limits *limits, struct p2p_prove_batch **batches,
		   size_t *count);

#endif
