// SPDX-License-Identifier: MIT
/*
 * The JSON of `p2pmem prove`; p2pmem-prove(1) describes it.
 */
#include "exit.h"
#include "json.h"
#include "prove.h"

static json_t *known_name(const char *name, bool known)
{
	return known ? cli_json_text(name) : json_null();
}

/* What is wrong, or null. */
static json_t *damage(const struct p2p_prove_trial *trial)
{
	if (trial->result->state != P2P_PROOF_WRONG)
		return json_null();
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:s}", "kind",
			 p2p_damage_name(trial->result->damage), "by", (json_int_t)trial->by,
			 "first", (json_int_t)trial->first, "wrong", (json_int_t)trial->wrong,
			 "looked_at", (json_int_t)trial->looked_at, "meaning", trial->meaning);
}

static json_t *speed(const struct p2p_prove_rate *rate, const struct p2p_prove_speed *speed)
{
	double seconds = (double)speed->ns / 1e9, requests = (double)speed->requests;

	return json_pack("{s:f, s:f, s:I}", "bytes_per_second",
			 seconds > 0 ? requests * rate->length / seconds : 0, "latency_seconds",
			 requests > 0 ? seconds * rate->depth / requests : 0, "requests",
			 (json_int_t)speed->requests);
}

static json_t *rates(const struct p2p_prove_trial *trial)
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < trial->rate_count; i++) {
		const struct p2p_prove_rate *rate = &trial->rates[i];

		json_array_append_new(
			all, json_pack("{s:I, s:I, s:o, s:o}", "length", (json_int_t)rate->length,
				       "depth", (json_int_t)rate->depth, "peer",
				       speed(rate, &rate->peer), "host", speed(rate, &rate->host)));
	}
	return all;
}

json_t *cli_prove_trial_json(const struct p2p_prove_trial *trial)
{
	char client[P2P_PROOF_END_TEXT];

	return json_pack(
		"{s:o, s:s, s:o, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:I, "
		"s:I, s:I, s:o, s:o, s:b}",
		"client", cli_json_text(trial->client), "client_function",
		p2p_proof_end_text(trial->result->client, client), "provider",
		cli_json_text(trial->provider), "direction",
		p2p_proof_direction_name(trial->result->direction), "verdict",
		p2p_verdict_name(trial->verdict), "distance", cli_json_natural(trial->distance),
		"state", p2p_proof_state_name(trial->result->state), "gap",
		known_name(p2p_prove_gap_name(trial->gap), trial->gap != P2P_PROVE_TRIED), "damage",
		damage(trial), "text", cli_json_text(trial->result->text), "bytes",
		(json_int_t)trial->result->bytes, "requests", (json_int_t)trial->requests, "least",
		(json_int_t)trial->least, "most", (json_int_t)trial->most, "depth",
		(json_int_t)trial->depth, "ordered", (json_int_t)trial->ordered, "beside",
		cli_json_text(trial->beside), "rates", rates(trial), "allowed", trial->allowed);
}

int cli_prove_print_json(const struct p2p_prove *prove, bool interrupted)
{
	json_t *trials = json_array();

	for (uint32_t i = 0; i < p2p_prove_count(prove); i++)
		json_array_append_new(trials, cli_prove_trial_json(p2p_prove_trial(prove, i)));
	return cli_json_print(
		json_pack("{s:o, s:b, s:o}", "guest",
			  cli_json_known(p2p_machine_facts(p2p_prove_machine(prove))->hypervisor),
			  "interrupted", interrupted, "trials", trials));
}
