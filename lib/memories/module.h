/* SPDX-License-Identifier: MIT */
/*
 * Memory that p2pmem.ko publishes as /dev/p2pmemN.
 */
#ifndef P2P_LIB_MEMORIES_MODULE_H
#define P2P_LIB_MEMORIES_MODULE_H

#include "memories/ops.h"
#include "module/system.h"

/**
 * Allocates from /dev/p2pmem`index`: p2p_memory_open() on a given system, which outlives the
 * memory. `size` is a multiple of the page size.
 */
int p2p_module_memory_open_on(const struct p2p_system *system, uint32_t index, size_t size,
			      unsigned int flags, struct p2p_memory **memory,
			      struct p2p_error *error);

/** p2p_memory_ask() of the open node `fd` of /dev/p2pmem`index`. */
int p2p_module_verdict_on(const struct p2p_system *system, int fd, uint32_t index,
			  struct p2p_bdf client, struct p2p_memory_verdict **verdict,
			  struct p2p_error *error);

#endif
