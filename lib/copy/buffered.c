// SPDX-License-Identifier: MIT
/*
 * Direct I/O that is none.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "copy/buffered.h"
#include "copy/private.h"

#define CACHE_TRIES 2
#define DIRTY_TRIES 3
/* A CPU keeps up to 125 pages to itself before it adds them to the count (mm/vmstat.c). */
#define UNCOUNTED_PAGES UINT64_C(125)

/*
 * Which direct I/O takes no peer memory: that of the old helpers, fs/direct-io.c, which do not ask
 * for such pages, and of programs. Magic numbers are those of the kernel's fs/ directories.
 */
static const struct {
	unsigned int magic;
	const char *why;
} unfit[] = {
	{ 0x65735546, "its file system is a program (FUSE)" },
	{ MSDOS_SUPER_MAGIC, "the direct I/O of FAT takes no peer memory" },
	{ EXFAT_SUPER_MAGIC, "the direct I/O of exFAT takes no peer memory" },
	{ 0x7366746e, "the direct I/O of NTFS takes no peer memory" },
	{ 0x482b, "the direct I/O of HFS+ takes no peer memory" },
	{ 0x4244, "the direct I/O of HFS takes no peer memory" },
	{ 0x3153464a, "the direct I/O of JFS takes no peer memory" },
	{ NILFS_SUPER_MAGIC, "the direct I/O of NILFS2 takes no peer memory" },
	{ UDF_SUPER_MAGIC, "the direct I/O of UDF takes no peer memory" },
	{ REISERFS_SUPER_MAGIC, "the direct I/O of ReiserFS takes no peer memory" },
	{ OCFS2_SUPER_MAGIC, "the direct I/O of OCFS2 takes no peer memory" },
};

/*
 * In the layout of ext2 and ext3, writes into holes fall back to the page cache (fs/ext4/inode.c,
 * ext4_iomap_alloc()), and a new file is one hole.
 */
static bool is_without_extents(int fd)
{
	int flags;

	return !ioctl(fd, FS_IOC_GETFLAGS, &flags) && !(flags & FS_EXTENT_FL);
}

static const char *why_no_peer(int fd, bool writing)
{
	struct statfs facts;

	if (fstatfs(fd, &facts))
		return NULL;
	if (facts.f_type == EXT4_SUPER_MAGIC && writing && is_without_extents(fd))
		return "a file without extents, in the layout of ext2 and ext3: its direct writes "
		       "fall back to the page cache";
	for (size_t i = 0; i < sizeof(unfit) / sizeof(unfit[0]); i++)
		if (unfit[i].magic == (unsigned int)facts.f_type)
			return unfit[i].why;
	return NULL;
}

struct p2p_direct p2p_direct_known(int fd, bool writing)
{
	int flags = fcntl(fd, F_GETFL);
	struct p2p_direct known = { .no_peer = why_no_peer(fd, writing) };

#ifdef STATX_DIOALIGN
	struct statx facts;

	if (!statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &facts) &&
	    (facts.stx_mask & STATX_DIOALIGN)) {
		/* statx(2): 0 means no direct I/O on this file, whatever open() says. */
		if (!facts.stx_dio_offset_align)
			return (struct p2p_direct){ .direct = false };
		known.align = facts.stx_dio_offset_align;
	}
#endif
	known.direct = flags >= 0 && !fcntl(fd, F_SETFL, flags | O_DIRECT);
	return known;
}

/* cachestat(2), Linux 6.5: not in the headers of all who build this. */
struct cache_range {
	uint64_t offset, length;
};

struct cache_facts {
	uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

#define CACHESTAT 451 /* on every architecture */

static int64_t count_with_mincore(int fd, uint64_t offset, size_t length)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), skip = offset % page, count = 0;
	size_t pages = (length + skip + page - 1) / page;
	unsigned char *resident = calloc(pages, 1);
	void *map = mmap(NULL, length + skip, PROT_READ, MAP_SHARED, fd, (off_t)(offset - skip));
	bool fine = resident && map != MAP_FAILED && !mincore(map, length + skip, resident);

	for (size_t i = 0; fine && i < pages; i++)
		count += resident[i] & 1;
	if (map != MAP_FAILED)
		munmap(map, length + skip);
	free(resident);
	return fine ? (int64_t)count : -1;
}

/*
 * How many pages of the range are in the page cache; -1: it cannot be told. `dirty` becomes how
 * many of them are known to be on their way to the medium.
 */
static int64_t count_resident(int fd, uint64_t offset, size_t length, uint64_t *dirty)
{
	struct cache_range range = { offset, length };
	struct cache_facts facts;

	*dirty = 0;
	if (syscall(CACHESTAT, fd, &range, &facts, 0))
		return errno == ENOSYS ? count_with_mincore(fd, offset, length) : -1;
	*dirty = facts.dirty + facts.writeback;
	return (int64_t)facts.cached;
}

static bool is_file(int fd)
{
	struct stat facts;

	return !fstat(fd, &facts) && S_ISREG(facts.st_mode);
}

/* Another user of the same pages at the same time looks like the page cache; hardly so each time.
 */
static bool stays_in_cache(const struct p2p_moved_block *block, bool writing)
{
	int fd = writing ? block->destination : block->source;
	uint64_t offset = writing ? block->destination_offset : block->source_offset, dirty;

	for (int i = 0; i < CACHE_TRIES; i++) {
		ssize_t moved;

		posix_fadvise(fd, (off_t)offset, (off_t)block->length, POSIX_FADV_DONTNEED);
		if (count_resident(fd, offset, block->length, &dirty) != 0)
			return false;
		moved = writing ? pwrite(fd, block->memory, block->length, (off_t)offset)
				: pread(fd, block->memory, block->length, (off_t)offset);
		if (moved <= 0 || count_resident(fd, offset, block->length, &dirty) <= 0)
			return false;
		if (writing && dirty) /* no reader does that; and they cannot be taken out now */
			return true;
	}
	return true;
}

/* Pages that were made dirty since the machine started; false: not to be told. */
static bool count_dirtied(uint64_t *pages)
{
	FILE *file = fopen("/proc/vmstat", "re");
	char name[64];
	bool found = false;

	if (!file)
		return false;
	while (!found && fscanf(file, "%63s %" SCNu64, name, pages) == 2)
		found = !strcmp(name, "nr_dirtied");
	fclose(file);
	return found;
}

/* Adds what the CPUs keep to themselves to the counts. False: not allowed. */
static bool fold_counts(void)
{
	int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, "1", 1) == 1;

	if (fd >= 0)
		close(fd);
	return done;
}

/* How many pages the machine made dirty meanwhile; UINT64_MAX: not to be told. */
static uint64_t dirtied_while_writing(const struct p2p_moved_block *block)
{
	uint64_t before, after;

	fold_counts();
	if (!count_dirtied(&before) ||
	    pwrite(block->destination, block->memory, block->length,
		   (off_t)block->destination_offset) != (ssize_t)block->length)
		return UINT64_MAX;
	fold_counts();
	return count_dirtied(&after) ? after - before : UINT64_MAX;
}

static uint64_t dirtied_by_others(uint64_t nanoseconds)
{
	const struct timespec pause = { (time_t)(nanoseconds / 1000000000),
					(long)(nanoseconds % 1000000000) };
	uint64_t before, after;

	fold_counts();
	if (!count_dirtied(&before))
		return UINT64_MAX;
	nanosleep(&pause, NULL);
	fold_counts();
	return count_dirtied(&after) ? after - before : UINT64_MAX;
}

/*
 * Some file systems write through the page cache and take the pages out of it again. Then the only
 * trace is the machine's count of pages made dirty; it tells nothing while others write as well.
 */
static bool writes_dirty_pages(const struct p2p_moved_block *block)
{
	uint64_t pages = block->length / (uint64_t)sysconf(_SC_PAGESIZE);

	if (!fold_counts() && pages < 8 * UNCOUNTED_PAGES)
		return false;
	for (int i = 0; i < DIRTY_TRIES; i++) {
		uint64_t start = p2p_now_ns(), dirtied = dirtied_while_writing(block);

		if (dirtied == UINT64_MAX || dirtied < pages / 2 ||
		    dirtied_by_others(p2p_now_ns() - start) > pages / 8)
			return false;
	}
	return true;
}

enum p2p_buffered p2p_buffered_look(const struct p2p_moved_block *block)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	/* Small blocks drown in what the file system itself dirties. Devices are as they say. */
	if (block->length < 16 * page)
		return P2P_BUFFERED_NOT_SEEN;
	/* Writing first: a source that changes brings other bytes into the memory. */
	if (is_file(block->destination) &&
	    (stays_in_cache(block, true) || writes_dirty_pages(block)))
		return P2P_BUFFERED_WRITING;
	if (is_file(block->source) && stays_in_cache(block, false))
		return P2P_BUFFERED_READING;
	return P2P_BUFFERED_NOT_SEEN;
}

bool p2p_copy_is_buffered(struct p2p_copy *copy, uint64_t at, size_t length,
			  struct p2p_error *error)
{
	const struct p2p_moved_block block = {
		.source = copy->source_fd,
		.destination = copy->destination_fd,
		.source_offset = copy->report.offset + at,
		.destination_offset = copy->report.destination_offset + at,
		.length = length,
		.memory = copy->memory->base,
	};
	enum p2p_buffered seen = p2p_buffered_look(&block);

	if (seen == P2P_BUFFERED_NOT_SEEN)
		return false;
	p2p_error_set(error, -EOPNOTSUPP,
		      "direct I/O of %s goes through the page cache, and so through host memory",
		      seen == P2P_BUFFERED_READING ? copy->source.path : copy->destination.path);
	return true;
}
