/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pieces that nobody has any more but that a device may still reach.
 */
#ifndef P2PMEM_LINGER_H
#define P2PMEM_LINGER_H

#include "piece.h"

/* Keeps the piece, and the module, until it is safe to give it to somebody else. */
void p2pmem_linger(struct p2pmem_piece *piece);

/* Whether VFIO may still let a device reach a part of the range. */
bool p2pmem_held_by_vfio(phys_addr_t start, u64 size);

/* When nothing lingers any more: the module goes. */
void p2pmem_linger_stop(void);

#endif
