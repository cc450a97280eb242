/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pairs that the kernel's rules refuse and that root has let through, after proof with data.
 *
 *     trial      while the file that asked is open; what is mapped for the pair is counted
 *     kept       there was something each way; until withdrawn, or the machine is another
 *
 * What a pair rests on is remembered when its trial begins: each function from either end up to the
 * host bridge, with its addresses and ACS bits, and the type of the client's IOMMU domain. The
 * router of the machine's state lets it through, so all that asks for routes knows: DMA ops,
 * drivers' clients, dma-bufs, P2PMEM_VERDICT.
 */
#ifndef P2PMEM_KERNEL_ALLOW_H
#define P2PMEM_KERNEL_ALLOW_H

#include "machine.h"

/* P2PMEM_ALLOW of an open file; may sleep. Fills in what `wish` is told. */
int p2pmem_allow(const struct file *file, struct p2pmem_allow *wish);
/* The file is closed. */
void p2pmem_allow_end_trials(const struct file *file);
void p2pmem_allow_stop(void);

extern const struct p2pmem_machine_follower p2pmem_allow_follower;

#endif
