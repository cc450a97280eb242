/* SPDX-License-Identifier: MIT */
/* The words of p2pmem-guest, and what they share. Exit status: 0 as wanted, 1 wrong, 2 refused. */
#ifndef P2PMEM_GUEST_WORDS_H
#define P2PMEM_GUEST_WORDS_H

#include <p2pmem/uapi.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	STATUS_WRONG = 1,
	STATUS_REFUSED = 2,
	STATUS_USAGE = 64,
};

int word_publish(int argc, char **argv);
int word_unpublish(int argc, char **argv);
int word_info(int argc, char **argv);
int word_verdict(int argc, char **argv);
int word_alloc(int argc, char **argv);
int word_copy(int argc, char **argv);
int word_use(int argc, char **argv);
int word_hammer(int argc, char **argv);
int word_bad_copies(int argc, char **argv);
int word_find(int argc, char **argv);
int word_race(int argc, char **argv);
int word_read_only(int argc, char **argv);
int word_vfio(int argc, char **argv);
int word_direct(int argc, char **argv);
int word_pin(int argc, char **argv);

/** A number, decimal or 0x..., with K or M behind it; ends the program if it is none. */
uint64_t number(const char *text);

/** Finds NAME=VALUE or a bare NAME (then "") among the arguments; NULL: it is not there. */
const char *option(int argc, char **argv, const char *name);

/** Reads "0000:01:00.0"; ends the program if it is none. */
struct p2pmem_function function_of(const char *text);

/** Opens /dev/p2pmemN; -1 and errno. */
int open_memory(const char *index);

/** Prints "WHAT: ENODEV" or "WHAT: EBUSY claimed"; returns STATUS_REFUSED. */
int refused(const char *what, uint32_t why);

/** Bytes that no two seeds share. */
void pattern_fill(unsigned char *to, size_t length, uint64_t seed);

/** How many bytes differ from the pattern. */
size_t pattern_wrong(const unsigned char *bytes, size_t length, uint64_t seed);

#endif
