/* SPDX-License-Identifier: MIT */
/*
 * The PCI functions that do the DMA of a block device.
 */
#ifndef P2P_LIB_BLOCKDEV_FUNCTIONS_H
#define P2P_LIB_BLOCKDEV_FUNCTIONS_H

#include <stddef.h>
#include <sys/types.h>

#include "print.h"

struct p2p_functions {
	char bdf[8][P2P_BDF_TEXT];
	size_t count;
};

/**
 * Finds the PCI functions behind a block device, through partitions, NVMe multipath, dm and md.
 * None: no PCI device moves its bytes (RAM disks, loop devices, network block devices).
 */
void p2p_blockdev_functions(dev_t device, struct p2p_functions *functions);

#endif
