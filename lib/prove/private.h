/* SPDX-License-Identifier: MIT */
/*
 * A prover, shared by the files of this directory.
 *
 *     prove.c    open, run, close          clients.c  who can be a client: THE TABLE OF KINDS
 *     trial.c    a pair, one way           drive.c    a kind of client: drives
 *     batch.c    some requests at once     scratch.c  what may be overwritten
 *     plan.c     which requests            telling.c  where a drive holds something that proves
 *     pair.c     a client and a memory     engine.c   a kind of client: the lab's DMA engine
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

#endif
