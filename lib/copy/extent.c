// SPDX-License-Identifier: MIT
/*
 * Where a source holds data and where holes: lseek() with SEEK_DATA and SEEK_HOLE.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "copy/extent.h"
#include "round.h"

static uint64_t seek(int fd, uint64_t position, int whence, uint64_t limit)
{
	off_t found = lseek(fd, (off_t)position, whence);

	/* Data until the end; if the file has become shorter, reading it tells. */
	return found < 0 || (uint64_t)found > limit ? limit : (uint64_t)found;
}

/* ENXIO says "no data from there on", and also "no file there": the file has become shorter. */
static bool reaches(int fd, uint64_t limit)
{
	struct stat facts;

	return !fstat(fd, &facts) && (uint64_t)facts.st_size >= limit;
}

struct p2p_extent p2p_extent_at(int fd, uint64_t position, uint64_t limit, uint32_t align)
{
	off_t first = lseek(fd, (off_t)position, SEEK_DATA);
	uint64_t data, hole;

	if (first < 0 && (errno != ENXIO || !reaches(fd, limit)))
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
