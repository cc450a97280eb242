// SPDX-License-Identifier: MIT
/* Bytes that are known, and can be found again in a file of memory. */
#include "words.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096

/* splitmix64's step: a counter, well mixed, so that no stretch is like another. */
static uint64_t mixed(uint64_t value)
{
	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

static unsigned char byte_at(size_t position, uint64_t seed)
{
	uint64_t word = mixed((seed << 32) + position / 8 + UINT64_C(0x9e3779b97f4a7c15));

	return (unsigned char)(word >> position % 8 * 8);
}

void pattern_fill(unsigned char *to, size_t length, uint64_t seed)
{
	for (size_t i = 0; i < length; i++)
		to[i] = byte_at(i, seed);
}

size_t pattern_wrong(const unsigned char *bytes, size_t length, uint64_t seed)
{
	size_t wrong = 0;

	for (size_t i = 0; i < length; i++)
		wrong += bytes[i] != byte_at(i, seed);
	return wrong;
}

static int find_in(const unsigned char *bytes, size_t size, size_t length, uint64_t seed)
{
	int found = 0;

	for (size_t at = 0; at + length <= size; at += PAGE) {
		if (bytes[at] != byte_at(0, seed) || pattern_wrong(bytes + at, length, seed) > 0)
			continue;
		printf("found at %zu\n", at);
		found++;
	}
	if (found == 0)
		printf("not found\n");
	return found == 1 ? 0 : STATUS_WRONG;
}

/* A witness outside the guest: QEMU's own file behind a memory BAR. */
int word_find(int argc, char **argv)
{
	int fd = argc >= 2 ? open(argv[0], O_RDONLY | O_CLOEXEC) : -1;
	const char *seed = option(argc, argv, "seed");
	struct stat status;
	void *bytes;

	if (fd < 0 || fstat(fd, &status) < 0)
		return refused("open", 0);
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		return refused("mmap", 0);
	return find_in(bytes, (size_t)status.st_size, number(argv[1]), seed ? number(seed) : 1);
}
