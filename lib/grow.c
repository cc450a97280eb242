// SPDX-License-Identifier: MIT
#include "grow.h"

#include <stdlib.h>

bool p2p_grow(void **array, uint32_t count, uint32_t *room, size_t size)
{
	uint32_t wanted = *room ? *room * 2 : 32;
	void *larger;

	if (count < *room)
		return true;
	larger = wanted > *room ? reallocarray(*array, wanted, size) : NULL;
	if (!larger)
		return false;
	*array = larger;
	*room = wanted;
	return true;
}
