/* SPDX-License-Identifier: MIT */
/*
 * A directory for a test's files, on the build directory's own (direct I/O capable) file system.
 */
#ifndef P2P_TESTS_WORKPLACE_H
#define P2P_TESTS_WORKPLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* cmocka group fixtures: make a directory and go into it; leave it and remove it with its files. */
int enter_workplace(void **state);
int leave_workplace(void **state);

/* Bytes that depend on their place and on `seed`, so that misplaced blocks show. */
void fill(void *bytes, uint64_t offset, size_t size, uint64_t seed);

/* A file of `size` such bytes. */
void make_file(const char *name, uint64_t size, uint64_t seed);

/* The whole file; the caller frees it. */
char *read_file(const char *name, uint64_t *size);

bool files_equal(const char *a, const char *b);

/* The next number of a sequence that its start decides (splitmix64). */
uint64_t next_random(uint64_t *state);

#endif
