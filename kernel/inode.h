/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inodes of a file system of our own.
 */
#ifndef P2PMEM_INODE_H
#define P2PMEM_INODE_H

#include <linux/fs.h>

int p2pmem_inodes_start(void);
/* When all inodes have been put. */
void p2pmem_inodes_stop(void);

/* Ended by iput(); or an ERR_PTR(). */
struct inode *p2pmem_inode_new(void);

#endif
