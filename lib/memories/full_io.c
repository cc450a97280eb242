// SPDX-License-Identifier: MIT
/*
 * pread() and pwrite() of everything.
 */
#include <errno.h>
#include <unistd.h>

#include "memories/full_io.h"

int p2p_read_full(int fd, char *to, size_t size, off_t offset)
{
	while (size) {
		ssize_t got = pread(fd, to, size, offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EFAULT;
		to += got;
		offset += got;
		size -= (size_t)got;
	}
	return 0;
}

int p2p_write_full(int fd, const char *from, size_t size, off_t offset)
{
	while (size) {
		ssize_t put = pwrite(fd, from, size, offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put ? -errno : -EFAULT;
		from += put;
		offset += put;
		size -= (size_t)put;
	}
	return 0;
}
