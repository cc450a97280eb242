// SPDX-License-Identifier: MIT
/*
 * fs-shutdown DIRECTORY: the file system there ends as with a power failure: what it has not
 * written by now, its journal included, is lost (FS_IOC_SHUTDOWN of xfs, ext4 and f2fs, without a
 * flush of the log).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#define SHUTDOWN      _IOR('X', 125, uint32_t) /* fs/ext4/ext4.h, fs/f2fs/f2fs.h */
#define WITHOUT_FLUSH UINT32_C(2)

int main(int argc, char **argv)
{
	uint32_t how = WITHOUT_FLUSH;
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0 && !ioctl(fd, SHUTDOWN, &how))
		return 0;
	fprintf(stderr, "fs-shutdown: %s\n", argc == 2 ? strerror(errno) : "name a directory");
	return 1;
}
