// SPDX-License-Identifier: MIT
/*
 * A pair is let through for its proof. Recorded first, kept then: what could not be recorded is not
 * let through, and what is recorded and not let through is said to be so.
 */
#include <errno.h>
#include <string.h>

#include "prove/allow.h"

int p2p_prove_allow_begin(const struct p2p_prove_try *tries, struct p2p_allow **trial,
			  struct p2p_error *error)
{
	const struct p2p_proof_result *result = &tries[0].result;

	*trial = NULL;
	if (!result->provider.on_pci)
		return p2p_error_set(error, -EOPNOTSUPP,
				     "memory that is on no PCI bus is its own driver's to give: no "
				     "rule of the kernel's is about it");
	return p2p_allow_try(result->client.function, result->provider.function, trial, error);
}

static bool is_any(const struct p2p_prove_try *tries, enum p2p_proof_state state)
{
	return tries[0].result.state == state || tries[1].result.state == state;
}

static bool are_all_proven(const struct p2p_prove_try *tries)
{
	for (int i = 0; i < P2P_PROOF_DIRECTIONS; i++)
		if (tries[i].result.state != P2P_PROOF_PROVEN)
			return false;
	return true;
}

static int save(struct p2p_prove *prove, int rc, struct p2p_error *error)
{
	if (rc)
		return p2p_error_set(error, rc, "what is allowed cannot be recorded: %s",
				     strerror(-rc));
	return p2p_proofs_save(prove->allowed, error);
}

static int record(struct p2p_prove *prove, const struct p2p_prove_try *tries,
		  struct p2p_error *error)
{
	int rc = 0;

	for (int i = 0; !rc && i < P2P_PROOF_DIRECTIONS; i++)
		rc = p2p_proofs_record(prove->allowed, &tries[i].result);
	return save(prove, rc, error);
}

static int forget(struct p2p_prove *prove, const struct p2p_prove_try *tries,
		  struct p2p_error *error)
{
	int rc =
		p2p_proofs_forget(prove->allowed, tries[0].result.client, tries[0].result.provider);

	return rc == -ENOENT ? 0 : save(prove, rc, error);
}

static int keep(struct p2p_prove *prove, struct p2p_prove_try *tries, struct p2p_allow *trial,
		struct p2p_error *error)
{
	struct p2p_error ignored;
	int rc = record(prove, tries, error);

	if (rc)
		return rc;
	rc = p2p_allow_keep(trial, error);
	if (rc) {
		forget(prove, tries, &ignored);
		return rc;
	}
	for (int i = 0; i < P2P_PROOF_DIRECTIONS; i++)
		tries[i].trial.allowed = true;
	return 0;
}

int p2p_prove_allow_end(struct p2p_prove *prove, struct p2p_prove_try *tries,
			struct p2p_allow *trial, struct p2p_error *error)
{
	int rc = 0;

	if (are_all_proven(tries))
		rc = keep(prove, tries, trial, error);
	else if (is_any(tries, P2P_PROOF_WRONG))
		rc = forget(prove, tries, error);
	p2p_allow_end(trial);
	return rc;
}
