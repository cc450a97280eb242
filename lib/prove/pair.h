/* SPDX-License-Identifier: MIT */
/*
 * A client and a memory of a provider, while they are being tried.
 */
#ifndef P2P_LIB_PROVE_PAIR_H
#define P2P_LIB_PROVE_PAIR_H

#include <p2pmem/prove.h>

#include "proof/canary.h"
#include "prove/client.h"
#include "prove/plan.h"
#include "prove/telling.h"

struct p2p_prove_pair {
	struct p2p_prove_client *client;
	struct p2p_memory *memory;
	size_t room; /**< bytes of it that requests may use; the canary is behind them */
	struct p2p_canary canary;
	struct p2p_prove_places places; /**< of a client that is only read */
	struct p2p_prove_batch *batches;
	size_t batch_count;
	size_t next_window;         /**< in the memory: windows walk through all of it */
	uint64_t next_storage;      /**< likewise, in the client's */
	size_t window;              /**< bytes of the largest */
	char *should, *before, *is; /**< host memory for that each */
	uint64_t random;
	const atomic_bool *stop;
};

/**
 * Makes a pair of an open client and what can be had of the provider's memory. Returns
 * P2P_PROVE_TRIED, or why it cannot be tried, with the sentence. The caller closes the pair, never
 * the client's.
 */
enum p2p_prove_gap p2p_prove_pair_open(struct p2p_prove_pair *pair, struct p2p_prove_client *client,
				       const struct p2p_memory_provider *provider,
				       const atomic_bool *stop, struct p2p_error *error);

/** The same with a memory of two pages or more, which is the pair's from then on. */
enum p2p_prove_gap p2p_prove_pair_with(struct p2p_prove_pair *pair, struct p2p_prove_client *client,
				       struct p2p_memory *memory, const atomic_bool *stop,
				       struct p2p_error *error);

void p2p_prove_pair_close(struct p2p_prove_pair *pair);

#endif
