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
#include "memory.h"

#include <linux/dma-direction.h>
#include "map/map.h"

/* P2PMEM_ALLOW of an open file; may sleep. Fills in what `wish` is told. */
int p2pmem_allow(const struct file *file, struct p2pmem_allow *wish);
/* The file is closed. */
void p2pmem_allow_end_trials(const struct file *file);
void p2pmem_allow_stop(void);

/* Whether a pair is, on trial or kept. Does not sleep; inside a read-side section. */
bool p2pmem_allow_lets_through(const struct pci_dev *client, const struct p2pmem *memory);

/*
 * Bytes that were mapped for a pair. Do not sleep; inside a read-side section. The client may be
 * NULL.
 */
void p2pmem_allow_count(const struct pci_dev *client, const struct p2pmem *memory, u64 bytes,
			enum dma_data_direction direction);
void p2pmem_allow_count_mapped(const struct pci_dev *client, const struct p2p_mapping *mapping,
			       enum dma_data_direction direction);

extern const struct p2pmem_machine_follower p2pmem_allow_follower;

#endif
