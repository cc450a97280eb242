// SPDX-License-Identifier: MIT
/*
 * Fuzzes the archive source. The checksum of every block that looks like a header is mended
 * first, so that a header that was changed is read instead of refused.
 */
#include <stdio.h>

#include "read_any.h"

/* The ustar header: POSIX.1-2017, pax. */
#define MAGIC           257
#define BLOCK           512
#define CHECKSUM        148
#define CHECKSUM_LENGTH 8

static bool is_header(const uint8_t *block)
{
	return !memcmp(block + MAGIC, "ustar", 5);
}

static void mend(uint8_t *block)
{
	unsigned int sum = 0;

	/* The sum is of the header with spaces in the sum's place. */
	memset(block + CHECKSUM, ' ', CHECKSUM_LENGTH);
	for (unsigned int i = 0; i < BLOCK; i++)
		sum += block[i];
	snprintf((char *)block + CHECKSUM, CHECKSUM_LENGTH, "%06o", sum);
}

/* Where headers are depends on sizes and on who reads them: every block may be one. */
static void mend_all(uint8_t *tar, size_t size)
{
	for (size_t at = 0; at + BLOCK <= size; at += BLOCK)
		if (is_header(tar + at))
			mend(tar + at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *tar = malloc(size + !size);

	if (!tar)
		return 0;
	if (size)
		memcpy(tar, data, size);
	mend_all(tar, size);
	read_whole(tar, size);
	free(tar);
	return 0;
}
