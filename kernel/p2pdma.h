/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stock drivers on kernels with CONFIG_PCI_P2PDMA, and pairs that root has allowed:
 * docs/dma-ops.md.
 *
 *     told       while there is such a pair: the kernel is told of it when it asks itself
 *     watched    while there is a trial: what drivers map of memory of ours is counted
 *
 * Each is counted, may sleep when it begins, and ends from any context. An error: a function cannot
 * be probed, and the log says which.
 */
#ifndef P2PMEM_P2PDMA_H
#define P2PMEM_P2PDMA_H

#include "compat/compat.h"

#ifdef COMPAT_TELLS

int p2pmem_p2pdma_tell_begin(void);
void p2pmem_p2pdma_tell_end(void);
int p2pmem_p2pdma_watch_begin(void);
void p2pmem_p2pdma_watch_end(void);
/* All has ended; waits until the kernel calls nothing of it any more. */
void p2pmem_p2pdma_stop(void);

#else

static inline int p2pmem_p2pdma_tell_begin(void)
{
	return 0;
}

static inline void p2pmem_p2pdma_tell_end(void)
{
}

static inline int p2pmem_p2pdma_watch_begin(void)
{
	return 0;
}

static inline void p2pmem_p2pdma_watch_end(void)
{
}

static inline void p2pmem_p2pdma_stop(void)
{
}

#endif

#endif
