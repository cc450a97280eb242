/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pieces that nobody has any more but that a transfer still holds.
 */
#ifndef P2PMEM_LINGER_H
#define P2PMEM_LINGER_H

#include "piece.h"

/* Keeps the piece, and the module, until it is safe to give it to somebody else. */
void p2pmem_linger(struct p2pmem_piece *piece);

/* When nothing lingers any more: the module goes. */
void p2pmem_linger_stop(void);

#endif
