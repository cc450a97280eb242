/* SPDX-License-Identifier: MIT */
/*
 * Checkpoints: at each of them what was moved since the one before becomes good.
 */
#ifndef P2P_LIB_COPY_CHECKPOINT_H
#define P2P_LIB_COPY_CHECKPOINT_H

#include "copy/moved.h"
#include "copy/private.h"
#include "copy/samples.h"

struct p2p_checkpoint {
	struct p2p_copy *copy;
	uint64_t position; /**< how far the copy has come; good so far is in the report */
	uint64_t deadline; /**< when to take the next one */

	/* since the last one */
	struct p2p_moved moved;
	struct p2p_samples samples; /**< of what was moved */
	unsigned int blank_proofs;  /**< that proved nothing */
	bool unproven; /**< something went where nothing is proven or all is wrong: compare all */
};

void p2p_checkpoint_open(struct p2p_checkpoint *checkpoint, struct p2p_copy *copy);
void p2p_checkpoint_close(struct p2p_checkpoint *checkpoint);

/**
 * Makes what was moved good: flushed, the source and the provider still there, and compared, by
 * samples or all of it. Otherwise the copy goes back to what is good or certain, on another path.
 */
int p2p_checkpoint_take(struct p2p_checkpoint *checkpoint, struct p2p_error *error);

/**
 * Gives the path up for another. What came through it since the last checkpoint is in doubt if the
 * provider does not answer.
 */
int p2p_checkpoint_lose_path(struct p2p_checkpoint *checkpoint, bool answers,
			     const struct p2p_error *why, struct p2p_error *error);

/**
 * Wrong bytes came through peer memory: what only samples vouch for is copied again, through host
 * memory.
 */
int p2p_checkpoint_distrust(struct p2p_checkpoint *checkpoint, const struct p2p_error *why,
			    struct p2p_error *error);

/** Nothing in the destination counts any more. */
void p2p_checkpoint_forget_all(struct p2p_checkpoint *checkpoint);

#endif
