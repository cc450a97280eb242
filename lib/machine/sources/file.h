/* SPDX-License-Identifier: MIT */
/*
 * Whole files into memory.
 */
#ifndef P2P_SOURCES_FILE_H
#define P2P_SOURCES_FILE_H

#include "tree.h"

/**
 * Reads a regular file or a pipe of at most `limit` bytes; "-" is standard input. The blob is the
 * caller's to free.
 * 0, -ENOENT, -EACCES, -EFBIG, -EINVAL (not a regular file), -EIO or -ENOMEM.
 */
int p2p_file_read(const char *path, size_t limit, struct p2p_blob *blob, struct p2p_error *error);

#endif
