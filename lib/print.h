/* SPDX-License-Identifier: MIT */
/*
 * Addresses and sizes as people read them.
 */
#ifndef P2P_LIB_PRINT_H
#define P2P_LIB_PRINT_H

#include <stddef.h>
#include <stdint.h>

#include <p2pmem/fabric.h>

/** Room for an address of the widest domain, 32 bits. */
#define P2P_BDF_TEXT 20

/** "0000:03:00.0"; returns `text`. */
const char *p2p_bdf_text(struct p2p_bdf bdf, char text[P2P_BDF_TEXT]);

/**
 * Replaces what a terminal would act on (control characters, those of the C1 set too) and what is
 * no UTF-8 by "?", in place: names come out of files that anybody may have written.
 */
void p2p_printable(char *text, size_t length);

#define P2P_SIZE_TEXT 32

/** "12.5 MiB", rounded; returns `text`. */
const char *p2p_size_text(char text[P2P_SIZE_TEXT], uint64_t bytes);

#endif
