// SPDX-License-Identifier: MIT
/* Drive images: sparse zeros or reproducible noise, and blkdebug's configuration. */
#include "image.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void write_noise(FILE *file, uint64_t size, uint64_t seed)
{
	uint64_t block[8192];

	for (uint64_t done = 0; done < size && !ferror(file); done += sizeof(block)) {
		for (size_t i = 0; i < sizeof(block) / sizeof(block[0]); i++)
			block[i] = next_random(&seed);
		fwrite(block, 1, sizeof(block), file);
	}
}

int lab_image_create(const char *path, const struct lab_node *drive, struct lab_error *error)
{
	FILE *file = fopen(path, "we");
	bool bad;

	if (!file)
		return lab_fail(error, "%s: %s", path, strerror(errno));
	bad = ftruncate(fileno(file), (off_t)drive->size) < 0;
	if (drive->random && !bad)
		write_noise(file, drive->size, drive->seed);
	bad = bad || ferror(file);
	bad = fclose(file) != 0 || bad;
	if (bad)
		return lab_fail(error, "%s: cannot write the image: %s", path, strerror(errno));
	return 0;
}

/*
 * QEMU's docs/devel/blkdebug.rst: an injected error names one 512-byte sector and hits every
 * request that covers it; event "none" needs no other event before it. As no request is smaller
 * than a logical block, one rule for each block covers the range.
 */
static void write_rules(FILE *file, const char *type, struct lab_range range, uint64_t block)
{
	for (uint64_t at = range.offset; at < range.offset + range.length; at += block)
		fprintf(file,
			"[inject-error]\nevent = \"none\"\niotype = \"%s\"\nerrno = \"5\"\n"
			"sector = \"%llu\"\n",
			type, (unsigned long long)(at / 512));
}

int lab_image_faults(const char *path, const struct lab_node *drive, struct lab_error *error)
{
	FILE *file = fopen(path, "we");
	bool bad;

	if (!file)
		return lab_fail(error, "%s: %s", path, strerror(errno));
	write_rules(file, "read", drive->fail_read, drive->block);
	write_rules(file, "write", drive->fail_write, drive->block);
	bad = ferror(file);
	bad = fclose(file) != 0 || bad;
	if (bad)
		return lab_fail(error, "%s: cannot write: %s", path, strerror(errno));
	return 0;
}
