/* SPDX-License-Identifier: MIT */
/*
 * Where a source holds data and where holes.
 */
#ifndef P2P_LIB_COPY_EXTENT_H
#define P2P_LIB_COPY_EXTENT_H

#include <stdbool.h>
#include <stdint.h>

struct p2p_extent {
	uint64_t end;
	bool hole;
};

/**
 * Describes the extent of `fd` that starts at `position`, cut at `limit`. Borders between data and
 * holes are moved into the hole so that they are multiples of `align`. A file system that does not
 * tell is all data, and so is what a file does not reach: reading finds that out.
 */
struct p2p_extent p2p_extent_at(int fd, uint64_t position, uint64_t limit, uint32_t align);

#endif
