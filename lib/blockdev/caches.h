/* SPDX-License-Identifier: MIT */
/*
 * The page caches of a disk's other names. Each device node, the disk's and each partition's, has
 * its own, and none knows what is written through another.
 */
#ifndef P2P_LIB_BLOCKDEV_CACHES_H
#define P2P_LIB_BLOCKDEV_CACHES_H

#include <sys/types.h>

/** Before `device` is written: what others have written and not flushed must not come later. */
void p2p_blockdev_flush_others(dev_t device);

/** After `device` was written: who has a partition, or the disk, open shall not see old bytes. */
void p2p_blockdev_forget_others(dev_t device);

#endif
