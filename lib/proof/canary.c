// SPDX-License-Identifier: MIT
/*
 * Whether a provider answers, and has as much memory as it says.
 */
#include <errno.h>

#include "canary.h"
#include "random.h"

#define SMALLEST_PAGE UINT64_C(4096)

bool p2p_canary_lives(const struct p2p_canary *canary, struct p2p_memory *memory)
{
	uint64_t found;

	return !p2p_memory_load(memory, canary->offset, &found, sizeof(found)) &&
	       found == canary->stamp;
}

bool p2p_canary_set(struct p2p_canary *canary, struct p2p_memory *memory, uint64_t stamp)
{
	canary->stamp = stamp;
	return !p2p_memory_store(memory, canary->offset, &stamp, sizeof(stamp)) &&
	       p2p_canary_lives(canary, memory);
}

/* The places in an order of their own: every slot's start, then every power of two. */
static uint64_t place(uint64_t block, unsigned int slots, unsigned int index)
{
	return index < slots ? index * block : SMALLEST_PAGE << (index - slots);
}

int p2p_memory_check_places(struct p2p_memory *memory, uint64_t block, unsigned int slots,
			    uint64_t *random)
{
	uint64_t start = *random, stamp, found, at;

	for (unsigned int i = 0; (at = place(block, slots, i)) < memory->size; i++) {
		stamp = at ^ start;
		if (p2p_memory_store(memory, at, &stamp, sizeof(stamp)))
			return -EFAULT;
	}
	for (unsigned int i = 0; (at = place(block, slots, i)) < memory->size; i++) {
		if (p2p_memory_load(memory, at, &found, sizeof(found)))
			return -EFAULT;
		if (found != (at ^ start))
			return -ENXIO;
	}
	p2p_random_next(random);
	return 0;
}
