/* SPDX-License-Identifier: MIT */
/*
 * Who has claimed addresses, and where BARs are.
 */
#ifndef P2P_LIB_MODULE_CLAIMS_H
#define P2P_LIB_MODULE_CLAIMS_H

#include <p2pmem/fabric.h>

#include "module/system.h"

struct p2p_bar {
	uint64_t start, size; /**< CPU address and bytes; size 0: there is none */
	bool memory;          /**< not I/O ports */
};

/** Reads the BARs of a function. Returns 0 or a negative errno. */
int p2p_bars_read(const struct p2p_system *system, struct p2p_bdf function,
		  struct p2p_bar bars[P2P_BARS]);

/**
 * Names who has claimed any of `size` bytes from `start`, as /proc/iomem has it: "nvme", or
 * "nvme and uio"; "" when that cannot be read (addresses there are for root only).
 */
void p2p_claims_find(const struct p2p_system *system, struct p2p_bdf function, uint64_t start,
		     uint64_t size, char *text, size_t room);

#endif
