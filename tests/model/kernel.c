// SPDX-License-Identifier: MIT
/*
 * The system calls of the copy engine, by the linker's --wrap. Descriptors that are not of the
 * modelled ends go to the real ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "random.h"
#include "world.h"

#define WRAP(type, name, parameters)                                                               \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters

static ssize_t result(ssize_t rc)
{
	if (rc >= 0)
		return rc;
	errno = (int)-rc;
	return -1;
}

WRAP(ssize_t, pread64, (int fd, void *to, size_t size, off_t offset))
{
	struct disk *disk = world_disk(fd);

	if (!disk)
		return __real_pread64(fd, to, size, offset);
	return result(world_transfer(disk, world_is_direct(fd), false, to, size, (uint64_t)offset));
}

WRAP(ssize_t, pwrite64, (int fd, const void *from, size_t size, off_t offset))
{
	struct disk *disk = world_disk(fd);

	if (!disk)
		return __real_pwrite64(fd, from, size, offset);
	return result(world_transfer(disk, world_is_direct(fd), true, (char *)(uintptr_t)from, size,
				     (uint64_t)offset));
}

static int flush(struct disk *disk)
{
	world_step();
	world_expect(!world_in_flight(), "nothing is in flight when the medium is asked to settle");
	if (world.step >= world.flush_fails_at && disk == &world.destination &&
	    !world.flush_failed && !world.flushes_before_that--) {
		world.flush_failed = true;
		disk_fail_flush(disk, &world.random);
		return -EIO;
	}
	disk_flush(disk);
	return 0;
}

WRAP(int, fdatasync, (int fd))
{
	struct disk *disk = world_disk(fd);
	uint64_t durable = disk ? disk->medium_size : 0;
	int rc;

	if (!disk)
		return __real_fdatasync(fd);
	rc = flush(disk);
	/* A smaller size is no data: it may come later. */
	if (!rc && disk->size < durable)
		disk->medium_size = durable;
	return (int)result(rc);
}

WRAP(int, fsync, (int fd))
{
	struct disk *disk = world_disk(fd);

	if (fd == FD_DIRECTORY) {
		world_step();
		world.destination.named = true;
		return 0;
	}
	return disk ? (int)result(flush(disk)) : __real_fsync(fd);
}

WRAP(int, ftruncate64, (int fd, off_t size))
{
	struct disk *disk = world_disk(fd);

	if (!disk)
		return __real_ftruncate64(fd, size);
	world_step();
	world_expect(!world_in_flight(), "nothing is in flight when a file is cut");
	world_expect(disk == &world.destination, "the source is not cut");
	if ((uint64_t)size > world.largest)
		return (int)result(-EFBIG);
	disk_set_size(disk, (uint64_t)size);
	return 0;
}

WRAP(int, fallocate64, (int fd, int mode, off_t offset, off_t length))
{
	struct disk *disk = world_disk(fd);

	if (!disk)
		return __real_fallocate64(fd, mode, offset, length);
	world_step();
	if (!(mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)))
		return 0;
	if (world.holes_fail)
		return (int)result(-EOPNOTSUPP);
	if (disk->is_block && (uint64_t)(offset + length) > disk->size)
		return (int)result(-EINVAL);
	disk_zero(disk, (uint64_t)offset, (uint64_t)length);
	return 0;
}

WRAP(off_t, lseek64, (int fd, off_t offset, int whence))
{
	struct disk *disk = world_disk(fd);
	uint64_t at = (uint64_t)offset;
	bool wanted = whence == SEEK_HOLE;

	if (!disk)
		return __real_lseek64(fd, offset, whence);
	world_step();
	if (disk->is_block)
		return result(-EINVAL);
	if (at >= disk->size)
		return result(-ENXIO);
	while (at < disk->size && disk->hole[at / DISK_PAGE] != wanted)
		at = at / DISK_PAGE * DISK_PAGE + DISK_PAGE;
	if (at < disk->size)
		return (off_t)at;
	return wanted ? (off_t)disk->size : result(-ENXIO);
}

static void describe(const struct disk *disk, struct stat *facts)
{
	bool source = disk == &world.source;

	if (source)
		world.looked_at = world.step;
	*facts = (struct stat){
		.st_dev = source ? 1 : 2,
		.st_rdev = source ? 1 : 2,
		.st_ino = source ? 11 : 12,
		.st_nlink = 1,
		.st_mode = disk->is_block ? S_IFBLK | 0600 : S_IFREG | 0644,
		.st_size = disk->is_block ? 0 : (off_t)disk->size,
		.st_blocks = (blkcnt_t)(disk->size / 512),
		.st_mtim.tv_sec = (time_t)disk->changed,
		.st_ctim.tv_sec = (time_t)disk->changed,
	};
}

WRAP(int, fstat64, (int fd, struct stat *facts))
{
	const struct disk *disk = world_disk(fd);

	if (!disk)
		return __real_fstat64(fd, facts);
	world_step();
	describe(disk, facts);
	return 0;
}

WRAP(int, posix_fadvise64, (int fd, off_t offset, off_t length, int advice))
{
	struct disk *disk = world_disk(fd);

	if (!disk)
		return __real_posix_fadvise64(fd, offset, length, advice);
	if (advice == POSIX_FADV_DONTNEED)
		disk_drop_cache(disk, (uint64_t)offset, (uint64_t)length);
	return 0;
}

int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	const struct disk *disk = world_disk(fd);
	void *argument;
	va_list list;

	va_start(list, request);
	argument = va_arg(list, void *);
	va_end(list);
	if (!disk)
		return __real_ioctl(fd, request, argument);
	world_step();
	if (request != BLKGETSIZE64 || !disk->is_block)
		return (int)result(-ENOTTY);
	memcpy(argument, &disk->size, sizeof(disk->size));
	return 0;
}

WRAP(ssize_t, getrandom, (void *to, size_t size, unsigned int flags))
{
	(void)flags;
	for (size_t i = 0; i < size; i++)
		((uint8_t *)to)[i] = (uint8_t)random_next(&world.random);
	return (ssize_t)size;
}

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...)
{
	unsigned int mode;
	va_list list;

	va_start(list, flags);
	mode = va_arg(list, unsigned int);
	va_end(list);
	if (!(flags & O_DIRECTORY))
		return __real_open64(path, flags, mode);
	world.directories_open++;
	return FD_DIRECTORY;
}

WRAP(int, close, (int fd))
{
	switch (fd) {
	case FD_SOURCE_BUFFERED:
	case FD_DESTINATION_BUFFERED:
		world.buffered_open--;
		return 0;
	case FD_DIRECTORY:
		world.directories_open--;
		return 0;
	default:
		return world_disk(fd) ? 0 : __real_close(fd);
	}
}

uint64_t __wrap_p2p_now_ns(void);
uint64_t __wrap_p2p_now_ns(void)
{
	return world.now;
}
