/* SPDX-License-Identifier: MIT */
/*
 * A canary: a number in peer memory that the CPU alone writes. While it is there, the provider
 * answers and has not lost what it held; ones, zeros or anything else say otherwise, where DMA
 * would not.
 */
#ifndef P2P_LIB_COPY_CANARY_H
#define P2P_LIB_COPY_CANARY_H

#include <stdbool.h>
#include <stdint.h>

#include "memories/ops.h"

struct p2p_canary {
	size_t offset; /**< in the peer memory, beyond what is used for blocks */
	uint64_t stamp;
};

/** Puts another stamp there. False: it does not stay. */
bool p2p_canary_set(struct p2p_canary *canary, struct p2p_memory *memory, uint64_t stamp);

bool p2p_canary_lives(const struct p2p_canary *canary, struct p2p_memory *memory);

/**
 * Whether memory has a place of its own for each of `slots` blocks of `block` bytes and for each
 * power of two: a BAR may show less memory than it says, again and again. Its contents are lost.
 * Returns 0, -EFAULT when the provider is gone, or -ENXIO: places coincide.
 */
int p2p_memory_check_places(struct p2p_memory *memory, uint64_t block, unsigned int slots,
			    uint64_t *random);

#endif
