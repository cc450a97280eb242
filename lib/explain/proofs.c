// SPDX-License-Identifier: MIT
/*
 * What is recorded of a pair, each way.
 */
#include <errno.h>
#include <stdlib.h>

#include "parts.h"

/* Only what is on a PCI bus has results by its address. */
static int find(struct p2p_explained_proof *found, const struct p2p_explanation *explanation,
		const struct p2p_proofs *proofs, enum p2p_proof_direction direction)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(explanation->machine);

	p2p_proof_result_init(&found->result, sizeof(found->result));
	p2p_proofs_find(proofs,
			p2p_proof_function(p2p_fabric_info(fabric, explanation->client)->bdf),
			p2p_proof_function(p2p_fabric_info(fabric, explanation->provider)->bdf),
			direction, &found->result);
	found->text = p2p_proof_text(&found->result);
	return found->text ? 0 : -ENOMEM;
}

static bool is_on_bus(const struct p2p_explanation *explanation, p2p_node node)
{
	return p2p_fabric_info(p2p_machine_fabric(explanation->machine), node)->kind !=
	       P2P_KIND_OFF_BUS;
}

int p2p_explain_proofs(struct p2p_explanation *explanation, const struct p2p_proofs *proofs)
{
	int rc = 0;

	if (!proofs || !is_on_bus(explanation, explanation->client) ||
	    !is_on_bus(explanation, explanation->provider))
		return 0;
	explanation->proofs = calloc(P2P_PROOF_DIRECTIONS, sizeof(*explanation->proofs));
	if (!explanation->proofs)
		return -ENOMEM;
	for (int i = 0; !rc && i < P2P_PROOF_DIRECTIONS; i++)
		rc = find(&explanation->proofs[i], explanation, proofs,
			  (enum p2p_proof_direction)i);
	return rc;
}

void p2p_explained_proofs_free(struct p2p_explained_proof *proofs)
{
	for (int i = 0; proofs && i < P2P_PROOF_DIRECTIONS; i++)
		free(proofs[i].text);
	free(proofs);
}

bool p2p_explanation_proven(const struct p2p_explanation *explanation)
{
	for (int i = 0; explanation->proofs && i < P2P_PROOF_DIRECTIONS; i++)
		if (explanation->proofs[i].result.state != P2P_PROOF_PROVEN)
			return false;
	return explanation->proofs;
}

int p2p_explain_allowed(struct p2p_explanation *explanation, const struct p2p_proofs *allowed)
{
	struct p2p_explained_proof found = { .text = NULL };
	int rc = 0;

	if (!allowed || !is_on_bus(explanation, explanation->client) ||
	    !is_on_bus(explanation, explanation->provider))
		return 0;
	for (int i = 0; !rc && i < P2P_PROOF_DIRECTIONS; i++) {
		if (found.text && found.result.state != P2P_PROOF_PROVEN)
			break;
		free(found.text);
		rc = find(&found, explanation, allowed, (enum p2p_proof_direction)i);
	}
	if (!rc && found.result.state != P2P_PROOF_NOT_TRIED) {
		explanation->allowed = malloc(sizeof(found));
		if (explanation->allowed) {
			*explanation->allowed = found;
			return 0;
		}
		rc = -ENOMEM;
	}
	free(found.text);
	return rc;
}

void p2p_explained_allowed_free(struct p2p_explained_proof *allowed)
{
	if (allowed)
		free(allowed->text);
	free(allowed);
}
