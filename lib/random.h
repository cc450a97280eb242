/* SPDX-License-Identifier: MIT */
/*
 * Random numbers that nobody needs to keep secret: where to look, and what a stamp is.
 */
#ifndef P2P_LIB_COPY_RANDOM_H
#define P2P_LIB_COPY_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/** A start from the kernel's own random numbers. */
uint64_t p2p_random_start(void);

/** The next number after `*state`. */
uint64_t p2p_random_next(uint64_t *state);

/** Fills bytes with numbers that follow `*state`. */
void p2p_random_fill(char *bytes, size_t size, uint64_t *state);

#endif
