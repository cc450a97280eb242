// SPDX-License-Identifier: MIT
/*
 * lab-digest FILE [MIB [SKIP]]: a number that tells whether bytes are the same, of what is on the
 * medium: so many MiB (or all) after the first SKIP. Emulated machines need minutes for sha256sum
 * of a drive; this takes a second. It is no proof against forgers, who are not met here.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_DIRECT */
#endif
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

/* Each step is invertible: bytes that differ in one word only never have the same digest. */
static uint64_t digest(uint64_t so_far, const unsigned char *bytes, size_t length)
{
	uint64_t word;

	for (size_t at = 0; at < length; at += sizeof(word)) {
		size_t left = length - at;

		word = 0;
		memcpy(&word, bytes + at, left < sizeof(word) ? left : sizeof(word));
		so_far = (so_far ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		so_far ^= so_far >> 32;
	}
	return so_far;
}

/* Nothing is the same as what cannot be read, itself at another time included. */
static int give_up(const char *name)
{
	struct timespec now;
	int error = errno;

	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("%s unread %lld.%09ld\n", name, (long long)now.tv_sec, now.tv_nsec);
	fprintf(stderr, "lab-digest: %s: %s\n", name, strerror(error));
	return 1;
}

int main(int argc, char **argv)
{
	uint64_t limit = argc > 2 && *argv[2] ? strtoull(argv[2], NULL, 10) : UINT64_MAX;
	uint64_t skip = argc > 3 && *argv[3] ? strtoull(argv[3], NULL, 10) : 0;
	uint64_t sum = 0, length = 0;
	unsigned char *bytes = aligned_alloc(4096, MIB);
	int fd = argc > 1 ? open(argv[1], O_RDONLY | O_DIRECT | O_CLOEXEC) : -1;
	ssize_t got = 0;

	if (argc < 2 || !bytes) {
		fprintf(stderr, "usage: lab-digest FILE [MIB [SKIP]]\n");
		return 64;
	}
	if (fd < 0 || lseek(fd, (off_t)(skip * MIB), SEEK_SET) < 0)
		return give_up(argv[1]);
	for (uint64_t i = 0; i < limit; i++) {
		got = read(fd, bytes, MIB);
		if (got <= 0)
			break;
		sum = digest(sum, bytes, (size_t)got);
		length += (uint64_t)got;
	}
	if (got < 0)
		return give_up(argv[1]);
	printf("%016" PRIx64 " %" PRIu64 "\n", sum, length);
	return 0;
}
