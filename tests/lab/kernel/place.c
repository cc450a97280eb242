// SPDX-License-Identifier: MIT
/* The program ends soon after: what is open or mapped here stays so. */
#include "place.h"

#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static bool map(struct place *place, int flags, int fd, uint64_t offset)
{
	void *bytes = mmap(NULL, place->length, PROT_READ | PROT_WRITE, flags, fd, (off_t)offset);

	place->bytes = bytes == MAP_FAILED ? NULL : bytes;
	return place->bytes != NULL;
}

static int open_host(struct place *place)
{
	return map(place, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ? 0 : refused("mmap", 0);
}

static int open_heap(struct place *place)
{
	struct dma_heap_allocation_data data = { .len = place->length,
						 .fd_flags = O_RDWR | O_CLOEXEC };
	int heap = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC);

	if (heap < 0 || ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data) < 0)
		return refused("heap", 0);
	place->buffer = (int)data.fd;
	return map(place, MAP_SHARED, place->buffer, 0) ? 0 : refused("mmap", 0);
}

static int open_peer(struct place *place, const char *name, bool mapped)
{
	struct p2pmem_alloc alloc = { .size = place->length };
	struct p2pmem_export export = { .flags = O_RDWR | O_CLOEXEC };

	place->memory = open_memory(name);
	if (place->memory < 0)
		return refused("open", 0);
	if (ioctl(place->memory, P2PMEM_ALLOC, &alloc) < 0)
		return refused("alloc", alloc.why);
	place->key = alloc.offset;
	export.offset = alloc.offset;
	if (ioctl(place->memory, P2PMEM_EXPORT, &export) < 0)
		return refused("export", 0);
	place->buffer = export.fd;
	if (mapped && !map(place, MAP_SHARED, place->memory, place->key))
		return refused("mmap", 0);
	return 0;
}

int place_open(struct place *place, const char *name, size_t length, bool mapped)
{
	*place = (struct place){ .memory = -1, .buffer = -1, .length = length };
	if (strcmp(name, "host") == 0)
		return open_host(place);
	if (strcmp(name, "heap") == 0)
		return open_heap(place);
	return open_peer(place, name, mapped);
}

static bool all(const struct place *place, ssize_t done)
{
	if (done >= 0 && (size_t)done < place->length)
		errno = ENODATA;
	return done == (ssize_t)place->length;
}

bool place_write(const struct place *place, const unsigned char *from)
{
	if (!place->bytes)
		return all(place, pwrite(place->memory, from, place->length, (off_t)place->key));
	memcpy(place->bytes, from, place->length);
	return true;
}

bool place_read(const struct place *place, unsigned char *to)
{
	if (!place->bytes)
		return all(place, pread(place->memory, to, place->length, (off_t)place->key));
	memcpy(to, place->bytes, place->length);
	return true;
}

struct p2pmem_edu_end place_end(const struct place *place, size_t offset)
{
	if (place->buffer >= 0)
		return (struct p2pmem_edu_end){ .kind = P2PMEM_EDU_DMABUF,
						.fd = place->buffer,
						.at = offset };
	return (struct p2pmem_edu_end){ .kind = P2PMEM_EDU_HOST,
					.fd = -1,
					.at = (uintptr_t)place->bytes + offset };
}
