/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an open /dev/p2pmemN can do.
 */
#ifndef P2PMEM_FILE_H
#define P2PMEM_FILE_H

#include <linux/fs.h>

extern const struct file_operations p2pmem_file_operations;

#endif
