/* SPDX-License-Identifier: MIT */
/* Random numbers from a seed, and the numbers that programs get wrong. */
#ifndef FUZZ_CHANCE_H
#define FUZZ_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chance {
	uint64_t state;
};

uint64_t chance_bits(struct chance *chance);

/** 0 to count - 1; count is not 0. */
uint64_t chance_below(struct chance *chance, uint64_t count);

bool chance_one_in(struct chance *chance, unsigned int count);

/** Around 0, pages, powers of two and the ends of types; sometimes anything. */
uint64_t chance_hostile(struct chance *chance);

/** Mostly what is right, sometimes hostile. */
uint64_t chance_mostly(struct chance *chance, uint64_t right);

/** Spoils a byte or two, sometimes. */
void chance_spoil(struct chance *chance, void *bytes, size_t length);

#endif
