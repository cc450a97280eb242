/* SPDX-License-Identifier: MIT */
/*
 * Small reads from sysfs and procfs.
 */
#ifndef P2P_LIB_SYSFS_H
#define P2P_LIB_SYSFS_H

#include <p2pmem/fabric.h>

/**
 * Reads a one-line attribute without its newline, cut to `size`. The path is built from `format`.
 * Returns 0 or a negative errno.
 */
int p2p_sysfs_text(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * The last component of a path that is a PCI function's address: whose device it is, in sysfs. The
 * path is cut up. False: none is.
 */
bool p2p_sysfs_function(char *path, struct p2p_bdf *found);

/** Reads a number, decimal or 0x-prefixed. Returns 0, a negative errno, or -EINVAL: no number. */
int p2p_sysfs_u64(uint64_t *value, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
