// SPDX-License-Identifier: MIT
/*
 * What is recorded of pairs: those that brought wrong bytes, and results that say nothing any
 * more.
 */
#include "checks.h"

#include <inttypes.h>
#include <stdlib.h>

#define AREA "Proof"

struct tally {
	uint32_t states[P2P_PROOF_VOID + 1];
	uint32_t void_wrong;
	const char *changed; /* for which the first of those that are void is so */
};

static bool get(const struct p2p_doctor_context *context, uint32_t index,
		struct p2p_proof_result *result)
{
	p2p_proof_result_init(result, sizeof(*result));
	return !p2p_proofs_get(context->proofs, index, result);
}

static void add_line(const struct p2p_doctor_context *context, struct p2p_text_builder *lines,
		     const struct p2p_proof_result *result)
{
	char *text = p2p_proof_pair_text(context->machine, result);

	p2p_text_line(lines, "%s", text ? text : "");
	lines->failed |= !text;
	free(text);
}

/* The same pair may be wrong both ways. */
static void add_pair(struct p2p_draft *finding, p2p_node client, p2p_node provider)
{
	if (client == P2P_NO_NODE || provider == P2P_NO_NODE)
		return;
	for (uint32_t i = 0; i < finding->pair_count; i++)
		if (finding->pairs[i].client == client && finding->pairs[i].provider == provider)
			return;
	if (finding->pair_count == P2P_AFFECTED_MAX) {
		finding->more_pairs = true;
		return;
	}
	finding->pairs[finding->pair_count++] = (struct p2p_affected){ client, provider };
	p2p_about(finding, client);
	p2p_about(finding, provider);
}

/* Names all results of a state, the first ones line by line. */
static void list(const struct p2p_doctor_context *context, struct p2p_draft *finding,
		 enum p2p_proof_state state, uint32_t count)
{
	struct p2p_proof_result result;
	uint32_t said = 0;

	finding->pairs = calloc(P2P_AFFECTED_MAX, sizeof(*finding->pairs));
	if (!finding->pairs) {
		finding->failed = true;
		return;
	}
	for (uint32_t i = 0; i < p2p_proofs_count(context->proofs); i++) {
		if (!get(context, i, &result) || result.state != state)
			continue;
		add_pair(finding, p2p_proof_end_node(context->machine, result.client),
			 p2p_proof_end_node(context->machine, result.provider));
		if (said++ < P2P_AFFECTED_SAID)
			add_line(context, &finding->affected, &result);
	}
	if (count > P2P_AFFECTED_SAID)
		p2p_text_line(&finding->affected, "and %" PRIu32 " more",
			      count - P2P_AFFECTED_SAID);
	p2p_text_add(&finding->evidence, "%s", p2p_proofs_path(context->proofs));
}

static void say_wrong(struct p2p_doctor_context *context, const struct tally *tally)
{
	uint32_t count = tally->states[P2P_PROOF_WRONG];
	struct p2p_draft *finding;

	if (!count) {
		finding = p2p_find(context, "proof-wrong", AREA, P2P_SEVERITY_OK);
		p2p_text_add(&finding->text, "no pair is recorded to bring wrong bytes");
		p2p_text_add(&finding->evidence,
			     "%s: %" PRIu32 " proven, %" PRIu32 " refused, %" PRIu32 " void",
			     p2p_proofs_path(context->proofs), tally->states[P2P_PROOF_PROVEN],
			     tally->states[P2P_PROOF_REFUSED], tally->states[P2P_PROOF_VOID]);
		return;
	}
	finding = p2p_find(context, "proof-wrong", AREA, P2P_SEVERITY_PROBLEM);
	p2p_text_add(&finding->text,
		     "wrong bytes arrived, without any error, in %" PRIu32 " case%s: what uses "
		     "such a pair without looking at the data corrupts them",
		     count, count == 1 ? "" : "s");
	list(context, finding, P2P_PROOF_WRONG, count);
	p2p_advise(finding, P2P_STEP_NONE,
		   "keep to host memory or other providers between these; tell other software so, "
		   "too");
	p2p_advise(finding, P2P_STEP_PROVE,
		   "after a change of firmware, ACS or IOMMU settings prove them anew");
}

static void say_void(struct p2p_doctor_context *context, const struct tally *tally)
{
	uint32_t count = tally->states[P2P_PROOF_VOID];
	struct p2p_draft *finding;

	if (!count)
		return;
	finding = p2p_find(context, "proof-void", AREA,
			   tally->void_wrong ? P2P_SEVERITY_WARNING : P2P_SEVERITY_NOTE);
	p2p_text_add(&finding->text,
		     "%" PRIu32 " result%s of proving %s void, for the machine has changed (%s%s)",
		     count, count == 1 ? "" : "s", count == 1 ? "is" : "are", tally->changed,
		     count == 1 ? "" : ", and others");
	if (tally->void_wrong)
		p2p_text_add(&finding->text, "; %" PRIu32 " of them had found wrong bytes",
			     tally->void_wrong);
	list(context, finding, P2P_PROOF_VOID, count);
	p2p_advise(finding, P2P_STEP_PROVE, "prove them anew");
}

void p2p_doctor_proofs(struct p2p_doctor_context *context)
{
	struct tally tally = { .void_wrong = 0 };
	struct p2p_proof_result result;

	if (!context->proofs || !p2p_proofs_count(context->proofs))
		return;
	for (uint32_t i = 0; i < p2p_proofs_count(context->proofs); i++) {
		if (!get(context, i, &result))
			continue;
		tally.states[result.state]++;
		if (result.state == P2P_PROOF_VOID && !tally.changed)
			tally.changed = result.changed;
		tally.void_wrong +=
			result.state == P2P_PROOF_VOID && result.recorded == P2P_PROOF_WRONG;
	}
	say_wrong(context, &tally);
	say_void(context, &tally);
}
