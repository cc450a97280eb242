// SPDX-License-Identifier: MIT
/*
 * Memory that a device publishes through the kernel: /sys/bus/pci/devices/BDF/p2pmem/allocate
 * (drivers/pci/p2pdma.c, p2pmem_alloc_mmap()). Mapping it shared from offset 0 allocates; the
 * pages are real pages, so O_DIRECT works with them on queues that allow it.
 *
 * When the provider's driver is unbound the kernel zaps the mapping: I/O then fails with EFAULT
 * and a CPU access raises SIGBUS. A library must not own signal handlers, so the CPU reaches this
 * memory only through the kernel's copy_from_user() and copy_to_user(), which answer EFAULT: a
 * write from, or a read into, the mapping with a memfd on the other side.
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
#include "memories/whole.h"
#include "sysfs.h"

#define DEVICES "/sys/bus/pci/devices"

struct published_memory {
	struct p2p_memory memory;
	int transfer; /* a memfd as large as the mapping, between the CPU and the mapping */
};

static struct published_memory *published_of(struct p2p_memory *memory)
{
	return (struct published_memory *)memory;
}

static int published_load(struct p2p_memory *memory, size_t offset, void *to, size_t size)
{
	int transfer = published_of(memory)->transfer;
	int rc = p2p_write_whole(transfer, memory->base + offset, size, (off_t)offset);

	return rc ? rc : p2p_read_whole(transfer, to, size, (off_t)offset);
}

static int published_store(struct p2p_memory *memory, size_t offset, const void *from, size_t size)
{
	int transfer = published_of(memory)->transfer;
	int rc = p2p_write_whole(transfer, from, size, (off_t)offset);

	return rc ? rc : p2p_read_whole(transfer, memory->base + offset, size, (off_t)offset);
}

static void published_close(struct p2p_memory *memory)
{
	munmap(memory->base, memory->size);
	close(published_of(memory)->transfer);
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

	published->transfer = memfd_create("p2pmem-transfer", MFD_CLOEXEC);
	if (published->transfer < 0) {
		rc = -errno;
		munmap(published->memory.base, size);
		free(published);
		return p2p_error_set(error, rc, "cannot make a memfd: %s", strerror(-rc));
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
