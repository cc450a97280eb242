/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an open /dev/p2pmemN can do.
 */
#ifndef P2PMEM_FILE_H
#define P2PMEM_FILE_H

#include "allocation.h"

#include <linux/fs.h>

extern const struct file_operations p2pmem_file_operations;

/* Maps an allocation for the CPU; the vma's page offset is that of the memory. May be any file's.
 */
int p2pmem_map_cpu(struct p2pmem_allocation *allocation, struct vm_area_struct *vma);

#endif
