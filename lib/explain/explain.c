// SPDX-License-Identifier: MIT
/*
 * All that is known of one client and one provider.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "parts.h"
#include "sized.h"

void p2p_explain_options_init(struct p2p_explain_options *options, size_t size)
{
	static const struct p2p_explain_options none;

	p2p_sized_init(options, size, &none, sizeof(none));
}

static int find_reasons(const struct p2p_explanation *explanation, const struct p2p_path *path,
			struct p2p_explained_reason **reasons, uint32_t *count)
{
	const struct p2p_policy *policy = p2p_router_policy(path->router);
	uint32_t found = p2p_path_reasons(path, NULL, 0);
	struct p2p_reason *codes = calloc(found + 1, sizeof(*codes));
	bool whole = true;

	*reasons = calloc(found + 1, sizeof(**reasons));
	if (!codes || !*reasons) {
		free(codes);
		return -ENOMEM;
	}
	p2p_path_reasons(path, codes, found);
	for (*count = 0; *count < found; ++*count) {
		struct p2p_explained_reason *reason = &(*reasons)[*count];

		reason->reason = codes[*count];
		reason->text = p2p_reason_text(explanation->machine, policy, &reason->reason);
		whole &= reason->text != NULL;
	}
	free(codes);
	return whole ? 0 : -ENOMEM;
}

static int find_hops(struct p2p_explanation *explanation, const struct p2p_path *path)
{
	uint32_t count = p2p_path_hops(path, NULL, 0);
	struct p2p_hop *codes = calloc(count + 1, sizeof(*codes));
	bool whole = true;

	explanation->hops = calloc(count + 1, sizeof(*explanation->hops));
	if (!codes || !explanation->hops) {
		free(codes);
		return -ENOMEM;
	}
	p2p_path_hops(path, codes, count);
	for (uint32_t i = 0; i < count; i++)
		explanation->hops[i].hop = codes[i];
	free(codes);
	explanation->hop_count = count;
	for (uint32_t i = 0; i < count; i++) {
		explanation->hops[i].text = p2p_hop_text(explanation, i);
		whole &= explanation->hops[i].text != NULL;
	}
	return whole ? 0 : -ENOMEM;
}

/* Where the ends' sockets are: true where that is known of both. */
static bool find_numa(const struct p2p_explanation *explanation, struct p2p_text_builder *out)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(explanation->machine);
	int32_t client = p2p_fabric_info(fabric, explanation->client)->numa_node;
	int32_t provider = p2p_fabric_info(fabric, explanation->provider)->numa_node;

	if (client == P2P_NUMA_UNKNOWN || provider == P2P_NUMA_UNKNOWN)
		return false;
	if (client == provider) {
		p2p_text_add(out, "both on %" PRId32, client);
		return true;
	}
	p2p_text_add(out, "%" PRId32 " and %" PRId32, client, provider);
	if (explanation->route.verdict != P2P_VERDICT_DIRECT)
		p2p_text_add(out, ": the request crosses from one to the other, which may be a "
				  "link between sockets and is not in the ceiling below");
	return true;
}

static int find_texts(struct p2p_explanation *explanation)
{
	struct p2p_text_builder numa = { .length = 0 };

	explanation->hardware_text = p2p_hardware_text(explanation);
	explanation->ceiling_text = p2p_ceiling_text(explanation);
	if (find_numa(explanation, &numa)) {
		explanation->numa_text = p2p_text_take(&numa);
		if (!explanation->numa_text)
			return -ENOMEM;
	}
	return explanation->hardware_text && explanation->ceiling_text ? 0 : -ENOMEM;
}

/* A pair's own questions, each asked once: its path by the rules, that by the wires, the way back.
 */
static int find_paths(struct p2p_explanation *explanation, const struct p2p_router *router,
		      const struct p2p_router *hardware)
{
	struct p2p_path path, wires;
	int rc = p2p_path_find(router, explanation->client, explanation->provider, &path);

	if (rc)
		return rc;
	p2p_path_find(hardware, explanation->client, explanation->provider, &wires);
	p2p_route_find(router, explanation->provider, explanation->client, &explanation->back);
	explanation->route = path.route;
	explanation->hardware_route = wires.route;
	explanation->allowable = p2p_path_allowable(&path);
	p2p_path_ceiling(&path, &explanation->ceiling);
	rc = find_hops(explanation, &path);
	if (!rc)
		rc = find_reasons(explanation, &path, &explanation->reasons,
				  &explanation->reason_count);
	if (!rc)
		rc = find_reasons(explanation, &wires, &explanation->hardware_reasons,
				  &explanation->hardware_reason_count);
	return rc ? rc : find_texts(explanation);
}

static int find_by_wires(struct p2p_explanation *explanation, const struct p2p_router *router)
{
	struct p2p_router *hardware;
	enum p2p_policy_fit fit;
	int rc = p2p_machine_router(explanation->machine, "hardware", &hardware, &fit, NULL);

	if (rc)
		return rc;
	rc = find_paths(explanation, router, hardware);
	p2p_router_free(hardware);
	return rc;
}

static int find_cautions(struct p2p_explanation *explanation,
			 const struct p2p_explain_options *options)
{
	struct p2p_providers_request request;
	struct p2p_provider_info *providers;
	uint32_t count;
	int rc;

	if (options->providers)
		return p2p_cautions_find(explanation, p2p_providers_find(options->providers,
									 options->provider_count,
									 explanation->provider));
	p2p_providers_request_init(&request, sizeof(request));
	request.machine = explanation->machine;
	rc = p2p_providers_list(&request, &providers, &count);
	if (rc)
		return rc;
	rc = p2p_cautions_find(explanation,
			       p2p_providers_find(providers, count, explanation->provider));
	free(providers);
	return rc;
}

static int find_all(struct p2p_explanation *explanation, const struct p2p_router *router,
		    const struct p2p_explain_options *options)
{
	int rc = options->hardware ? find_paths(explanation, router, options->hardware)
				   : find_by_wires(explanation, router);

	if (!rc)
		rc = p2p_explain_proofs(explanation, options->proofs);
	if (!rc)
		rc = p2p_explain_allowed(explanation, options->allowed);
	if (!rc)
		rc = find_cautions(explanation, options);
	return rc ? rc : p2p_remedies_find(explanation);
}

int p2p_explain(const struct p2p_machine *machine, const struct p2p_router *router, p2p_node client,
		p2p_node provider, const struct p2p_explain_options *options,
		struct p2p_explanation **explanation, struct p2p_error *error)
{
	struct p2p_explain_options known = { .size = sizeof(known) };
	struct p2p_explanation *made;
	int rc;

	*explanation = NULL;
	if (options && !p2p_sized_copy(&known, options))
		return p2p_error_set(error, -EINVAL, "the options were not initialized");
	made = calloc(1, sizeof(*made));
	if (!made)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	made->machine = machine;
	made->policy = p2p_router_policy(router);
	made->client = client;
	made->provider = provider;
	rc = find_all(made, router, &known);
	if (!rc) {
		*explanation = made;
		return 0;
	}
	p2p_explanation_free(made);
	return p2p_error_set(error, rc, "%s",
			     rc == -EINVAL ? "a host bridge, or what is not in the machine, can be "
					     "neither client nor provider"
					   : "out of memory");
}

static void free_reasons(struct p2p_explained_reason *reasons, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		free(reasons[i].text);
	free(reasons);
}

static void free_advice(struct p2p_explanation *explanation)
{
	for (uint32_t i = 0; i < explanation->caution_count; i++) {
		free(explanation->cautions[i].text);
		free(explanation->cautions[i].advice);
	}
	for (uint32_t i = 0; i < explanation->remedy_count; i++) {
		free(explanation->remedies[i].text);
		free(explanation->remedies[i].paste);
		free(explanation->remedies[i].cost);
	}
	free(explanation->cautions);
	free(explanation->remedies);
}

void p2p_explanation_free(struct p2p_explanation *explanation)
{
	if (!explanation)
		return;
	for (uint32_t i = 0; i < explanation->hop_count; i++)
		free(explanation->hops[i].text);
	free(explanation->hops);
	free_reasons(explanation->reasons, explanation->reason_count);
	free_reasons(explanation->hardware_reasons, explanation->hardware_reason_count);
	free_advice(explanation);
	p2p_explained_proofs_free(explanation->proofs);
	p2p_explained_allowed_free(explanation->allowed);
	free(explanation->hardware_text);
	free(explanation->ceiling_text);
	free(explanation->numa_text);
	free(explanation);
}

bool p2p_explanation_differs(const struct p2p_explanation *explanation)
{
	return explanation->route.verdict != explanation->hardware_route.verdict;
}

const struct p2p_reason *p2p_explanation_reason(const struct p2p_explanation *explanation,
						enum p2p_reason_code code)
{
	for (uint32_t i = 0; i < explanation->reason_count; i++)
		if (explanation->reasons[i].reason.code == code)
			return &explanation->reasons[i].reason;
	return NULL;
}
