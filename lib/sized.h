/* SPDX-License-Identifier: MIT */
/*
 * Structs that callers own. They begin with `size_t size`, as the program was compiled, which may
 * be an older or newer program than this library: only what both know is read or written.
 */
#ifndef P2P_LIB_SIZED_H
#define P2P_LIB_SIZED_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/** Sets `size` bytes at `to` to the `known` ones at `from` and zeros, and its size. */
static inline void p2p_sized_init(void *to, size_t size, const void *from, size_t known)
{
	memset(to, 0, size);
	memcpy(to, from, size < known ? size : known);
	memcpy(to, &size, sizeof(size));
}

/** Copies what both structs know but for their sizes. False: one of them was not initialized. */
static inline bool p2p_sized_copy(void *to, const void *from)
{
	size_t room, size;

	memcpy(&room, to, sizeof(room));
	memcpy(&size, from, sizeof(size));
	if (room < sizeof(room) || size < sizeof(size))
		return false;
	memcpy((char *)to + sizeof(room), (const char *)from + sizeof(size),
	       (size < room ? size : room) - sizeof(size));
	return true;
}

#endif
