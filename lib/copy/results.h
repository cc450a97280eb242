/* SPDX-License-Identifier: MIT */
/*
 * What is recorded of the pairs that a copy would use, and what it finds out about them.
 */
#ifndef P2P_LIB_COPY_RESULTS_H
#define P2P_LIB_COPY_RESULTS_H

#include "copy/private.h"
#include "proof/damage.h"

/**
 * Opens the results that the copy is to heed. Where they cannot be read that is kept, to be said
 * when the copy runs. Returns NULL: there are none.
 */
struct p2p_proofs *p2p_results_open(struct p2p_copy *copy, const struct p2p_machine *machine);

/**
 * A pair of a function of source or destination and the provider that is recorded as wrong: in
 * words, for free(). NULL: there is none. `proofs` may be NULL.
 */
char *p2p_results_against(const struct p2p_copy *copy, const struct p2p_proofs *proofs,
			  const struct p2p_memory_provider *provider);

/** Records that what went through the memory in use that way was wrong, and says so. */
void p2p_results_record_wrong(struct p2p_copy *copy, enum p2p_proof_direction direction,
			      const struct p2p_damage_found *found, uint64_t bytes);

#endif
