// SPDX-License-Identifier: MIT
/*
 * Pairs that root has let through against the kernel's rules, and those that it had.
 */
#include "checks.h"

#include <inttypes.h>
#include <stdlib.h>

#include <p2pmem/allow.h>
#include <p2pmem/text.h>

#define AREA "Rules"

static bool holds(const struct p2p_allowed_pair *pair)
{
	return pair->recorded && pair->proof.state == P2P_PROOF_PROVEN;
}

static void add_end(const struct p2p_doctor_context *context, struct p2p_draft *finding,
		    struct p2p_bdf function, char text[P2P_TITLE])
{
	p2p_node node = p2p_fabric_find(context->fabric, function);

	if (node == P2P_NO_NODE) {
		p2p_bdf_text(function, text);
		return;
	}
	p2p_short_title(context->machine, node, text);
	p2p_about(finding, node);
}

static void add_line(const struct p2p_doctor_context *context, struct p2p_draft *finding,
		     const struct p2p_allowed_pair *pair)
{
	char client[P2P_TITLE], provider[P2P_TITLE];
	char *text = pair->recorded ? p2p_proof_text(&pair->proof) : NULL;

	add_end(context, finding, pair->client, client);
	add_end(context, finding, pair->provider, provider);
	finding->affected.failed |= pair->recorded && !text;
	p2p_text_line(&finding->affected, "%s -> %s: %s", client, provider,
		      text ? text : "no proof is recorded");
	free(text);
}

static void list(const struct p2p_doctor_context *context, struct p2p_draft *finding,
		 const struct p2p_allowed_pair *pairs, size_t count,
		 bool (*is_meant)(const struct p2p_allowed_pair *))
{
	uint32_t said = 0;

	for (size_t i = 0; i < count; i++)
		if (is_meant(&pairs[i]) && said++ < P2P_AFFECTED_SAID)
			add_line(context, finding, &pairs[i]);
	if (said > P2P_AFFECTED_SAID)
		p2p_text_line(&finding->affected, "and %" PRIu32 " more", said - P2P_AFFECTED_SAID);
	if (context->allowed)
		p2p_text_add(&finding->evidence, "%s", p2p_proofs_path(context->allowed));
}

static bool is_well(const struct p2p_allowed_pair *pair)
{
	return pair->now && holds(pair);
}

static bool is_unfounded(const struct p2p_allowed_pair *pair)
{
	return pair->now && !holds(pair);
}

static bool is_over(const struct p2p_allowed_pair *pair)
{
	return !pair->now;
}

static uint32_t count_those(const struct p2p_allowed_pair *pairs, size_t count,
			    bool (*is_meant)(const struct p2p_allowed_pair *))
{
	uint32_t those = 0;

	for (size_t i = 0; i < count; i++)
		those += is_meant(&pairs[i]);
	return those;
}

static void say(struct p2p_doctor_context *context, const struct p2p_allowed_pair *pairs,
		size_t count, bool (*is_meant)(const struct p2p_allowed_pair *),
		enum p2p_severity severity, const char *const verb[2], const char *what)
{
	uint32_t those = count_those(pairs, count, is_meant);
	struct p2p_draft *finding;

	if (!those)
		return;
	finding = p2p_find(context, "allowed", AREA, severity);
	p2p_text_add(&finding->text, "%" PRIu32 " pair%s %s %s", those, those == 1 ? "" : "s",
		     verb[those != 1], what);
	list(context, finding, pairs, count, is_meant);
	if (severity != P2P_SEVERITY_NOTE)
		p2p_advise(finding, P2P_STEP_ALLOW, "prove anew what is to be allowed");
}

void p2p_doctor_allowed(struct p2p_doctor_context *context)
{
	static const char *const is[] = { "is", "are" }, *const was[] = { "was", "were" };
	struct p2p_allowed_pair *pairs;
	size_t count;

	if (p2p_allowed_list(context->machine, context->allowed, &pairs, &count, NULL)) {
		context->failed = true;
		return;
	}
	say(context, pairs, count, is_unfounded, P2P_SEVERITY_WARNING, is,
	    "let through by root against the kernel's rules, and no proof of that holds");
	say(context, pairs, count, is_over, P2P_SEVERITY_WARNING, was,
	    "once allowed by root against the kernel's rules, and no longer");
	say(context, pairs, count, is_well, P2P_SEVERITY_NOTE, is,
	    "allowed by root against the kernel's rules, after proof with data");
	free(pairs);
}
