/* SPDX-License-Identifier: MIT */
/*
 * Memory that p2pmem.ko publishes as /dev/p2pmemN.
 */
#ifndef P2P_LIB_MEMORIES_MODULE_H
#define P2P_LIB_MEMORIES_MODULE_H

#include "memories/memory.h"
#include "module/system.h"

/**
 * Allocates from /dev/p2pmem`index`. `size` is a multiple of the page size. Returns 0; -ENODEV:
 * there is none; -EACCES; -EOPNOTSUPP: it has no struct pages, so no O_DIRECT; -ENOMEM: no free
 * piece of that size, or more than one user may have. The caller closes it.
 */
int p2p_module_memory_open_on(const struct p2p_system *system, uint32_t index, size_t size,
			      struct p2p_memory **memory, struct p2p_error *error);

#endif
