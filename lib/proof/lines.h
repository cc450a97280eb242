/* SPDX-License-Identifier: MIT */
/*
 * What a proof does to bytes, so that none of them can be right by accident; and a line of each
 * page, which is all that a proof has time for where the CPU must look at a device's memory: it
 * reads some 10 MB/s.
 */
#ifndef P2P_LIB_PROOF_LINES_H
#define P2P_LIB_PROOF_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memories/ops.h"

/** The smallest piece that is mapped on its own. */
#define P2P_PROOF_PAGE 4096u

/** Makes `to` differ from `from` in every bit. They may be one. */
void p2p_complement(char *to, const char *from, size_t size);

/** Whether it is one byte again and again: a read that nobody answers brings such a thing. */
bool p2p_is_blank(const char *bytes, size_t size);

/** A line of each page of [place, place + size), at random, but always the same for `random`. */
struct p2p_lines {
	size_t place; /**< in a memory */
	size_t size;
	uint64_t random;
};

/** Complements the lines in `bytes`, which stand for the memory from `place` on. */
void p2p_lines_complement(const struct p2p_lines *lines, char *bytes);

/** Writes the lines of `from` to the memory. Returns as p2p_memory_store(). */
int p2p_lines_store(const struct p2p_lines *lines, struct p2p_memory *memory, const char *from);

/** Reads the memory's lines to their places in `to`. `*count`: bytes. As p2p_memory_load(). */
int p2p_lines_load(const struct p2p_lines *lines, struct p2p_memory *memory, char *to,
		   size_t *count);

#endif
