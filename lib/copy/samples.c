// SPDX-License-Identifier: MIT
/*
 * A random piece of each block.
 */
#include <errno.h>
#include <stdlib.h>

#include "copy/samples.h"
#include "random.h"

static int make_room(struct p2p_samples *samples, size_t wanted)
{
	size_t room = samples->room ? samples->room : 64;
	struct p2p_piece *grown;

	while (room < wanted)
		room *= 2;
	if (room == samples->room)
		return 0;
	grown = realloc(samples->pieces, room * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	samples->pieces = grown;
	samples->room = room;
	return 0;
}

static struct p2p_piece pick(uint64_t at, uint64_t length, uint32_t size, uint64_t *random)
{
	uint64_t pieces = (length + size - 1) / size;
	uint64_t offset = p2p_random_next(random) % pieces * size;
	uint64_t left = length - offset;

	return (struct p2p_piece){ at + offset, left < size ? (uint32_t)left : size };
}

int p2p_samples_add(struct p2p_samples *samples, uint64_t at, uint64_t length, uint64_t block,
		    uint32_t size, uint64_t *random)
{
	uint64_t end = at + length;
	int rc = make_room(samples, samples->count + length / block + 1);

	if (rc)
		return rc;
	for (; at < end; at += block)
		samples->pieces[samples->count++] =
			pick(at, end - at < block ? end - at : block, size, random);
	return 0;
}
