/* SPDX-License-Identifier: MIT */
/*
 * A source or destination: a block device or a regular file, opened and measured.
 */
#ifndef P2P_LIB_COPY_FILE_H
#define P2P_LIB_COPY_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include <p2pmem/error.h>

#include "blockdev/functions.h"

struct p2p_file {
	char *path;
	int fd; /**< O_DIRECT when `direct` */
	bool is_block;
	bool direct;         /**< I/O goes past the page cache */
	const char *no_peer; /**< why peer memory cannot serve this file, or NULL */
	bool created;        /**< the file was not there before */
	bool touched;        /**< something was written or cut */
	uint64_t size;       /**< bytes at opening */
	uint32_t align;      /**< offsets and lengths of direct I/O are multiples of this; 1 if not
				direct */
	uint64_t
		max_io; /**< the largest single request that the device's queue takes, 0: unknown */
	struct stat stat;
	struct p2p_functions functions; /**< PCI functions that do its DMA */
};

/** Opens for reading. Returns 0 or a negative errno. The caller closes the file also on failure. */
int p2p_file_open_source(struct p2p_file *file, const char *path, struct p2p_error *error);

/**
 * Opens for writing; creates a file that is not there, but not among device nodes; a directory
 * stands for a file in it named like the source. A device in use is refused unless `force`.
 */
int p2p_file_open_destination(struct p2p_file *file, const char *path,
			      const struct p2p_file *source, bool force, struct p2p_error *error);

/** A second descriptor through the page cache, for what direct I/O cannot do. Or a negative errno.
 */
int p2p_file_open_buffered(const struct p2p_file *file, bool writable);

/** Takes away the name of a file that was created, while it is still that file's. */
void p2p_file_remove(const struct p2p_file *file);

/** Closes; removes a file that was created and never touched. */
void p2p_file_close(struct p2p_file *file);

/* Among file.c, file_destination.c and file_measure.c. */

/**
 * Finds what the path leads to, and sets `stat`. Returns a descriptor for p2p_file_open_found(),
 * good for nothing else, or a negative errno. The caller closes it.
 */
int p2p_file_find(struct p2p_file *file);

/** Refuses what is not a block device or regular file; `what`: "source" or "destination". */
int p2p_file_check_type(const struct p2p_file *file, const char *what, struct p2p_error *error);

/** Opens what was found. Returns 0 or a negative errno. */
int p2p_file_open_found(struct p2p_file *file, int place, int flags);

/** Says what to do about `code`, and returns it. */
int p2p_file_say_open_failure(const struct p2p_file *file, const char *what, int code,
			      struct p2p_error *error);

/** Fills in what is open now: size, direct I/O, alignment, the functions that move its bytes. */
int p2p_file_measure(struct p2p_file *file, bool writing, struct p2p_error *error);

#endif
