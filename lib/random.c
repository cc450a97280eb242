// SPDX-License-Identifier: MIT
/*
 * splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014),
 * figure 17.
 */
#include <string.h>
#include <sys/random.h>

#include "clock.h"
#include "random.h"

uint64_t p2p_random_start(void)
{
	uint64_t start;

	/* Early in boot there may be none yet: then the time must do. */
	if (getrandom(&start, sizeof(start), GRND_NONBLOCK) != sizeof(start))
		start = p2p_now_ns();
	return start;
}

uint64_t p2p_random_next(uint64_t *state)
{
	uint64_t number = *state += UINT64_C(0x9e3779b97f4a7c15);

	number = (number ^ number >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	number = (number ^ number >> 27) * UINT64_C(0x94d049bb133111eb);
	return number ^ number >> 31;
}

void p2p_random_fill(char *bytes, size_t size, uint64_t *state)
{
	for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
		uint64_t word = p2p_random_next(state);

		memcpy(bytes + at, &word, size - at < sizeof(word) ? size - at : sizeof(word));
	}
}
