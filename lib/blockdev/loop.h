/* SPDX-License-Identifier: MIT */
/*
 * What is behind a loop device, loop(4).
 */
#ifndef P2P_LIB_BLOCKDEV_LOOP_H
#define P2P_LIB_BLOCKDEV_LOOP_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

struct p2p_loop_back {
	bool is_device;
	dev_t device; /**< the block device, or the file system of the file */
	ino_t inode;  /**< of the file */
	/** The file itself, and its stat, if its name still leads to it; else -1. The caller's. */
	int fd;
	struct stat stat;
};

bool p2p_loop_is(dev_t device);

/** Returns 0, -ENXIO when nothing is behind it, or why it cannot be asked. */
int p2p_loop_look(dev_t device, struct p2p_loop_back *back);

#endif
