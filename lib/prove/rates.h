/* SPDX-License-Identifier: MIT */
/*
 * How fast a client moves through a provider's memory, and through the host's.
 */
#ifndef P2P_LIB_PROVE_RATES_H
#define P2P_LIB_PROVE_RATES_H

#include "prove/pair.h"

/**
 * Measures by size and depth, both memories in turns. Nothing is compared. Scratch is overwritten
 * where the direction is from the provider. Returns 0, or a negative errno of the client, with what
 * was measured until then; `*rates` is the caller's to free.
 */
int p2p_prove_rates(struct p2p_prove_pair *pair, enum p2p_proof_direction direction,
		    struct p2p_prove_rate **rates, uint32_t *count);

#endif
