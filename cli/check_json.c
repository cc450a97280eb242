// SPDX-License-Identifier: MIT
/*
 * p2pmem check for programs.
 */
#include <p2pmem/topology.h>

#include "check.h"
#include "fix.h"
#include "json.h"
#include "results.h"

static json_t *device_json(const struct cli_check *check, p2p_node node)
{
	json_t *device = cli_json_device(check->view->machine, node);
	char title[P2P_TITLE];

	if (!json_object_set_new(device, "title",
				 json_string(p2p_title(check->view->machine, node, title))))
		return device;
	json_decref(device);
	return NULL;
}

static json_t *possible_json(const struct p2p_route *route)
{
	json_t *list = json_array();

	for (unsigned int verdict = P2P_VERDICT_DIRECT; verdict <= P2P_VERDICT_UNREACHABLE;
	     verdict++)
		if (route->possible & P2P_POSSIBLE(verdict))
			json_array_append_new(
				list, json_string(p2p_verdict_name((enum p2p_verdict)verdict)));
	return list;
}

/* Takes what is appended; NULL stands for lack of memory. */
static json_t *appended(json_t *list, json_t *element)
{
	if (list && !json_array_append_new(list, element))
		return list;
	json_decref(list);
	return NULL;
}

static json_t *reason_json(const struct p2p_fabric *fabric,
			   const struct p2p_explained_reason *explained)
{
	const struct p2p_reason *reason = &explained->reason;
	bool acs = reason->code == P2P_REASON_ACS_REDIRECT || reason->code == P2P_REASON_ACS_EGRESS;

	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "code", p2p_reason_name(reason->code), "node",
			 cli_json_address(fabric, reason->node), "other",
			 cli_json_address(fabric, reason->other), "acs",
			 acs ? cli_json_acs(reason->bits) : json_null(), "text",
			 cli_json_text(explained->text));
}

static json_t *reasons_json(const struct cli_check *check,
			    const struct p2p_explained_reason *reasons, uint32_t count)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < count; i++)
		list = appended(list, reason_json(check->view->fabric, &reasons[i]));
	return list;
}

static json_t *hop_json(const struct cli_check *check, const struct p2p_explained_hop *explained)
{
	const struct p2p_hop *hop = &explained->hop;
	char title[P2P_TITLE];

	return json_pack("{s:o, s:s, s:s, s:o, s:o}", "node",
			 cli_json_address(check->view->fabric, hop->node), "title",
			 p2p_title(check->view->machine, hop->node, title), "action",
			 p2p_hop_name(hop->action), "acs", cli_json_acs(hop->bits), "text",
			 cli_json_text(explained->text));
}

static json_t *hops_json(const struct cli_check *check)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < check->explanation->hop_count; i++)
		list = appended(list, hop_json(check, &check->explanation->hops[i]));
	return list;
}

static json_t *ceiling_json(const struct cli_check *check)
{
	const struct p2p_ceiling *ceiling = &check->explanation->ceiling;

	return json_pack("{s:o, s:i, s:o, s:o}", "megabytes_per_second",
			 ceiling->bandwidth ? json_integer(ceiling->bandwidth) : json_null(),
			 "links", (int)ceiling->links, "node",
			 cli_json_address(check->view->fabric, ceiling->node), "text",
			 cli_json_text(check->explanation->ceiling_text));
}

static json_t *remedy_json(const struct p2p_remedy *remedy)
{
	return json_pack("{s:s, s:o, s:s?, s:s?}", "code", p2p_remedy_name(remedy->code), "text",
			 json_sprintf("%s%s", remedy->text, cli_step_sentence(remedy->step.code)),
			 "paste", remedy->paste ? remedy->paste : cli_step_paste(remedy->step.code),
			 "cost", remedy->cost);
}

static json_t *remedies_json(const struct cli_check *check)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < check->explanation->remedy_count; i++)
		list = appended(list, remedy_json(&check->explanation->remedies[i]));
	return list;
}

static json_t *note_json(const struct cli_check *check, const struct p2p_caution *caution)
{
	char fix[CLI_FIX];

	return json_pack("{s:s, s:s, s:s, s:s?}", "code", p2p_caution_name(caution->code),
			 "severity", p2p_severity_name(caution->severity), "text", caution->text,
			 "remedy",
			 cli_fix(fix, check->view->fabric, &caution->step, caution->advice));
}

static json_t *notes_json(const struct cli_check *check)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < check->explanation->caution_count; i++)
		list = appended(list, note_json(check, &check->explanation->cautions[i]));
	return list;
}

static json_t *route_json(const struct p2p_route *route)
{
	return json_pack("{s:s, s:i, s:o}", "verdict", p2p_verdict_name(route->verdict), "distance",
			 (int)route->distance, "possible", possible_json(route));
}

static json_t *hardware_json(const struct cli_check *check)
{
	const struct p2p_explanation *explanation = check->explanation;
	json_t *json = route_json(&explanation->hardware_route);

	if (!json_object_set_new(json, "text", cli_json_text(explanation->hardware_text)) &&
	    !json_object_set_new(json, "reasons",
				 reasons_json(check, explanation->hardware_reasons,
					      explanation->hardware_reason_count)))
		return json;
	json_decref(json);
	return NULL;
}

/* null: no results bear on it. */
static json_t *proofs_json(const struct cli_check *check)
{
	const struct p2p_explained_proof *proofs = check->explanation->proofs;

	if (!proofs)
		return json_null();
	return json_pack("{s:o, s:o}", "to_provider",
			 cli_result_json(&proofs[P2P_PROOF_TO_PROVIDER].result), "from_provider",
			 cli_result_json(&proofs[P2P_PROOF_FROM_PROVIDER].result));
}

/* null: it never was. */
static json_t *allowed_json(const struct cli_check *check)
{
	const struct p2p_explained_proof *allowed = check->explanation->allowed;

	return allowed ? cli_result_json(&allowed->result) : json_null();
}

static json_t *kernel_json(const struct cli_check *check)
{
	struct p2p_kernel kernel;

	return cli_check_kernel(check, &kernel) ? cli_json_kernel(check->view->asked, &kernel)
						: json_null();
}

json_t *cli_check_json(const struct cli_check *check)
{
	const struct p2p_explanation *explanation = check->explanation;
	json_t *json = cli_view_json(check->view);
	json_t *body = json_pack(
		"{s:o, s:o, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o, s:i}",
		"client", device_json(check, explanation->client), "provider",
		device_json(check, explanation->provider), "verdict",
		p2p_verdict_name(explanation->route.verdict), "distance",
		(int)explanation->route.distance, "possible", possible_json(&explanation->route),
		"common", cli_json_address(check->view->fabric, explanation->route.common), "hops",
		hops_json(check), "ceiling", ceiling_json(check), "reasons",
		reasons_json(check, explanation->reasons, explanation->reason_count), "remedies",
		remedies_json(check), "hardware", hardware_json(check), "reverse",
		route_json(&explanation->back), "kernel", kernel_json(check), "notes",
		notes_json(check), "proofs", proofs_json(check), "results",
		cli_results_json(check->proofs), "allowed", allowed_json(check), "status",
		check->status);

	if (json && body && !json_object_update_new(json, body))
		return json;
	json_decref(json);
	return NULL;
}
