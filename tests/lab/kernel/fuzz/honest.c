// SPDX-License-Identifier: MIT
/*
 * A program that does everything right beside all those that do not: what it gets is zero, what it
 * wrote stays, until the device goes away and it is told so.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define HONEST_MAX (256u << 10)

struct holding {
	struct fuzz_worker *worker;
	int memory;
	uint64_t offset;
	size_t size;
	char *mapping;
};

static char expected[HONEST_MAX], seen[HONEST_MAX];

/* What may happen to somebody who does nothing wrong. */
static bool excused(int error)
{
	return error == ENODEV || error == ENXIO || error == ENOENT || error == ENOSPC ||
	       error == EDQUOT || error == ENOMEM || error == EINTR || error == EFAULT;
}

static void complain(const struct holding *holding, const char *what)
{
	if (!excused(errno))
		fuzz_fail(holding->worker->table->shared, "%s of somebody honest: %s", what,
			  strerror(errno));
}

/* Both ways to look at it show what is expected. */
static bool is_intact(const struct holding *holding, const char *when)
{
	ssize_t length = pread(holding->memory, seen, holding->size, (off_t)holding->offset);

	if (length < 0) {
		complain(holding, "pread");
		return false;
	}
	if (memcmp(seen, expected, (size_t)length) != 0) {
		fuzz_fail(holding->worker->table->shared, "wrong bytes %s", when);
		return false;
	}
	if (holding->mapping == MAP_FAILED || sigsetjmp(holding->worker->guard, 1) != 0)
		return false; /* the device has gone */
	holding->worker->guarded = true;
	memcpy(seen, holding->mapping, holding->size);
	holding->worker->guarded = false;
	/* A range that was revoked during the copy is a signal, and never other bytes. */
	if (memcmp(seen, expected, holding->size) != 0)
		fuzz_fail(holding->worker->table->shared, "wrong bytes in the mapping %s", when);
	return true;
}

static void write_own(const struct holding *holding)
{
	for (size_t i = 0; i < holding->size; i++)
		expected[i] = (char)chance_bits(&holding->worker->chance);
	if (pwrite(holding->memory, expected, holding->size, (off_t)holding->offset) < 0)
		complain(holding, "pwrite");
}

static void use(const struct holding *holding)
{
	memset(expected, 0, holding->size);
	if (!is_intact(holding, "in what was just allocated"))
		return;
	for (unsigned int i = 0; i < 4 && !*holding->worker->stop; i++) {
		write_own(holding);
		usleep((useconds_t)chance_below(&holding->worker->chance, 50000));
		if (!is_intact(holding, "in memory of somebody else"))
			return;
	}
}

static void hold(struct fuzz_worker *worker, int memory)
{
	struct p2pmem_alloc alloc = {
		.size = chance_below(&worker->chance, HONEST_MAX) + 1,
		.flags = chance_one_in(&worker->chance, 2) ? P2PMEM_ALLOC_UNCACHED : 0,
	};
	struct holding holding = { .worker = worker, .memory = memory };
	struct p2pmem_free freed = { 0 };

	if (ioctl(memory, P2PMEM_ALLOC, &alloc) < 0) {
		complain(&holding, "ALLOC");
		return;
	}
	holding.offset = freed.offset = alloc.offset;
	holding.size = alloc.size < HONEST_MAX ? alloc.size : HONEST_MAX;
	holding.mapping = mmap(NULL, holding.size, PROT_READ | PROT_WRITE, MAP_SHARED, memory,
			       (off_t)alloc.offset);
	if (holding.mapping == MAP_FAILED)
		complain(&holding, "mmap");
	use(&holding);
	worker->guarded = false;
	if (holding.mapping != MAP_FAILED)
		munmap(holding.mapping, holding.size);
	if (ioctl(memory, P2PMEM_FREE, &freed) < 0)
		complain(&holding, "FREE");
}

void fuzz_honest(struct fuzz_worker *worker)
{
	char path[32];
	int memory;

	while (!*worker->stop) {
		snprintf(path, sizeof(path), "/dev/p2pmem%u", fuzz_index(worker));
		memory = open(path, O_RDWR | O_CLOEXEC);
		if (memory < 0) {
			usleep(10000);
			continue;
		}
		for (unsigned int i = 0; i < 4; i++)
			hold(worker, memory);
		close(memory);
	}
}
