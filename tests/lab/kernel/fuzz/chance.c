// SPDX-License-Identifier: MIT
/* Random numbers from a seed, and the numbers that programs get wrong. */
#include "chance.h"

/* SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
uint64_t chance_bits(struct chance *chance)
{
	uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t chance_below(struct chance *chance, uint64_t count)
{
	return chance_bits(chance) % count;
}

bool chance_one_in(struct chance *chance, unsigned int count)
{
	return chance_below(chance, count) == 0;
}

uint64_t chance_hostile(struct chance *chance)
{
	static const uint64_t ends[] = {
		0,          UINT64_C(1) << 12, UINT64_C(2) << 20, INT32_MAX,
		UINT32_MAX, INT64_MAX,         UINT64_MAX,        UINT64_MAX - 4095,
		64 << 20,   UINT64_C(1) << 52, UINT16_MAX,        0xdead000000000000,
	};
	uint64_t number;

	switch (chance_below(chance, 3)) {
	case 0:
		number = ends[chance_below(chance, sizeof(ends) / sizeof(ends[0]))];
		break;
	case 1:
		number = UINT64_C(1) << chance_below(chance, 64);
		break;
	default:
		number = chance_bits(chance) >> chance_below(chance, 64);
	}
	return number + chance_below(chance, 3) - 1;
}

uint64_t chance_mostly(struct chance *chance, uint64_t right)
{
	return chance_one_in(chance, 16) ? chance_hostile(chance) : right;
}

void chance_spoil(struct chance *chance, void *bytes, size_t length)
{
	unsigned char *byte = bytes;

	if (!chance_one_in(chance, 8))
		return;
	for (uint64_t i = chance_below(chance, 3); i < 3; i++)
		byte[chance_below(chance, length)] = (unsigned char)chance_bits(chance);
}
