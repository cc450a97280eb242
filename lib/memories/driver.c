// SPDX-License-Identifier: MIT
/*
 * Memory that a function's driver publishes through the kernel:
 * /sys/bus/pci/devices/BDF/p2pmem/allocate (drivers/pci/p2pdma.c, p2pmem_alloc_mmap()). Mapping it
 * shared from offset 0 allocates; the pages are real pages, so O_DIRECT works with them on queues
 * that allow it.
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

#include <p2pmem/text.h>

#include "memories/driver.h"
#include "sysfs.h"

#define DEVICES "/sys/bus/pci/devices"

struct driver_memory {
	struct p2p_memory memory;
	int pipe[2]; /* between the CPU and the mapping; empty between two calls */
	size_t room; /* bytes that the pipe takes at once */
};

static struct driver_memory *driver_of(struct p2p_memory *memory)
{
	return (struct driver_memory *)memory;
}

static void close_pipe(struct driver_memory *driver)
{
	close(driver->pipe[0]);
	close(driver->pipe[1]);
}

static int open_pipe(struct driver_memory *driver)
{
	int room;

	if (pipe2(driver->pipe, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	room = fcntl(driver->pipe[1], F_GETPIPE_SZ);
	driver->room = room > 0 ? (size_t)room : PIPE_BUF;
	return 0;
}

/* What is stuck in the pipe after an error goes with it. */
static void renew_pipe(struct driver_memory *driver)
{
	close_pipe(driver);
	if (open_pipe(driver))
		driver->pipe[0] = driver->pipe[1] = -1; /* then all further moves fail */
}

static int take(const struct driver_memory *driver, char *to, size_t size)
{
	while (size) {
		ssize_t got = read(driver->pipe[0], to, size);

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
static int move(struct driver_memory *driver, char *to, const char *from, size_t size)
{
	int rc = 0;

	while (size && !rc) {
		size_t piece = size < driver->room ? size : driver->room;
		ssize_t put = write(driver->pipe[1], from, piece);

		if (put < 0 && errno == EINTR)
			continue;
		rc = put > 0 ? take(driver, to, (size_t)put) : put ? -errno : -EFAULT;
		if (rc)
			break;
		to += put;
		from += put;
		size -= (size_t)put;
	}
	if (rc)
		renew_pipe(driver);
	return rc;
}

static int driver_load(struct p2p_memory *memory, size_t offset, void *to, size_t size)
{
	return move(driver_of(memory), to, memory->base + offset, size);
}

static int driver_store(struct p2p_memory *memory, size_t offset, const void *from, size_t size)
{
	return move(driver_of(memory), memory->base + offset, from, size);
}

static void driver_close(struct p2p_memory *memory)
{
	munmap(memory->base, memory->size);
	close_pipe(driver_of(memory));
	free(memory);
}

static const struct p2p_memory_ops driver_ops = {
	.load = driver_load,
	.store = driver_store,
	.close = driver_close,
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
	return p2p_error_set_hint(
		error, code, P2P_HINT_IN_FLIGHT,
		"the peer memory of %s has no range of %zu bytes free: end who holds it, "
		"or ask for less",
		bdf, size);
}

int p2p_driver_memory_open(struct p2p_bdf function, size_t size, struct p2p_memory **memory,
			   struct p2p_error *error)
{
	struct driver_memory *driver;
	char path[PATH_MAX], bdf[P2P_BDF_TEXT];
	int fd, rc;

	snprintf(path, sizeof(path), P2P_DRIVER_NODE, p2p_bdf_text(function, bdf));
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return open_error(bdf, -errno, error);

	driver = calloc(1, sizeof(*driver));
	if (!driver) {
		close(fd);
		return p2p_error_set(error, -ENOMEM, "out of memory");
	}
	driver->memory.ops = &driver_ops;
	driver->memory.size = size;
	driver->memory.base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	rc = driver->memory.base == MAP_FAILED ? -errno : 0;
	close(fd);
	if (rc) {
		free(driver);
		return map_error(bdf, size, rc, error);
	}

	rc = open_pipe(driver);
	if (rc) {
		munmap(driver->memory.base, size);
		free(driver);
		return p2p_error_set(error, rc, "cannot make a pipe: %s", strerror(-rc));
	}
	*memory = &driver->memory;
	return 0;
}

static bool read_pool(const char *name, struct p2p_driver_pool *pool)
{
	return !p2p_bdf_parse(name, &pool->function) &&
	       !p2p_sysfs_u64(&pool->size, DEVICES "/%s/p2pmem/size", name) &&
	       !p2p_sysfs_u64(&pool->available, DEVICES "/%s/p2pmem/available", name);
}

int p2p_driver_pools(struct p2p_driver_pool **pools, size_t *count)
{
	struct dirent **names;
	int functions;

	*pools = NULL;
	*count = 0;
	functions = scandir(DEVICES, &names, NULL, alphasort);
	if (functions < 0)
		return errno == ENOMEM ? -ENOMEM : 0;

	*pools = calloc((size_t)functions + 1, sizeof(**pools));
	for (int i = 0; i < functions; i++) {
		if (*pools && read_pool(names[i]->d_name, &(*pools)[*count]))
			++*count;
		free(names[i]);
	}
	free(names);
	return *pools ? 0 : -ENOMEM;
}
