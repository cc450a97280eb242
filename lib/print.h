/* SPDX-License-Identifier: MIT */
/*
 * Addresses and sizes as people read them.
 */
#ifndef P2P_LIB_PRINT_H
#define P2P_LIB_PRINT_H

#include <stdint.h>

#include <p2pmem/fabric.h>

/** Room for an address of the widest domain, 32 bits. */
#define P2P_BDF_TEXT 20

/** "0000:03:00.0"; returns `text`. */
const char *p2p_bdf_text(struct p2p_bdf bdf, char text[P2P_BDF_TEXT]);

#define P2P_SIZE_TEXT 32

/** "12.5 MiB", rounded; returns `text`. */
const char *p2p_size_text(char text[P2P_SIZE_TEXT], uint64_t bytes);

#endif
