/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Struct pages of our own making, for kernels that know no pages of device memory: nobody but our
 * DMA ops recognises them.
 */
#ifndef P2PMEM_OWN_PAGES_H
#define P2PMEM_OWN_PAGES_H

#include "memory.h"

/*
 * Makes them for a range, after p2pmem_wrapping_begin(), and keeps that up. Each page has one
 * reference, ours. As p2pmem_pages_make(): NULL, and `*why`.
 */
void *p2pmem_own_pages_make(struct p2pmem *memory, u32 *why);

/* Once nobody has a reference. `memory->pagemap` is NULL then. */
void p2pmem_own_pages_free(struct p2pmem *memory);

#endif
