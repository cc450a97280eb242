/* SPDX-License-Identifier: MIT */
/*
 * Proving pairs that the rules refuse: each is let through for that.
 */
#ifndef P2P_LIB_PROVE_ALLOW_H
#define P2P_LIB_PROVE_ALLOW_H

#include <p2pmem/allow.h>

#include "prove/private.h"

/** Lets the pair that two tries are of through. Returns as p2p_allow_try() does. */
int p2p_prove_allow_begin(const struct p2p_prove_try *tries, struct p2p_allow **trial,
			  struct p2p_error *error);

/**
 * Ends that. If both tries are proven the pair stays let through, and that is recorded; if one is
 * wrong, nothing is recorded of it any more. Returns 0, or what kept it from being kept or
 * recorded; then it is not let through.
 */
int p2p_prove_allow_end(struct p2p_prove *prove, struct p2p_prove_try *tries,
			struct p2p_allow *trial, struct p2p_error *error);

#endif
