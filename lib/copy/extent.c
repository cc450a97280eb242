// SPDX-License-Identifier: MIT
/*
 * Where a source holds data and where holes: lseek() with SEEK_DATA and SEEK_HOLE.
 */
#include <errno.h>
#include <unistd.h>

#include "copy/extent.h"
#include "copy/round.h"

static uint64_t seek(int fd, uint64_t position, int whence, uint64_t limit)
{
	off_t found = lseek(fd, (off_t)position, whence);

	/* ENXIO: no data until the end, or no more file. */
	return found < 0 || (uint64_t)found > limit ? limit : (uint64_t)found;
}

struct p2p_extent p2p_extent_at(int fd, uint64_t position, uint64_t limit, uint32_t align)
{
	off_t first = lseek(fd, (off_t)position, SEEK_DATA);
	uint64_t data, hole;

	if (first < 0 && errno != ENXIO)
		return (struct p2p_extent){ .end = limit };

	data = first < 0 || (uint64_t)first > limit ? limit : (uint64_t)first;
	if (data < limit)
		data = round_down(data, align);
	if (data > position)
		return (struct p2p_extent){ .end = data, .hole = true };

	/* From the first data: before it, where rounding led, is a hole. */
	hole = round_up(seek(fd, (uint64_t)first, SEEK_HOLE, limit), align);
	return (struct p2p_extent){ .end = hole < limit ? hole : limit };
}
