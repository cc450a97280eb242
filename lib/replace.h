/* SPDX-License-Identifier: MIT */
/*
 * Replacing a file by a whole new one, or not at all.
 */
#ifndef P2P_LIB_REPLACE_H
#define P2P_LIB_REPLACE_H

#include <limits.h>

/**
 * Creates a new file beside `path`, with the permissions that a new file of this process has, and
 * writes its path to `name`. Returns a descriptor or a negative errno.
 */
int p2p_replace_begin(const char *path, char name[PATH_MAX]);

/** Puts what was written on the medium, and gives it the name `path`. Returns 0 or -errno. */
int p2p_replace_commit(int file, const char *name, const char *path);

#endif
