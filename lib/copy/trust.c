// SPDX-License-Identifier: MIT
/*
 * What of a path was proven.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "copy/trust.h"
#include "round.h"

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
	memset(trust->shapes, 0, sizeof(trust->shapes));
}

bool p2p_trust_any(const struct p2p_trust *trust)
{
	for (unsigned int power = 0; power < P2P_TRUST_POWERS; power++)
		if (trust->shapes[power])
			return true;
	return false;
}

/*
 * What may make a driver or a device go another way: the size, as a power of two, and whether it
 * and the place in each file are made of whole pages.
 */
struct shape {
	unsigned int power;
	uint8_t bit;
};

static struct shape shape_of(const struct p2p_stretch *stretch, uint64_t length)
{
	uint64_t asked = round_up(length, stretch->align);
	unsigned int power = 63 - (unsigned int)__builtin_clzll(asked | 1);
	unsigned int odd = (asked % SMALLEST_PAGE != 0) |
			   (stretch->source_offset % SMALLEST_PAGE != 0) << 1 |
			   (stretch->destination_offset % SMALLEST_PAGE != 0) << 2;

	return (struct shape){
		.power = power < P2P_TRUST_POWERS ? power : P2P_TRUST_POWERS - 1,
		.bit = (uint8_t)(1u << odd),
	};
}

static bool knows_shape(const struct p2p_trust *trust, const struct p2p_stretch *stretch,
			uint64_t length)
{
	struct shape shape = shape_of(stretch, length);

	return trust->shapes[shape.power] & shape.bit;
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
	if (!knows_shape(trust, stretch, first))
		return 0;
	if (blocks == 1 || !tail || knows_shape(trust, stretch, tail))
		return stretch->length;
	return stretch->length - tail;
}

void p2p_trust_add(struct p2p_trust *trust, const struct p2p_stretch *stretch, unsigned int slot,
		   uint64_t length)
{
	struct shape shape = shape_of(stretch, length);

	if (trust->slots[slot] < length)
		trust->slots[slot] = length;
	trust->shapes[shape.power] |= shape.bit;
}
