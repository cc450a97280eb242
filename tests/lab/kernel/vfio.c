// SPDX-License-Identifier: MIT
/*
 * The word vfio: VFIO type 1 follows page table entries once, programs an IOMMU and forgets. So of
 * what is published it must get none, however the program has mapped it.
 */
#include "vfio_device.h"
#include "words.h"

#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PIECE      65536u
#define HOST_IOVA  0x10000000u
#define PIECE_IOVA 0x20000000u

static int map_dma(int container, void *bytes, size_t length, uint64_t iova)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)bytes,
		.iova = iova,
		.size = length,
	};

	return ioctl(container, VFIO_IOMMU_MAP_DMA, &map);
}

static bool is_kept_out(const char *what, int container, void *bytes, uint64_t iova)
{
	if (bytes == MAP_FAILED) {
		refused(what, 0);
		return false;
	}
	memset(bytes, 1, PIECE); /* its page table is filled */
	if (map_dma(container, bytes, PIECE, iova) == 0) {
		printf("VFIO took %s\n", what);
		return false;
	}
	refused(what, 0);
	return true;
}

static void *map_piece(int memory, uint32_t flags, int *buffer)
{
	struct p2pmem_alloc alloc = { .size = PIECE, .flags = flags };
	struct p2pmem_export export = { .flags = O_RDWR | O_CLOEXEC };
	int from = memory;

	if (ioctl(memory, P2PMEM_ALLOC, &alloc) < 0)
		return MAP_FAILED;
	export.offset = alloc.offset;
	if (buffer && ioctl(memory, P2PMEM_EXPORT, &export) < 0)
		return MAP_FAILED;
	if (buffer)
		from = *buffer = export.fd;
	return mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_SHARED, from,
		    buffer ? 0 : (off_t)alloc.offset);
}

int word_vfio(int argc, char **argv)
{
	int memory = argc == 2 ? open_memory(argv[0]) : -1;
	struct p2pmem_alloc for_vfio = { .size = PIECE, .flags = P2PMEM_ALLOC_VFIO };
	int container, buffer;
	struct vfio_device vfio;
	void *host;
	bool good;

	if (memory < 0)
		return refused("open", 0);
	container = vfio_device_open(&vfio, argv[1]) ? vfio.container : -1;
	host = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* Or the refusals below mean nothing. */
	if (container < 0 || host == MAP_FAILED || map_dma(container, host, PIECE, HOST_IOVA) < 0)
		return refused("vfio", 0);
	good = is_kept_out("a mapping", container, map_piece(memory, 0, NULL), PIECE_IOVA);
	good &= is_kept_out("an uncached mapping", container,
			    map_piece(memory, P2PMEM_ALLOC_UNCACHED, NULL), PIECE_IOVA + PIECE);
	good &= is_kept_out("a mapping of a dma-buf", container, map_piece(memory, 0, &buffer),
			    PIECE_IOVA + 2 * PIECE);
	if (!good)
		return STATUS_WRONG;
	if (ioctl(memory, P2PMEM_ALLOC, &for_vfio) == 0)
		return STATUS_WRONG;
	refused("alloc", for_vfio.why);
	printf("kept out\n");
	return 0;
}
