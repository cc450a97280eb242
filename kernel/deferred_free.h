/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocations that nobody has any more but that a transfer still holds.
 */
#ifndef P2PMEM_DEFERRED_FREE_H
#define P2PMEM_DEFERRED_FREE_H

#include "allocation.h"

/* Keeps the allocation, and the module, until it is safe to give it to somebody else. */
void p2pmem_defer_free(struct p2pmem_allocation *allocation);

/* When nothing lingers any more: the module goes. */
void p2pmem_deferred_frees_stop(void);

#endif
