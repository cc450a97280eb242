// SPDX-License-Identifier: MIT
/*
 * What threads of one open file do to each other: nothing here is wrong in itself, but offsets are
 * few, so that what one has got another frees, maps, exports or reads at that very moment.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE  ((size_t)4096)
#define PAGES 4 /* of the memory that is raced for */

static uint64_t offset(struct fuzz_worker *worker)
{
	return chance_below(&worker->chance, PAGES) * PAGE;
}

/* Wherever it is, it is in the memory: else the kernel has told what it has elsewhere. */
static int take(struct fuzz_worker *worker)
{
	struct p2pmem_alloc alloc = {
		.size = (chance_below(&worker->chance, 2) + 1) * PAGE,
		.flags = chance_one_in(&worker->chance, 4) ? 0 : P2PMEM_ALLOC_UNCACHED,
	};
	int error = fuzz_result(worker, "ALLOC", ioctl(worker->table->one, P2PMEM_ALLOC, &alloc));

	if (!error && (alloc.offset >= worker->table->bar_size || alloc.offset % PAGE))
		fuzz_fail(worker->table->shared, "an allocation at %#llx",
			  (unsigned long long)alloc.offset);
	return error;
}

static int give(struct fuzz_worker *worker)
{
	struct p2pmem_free free = { .offset = offset(worker) };

	return fuzz_result(worker, "FREE", ioctl(worker->table->one, P2PMEM_FREE, &free));
}

/* Into a place that is the process's, where another thread may have mapped something else. */
static int map(struct fuzz_worker *worker)
{
	char *room = fuzz_mapping(worker);
	const char *at = mmap(room, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			      worker->table->one, (off_t)offset(worker));

	if (at == MAP_FAILED)
		return fuzz_result(worker, "mmap", -1);
	return fuzz_touch(worker, room, PAGE, chance_one_in(&worker->chance, 2));
}

static int unmap(struct fuzz_worker *worker)
{
	char *room = fuzz_mapping(worker);

	if (mmap(room, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
		 0) == MAP_FAILED)
		return fuzz_result(worker, "mmap", -1);
	return 0;
}

static int export(struct fuzz_worker *worker)
{
	struct fuzz_table *table = worker->table;
	struct p2pmem_export export = { .offset = offset(worker), .flags = O_RDWR | O_CLOEXEC };
	int error = fuzz_result(worker, "EXPORT", ioctl(table->one, P2PMEM_EXPORT, &export)), old;

	if (error)
		return error;
	old = atomic_exchange(&table->buffers[chance_below(&worker->chance, FUZZ_BUFFERS)],
			      export.fd);
	if (old >= 0)
		close(old);
	return 0;
}

static int move(struct fuzz_worker *worker)
{
	char bytes[512];
	off_t at = (off_t)(offset(worker) + chance_below(&worker->chance, PAGE));
	ssize_t moved =
		chance_one_in(&worker->chance, 2)
			? pread(worker->table->one, bytes, sizeof(bytes), at)
			: pwrite(worker->table->one, worker->table->plain, sizeof(bytes), at);

	return fuzz_result(worker, "pread or pwrite", moved);
}

const struct fuzz_action fuzz_race_actions[] = {
	{ "race: alloc", 8, take },
	{ "race: free", 8, give },
	{ "race: mmap", 4, map },
	{ "race: munmap", 2, unmap },
	{ "race: export", 3, export },
	{ "race: copy", 4, move },
	{ NULL, 0, NULL },
};
