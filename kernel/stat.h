/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was done and what was refused, in debugfs.
 */
#ifndef P2PMEM_STAT_H
#define P2PMEM_STAT_H

#include "memory.h"

#include "map/map.h"

void p2pmem_stat_start(void);
void p2pmem_stat_stop(void);

/* What was mapped for a function, NULL: for a client on no PCI bus. Does not sleep. */
void p2pmem_stat_mapped(const struct pci_dev *client, const struct p2p_mapping *mapping);
/* The segment has an unreachable part. As above; inside a read-side section. */
void p2pmem_stat_unreachable(const struct pci_dev *client, const struct p2p_segment *segment);

/* `why`: enum p2pmem_why; P2PMEM_WHY_NONE is not counted. */
void p2pmem_stat_refused(u32 why);

/* The memory is freed. */
void p2pmem_stat_forget(struct p2pmem *memory);

#endif
