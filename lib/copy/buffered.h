/* SPDX-License-Identifier: MIT */
/*
 * Direct I/O that is none: file systems that take O_DIRECT and go through the page cache all the
 * same, so that the bytes pass host memory without a word.
 */
#ifndef P2P_LIB_COPY_BUFFERED_H
#define P2P_LIB_COPY_BUFFERED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What is known before anything is moved about direct I/O on an open file. */
struct p2p_direct {
	bool direct;         /**< there is direct I/O */
	uint32_t align;      /**< of its offsets and lengths; 0: not said */
	const char *no_peer; /**< why it does not reach peer memory all the same; or NULL */
};

struct p2p_direct p2p_direct_known(int fd, bool writing);

/** A block that has gone from source to destination through `memory`, which still holds it. */
struct p2p_moved_block {
	int source, destination; /**< open with O_DIRECT */
	uint64_t source_offset, destination_offset;
	size_t length; /**< whole sectors of both */
	void *memory;
};

enum p2p_buffered {
	P2P_BUFFERED_NOT_SEEN, /**< no sign of it */
	P2P_BUFFERED_READING,
	P2P_BUFFERED_WRITING,
};

/**
 * Writes the block a few times more, the same bytes, then reads it again into `memory`, and looks
 * whether the page cache took part: pages of the file that were not in memory before are then; or,
 * for writing, each time the machine made as many pages dirty as were written, and hardly any in as
 * long a pause. What cannot be seen is "not seen": where other programs keep the pages in memory;
 * writes whose pages the file system takes out of memory again, while others write as well, or, by
 * others than root, in blocks below 4 MiB, as the kernel counts pages late.
 */
enum p2p_buffered p2p_buffered_look(const struct p2p_moved_block *block);

#endif
