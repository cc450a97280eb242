// SPDX-License-Identifier: MIT
/* What can be asked of /dev/p2pmemN. */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of a descriptor that was replaced; another thread may still use it. */
static void drop(int fd)
{
	if (fd >= 0)
		close(fd);
}

static int open_node(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/dev/p2pmem%u", fuzz_index(worker));
	fd = open(path, (chance_one_in(chance, 8) ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (fd < 0)
		return fuzz_result(worker, path, fd);
	drop(atomic_exchange(&worker->table->memories[chance_below(chance, FUZZ_MEMORIES)], fd));
	return 0;
}

static int close_node(struct fuzz_worker *worker)
{
	uint64_t slot = chance_below(&worker->chance, FUZZ_MEMORIES);
	int fd = atomic_exchange(&worker->table->memories[slot], -1);

	return fd < 0 ? -EBADF : fuzz_result(worker, "close", close(fd));
}

static int ask(struct fuzz_worker *worker, const char *what, int fd, unsigned long request,
	       void *argument, size_t size)
{
	chance_spoil(&worker->chance, argument, size);
	return fuzz_result(worker, what, ioctl(fd, request, fuzz_pointer(worker, argument)));
}

static int info(struct fuzz_worker *worker)
{
	struct p2pmem_info info = { 0 };

	return ask(worker, "INFO", fuzz_memory(worker), P2PMEM_INFO, &info, sizeof(info));
}

static int verdict(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;
	struct p2pmem_reason reasons[8];
	struct p2pmem_verdict verdict = {
		.client = { .bus = (uint8_t)chance_mostly(chance, chance_below(chance, 8)),
			    .devfn = (uint8_t)(chance_below(chance, 4) << 3) },
		.reasons = (uintptr_t)fuzz_pointer(worker, reasons),
		.room = (uint32_t)chance_mostly(chance, chance_below(chance, 9)),
	};

	/* More room than there is: what is written then must stay within the count. */
	if (verdict.room > 8 && verdict.reasons == (uintptr_t)reasons)
		verdict.reasons = (uintptr_t)worker->table->nothing - sizeof(reasons[0]);
	return fuzz_result(
		worker, "VERDICT",
		ioctl(fuzz_memory(worker), P2PMEM_VERDICT, fuzz_pointer(worker, &verdict)));
}

static int allocate(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;
	struct fuzz_piece *piece = fuzz_piece(worker);
	struct p2pmem_alloc alloc = {
		.size = chance_mostly(chance, chance_below(chance, 1 << chance_below(chance, 24))),
		.alignment = chance_mostly(chance, UINT64_C(1) << chance_below(chance, 22)),
		.flags = (uint32_t)chance_below(chance, 4),
	};
	int memory = fuzz_memory(worker);
	int error;

	if (chance_one_in(chance, 2))
		alloc.alignment = 0;
	error = ask(worker, "ALLOC", memory, P2PMEM_ALLOC, &alloc, sizeof(alloc));
	if (error)
		return error;
	atomic_store(&piece->size, alloc.size);
	atomic_store(&piece->offset, alloc.offset);
	atomic_store(&piece->memory, memory);
	return 0;
}

static int release(struct fuzz_worker *worker)
{
	struct fuzz_piece *piece = fuzz_piece(worker);
	struct p2pmem_free freed = { .offset = chance_mostly(&worker->chance, piece->offset) };

	int error = ask(worker, "FREE", piece->memory, P2PMEM_FREE, &freed, sizeof(freed));

	return fuzz_piece_used(worker, piece, error);
}

static int export(struct fuzz_worker *worker)
{
	static const uint32_t flags[] = { O_RDWR | O_CLOEXEC, O_RDWR, O_RDONLY, O_WRONLY };
	struct chance *chance = &worker->chance;
	struct fuzz_piece *piece = fuzz_piece(worker);
	struct p2pmem_export export = {
		.offset = chance_mostly(chance, piece->offset),
		.flags = flags[chance_below(chance, 4)],
		.fd = -1,
	};
	int error = ask(worker, "EXPORT", piece->memory, P2PMEM_EXPORT, &export, sizeof(export));

	if (!error)
		drop(atomic_exchange(&worker->table->buffers[chance_below(chance, FUZZ_BUFFERS)],
				     export.fd));
	return fuzz_piece_used(worker, piece, error);
}

/* Any request with any size, also of what the node does not know. */
static int ask_anything(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;
	unsigned long request = _IOC(chance_below(chance, 4), P2PMEM_IOCTL,
				     chance_below(chance, 0x48), chance_below(chance, 256));
	uint64_t argument[64];

	for (size_t i = 0; i < 64; i++)
		argument[i] = chance_hostile(chance);
	if (chance_one_in(chance, 4))
		request = (uint32_t)chance_bits(chance);
	return fuzz_result(worker, "ioctl",
			   ioctl(fuzz_memory(worker), request, fuzz_pointer(worker, argument)));
}

/* Device memory also as what the data comes from: a fault then happens inside the call. */
static int read_write(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;
	struct fuzz_piece *piece = fuzz_piece(worker);
	size_t length = chance_below(chance, 1 << chance_below(chance, 18)) + 1;
	off_t at = (off_t)chance_mostly(chance, piece->offset + chance_below(chance, 8192));
	char *data = fuzz_data(worker);
	ssize_t moved = chance_one_in(chance, 2) ? pread(piece->memory, data, length, at)
						 : pwrite(piece->memory, data, length, at);

	if (moved > (ssize_t)length)
		fuzz_fail(worker->table->shared, "%zd bytes were moved of %zu", moved, length);
	return fuzz_piece_used(worker, piece,
			       fuzz_result(worker, "pread or pwrite", moved < 0 ? -1 : 0));
}

/* What no p2pmem program does with such a descriptor. */
static int misuse(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;
	int fd = fuzz_memory(worker);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN | POLLOUT };
	uint64_t number = chance_hostile(chance);
	char *data = fuzz_data(worker);

	switch (chance_below(chance, 8)) {
	case 0:
		return fuzz_result(worker, "read", read(fd, data, number & 0xffff) < 0 ? -1 : 0);
	case 1:
		return fuzz_result(worker, "write", write(fd, data, number & 0xffff) < 0 ? -1 : 0);
	case 2:
		return fuzz_result(worker, "lseek",
				   lseek(fd, (off_t)number, SEEK_END) < 0 ? -1 : 0);
	case 3:
		return fuzz_result(worker, "ftruncate", ftruncate(fd, (off_t)number));
	case 4:
		return fuzz_result(worker, "fallocate", fallocate(fd, 0, 0, (off_t)number));
	case 5:
		return fuzz_result(worker, "fcntl", fcntl(fd, F_SETFL, O_NONBLOCK | O_ASYNC));
	case 6:
		return fuzz_result(worker, "fsync", fsync(fd));
	default:
		return fuzz_result(worker, "poll", poll(&poll_fd, 1, 0));
	}
}

const struct fuzz_action fuzz_node_actions[] = {
	{ "open", 16, open_node },
	{ "close", 1, close_node },
	{ "info", 4, info },
	{ "verdict", 6, verdict },
	{ "alloc", 24, allocate },
	{ "free", 10, release },
	{ "export", 10, export },
	{ "any ioctl", 4, ask_anything },
	{ "pread, pwrite", 16, read_write },
	{ "misuse", 3, misuse },
	{ NULL, 0, NULL },
};
