// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The IOMMU's tables: each device has its own.
 */
#include "private.h"

bool sim_iommu_find(const struct sim_machine *machine, sim_node client, p2p_dma_addr dma,
		    bool write, p2p_cpu_addr *cpu)
{
	for (uint32_t i = 0; i < machine->map_count; i++) {
		const struct sim_map *map = &machine->map[i];

		if (map->client != client || dma.value < map->dma.value ||
		    dma.value - map->dma.value >= map->size)
			continue;
		cpu->value = map->cpu.value + (dma.value - map->dma.value);
		return write ? map->write : map->read;
	}
	return false;
}
