/* SPDX-License-Identifier: MIT */
/*
 * A prover, shared by the files of this directory.
 *
 *     prove.c     open, close              run.c      all pairs, one after the other
 *     trial.c     a pair, one way          clients.c  who can be a client: the table of kinds
 *     batch.c     some requests at once    drive.c    a kind of client: drives
 *     plan.c      which requests           engine.c   a kind of client: the lab's DMA engine
 *     order.c     a flag behind data       scratch.c  what may be overwritten
 *     together.c  two clients at once      telling.c  where a drive holds something that proves
 *     pair.c      a client and a memory    rates.c    how fast
 *     allow.c     pairs that rules refuse
 *
 * Another kind of client is one more file as drive.c is, listed in clients.c and clients.h; what it
 * has to do is in client.h. Nothing else knows kinds.
 */
#ifndef P2P_LIB_PROVE_PRIVATE_H
#define P2P_LIB_PROVE_PRIVATE_H

#include <p2pmem/machine.h>

#include "prove/clients.h"
#include "prove/scratch.h"
#include "prove/trial.h"

struct p2p_prove {
	struct p2p_prove_options options; /**< its strings only during p2p_prove_open() */
	struct p2p_machine *machine;
	struct p2p_router *router; /**< NULL: all routes are unknown */
	struct p2p_proofs *proofs;
	struct p2p_proofs *allowed; /**< pairs that were let through; NULL: none is to be */
	struct p2p_prove_list clients;
	struct p2p_memory_provider *providers;
	size_t provider_count;
	bool has_scratch;
	struct p2p_prove_scratch scratch;
	/** Of client c and provider p: two from (c * provider_count + p) * 2 on. */
	struct p2p_prove_try *tries;
	uint32_t try_count;
	char (*provider_names)[P2P_PROVIDER_NAME];
	atomic_bool stop;
};

/** Whether the scratch is on that client. */
bool p2p_prove_is_on_scratch(const struct p2p_prove *prove, const struct p2p_prove_found *client);

/** Opens a client, on the scratch where that is on it. Returns as its kind does; NULL on failure.
 */
int p2p_prove_client_open(const struct p2p_prove *prove, uint32_t index,
			  struct p2p_prove_client **client, struct p2p_error *error);

#endif
