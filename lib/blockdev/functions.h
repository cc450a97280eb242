/* SPDX-License-Identifier: MIT */
/*
 * The PCI functions that do the DMA of a block device.
 */
#ifndef P2P_LIB_BLOCKDEV_FUNCTIONS_H
#define P2P_LIB_BLOCKDEV_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <p2pmem/fabric.h>

struct p2p_functions {
	struct p2p_bdf bdf[8];
	size_t count;
};

/**
 * Finds the PCI functions behind a block device, through partitions, NVMe multipath, dm and md.
 * None: no PCI device moves its bytes (RAM disks, loop devices, network block devices).
 */
void p2p_blockdev_functions(dev_t device, struct p2p_functions *functions);

bool p2p_functions_have(const struct p2p_functions *functions, struct p2p_bdf bdf);

#endif
