/* SPDX-License-Identifier: MIT */
/*
 * What the micro-benchmarks share: a clock, random numbers, an allocator, an end.
 */
#ifndef P2P_BENCH_H
#define P2P_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <p2pmem/fabric.h>

#define KIB UINT64_C(1024)
#define MIB (KIB * KIB)
#define GIB (KIB * MIB)
#define TIB (KIB * GIB)

static inline uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators". */
static inline uint64_t draw(uint64_t *state, uint64_t below)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (*state * UINT64_C(0x2545f4914f6cdd1d) >> 8) % below;
}

/* `context` may point at a size_t that adds up what is taken. */
static void *bench_take(void *context, size_t size)
{
	if (context)
		*(size_t *)context += size;
	return malloc(size);
}

static void bench_give(void *context, void *memory)
{
	(void)context;
	free(memory);
}

static inline struct p2p_allocator bench_allocator(void)
{
	struct p2p_allocator allocator = { bench_take, bench_give, NULL };

	return allocator;
}

static inline void bench_check(const char *what, int error)
{
	if (error == 0)
		return;
	fprintf(stderr, "bench: %s: error %d\n", what, -error);
	exit(EXIT_FAILURE);
}

#endif
