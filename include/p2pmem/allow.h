/* SPDX-License-Identifier: MIT */
/*
 * Pairs that a kernel's rules refuse, because nobody has vouched for their host bridge, and that
 * root lets through all the same: p2pmem.ko then maps the provider's memory for the client.
 *
 *     p2p_allow_try()     for as long as the trial lasts, so that the pair can be proven
 *     p2p_allow_keep()    what was proven both ways, until the machine changes or it is withdrawn
 *     p2p_allow_end()     ends the trial; what was kept stays
 *
 * p2p_prove_open() with `allow` does this around its proof, and records it where p2p_proofs_open()
 * finds it at P2P_ALLOWED_PATH. p2p_machine_router() knows the pairs that are let through.
 * Functions here keep no state of their own: any number of threads may call them.
 */
#ifndef P2PMEM_ALLOW_H
#define P2PMEM_ALLOW_H

#include <stddef.h>

#include <p2pmem/error.h>
#include <p2pmem/fabric.h>
#include <p2pmem/machine.h>
#include <p2pmem/proofs.h>

P2P_BEGIN_DECLS

/** Where the proofs of pairs that were allowed are kept: a file as P2P_PROOFS_PATH is. */
#define P2P_ALLOWED_PATH "/var/lib/p2pmem/allowed"

struct p2p_allowed {
	struct p2p_bdf client, provider;
	bool trial; /**< somebody is proving it just now */
};

/**
 * Lists the pairs that are let through now. Needs no root.
 *
 * Returns 0, also without the module: then there are none; or -ENOMEM. `*pairs` is the caller's to
 * free(), and NULL on failure.
 */
int p2p_allowed_pairs(struct p2p_allowed **pairs, size_t *count, struct p2p_error *error);

struct p2p_allow;

/**
 * Lets a pair through until the trial ends, which it does with the process at latest. What was kept
 * of the same pair is withdrawn first. Needs root.
 *
 * Returns 0, or a negative errno with the sentence in `error`:
 * -EALREADY    the rules keep the two from nothing
 * -EOPNOTSUPP  it is not only a list of host bridges that keeps them apart, or the device is not to
 *              be trusted; or the module is older than this
 * -EBUSY       somebody else is trying them
 * -ENODEV      the module is not loaded, or there is no such function
 * -EDQUOT, -EACCES, -ENOMEM  as the sentence says
 */
int p2p_allow_try(struct p2p_bdf client, struct p2p_bdf provider, struct p2p_allow **trial,
		  struct p2p_error *error);

/**
 * Keeps the pair let through after the trial. Returns 0; -ENODATA: nothing of the provider's memory
 * was mapped for the client, one way or the other; -ENOENT: the machine has changed meanwhile.
 */
int p2p_allow_keep(struct p2p_allow *trial, struct p2p_error *error);

/** Ends a trial. NULL is allowed. */
void p2p_allow_end(struct p2p_allow *trial);

/**
 * Takes back what was kept. Needs root. Returns 0, -ENOENT: the pair is not let through; -EBUSY:
 * somebody is trying it; -ENODEV, -EACCES.
 */
int p2p_allow_withdraw(struct p2p_bdf client, struct p2p_bdf provider, struct p2p_error *error);

/** A pair that is let through, or was once. */
struct p2p_allowed_pair {
	struct p2p_bdf client, provider;
	bool now;      /**< it is let through */
	bool trial;    /**< it is, while somebody is proving it */
	bool recorded; /**< it was proven for that; `proof` is what came of it */
	/**
	 * Of the two directions the one that is not PROVEN, if there is one: then it is VOID, and
	 * says what has changed since.
	 */
	struct p2p_proof_result proof;
};

/**
 * Lists pairs that are recorded in `allowed`, ordered by client and provider, then others that are
 * let through now on the machine, if it is the running one. `allowed` are results at
 * P2P_ALLOWED_PATH or a copy of it, opened for that machine; NULL: none.
 *
 * Returns 0 or -ENOMEM. `*list` is the caller's to free(), and NULL on failure; the strings in it
 * are those of `allowed`.
 */
int p2p_allowed_list(const struct p2p_machine *machine, const struct p2p_proofs *allowed,
		     struct p2p_allowed_pair **list, size_t *count, struct p2p_error *error);

P2P_END_DECLS

#endif
