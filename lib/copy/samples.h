/* SPDX-License-Identifier: MIT */
/*
 * A random piece of each block that was moved, to be read back and compared.
 */
#ifndef P2P_LIB_COPY_SAMPLES_H
#define P2P_LIB_COPY_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

/** Bytes from the copy's start. */
struct p2p_piece {
	uint64_t at;
	uint32_t length;
};

struct p2p_samples {
	struct p2p_piece *pieces;
	size_t count, room;
};

/**
 * Adds a piece of `size` bytes, or what there is, of each block of [at, at + length). Returns 0 or
 * -ENOMEM. The caller frees `pieces` at last.
 */
int p2p_samples_add(struct p2p_samples *samples, uint64_t at, uint64_t length, uint64_t block,
		    uint32_t size, uint64_t *random);

#endif
