/* SPDX-License-Identifier: MIT */
/*
 * Moving a copy's bytes from checkpoint to checkpoint.
 */
#ifndef P2P_LIB_COPY_MOVE_H
#define P2P_LIB_COPY_MOVE_H

#include "copy/checkpoint.h"

/**
 * Moves everything up to `end`, with the descriptors and alignment in use, and takes checkpoints.
 * Returns 0, or a negative errno with the sentence; what was moved since the last checkpoint is
 * then up to the caller.
 */
int p2p_copy_move(struct p2p_checkpoint *checkpoint, uint64_t end, struct p2p_error *error);

#endif
