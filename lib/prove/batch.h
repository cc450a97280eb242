/* SPDX-License-Identifier: MIT */
/*
 * One batch of requests, one way: prepared so that no byte can be right by accident, moved, and
 * looked at from the other side.
 */
#ifndef P2P_LIB_PROVE_BATCH_H
#define P2P_LIB_PROVE_BATCH_H

#include "proof/damage.h"
#include "prove/pair.h"

enum p2p_prove_outcome {
	P2P_PROVE_RIGHT,
	P2P_PROVE_BLANK_BATCH, /**< right, and all alike: that proves nothing */
	P2P_PROVE_DAMAGED,     /**< `found` */
	P2P_PROVE_TURNED_AWAY, /**< the client takes no such requests for this memory: `code` */
	P2P_PROVE_GAP,         /**< nothing can be said: `gap`, `code` */
};

struct p2p_prove_seen {
	enum p2p_prove_outcome outcome;
	enum p2p_prove_gap gap;
	int code;         /**< a negative errno */
	const char *what; /**< failed with it: "reading it through host memory" */
	struct p2p_damage_found found;
	size_t looked_at;
	uint64_t place;    /**< where what was looked at begins: in the memory, or in the storage */
	uint64_t bytes;    /**< moved, */
	uint32_t requests; /**< by so many */
};

void p2p_prove_batch_run(struct p2p_prove_pair *pair, const struct p2p_prove_batch *batch,
			 enum p2p_proof_direction direction, struct p2p_prove_seen *seen);

#endif
