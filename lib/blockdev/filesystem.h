/* SPDX-License-Identifier: MIT */
/*
 * What a file system without a block device of its own lies on, and whether it shows other file
 * systems' files.
 */
#ifndef P2P_LIB_BLOCKDEV_FILESYSTEM_H
#define P2P_LIB_BLOCKDEV_FILESYSTEM_H

#include <stdbool.h>
#include <sys/types.h>

/** Told of each thing that a file system lies on; `layer` is open and closed afterwards. */
struct p2p_below {
	void (*device)(dev_t device, void *context);
	void (*layer)(int layer, void *context);
	void *context;
};

/**
 * Tells what the file system of the open file `fd` lies on. It is one whose device numbers are no
 * block device's. Nothing is told for file systems in memory and on other machines. Returns NULL,
 * or why it is not known.
 */
const char *p2p_filesystem_below(int fd, const struct p2p_below *below);

/** Whether the file system shows files of another one, or a server's, perhaps under several
 * numbers. */
bool p2p_filesystem_aliases(int fd);

#endif
