/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pairs that are let through: who maps for them reads the list inside of p2pmem_srcu; allow.c
 * changes it.
 */
#ifndef P2PMEM_ALLOW_LIST_H
#define P2PMEM_ALLOW_LIST_H

#include "compat/compat.h"
#include "memory.h"

#include <linux/dma-direction.h>
#include "map/map.h"

struct p2pmem_allow_facts;

struct allowance {
	struct list_head entry;
	struct pci_dev *client, *provider; /* references: nobody else is at their addresses */
	const struct file *trial;          /* whose; NULL: it is kept */
	u32 domain;                        /* of the client */
	struct p2pmem_allow_facts *facts;
	atomic64_t to_provider, from_provider; /* bytes */
};

extern struct list_head p2pmem_allowances;
/* Who maps looks no further when there is none. */
extern atomic_t p2pmem_allow_trials;

/* Whether a pair is, on trial or kept. Does not sleep; inside a read-side section. */
bool p2pmem_allow_lets_through(const struct pci_dev *client, const struct p2pmem *memory);

/*
 * Bytes that were mapped for a pair. Do not sleep; inside a read-side section. The client may be
 * NULL.
 */
void p2pmem_allow_count(const struct pci_dev *client, const struct p2pmem *memory, u64 bytes,
			enum dma_data_direction direction);
#ifdef COMPAT_TELLS
/* By the kernel's own functions, where p2pdma.c counts it. */
static inline void p2pmem_allow_count_mapped(const struct pci_dev *client,
					     const struct p2p_mapping *mapping,
					     enum dma_data_direction direction)
{
}
#else
void p2pmem_allow_count_mapped(const struct pci_dev *client, const struct p2p_mapping *mapping,
			       enum dma_data_direction direction);
#endif

#endif
