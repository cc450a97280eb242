/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pieces as dma-bufs.
 */
#ifndef P2PMEM_EXPORT_H
#define P2PMEM_EXPORT_H

#include "piece.h"

/*
 * A new dma-buf of the piece, which it keeps. Its descriptor goes to `*user` before anybody can use
 * it. `flags` as open()'s. 0 or a negative errno.
 */
int p2pmem_export_fd(struct p2pmem_piece *piece, u32 flags, s32 __user *user);

/* Tells all importers to stop; later mappings are -ENODEV. For memory that is gone. */
void p2pmem_revoke_buffers(struct p2pmem *memory);

#endif
