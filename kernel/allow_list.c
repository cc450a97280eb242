// SPDX-License-Identifier: GPL-2.0-only
/*
 * What those who map ask of the pairs that are let through.
 */
#include "allow_list.h"

LIST_HEAD(p2pmem_allowances);
atomic_t p2pmem_allow_trials;

bool p2pmem_allow_lets_through(const struct pci_dev *client, const struct p2pmem *memory)
{
	const struct allowance *allowance;

	list_for_each_entry_srcu(allowance, &p2pmem_allowances, entry,
				 srcu_read_lock_held(&p2pmem_srcu))
		if (allowance->client == client && allowance->provider == memory->pdev)
			return true;
	return false;
}

void p2pmem_allow_count(const struct pci_dev *client, const struct p2pmem *memory, u64 bytes,
			enum dma_data_direction direction)
{
	struct allowance *allowance;

	if (!atomic_read(&p2pmem_allow_trials))
		return;
	list_for_each_entry_srcu(allowance, &p2pmem_allowances, entry,
				 srcu_read_lock_held(&p2pmem_srcu)) {
		if (allowance->client != client || allowance->provider != memory->pdev)
			continue;
		if (direction != DMA_TO_DEVICE)
			atomic64_add(bytes, &allowance->to_provider);
		if (direction != DMA_FROM_DEVICE)
			atomic64_add(bytes, &allowance->from_provider);
	}
}

#ifndef COMPAT_TELLS
void p2pmem_allow_count_mapped(const struct pci_dev *client, const struct p2p_mapping *mapping,
			       enum dma_data_direction direction)
{
	for (u32 i = 0; i < mapping->uses; i++)
		p2pmem_allow_count(client, p2pmem_from_provider(mapping->use[i].provider),
				   mapping->use[i].bytes, direction);
}
#endif
