// SPDX-License-Identifier: MIT
/*
 * What of a path was proven.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "copy/trust.h"

#define SMALLEST_PAGE 4096

int p2p_trust_open(struct p2p_trust *trust, unsigned int depth)
{
	*trust = (struct p2p_trust){ .slots = calloc(depth, sizeof(*trust->slots)) };
	return trust->slots ? 0 : -ENOMEM;
}

void p2p_trust_close(struct p2p_trust *trust)
{
	free(trust->slots);
	*trust = (struct p2p_trust){ .slots = NULL };
}

void p2p_trust_forget(struct p2p_trust *trust, unsigned int depth)
{
	memset(trust->slots, 0, depth * sizeof(*trust->slots));
	trust->shapes = 0;
}

bool p2p_trust_any(const struct p2p_trust *trust)
{
	return trust->shapes;
}

/*
 * What may make a driver or a device go another way: the size, as a power of two (of at most 2^30:
 * 61 shapes), and whether all is made of whole pages.
 */
static uint64_t shape(const struct p2p_stretch *stretch, uint64_t length)
{
	bool odd = (stretch->source_offset | stretch->destination_offset | length) % SMALLEST_PAGE;
	unsigned int power = 63 - (unsigned int)__builtin_clzll(length | 1);

	return UINT64_C(1) << (2 * (power < 31 ? power : 31) + odd);
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t p2p_trust_reach(const struct p2p_trust *trust, const struct p2p_stretch *stretch,
			 unsigned int *slot)
{
	uint64_t first = lesser(stretch->length, stretch->block);
	uint64_t tail = stretch->length % stretch->block;
	uint64_t blocks = stretch->length / stretch->block + (tail > 0);

	for (*slot = 0; *slot < lesser(blocks, stretch->depth); ++*slot)
		if (trust->slots[*slot] < first)
			return 0;
	*slot = 0;
	if (!(trust->shapes & shape(stretch, first)))
		return 0;
	if (blocks == 1 || !tail || trust->shapes & shape(stretch, tail))
		return stretch->length;
	return stretch->length - tail;
}

void p2p_trust_add(struct p2p_trust *trust, const struct p2p_stretch *stretch, unsigned int slot,
		   uint64_t length)
{
	if (trust->slots[slot] < length)
		trust->slots[slot] = length;
	trust->shapes |= shape(stretch, length);
}
