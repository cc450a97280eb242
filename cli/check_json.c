// SPDX-License-Identifier: MIT
/*
 * p2pmem check for programs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "json.h"
#include "explain/hops.h"
#include "explain/notes.h"
#include "explain/reasons.h"
#include <p2pmem/topology.h>

#define JSON_FORMAT 2

/* Text that a writer made in memory; closes `file` and frees `*text`. */
static json_t *json_of(FILE *file, char **text)
{
	json_t *json = NULL;

	if (!fclose(file) && *text)
		json = cli_json_text(*text);
	free(*text);
	return json;
}

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

static json_t *reason_json(const struct cli_check *check, const struct p2p_policy *policy,
			   const struct p2p_reason *reason)
{
	bool acs = reason->code == P2P_REASON_ACS_REDIRECT || reason->code == P2P_REASON_ACS_EGRESS;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	p2p_reason_write(file, check->view->machine, policy, reason);
	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "code", p2p_reason_name(reason->code), "node",
			 cli_json_address(check->view->fabric, reason->node), "other",
			 cli_json_address(check->view->fabric, reason->other), "acs",
			 acs ? cli_json_acs(reason->bits) : json_null(), "text",
			 json_of(file, &text));
}

static json_t *reasons_json(const struct cli_check *check, const struct p2p_policy *policy,
			    const struct p2p_reason *reasons, uint32_t count)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < count; i++)
		if (json_array_append_new(list, reason_json(check, policy, &reasons[i])))
			goto fail;
	return list;

fail:
	json_decref(list);
	return NULL;
}

static json_t *hop_json(const struct cli_check *check, uint32_t index)
{
	const struct p2p_hop *hop = &check->answer.hops[index];
	char title[P2P_TITLE], *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	p2p_hop_write(file, &check->answer, index);
	return json_pack("{s:o, s:s, s:s, s:o, s:o}", "node",
			 cli_json_address(check->view->fabric, hop->node), "title",
			 p2p_title(check->view->machine, hop->node, title), "action",
			 p2p_hop_name(hop->action), "acs", cli_json_acs(hop->bits), "text",
			 json_of(file, &text));
}

static json_t *hops_json(const struct cli_check *check)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < check->answer.hop_count; i++)
		if (json_array_append_new(list, hop_json(check, i)))
			goto fail;
	return list;

fail:
	json_decref(list);
	return NULL;
}

static json_t *ceiling_json(const struct cli_check *check)
{
	const struct p2p_ceiling *ceiling = &check->answer.ceiling;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		return NULL;
	p2p_ceiling_write(file, &check->answer);
	return json_pack("{s:o, s:i, s:o, s:o}", "megabytes_per_second",
			 ceiling->bandwidth ? json_integer(ceiling->bandwidth) : json_null(),
			 "links", (int)ceiling->links, "node",
			 cli_json_address(check->view->fabric, ceiling->node), "text",
			 json_of(file, &text));
}

static json_t *remedies_json(const struct cli_check *check)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < check->remedies.count; i++) {
		const struct p2p_remedy *remedy = &check->remedies.list[i];

		if (json_array_append_new(list, json_pack("{s:s, s:s, s:s?, s:s?}", "code",
							  p2p_remedy_name(remedy->code), "text",
							  remedy->text, "paste", remedy->paste,
							  "cost", remedy->cost)))
			goto fail;
	}
	return list;

fail:
	json_decref(list);
	return NULL;
}

static json_t *notes_json(const struct cli_check *check)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < check->cautions.count; i++) {
		const struct p2p_caution *caution = &check->cautions.list[i];

		if (json_array_append_new(list,
					  json_pack("{s:s, s:s, s:s, s:s?}", "code",
						    p2p_caution_name(caution->code), "severity",
						    p2p_severity_name(caution->severity), "text",
						    caution->text, "remedy", caution->fix)))
			goto fail;
	}
	return list;

fail:
	json_decref(list);
	return NULL;
}

static json_t *route_json(const struct p2p_route *route)
{
	return json_pack("{s:s, s:i, s:o}", "verdict", p2p_verdict_name(route->verdict), "distance",
			 (int)route->distance, "possible", possible_json(route));
}

static json_t *hardware_json(const struct cli_check *check)
{
	const struct p2p_answer *answer = &check->answer;
	json_t *json = route_json(&answer->hardware_route);
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file) {
		json_decref(json);
		return NULL;
	}
	p2p_hardware_write(file, answer);
	if (!json_object_set_new(json, "text", json_of(file, &text)) &&
	    !json_object_set_new(json, "reasons",
				 reasons_json(check, p2p_policy_hardware(),
					      answer->hardware_reasons,
					      answer->hardware_reason_count)))
		return json;
	json_decref(json);
	return NULL;
}

static json_t *kernel_json(const struct cli_check *check)
{
	struct p2p_kernel kernel;

	return cli_check_kernel(check, &kernel) ? cli_json_kernel(check->view->asked, &kernel)
						: json_null();
}

json_t *cli_check_json(const struct cli_check *check)
{
	const struct p2p_answer *answer = &check->answer;
	json_t *json = cli_view_json(check->view, "check", JSON_FORMAT);
	json_t *body = json_pack(
		"{s:o, s:o, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i}",
		"client", device_json(check, answer->client), "provider",
		device_json(check, answer->provider), "verdict",
		p2p_verdict_name(answer->route.verdict), "distance", (int)answer->route.distance,
		"possible", possible_json(&answer->route), "common",
		cli_json_address(check->view->fabric, answer->route.common), "hops",
		hops_json(check), "ceiling", ceiling_json(check), "reasons",
		reasons_json(check, check->view->policy, answer->reasons, answer->reason_count),
		"remedies", remedies_json(check), "hardware", hardware_json(check), "reverse",
		route_json(&answer->back), "kernel", kernel_json(check), "notes", notes_json(check),
		"status", check->status);

	if (json && body && !json_object_update_new(json, body))
		return json;
	json_decref(json);
	return NULL;
}
