// SPDX-License-Identifier: MIT
/* What can be done with mappings. Each lies in a room of its own, so that nothing else is hit. */
#include "fuzz.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t some_length(struct chance *chance)
{
	return (chance_below(chance, 1 << chance_below(chance, 12)) + 1) << 12;
}

/* Within the room that begins at `room`. */
static char *some_page(struct chance *chance, char *room, size_t length)
{
	return room + (chance_below(chance, FUZZ_ROOM - length + 1) & ~UINT64_C(4095));
}

static size_t cut(size_t length)
{
	return length < FUZZ_ROOM ? length : FUZZ_ROOM;
}

static int map_fd(struct fuzz_worker *worker, int fd, uint64_t offset, size_t length)
{
	struct chance *chance = &worker->chance;
	int protection =
		chance_one_in(chance, 4) ? (int)chance_below(chance, 8) : PROT_READ | PROT_WRITE;
	int flags = MAP_FIXED | (chance_one_in(chance, 8) ? MAP_PRIVATE : MAP_SHARED);
	void *at;

	if (chance_one_in(chance, 16))
		flags |= MAP_POPULATE;
	if (chance_one_in(chance, 32))
		flags |= MAP_LOCKED;
	at = mmap(fuzz_mapping(worker), cut(length), protection, flags, fd, (off_t)offset);
	return fuzz_result(worker, "mmap", at == MAP_FAILED ? -1 : 0);
}

static int map_piece(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;
	struct fuzz_piece *piece = fuzz_piece(worker);
	uint64_t skipped = chance_one_in(chance, 4) ? chance_below(chance, 16) << 12 : 0;
	uint64_t size = (piece->size + 4095) & ~UINT64_C(4095);
	uint64_t offset = chance_mostly(chance, piece->offset + skipped);
	size_t length = size > skipped ? size - skipped : 4096;

	if (chance_one_in(chance, 4))
		length = some_length(chance);
	return fuzz_piece_used(worker, piece, map_fd(worker, piece->memory, offset, length));
}

static int map_buffer(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;

	return map_fd(worker, worker->table->buffers[chance_below(chance, FUZZ_BUFFERS)],
		      chance_one_in(chance, 4) ? chance_below(chance, 16) << 12 : 0,
		      some_length(chance));
}

static int unmap(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;
	size_t length = chance_one_in(chance, 2) ? FUZZ_ROOM : cut(some_length(chance));
	char *at = some_page(chance, fuzz_mapping(worker), length);

	/* In place of munmap(): nothing else may come to lie in the room. */
	at = mmap(at, length, PROT_NONE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		  -1, 0);
	return fuzz_result(worker, "munmap", at == MAP_FAILED ? -1 : 0);
}

static int touch(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;
	size_t length = chance_one_in(chance, 8) ? 65536 : 64;
	char *at = fuzz_mapping(worker) + chance_below(chance, 1 << 20);

	return fuzz_touch(worker, at, length, chance_one_in(chance, 2));
}

static int protect(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;
	size_t length = cut(some_length(chance));

	return fuzz_result(worker, "mprotect",
			   mprotect(some_page(chance, fuzz_mapping(worker), length), length,
				    (int)chance_below(chance, 8)));
}

/* Moves, grows, shrinks or, with an old length of 0, doubles a mapping. */
static int move(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;
	size_t old = chance_one_in(chance, 4) ? 0 : cut(some_length(chance));
	size_t new = cut(some_length(chance));
	char *from = fuzz_mapping(worker), *to = fuzz_mapping(worker), *hole = from;
	void *at;

	if (from == to)
		return -EINVAL;
	at = mremap(from, old, new, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	if (at == MAP_FAILED)
		return fuzz_result(worker, "mremap", -1);
	if (old != 0 &&
	    mmap(hole, old, PROT_NONE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		 0) == MAP_FAILED)
		return -errno;
	return 0;
}

static int advise(struct fuzz_worker *worker)
{
	static const int words[] = { MADV_DONTNEED, MADV_DONTFORK, MADV_DOFORK,       MADV_REMOVE,
				     MADV_FREE,     MADV_WILLNEED, MADV_COLD,         MADV_PAGEOUT,
				     MADV_HUGEPAGE, MADV_DODUMP,   MADV_POPULATE_READ };
	struct chance *chance = &worker->chance;
	size_t length = cut(some_length(chance));
	int word = words[chance_below(chance, sizeof(words) / sizeof(words[0]))];

	return fuzz_result(worker, "madvise",
			   madvise(some_page(chance, fuzz_mapping(worker), length), length, word));
}

/* From and to other people's view of the same pages: what pins pages must refuse these. */
static int reach(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;
	char bytes[256] = { 0 };
	struct iovec here = { bytes, sizeof(bytes) }, there = { fuzz_mapping(worker), 256 };
	ssize_t moved = chance_one_in(chance, 2)
				? process_vm_readv(getpid(), &here, 1, &there, 1, 0)
				: process_vm_writev(getpid(), &here, 1, &there, 1, 0);

	return fuzz_result(worker, "process_vm_readv", moved < 0 ? -1 : 0);
}

/* A child has all mappings and descriptors, and leaves while its parent goes on. */
static int fork_child(struct fuzz_worker *worker)
{
	pid_t child = fork();

	if (child == 0) {
		for (unsigned int i = 0; i < 8; i++)
			touch(worker);
		unmap(worker);
		_exit(0);
	}
	if (child < 0)
		return fuzz_result(worker, "fork", -1);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

const struct fuzz_action fuzz_map_actions[] = {
	{ "mmap", 16, map_piece },  { "mmap of a dma-buf", 6, map_buffer },
	{ "munmap", 6, unmap },     { "touch", 20, touch },
	{ "mprotect", 4, protect }, { "mremap", 4, move },
	{ "madvise", 4, advise },   { "process_vm_readv", 2, reach },
	{ "fork", 1, fork_child },  { NULL, 0, NULL },
};
