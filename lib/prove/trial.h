/* SPDX-License-Identifier: MIT */
/*
 * One pair in one direction: its whole plan, again and again where there is time.
 */
#ifndef P2P_LIB_PROVE_TRIAL_H
#define P2P_LIB_PROVE_TRIAL_H

#include "prove/pair.h"

/** A trial with what it owns: to be freed. */
struct p2p_prove_try {
	struct p2p_prove_trial trial;   /**< as others see it */
	struct p2p_proof_result result; /**< its own */
	char *text;
	struct p2p_prove_rate *rates;
};

/** Says why a trial was not made, or not to its end. A NULL text: there is no memory for one. */
void p2p_prove_try_gap(struct p2p_prove_try *tried, enum p2p_prove_gap gap, const char *text);

/** Sets the text to a string for free(), or NULL: no memory. */
void p2p_prove_try_text(struct p2p_prove_try *tried, char *text);

/** Tries a pair, for `duration` ns at least. */
void p2p_prove_try_run(struct p2p_prove_try *tried, struct p2p_prove_pair *pair, uint64_t duration);

/** Measures rates of a trial that is PROVEN. What cannot be measured is left out. */
void p2p_prove_try_rates(struct p2p_prove_try *tried, struct p2p_prove_pair *pair);

#endif
