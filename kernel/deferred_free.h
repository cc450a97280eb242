/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocations are freed when nobody has them any more and no transfer holds their pages.
 */
#ifndef P2PMEM_DEFERRED_FREE_H
#define P2PMEM_DEFERRED_FREE_H

#include "memory.h"

/* Without users: now, or as soon as it is safe to give the memory to somebody else. */
void p2pmem_allocation_free(struct p2pmem_allocation *allocation);

/* Only the structure, of what has no memory. */
void p2pmem_allocation_destroy(struct p2pmem_allocation *allocation);

/* The memory is gone and the CPU's mappings are: its types go before somebody else maps it. */
void p2pmem_release_memtypes(struct p2pmem *memory);

/* When no free is deferred any more: the module goes. */
void p2pmem_deferred_frees_stop(void);

#endif
