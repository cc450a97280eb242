// SPDX-License-Identifier: MIT
/* The word read-only: who may only read can map a dma-buf for it, and for nothing else. */
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define LENGTH 8192

static int export(int memory, uint64_t *offset)
{
	struct p2pmem_alloc alloc = { .size = LENGTH };
	struct p2pmem_export export = { .flags = O_RDONLY | O_CLOEXEC };

	if (ioctl(memory, P2PMEM_ALLOC, &alloc) < 0)
		return -1;
	*offset = export.offset = alloc.offset;
	return ioctl(memory, P2PMEM_EXPORT, &export) < 0 ? -1 : export.fd;
}

int word_read_only(int argc, char **argv)
{
	int memory = argc == 1 ? open_memory(argv[0]) : -1, buffer;
	unsigned char *bytes;
	uint64_t offset = 0;
	char byte = 42;

	if (memory < 0)
		return refused("open", 0);
	buffer = export(memory, &offset);
	if (buffer < 0)
		return refused("export", 0);
	if (mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, buffer, 0) != MAP_FAILED ||
	    errno != EACCES)
		return STATUS_WRONG;
	bytes = mmap(NULL, LENGTH, PROT_READ, MAP_SHARED, buffer, 0);
	if (bytes == MAP_FAILED)
		return refused("mmap", 0);
	if (mprotect(bytes, LENGTH, PROT_READ | PROT_WRITE) == 0)
		return STATUS_WRONG;
	if (pwrite(memory, &byte, 1, (off_t)offset + 4096) != 1)
		return refused("pwrite", 0);
	if (bytes[0] != 0 || bytes[4096] != 42)
		return STATUS_WRONG;
	if (mmap(NULL, LENGTH, PROT_READ, MAP_PRIVATE, buffer, 0) != MAP_FAILED)
		return STATUS_WRONG;
	printf("readable\n");
	return 0;
}
