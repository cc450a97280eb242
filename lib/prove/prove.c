// SPDX-License-Identifier: MIT
/*
 * Open, run, close.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/allow.h>

#include "memories/provider.h"
#include "prove/private.h"
#include "sized.h"
#include "span.h"

void p2p_prove_options_init(struct p2p_prove_options *options, size_t size)
{
	static const struct p2p_prove_options defaults = { .scratch = NULL };

	p2p_sized_init(options, size, &defaults, sizeof(defaults));
}

/* Opening. */

static bool is_wanted(const struct p2p_memory_provider *provider,
		      const struct p2p_provider_name *name)
{
	return name ? p2p_provider_is(provider, name) : !provider->second;
}

/* Only the first of those that a name stands for, as p2p_memory_provider_find() has it. */
static void keep_wanted(struct p2p_prove *prove, const struct p2p_provider_name *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < prove->provider_count && !(name && kept); i++)
		if (is_wanted(&prove->providers[i], name))
			prove->providers[kept++] = prove->providers[i];
	prove->provider_count = kept;
}

static int find_providers(struct p2p_prove *prove, struct p2p_error *error)
{
	const char *wanted = prove->options.provider;
	struct p2p_provider_name name;
	int rc = p2p_memory_providers(&prove->providers, &prove->provider_count, error);

	if (!rc && wanted)
		rc = p2p_provider_name_read(&name, wanted, prove->machine, error);
	if (rc)
		return rc;
	keep_wanted(prove, wanted ? &name : NULL);
	if (prove->provider_count)
		return 0;
	if (wanted)
		return p2p_provider_missing(wanted, error);
	return p2p_error_set_hint(error, -ENODEV, P2P_HINT_DOCTOR,
				  "no device provides memory, so there is nothing to prove");
}

bool p2p_prove_is_on_scratch(const struct p2p_prove *prove, const struct p2p_prove_found *client)
{
	return prove->has_scratch && !p2p_bdf_compare(prove->scratch.function, client->function);
}

int p2p_prove_client_open(const struct p2p_prove *prove, uint32_t index,
			  struct p2p_prove_client **client, struct p2p_error *error)
{
	const struct p2p_prove_found *found = &prove->clients.all[index];
	bool has_scratch = p2p_prove_is_on_scratch(prove, found);

	*client = NULL;
	return found->kind->open(found, has_scratch ? &prove->scratch : NULL, client, error);
}

static int open_scratch(struct p2p_prove *prove, struct p2p_error *error)
{
	int rc;

	if (!prove->options.scratch)
		return 0;
	prove->has_scratch = true;
	rc = p2p_prove_scratch_open(&prove->scratch, &prove->options, error);
	if (rc)
		return rc;
	for (uint32_t i = 0; i < prove->clients.count; i++)
		if (p2p_prove_is_on_scratch(prove, &prove->clients.all[i]))
			return 0;
	return p2p_error_set_hint(
		error, -EINVAL, P2P_HINT_SCRATCH,
		"%s is on none of the clients that are to be proven: name a place "
		"on one",
		prove->options.scratch);
}

static void find_route(const struct p2p_prove *prove, struct p2p_prove_trial *trial,
		       const struct p2p_memory_provider *provider)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(prove->machine);
	struct p2p_bdf client = trial->result->client.function;
	struct p2p_route route;

	trial->verdict = P2P_VERDICT_UNKNOWN;
	trial->distance = -1;
	if (!prove->router || !provider->on_pci ||
	    p2p_route_find(prove->router, p2p_fabric_find(fabric, client),
			   p2p_fabric_find(fabric, provider->function), &route))
		return;
	trial->verdict = route.verdict;
	trial->distance = route.distance;
}

static void set_up(struct p2p_prove *prove, uint32_t index)
{
	uint32_t pair = index / P2P_PROOF_DIRECTIONS;
	const struct p2p_prove_found *client = &prove->clients.all[pair / prove->provider_count];
	const struct p2p_memory_provider *provider =
		&prove->providers[pair % prove->provider_count];
	struct p2p_proof_result *result = &prove->tries[index].result;
	struct p2p_prove_trial *trial = &prove->tries[index].trial;

	p2p_proof_result_init(result, sizeof(*result));
	trial->result = result;
	trial->client = client->name;
	trial->provider = prove->provider_names[pair % prove->provider_count];
	result->client = p2p_proof_function(client->function);
	result->provider = (struct p2p_proof_end){
		.on_pci = provider->on_pci,
		.function = provider->function,
		.index = provider->index,
	};
	result->direction = (enum p2p_proof_direction)(index % P2P_PROOF_DIRECTIONS);
	trial->gap = P2P_PROVE_WAITS;
	find_route(prove, trial, provider);
}

static int make_trials(struct p2p_prove *prove, struct p2p_error *error)
{
	prove->try_count =
		prove->clients.count * (uint32_t)prove->provider_count * P2P_PROOF_DIRECTIONS;
	prove->tries = calloc(prove->try_count, sizeof(*prove->tries));
	prove->provider_names = calloc(prove->provider_count, sizeof(*prove->provider_names));
	if (!prove->tries || !prove->provider_names)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	for (size_t i = 0; i < prove->provider_count; i++)
		p2p_memory_provider_name(&prove->providers[i], prove->provider_names[i]);
	for (uint32_t i = 0; i < prove->try_count; i++)
		set_up(prove, i);
	return 0;
}

static int open_file(const struct p2p_prove *prove, const char *path, struct p2p_proofs **proofs,
		     struct p2p_error *error)
{
	struct p2p_proofs_options options;

	p2p_proofs_options_init(&options, sizeof(options));
	options.path = path;
	return p2p_proofs_open(prove->machine, &options, proofs, error);
}

static int open_results(struct p2p_prove *prove, struct p2p_error *error)
{
	const char *allowed = prove->options.allowed ? prove->options.allowed : P2P_ALLOWED_PATH;
	int rc = open_file(prove, prove->options.results, &prove->proofs, error);

	if (rc || !prove->options.allow)
		return rc;
	return open_file(prove, allowed, &prove->allowed, error);
}

static int open_all(struct p2p_prove *prove, struct p2p_error *error)
{
	int rc = p2p_machine_open(NULL, &prove->machine, error);

	if (rc)
		return rc;
	p2p_machine_router(prove->machine, NULL, &prove->router, NULL, NULL);
	rc = p2p_prove_clients(prove->options.client, prove->machine, &prove->clients, error);
	if (!rc)
		rc = find_providers(prove, error);
	if (!rc)
		rc = open_results(prove, error);
	if (!rc)
		rc = make_trials(prove, error);
	/* Last, so that a file is not made for nothing. */
	return rc ? rc : open_scratch(prove, error);
}

int p2p_prove_open(const struct p2p_prove_options *options, struct p2p_prove **prove,
		   struct p2p_error *error)
{
	struct p2p_prove *opened = calloc(1, sizeof(*opened));
	int rc;

	*prove = NULL;
	if (!opened)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	p2p_prove_options_init(&opened->options, sizeof(opened->options));
	rc = p2p_sized_copy(&opened->options, options)
		     ? open_all(opened, error)
		     : p2p_error_set(error, -EINVAL,
				     "these options of a prover were not initialized: start from "
				     "p2p_prove_options_init()");
	if (rc) {
		p2p_prove_close(opened);
		return rc;
	}
	*prove = opened;
	return 0;
}

void p2p_prove_close(struct p2p_prove *prove)
{
	if (!prove)
		return;
	for (uint32_t i = 0; prove->tries && i < prove->try_count; i++) {
		free(prove->tries[i].text);
		free(prove->tries[i].rates);
	}
	free(prove->tries);
	free(prove->provider_names);
	if (prove->has_scratch)
		p2p_prove_scratch_close(&prove->scratch);
	free(prove->providers);
	free(prove->clients.all);
	p2p_proofs_close(prove->proofs);
	p2p_proofs_close(prove->allowed);
	p2p_router_free(prove->router);
	p2p_machine_free(prove->machine);
	free(prove);
}

void p2p_prove_stop(struct p2p_prove *prove)
{
	atomic_store(&prove->stop, true);
}

uint32_t p2p_prove_count(const struct p2p_prove *prove)
{
	return prove->try_count;
}

const struct p2p_prove_trial *p2p_prove_trial(const struct p2p_prove *prove, uint32_t index)
{
	return &prove->tries[index].trial;
}

const struct p2p_machine *p2p_prove_machine(const struct p2p_prove *prove)
{
	return prove->machine;
}
