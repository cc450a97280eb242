/* SPDX-License-Identifier: MIT */
/*
 * Arrays that grow.
 */
#ifndef P2P_GROW_H
#define P2P_GROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Makes room for one more element of `size` bytes behind the `count` that *array has. False: there
 * is no memory; *array and *room are as they were.
 */
bool p2p_grow(void **array, uint32_t count, uint32_t *room, size_t size);

#endif
