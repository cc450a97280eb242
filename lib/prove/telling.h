/* SPDX-License-Identifier: MIT */
/*
 * Where a client that is only read holds something that proves: bytes that are not all alike.
 */
#ifndef P2P_LIB_PROVE_TELLING_H
#define P2P_LIB_PROVE_TELLING_H

#include <stdbool.h>

#include "prove/client.h"

#define P2P_PROVE_PIECE  4096u
#define P2P_PROVE_PLACES 64

/** Places of a storage, of a piece each. */
struct p2p_prove_places {
	uint64_t at[P2P_PROVE_PLACES];
	unsigned int count, next;
};

/**
 * Whether the bytes tell a transfer that went wrong: half of their sectors are not alike, neither
 * within nor with the one before.
 */
bool p2p_prove_tells(const char *bytes, size_t length);

/**
 * Looks for places at the storage's start, then at random. Returns 0, with none found if there
 * are none, or a negative errno of the client.
 */
int p2p_prove_places_find(struct p2p_prove_places *places, struct p2p_prove_client *client,
			  uint64_t *random, const atomic_bool *stop);

/** Where a request of `length` bytes covers one of the places, or lies within it. */
uint64_t p2p_prove_places_next(struct p2p_prove_places *places,
			       const struct p2p_prove_client *client, uint32_t length,
			       uint64_t *random);

#endif
