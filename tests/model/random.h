/* SPDX-License-Identifier: MIT */
/*
 * Random choices that a seed decides.
 */
#ifndef P2P_TESTS_MODEL_RANDOM_H
#define P2P_TESTS_MODEL_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

/* splitmix64 */
static inline uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* 0 to count - 1 */
static inline uint64_t random_below(uint64_t *state, uint64_t count)
{
	return random_next(state) % count;
}

static inline bool random_chance(uint64_t *state, unsigned int percent)
{
	return random_below(state, 100) < percent;
}

#endif
