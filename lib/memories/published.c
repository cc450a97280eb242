// SPDX-License-Identifier: MIT
/*
 * Memory that a device publishes through the kernel: /sys/bus/pci/devices/BDF/p2pmem/allocate
 * (drivers/pci/p2pdma.c, p2pmem_alloc_mmap()). Mapping it shared from offset 0 allocates; the
 * pages are real pages, so O_DIRECT works with them on queues that allow it.
 *
 * When the provider's driver is unbound the kernel zaps the mapping: I/O then fails with EFAULT
 * and a CPU access raises SIGBUS. A library must not own signal handlers, so the CPU reaches this
 * memory only through the kernel's copy_from_user() and copy_to_user(), which answer EFAULT: a
 * write from, or a read into, the mapping with a pipe on the other side. (A pipe is no file, whose
 * size setrlimit(2) could limit, with a signal.)
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memories/memory.h"
#include "sysfs.h"

#define DEVICES "/sys/bus/pci/devices"

struct published_memory {
	struct p2p_memory memory;
	int pipe[2]; /* between the CPU and the mapping; empty between two calls */
	size_t room; /* bytes that the pipe takes at once */
};

static struct published_memory *published_of(struct p2p_memory *memory)
{
	return (struct published_memory *)memory;
}

static void close_pipe(struct published_memory *published)
{
	close(published->pipe[0]);
	close(published->pipe[1]);
}

static int open_pipe(struct published_memory *published)
{
	int room;

	if (pipe2(published->pipe, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	room = fcntl(published->pipe[1], F_GETPIPE_SZ);
	published->room = room > 0 ? (size_t)room : PIPE_BUF;
	return 0;
}

/* What is stuck in the pipe after an error goes with it. */
static void renew_pipe(struct published_memory *published)
{
	close_pipe(published);
	if (open_pipe(published))
		published->pipe[0] = published->pipe[1] = -1; /* then all further moves fail */
}

static int take(const struct published_memory *published, char *to, size_t size)
{
	while (size) {
		ssize_t got = read(published->pipe[0], to, size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EFAULT;
		to += got;
		size -= (size_t)got;
	}
	return 0;
}

/* By the kernel's hand, so that either side may be the mapping, and may be gone. */
static int move(struct published_memory *published, char *to, const char *from, size_t size)
{
	int rc = 0;

	while (size && !rc) {
		size_t piece = size < published->room ? size : published->room;
		ssize_t put = write(published->pipe[1], from, piece);

		if (put < 0 && errno == EINTR)
			continue;
		rc = put > 0 ? take(published, to, (size_t)put) : put ? -errno : -EFAULT;
		if (rc)
			break;
		to += put;
		from += put;
		size -= (size_t)put;
	}
	if (rc)
		renew_pipe(published);
	return rc;
}

static int published_load(struct p2p_memory *memory, size_t offset, void *to, size_t size)
{
	return move(published_of(memory), to, memory->base + offset, size);
}

static int published_store(struct p2p_memory *memory, size_t offset, const void *from, size_t size)
{
	return move(published_of(memory), memory->base + offset, from, size);
}

static void published_close(struct p2p_memory *memory)
{
	munmap(memory->base, memory->size);
	close_pipe(published_of(memory));
	free(memory);
}

static const struct p2p_memory_ops published_ops = {
	.load = published_load,
	.store = published_store,
	.close = published_close,
};

static int open_error(const char *bdf, int code, struct p2p_error *error)
{
	switch (code) {
	case -ENOENT:
		return p2p_error_set(error, -ENODEV,
				     "%s publishes no peer memory: see which devices do with "
				     "ls -d " DEVICES "/*/p2pmem",
				     bdf);
	case -EACCES:
	case -EPERM:
		return p2p_error_set(error, -EACCES,
				     "no permission to allocate peer memory of %s: run as root, or "
				     "give yourself write access to " DEVICES "/%s/p2pmem/allocate",
				     bdf, bdf);
	default:
		return p2p_error_set(error, code, "cannot open the peer memory of %s: %s", bdf,
				     strerror(-code));
	}
}

static int map_error(const char *bdf, size_t size, int code, struct p2p_error *error)
{
	if (code != -ENOMEM)
		return p2p_error_set(error, code, "cannot map the peer memory of %s: %s", bdf,
				     strerror(-code));
	return p2p_error_set(error, code,
			     "the peer memory of %s has no free piece of %zu bytes: use a smaller "
			     "block or depth, or end whoever holds it",
			     bdf, size);
}

int p2p_published_memory_open(const char *bdf, size_t size, struct p2p_memory **memory,
			      struct p2p_error *error)
{
	struct published_memory *published;
	char path[PATH_MAX];
	int fd, rc;

	snprintf(path, sizeof(path), DEVICES "/%s/p2pmem/allocate", bdf);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return open_error(bdf, -errno, error);

	published = calloc(1, sizeof(*published));
	if (!published) {
		close(fd);
		return p2p_error_set(error, -ENOMEM, "out of memory");
	}
	published->memory.ops = &published_ops;
	published->memory.size = size;
	published->memory.base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	rc = published->memory.base == MAP_FAILED ? -errno : 0;
	close(fd);
	if (rc) {
		free(published);
		return map_error(bdf, size, rc, error);
	}

	rc = open_pipe(published);
	if (rc) {
		munmap(published->memory.base, size);
		free(published);
		return p2p_error_set(error, rc, "cannot make a pipe: %s", strerror(-rc));
	}
	*memory = &published->memory;
	return 0;
}

static int read_published(const char *bdf, struct p2p_published *published)
{
	if (strlen(bdf) >= sizeof(published->bdf))
		return -EINVAL;
	snprintf(published->bdf, sizeof(published->bdf), "%s", bdf);
	if (p2p_sysfs_u64(&published->size, DEVICES "/%s/p2pmem/size", bdf))
		return -ENOENT;
	return p2p_sysfs_u64(&published->available, DEVICES "/%s/p2pmem/available", bdf);
}

int p2p_published_list(struct p2p_published **list, size_t *count)
{
	struct p2p_published *grown;
	struct dirent **names;
	int functions;

	*list = NULL;
	*count = 0;
	functions = scandir(DEVICES, &names, NULL, alphasort);
	if (functions < 0)
		return errno == ENOMEM ? -ENOMEM : 0;

	grown = calloc((size_t)functions + 1, sizeof(*grown));
	for (int i = 0; i < functions; i++) {
		if (grown && !read_published(names[i]->d_name, &grown[*count]))
			++*count;
		free(names[i]);
	}
	free(names);
	*list = grown;
	return grown ? 0 : -ENOMEM;
}
