/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Arrays from the caller's allocator, with the multiplication checked.
 */
#ifndef P2P_CORE_ARRAY_H
#define P2P_CORE_ARRAY_H

#include "port.h"

#include <p2pmem/types.h>

/* Contents are not set. NULL: no memory, or the size does not fit size_t. */
static inline void *p2p_array_new(const struct p2p_allocator *allocator, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return NULL;
	return allocator->alloc(allocator->context, count == 0 ? size : count * size);
}

static inline void p2p_array_free(const struct p2p_allocator *allocator, void *memory)
{
	if (memory)
		allocator->free(allocator->context, memory);
}

/* Moves `*memory` to an array of `count` elements, of which `used` are kept. 0 or -ENOMEM. */
static inline int p2p_array_grow(const struct p2p_allocator *allocator, void **memory, size_t used,
				 size_t count, size_t size)
{
	void *grown = p2p_array_new(allocator, count, size);

	if (!grown)
		return -ENOMEM;
	if (used != 0)
		memcpy(grown, *memory, used * size);
	p2p_array_free(allocator, *memory);
	*memory = grown;
	return 0;
}

#endif
