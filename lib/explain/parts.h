/* SPDX-License-Identifier: MIT */
/*
 * The parts that an explanation is put together from. Texts are for free(), and NULL without
 * memory.
 */
#ifndef P2P_EXPLAIN_PARTS_H
#define P2P_EXPLAIN_PARTS_H

#include <p2pmem/explain.h>

#include "text_builder.h"

/** `policy` is that of the router that gave the reason. */
char *p2p_reason_text(const struct p2p_machine *machine, const struct p2p_policy *policy,
		      const struct p2p_reason *reason);

/** Of hop number `index`; the hops' codes are there. */
char *p2p_hop_text(const struct p2p_explanation *explanation, uint32_t index);
char *p2p_ceiling_text(const struct p2p_explanation *explanation);

/** Both verdicts are there. */
char *p2p_hardware_text(const struct p2p_explanation *explanation);

/** "RR, CR": ACS bits by their names. */
void p2p_acs_bits_add(struct p2p_text_builder *out, uint16_t bits);

/** The first reason with that code, or NULL. */
const struct p2p_reason *p2p_explanation_reason(const struct p2p_explanation *explanation,
						enum p2p_reason_code code);

/** Looks up what is recorded of the pair. Returns 0 or -ENOMEM. */
int p2p_explain_proofs(struct p2p_explanation *explanation, const struct p2p_proofs *proofs);
void p2p_explained_proofs_free(struct p2p_explained_proof *proofs);

/** Looks up by what the pair was allowed. Returns 0 or -ENOMEM. */
int p2p_explain_allowed(struct p2p_explanation *explanation, const struct p2p_proofs *allowed);
void p2p_explained_allowed_free(struct p2p_explained_proof *allowed);

/**
 * These add to the explanation what its routes, hops and reasons ask for, and return 0 or -ENOMEM.
 * `provider` is the provider's entry in the list of all, or NULL: it has none.
 */
int p2p_cautions_find(struct p2p_explanation *explanation,
		      const struct p2p_provider_info *provider);
int p2p_remedies_find(struct p2p_explanation *explanation);

#endif
