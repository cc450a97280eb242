// SPDX-License-Identifier: MIT
/* What can be done with exported memory: as a dma-buf, and by the DMA engine. */
#include "fuzz.h"

#include "../../../../lab/modules/edu/p2pmem_edu.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int some_buffer(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;

	if (chance_one_in(chance, 32))
		return fuzz_memory(worker);
	return worker->table->buffers[chance_below(chance, FUZZ_BUFFERS)];
}

static int close_buffer(struct fuzz_worker *worker)
{
	uint64_t slot = chance_below(&worker->chance, FUZZ_BUFFERS);
	int fd = atomic_exchange(&worker->table->buffers[slot], -1);

	return fd < 0 ? -EBADF : fuzz_result(worker, "close", close(fd));
}

static int duplicate(struct fuzz_worker *worker)
{
	int fd = fcntl(some_buffer(worker), F_DUPFD_CLOEXEC, 0);
	uint64_t slot = chance_below(&worker->chance, FUZZ_BUFFERS);

	if (fd < 0)
		return fuzz_result(worker, "dup", fd);
	fd = atomic_exchange(&worker->table->buffers[slot], fd);
	if (fd >= 0)
		close(fd);
	return 0;
}

static int sync_buffer(struct fuzz_worker *worker)
{
	struct dma_buf_sync sync = { .flags = chance_below(&worker->chance, 8) };

	return fuzz_result(worker, "DMA_BUF_IOCTL_SYNC",
			   ioctl(some_buffer(worker), DMA_BUF_IOCTL_SYNC, &sync));
}

static int seek(struct fuzz_worker *worker)
{
	off_t end = lseek(some_buffer(worker), 0, SEEK_END);

	return fuzz_result(worker, "lseek", end < 0 ? -1 : 0);
}

static struct p2pmem_edu_end some_end(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;
	struct p2pmem_edu_end end = { .kind = P2PMEM_EDU_HOST, .fd = -1 };

	if (chance_one_in(chance, 2)) {
		end.at = (uintptr_t)fuzz_data(worker);
		return end;
	}
	end.kind = P2PMEM_EDU_DMABUF;
	end.fd = some_buffer(worker);
	end.at = chance_mostly(chance, chance_below(chance, 4096));
	return end;
}

static int copy(struct fuzz_worker *worker)
{
	struct chance *chance = &worker->chance;
	struct p2pmem_edu_copy copy = {
		.source = some_end(worker),
		.destination = some_end(worker),
		.length = chance_mostly(chance, chance_below(chance, 8192) + 1),
	};

	chance_spoil(chance, &copy, sizeof(copy));
	return fuzz_result(
		worker, "EDU_COPY",
		ioctl(worker->table->engine, P2PMEM_EDU_COPY, fuzz_pointer(worker, &copy)));
}

const struct fuzz_action fuzz_buffer_actions[] = {
	{ "close a dma-buf", 6, close_buffer },
	{ "dup of a dma-buf", 3, duplicate },
	{ "dma-buf sync", 3, sync_buffer },
	{ "dma-buf size", 2, seek },
	{ "DMA engine", 8, copy },
	{ NULL, 0, NULL },
};
