/* SPDX-License-Identifier: MIT */
/*
 * Two clients at once: what arrives when one moves may not when two do.
 */
#ifndef P2P_LIB_PROVE_TOGETHER_H
#define P2P_LIB_PROVE_TOGETHER_H

#include "prove/private.h"

/** A client that is proven with a provider, one way. */
struct p2p_prove_partner {
	uint32_t client;
	struct p2p_prove_try *tried;
};

/**
 * Has both try once more, at the same time, in memories of one provider. What came of it is added
 * to their trials, which may be WRONG then. Returns false where they could not.
 */
bool p2p_prove_together(struct p2p_prove *prove, const struct p2p_memory_provider *provider,
			const struct p2p_prove_partner partners[2]);

#endif
