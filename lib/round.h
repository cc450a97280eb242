/* SPDX-License-Identifier: MIT */
/*
 * Rounding to a multiple; `to` need not be a power of two.
 */
#ifndef P2P_LIB_COPY_ROUND_H
#define P2P_LIB_COPY_ROUND_H

#include <stdint.h>

static inline uint64_t round_down(uint64_t value, uint64_t to)
{
	return value - value % to;
}

static inline uint64_t round_up(uint64_t value, uint64_t to)
{
	return round_down(value + to - 1, to);
}

#endif
