/* SPDX-License-Identifier: MIT */
/*
 * Memory that a PCI function's driver publishes through the kernel.
 */
#ifndef P2P_LIB_MEMORIES_DRIVER_H
#define P2P_LIB_MEMORIES_DRIVER_H

#include "memories/ops.h"

/** Where it is allocated; takes the address as text. */
#define P2P_DRIVER_NODE "/sys/bus/pci/devices/%s/p2pmem/allocate"

/** What one driver publishes. Sizes are bytes. */
struct p2p_driver_pool {
	struct p2p_bdf function;
	uint64_t size, available;
};

/**
 * Lists what drivers publish, in bus order. Returns 0 (also for nothing) or -ENOMEM. The caller
 * frees `*pools`.
 */
int p2p_driver_pools(struct p2p_driver_pool **pools, size_t *count);

/**
 * Allocates from the function's pool (Linux 6.2 and later with CONFIG_PCI_P2PDMA). `size` is a
 * multiple of the page size. Returns 0; -ENODEV: nothing is published; -EACCES; -ENOMEM: no range
 * of that size is free. The caller closes it.
 */
int p2p_driver_memory_open(struct p2p_bdf function, size_t size, struct p2p_memory **memory,
			   struct p2p_error *error);

#endif
