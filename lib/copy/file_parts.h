/* SPDX-License-Identifier: MIT */
/*
 * What file.c, file_measure.c and file_destination.c share.
 */
#ifndef P2P_LIB_COPY_FILE_PARTS_H
#define P2P_LIB_COPY_FILE_PARTS_H

#include "copy/file.h"

/**
 * Finds what the path leads to, and sets `stat`. Returns a descriptor for p2p_file_open_found(),
 * good for nothing else, or a negative errno. The caller closes it.
 */
int p2p_file_find(struct p2p_file *file);

/** Refuses what is no block device or regular file; `what`: "source" or "destination". */
int p2p_file_check_type(const struct p2p_file *file, const char *what, struct p2p_error *error);

/** Opens what was found. Returns 0 or a negative errno. */
int p2p_file_open_found(struct p2p_file *file, int place, int flags);

/** Says what to do about `code`, and returns it. */
int p2p_file_say_open_failure(const struct p2p_file *file, const char *what, int code,
			      struct p2p_error *error);

/** Fills in what is open now: size, direct I/O, alignment, the functions that move its bytes. */
int p2p_file_measure(struct p2p_file *file, bool writing, struct p2p_error *error);

#endif
