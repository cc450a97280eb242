// SPDX-License-Identifier: MIT
/*
 * Which way each stretch since the last checkpoint went.
 */
#include <errno.h>

#include "copy/moved.h"
#include "grow.h"

int p2p_moved_add(struct p2p_moved *moved, uint64_t at, uint64_t length, enum p2p_way way)
{
	struct p2p_moved_stretch *last = moved->count ? &moved->stretches[moved->count - 1] : NULL;

	if (last && last->way == way && last->end == at) {
		last->end += length;
		return 0;
	}
	if (!p2p_grow((void **)&moved->stretches, moved->count, &moved->room,
		      sizeof(*moved->stretches)))
		return -ENOMEM;
	moved->stretches[moved->count++] = (struct p2p_moved_stretch){ at, at + length, way };
	return 0;
}

struct p2p_tally p2p_moved_tally(const struct p2p_moved *moved, uint64_t from, uint64_t to)
{
	struct p2p_tally tally = { .peer = 0 };
	uint64_t *const by_way[] = {
		[P2P_WAY_PEER] = &tally.peer,
		[P2P_WAY_HOST] = &tally.host,
		[P2P_WAY_HOLE] = &tally.holes,
	};

	for (size_t i = 0; i < moved->count; i++) {
		const struct p2p_moved_stretch *stretch = &moved->stretches[i];
		uint64_t at = stretch->at > from ? stretch->at : from;
		uint64_t end = stretch->end < to ? stretch->end : to;

		if (at < end)
			*by_way[stretch->way] += end - at;
	}
	return tally;
}
