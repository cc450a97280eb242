/* SPDX-License-Identifier: MIT */
/*
 * What is published, as sysfs says it.
 */
#ifndef P2P_LIB_MODULE_MEMORIES_H
#define P2P_LIB_MODULE_MEMORIES_H

#include <p2pmem/module.h>

#include "module/system.h"

/** p2p_module_memories() on a given system. */
int p2p_module_memories_on(const struct p2p_system *system, struct p2p_module_memory **memories,
			   size_t *count, struct p2p_error *error);

/** Reads one. Returns 0, or -ENOENT: it is not there, or going. */
int p2p_module_memory_read(const struct p2p_system *system, uint32_t index,
			   struct p2p_module_memory *memory);

/** Whether it is memory of that function. */
static inline bool p2p_module_memory_is_of(const struct p2p_module_memory *memory,
					   struct p2p_bdf function)
{
	return memory->on_pci && memory->function.domain == function.domain &&
	       memory->function.bus == function.bus && memory->function.devfn == function.devfn;
}

#endif
