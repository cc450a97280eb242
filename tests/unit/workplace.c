// SPDX-License-Identifier: MIT
/*
 * A directory for a test's files.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "workplace.h"

static char directory[] = "p2pmem-test-XXXXXX";

int enter_workplace(void **state)
{
	(void)state;
	return mkdtemp(directory) && !chdir(directory) ? 0 : -1;
}

int leave_workplace(void **state)
{
	DIR *here = opendir(".");
	struct dirent *entry;

	(void)state;
	if (!here)
		return -1;
	while ((entry = readdir(here)))
		if (unlink(entry->d_name) && entry->d_name[0] != '.')
			rmdir(entry->d_name);
	closedir(here);
	return chdir("..") || rmdir(directory);
}

void fill(void *bytes, uint64_t offset, size_t size, uint64_t seed)
{
	unsigned char *to = bytes;

	for (size_t i = 0; i < size; i++) {
		uint64_t x = (offset + i) / 8 * UINT64_C(0x9e3779b97f4a7c15) + seed;

		x ^= x >> 31;
		x *= UINT64_C(0xbf58476d1ce4e5b9);
		to[i] = (unsigned char)(x >> ((offset + i) % 8 * 8));
	}
}

void make_file(const char *name, uint64_t size, uint64_t seed)
{
	char *bytes = malloc(size + 1);
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_non_null(bytes);
	assert_true(fd >= 0);
	fill(bytes, 0, size, seed);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
	free(bytes);
}

char *read_file(const char *name, uint64_t *size)
{
	struct stat facts;
	int fd = open(name, O_RDONLY);
	char *bytes;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &facts), 0);
	*size = (uint64_t)facts.st_size;
	bytes = malloc(*size + 1);
	assert_non_null(bytes);
	assert_int_equal(read(fd, bytes, *size), *size);
	close(fd);
	return bytes;
}

bool files_equal(const char *a, const char *b)
{
	uint64_t a_size, b_size;
	char *a_bytes = read_file(a, &a_size), *b_bytes = read_file(b, &b_size);
	bool equal = a_size == b_size && !memcmp(a_bytes, b_bytes, a_size);

	free(a_bytes);
	free(b_bytes);
	return equal;
}

uint64_t next_random(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}
