/* SPDX-License-Identifier: MIT */
/*
 * Who uses a block device.
 */
#ifndef P2P_LIB_BLOCKDEV_USER_H
#define P2P_LIB_BLOCKDEV_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * Says in words who uses the device under any of its names (mount point, swap, a device stacked
 * on it). False, and "": nobody that is to be seen.
 */
bool p2p_blockdev_user(dev_t device, char *text, size_t size);

#endif
