/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPU's mappings of allocations.
 */
#ifndef P2PMEM_MAPPING_H
#define P2PMEM_MAPPING_H

#include "memory.h"

#include <linux/mm_types.h>

/* Maps an allocation for the CPU; the vma's page offset is that of the memory. May be any file's.
 */
int p2pmem_map_cpu(struct p2pmem_allocation *allocation, struct vm_area_struct *vma);

#endif
