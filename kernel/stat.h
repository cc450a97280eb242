/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was done and what was refused, in debugfs.
 */
#ifndef P2PMEM_STAT_H
#define P2PMEM_STAT_H

#include "memory.h"

#include "map/map.h"

struct seq_file;

/* `show_more` adds lines of its own. */
void p2pmem_stat_start(void (*show_more)(struct seq_file *file));
void p2pmem_stat_stop(void);

/* What was mapped for a function, NULL: for a client on no PCI bus. Does not sleep. */
void p2pmem_stat_mapped(const struct pci_dev *client, const struct p2p_mapping *mapping);
/* The segment has an unreachable part. As above; inside a read-side section. */
void p2pmem_stat_unreachable(const struct pci_dev *client, const struct p2p_segment *segment);

/* Pages that DMA ops mapped for a function, by their own address or through the CPU. As above. */
void p2pmem_stat_reached(const struct pci_dev *client, struct p2pmem *memory, enum p2p_reach reach,
			 u64 bytes);
void p2pmem_stat_bounced(const struct pci_dev *client, struct p2pmem *memory, u64 bytes);

/* `why`: enum p2pmem_why; P2PMEM_WHY_NONE is not counted. */
void p2pmem_stat_refused(u32 why);

/* The memory is freed. */
void p2pmem_stat_forget(struct p2pmem *memory);

#endif
