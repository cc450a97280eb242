/* SPDX-License-Identifier: MIT */
/*
 * The lists that decide what is kept of a kernel's command line and configuration, and the
 * capture's own file, which carries the platform's facts.
 */
#ifndef P2P_SOURCES_PLATFORM_H
#define P2P_SOURCES_PLATFORM_H

#include "span.h"
#include "tree.h"

#define P2P_MANIFEST        "p2pmem-capture"
#define P2P_MANIFEST_FORMAT 1

/** Kernel build options that bear on peer-to-peer; ends with NULL. */
extern const char *const p2p_kernel_options[];

/** Whether a word of the kernel command line bears on peer-to-peer. */
bool p2p_command_word(struct p2p_span word);

/** Unpacks a gzip file of at most `limit` bytes of contents. The blob is the caller's to free. */
int p2p_gunzip(const struct p2p_blob *packed, size_t limit, struct p2p_blob *blob);

#endif
