/* SPDX-License-Identifier: MIT */
/*
 * What of a path was proven: each place in the peer memory that blocks go through, and each shape
 * of a request. A first block says nothing about the memory that the second one uses.
 */
#ifndef P2P_LIB_COPY_TRUST_H
#define P2P_LIB_COPY_TRUST_H

#include <stdbool.h>
#include <stdint.h>

/* Sizes of requests by powers of two; all from the last one up are one. */
#define P2P_TRUST_POWERS 32

struct p2p_trust {
	uint64_t *slots; /**< for each: how many bytes from its start were proven */
	uint8_t shapes[P2P_TRUST_POWERS]; /**< by size; one bit for each that was proven */
};

/** A stretch of a copy, to go in blocks through slots. */
struct p2p_stretch {
	uint64_t source_offset, destination_offset, length;
	uint64_t block;
	uint32_t align; /**< requests are rounded up to this */
	unsigned int depth;
};

/** For paths of up to `depth` slots. Returns 0 or -ENOMEM. The caller closes it. */
int p2p_trust_open(struct p2p_trust *trust, unsigned int depth);
void p2p_trust_close(struct p2p_trust *trust);

/** A new path of `depth` slots: nothing is proven. */
void p2p_trust_forget(struct p2p_trust *trust, unsigned int depth);

/** Whether anything is. */
bool p2p_trust_any(const struct p2p_trust *trust);

/**
 * How many bytes from the stretch's start may go without a proof. 0: its first block is to be
 * proven in `*slot` first.
 */
uint64_t p2p_trust_reach(const struct p2p_trust *trust, const struct p2p_stretch *stretch,
			 unsigned int *slot);

/** A block of the stretch's offsets and `length` was proven in `slot`. */
void p2p_trust_add(struct p2p_trust *trust, const struct p2p_stretch *stretch, unsigned int slot,
		   uint64_t length);

#endif
