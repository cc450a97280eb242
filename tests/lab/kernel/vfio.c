// SPDX-License-Identifier: MIT
/*
 * The word vfio: a DMA engine that VFIO type 1 gave to this program writes to a piece of a memory,
 * through an address that VFIO took from the piece's mapping. Then the piece is given back, and
 * VFIO still has it.
 */
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PIECE      65536u
#define LENGTH     2048
#define HOST_IOVA  0x10000000u
#define PIECE_IOVA 0x20000000u

/* QEMU's docs/specs/edu.rst. */
#define EDU_SOURCE  0x80
#define EDU_TARGET  0x88
#define EDU_COUNT   0x90
#define EDU_COMMAND 0x98
#define EDU_START   1u
#define EDU_TO_HOST 2u
#define EDU_BUFFER  0x40000u

struct engine {
	int container, group, device;
	volatile unsigned char *registers;
};

static int open_group(const char *function)
{
	char path[96], target[256];
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", function);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return -1;
	target[length] = '\0';
	snprintf(path, sizeof(path), "/dev/vfio%s", strrchr(target, '/'));
	return open(path, O_RDWR);
}

static bool become_master(int device)
{
	struct vfio_region_info config = { .argsz = sizeof(config),
					   .index = VFIO_PCI_CONFIG_REGION_INDEX };
	uint16_t command;

	if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &config) < 0 ||
	    pread(device, &command, 2, (off_t)config.offset + PCI_COMMAND) != 2)
		return false;
	command |= PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY;
	return pwrite(device, &command, 2, (off_t)config.offset + PCI_COMMAND) == 2;
}

static bool map_registers(struct engine *engine)
{
	struct vfio_region_info bar = { .argsz = sizeof(bar), .index = VFIO_PCI_BAR0_REGION_INDEX };

	if (ioctl(engine->device, VFIO_DEVICE_GET_REGION_INFO, &bar) < 0)
		return false;
	engine->registers = mmap(NULL, bar.size, PROT_READ | PROT_WRITE, MAP_SHARED, engine->device,
				 (off_t)bar.offset);
	return engine->registers != MAP_FAILED;
}

static bool open_engine(struct engine *engine, const char *function)
{
	engine->container = open("/dev/vfio/vfio", O_RDWR);
	engine->group = open_group(function);
	if (ioctl(engine->group, VFIO_GROUP_SET_CONTAINER, &engine->container) < 0 ||
	    ioctl(engine->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
		return false;
	engine->device = ioctl(engine->group, VFIO_GROUP_GET_DEVICE_FD, function);
	return engine->device >= 0 && become_master(engine->device) && map_registers(engine);
}

static int map_dma(const struct engine *engine, void *bytes, size_t length, uint64_t iova)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)bytes,
		.iova = iova,
		.size = length,
	};

	return ioctl(engine->container, VFIO_IOMMU_MAP_DMA, &map);
}

static void set(const struct engine *engine, unsigned int at, uint64_t value)
{
	*(volatile uint64_t *)(engine->registers + at) = value;
}

static bool transfer(const struct engine *engine, uint64_t from, uint64_t to, uint64_t command)
{
	const struct timespec moment = { .tv_nsec = 1000000 };

	set(engine, EDU_SOURCE, from);
	set(engine, EDU_TARGET, to);
	set(engine, EDU_COUNT, LENGTH);
	set(engine, EDU_COMMAND, command | EDU_START);
	for (int tries = 0; tries < 600000; tries++) { /* ten minutes: it hangs */
		if (!(*(volatile uint64_t *)(engine->registers + EDU_COMMAND) & EDU_START))
			return true;
		nanosleep(&moment, NULL);
	}
	return false;
}

static bool move_bytes(const struct engine *engine)
{
	return transfer(engine, HOST_IOVA, EDU_BUFFER, 0) &&
	       transfer(engine, EDU_BUFFER, PIECE_IOVA, EDU_TO_HOST);
}

static void *piece(int memory, uint32_t flags, uint64_t *offset)
{
	struct p2pmem_alloc alloc = { .size = PIECE, .flags = flags };

	if (ioctl(memory, P2PMEM_ALLOC, &alloc) < 0)
		return MAP_FAILED;
	*offset = alloc.offset;
	return mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, (off_t)alloc.offset);
}

static int check_bytes(int memory, uint64_t offset, const unsigned char *mapped)
{
	unsigned char read[LENGTH], copy[LENGTH];

	for (size_t i = 0; i < LENGTH; i++)
		copy[i] = ((const volatile unsigned char *)mapped)[i];
	if (pread(memory, read, LENGTH, (off_t)offset) != LENGTH)
		return refused("pread", 0);
	if (pattern_wrong(read, LENGTH, 5) != 0 || pattern_wrong(copy, LENGTH, 5) != 0) {
		printf("wrong bytes\n");
		return STATUS_WRONG;
	}
	printf("right: %d bytes\n", LENGTH);
	return 0;
}

/* The descriptor of the container stays open until the program is ended. */
static int give_back(int memory, uint64_t offset, void *mapped, void *other)
{
	struct p2pmem_free free = { .offset = offset };

	munmap(mapped, PIECE);
	munmap(other, PIECE);
	if (ioctl(memory, P2PMEM_FREE, &free) < 0)
		return refused("free", 0);
	close(memory);
	printf("given back\n");
	pause();
	return 0;
}

int word_vfio(int argc, char **argv)
{
	int memory = argc == 2 ? open_memory(argv[0]) : -1;
	void *mapped, *other, *host;
	struct engine engine;
	uint64_t offset, other_offset;
	int status;

	if (memory < 0)
		return refused("open", 0);
	if (!open_engine(&engine, argv[1]))
		return refused("vfio", 0);
	mapped = piece(memory, P2PMEM_ALLOC_VFIO, &offset);
	other = piece(memory, 0, &other_offset);
	host = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mapped == MAP_FAILED || other == MAP_FAILED || host == MAP_FAILED)
		return refused("mmap", 0);
	pattern_fill(host, LENGTH, 5);
	if (map_dma(&engine, host, 4096, HOST_IOVA) < 0 ||
	    map_dma(&engine, mapped, PIECE, PIECE_IOVA) < 0)
		return refused("map", 0);
	if (map_dma(&engine, other, PIECE, PIECE_IOVA + PIECE) < 0)
		refused("a mapping that is not for VFIO", 0);
	if (!move_bytes(&engine))
		return refused("transfer", 0);
	status = check_bytes(memory, offset, mapped);
	return status ? status : give_back(memory, offset, mapped, other);
}
