// SPDX-License-Identifier: MIT
/*
 * What is recorded of the pairs that a copy would use, and what it finds out about them.
 */
#include "copy/results.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/proofs.h>

#include "copy/event.h"

static int open_results(const struct p2p_copy *copy, const struct p2p_machine *machine,
			struct p2p_proofs **proofs, struct p2p_error *error)
{
	struct p2p_proofs_options options;

	p2p_proofs_options_init(&options, sizeof(options));
	options.path = copy->results;
	return p2p_proofs_open(machine, &options, proofs, error);
}

/* Damaged lines are no reason to stop: what they say is proven anew. */
struct p2p_proofs *p2p_results_open(struct p2p_copy *copy, const struct p2p_machine *machine)
{
	struct p2p_error error = { .code = 0 };
	struct p2p_proofs *proofs = NULL;
	const char *warning = NULL;

	if (!copy->results || !machine)
		return NULL;
	if (open_results(copy, machine, &proofs, &error))
		warning = error.text;
	else if (p2p_proofs_warnings(proofs))
		warning = p2p_proofs_warning(proofs, 0);
	if (warning &&
	    asprintf(&copy->results_note, "results of proving do not all count: %s", warning) < 0)
		copy->results_note = NULL;
	return proofs;
}

static struct p2p_proof_end end_of(const struct p2p_memory_provider *provider)
{
	return (struct p2p_proof_end){
		.on_pci = provider->on_pci,
		.function = provider->function,
		.index = provider->index,
	};
}

static char *say_wrong(const struct p2p_proof_result *result)
{
	char client[P2P_PROOF_END_TEXT], provider[P2P_PROOF_END_TEXT];
	char *words = p2p_proof_text(result), *text;
	bool to = result->direction == P2P_PROOF_TO_PROVIDER;

	p2p_proof_end_text(result->client, client);
	p2p_proof_end_text(result->provider, provider);
	if (words && asprintf(&text, "data from %s to %s are recorded as %s",
			      to ? client : provider, to ? provider : client, words) < 0)
		text = NULL;
	free(words);
	return words ? text : NULL;
}

static char *against(const struct p2p_proofs *proofs, const struct p2p_functions *clients,
		     const struct p2p_memory_provider *provider, enum p2p_proof_direction direction)
{
	struct p2p_proof_result result;

	for (size_t i = 0; i < clients->count; i++) {
		p2p_proof_result_init(&result, sizeof(result));
		p2p_proofs_find(proofs, p2p_proof_function(clients->bdf[i]), end_of(provider),
				direction, &result);
		if (result.state == P2P_PROOF_WRONG)
			return say_wrong(&result);
	}
	return NULL;
}

char *p2p_results_against(const struct p2p_copy *copy, const struct p2p_proofs *proofs,
			  const struct p2p_memory_provider *provider)
{
	char *text;

	if (!proofs)
		return NULL;
	text = against(proofs, &copy->source.functions, provider, P2P_PROOF_TO_PROVIDER);
	return text ? text
		    : against(proofs, &copy->destination.functions, provider,
			      P2P_PROOF_FROM_PROVIDER);
}

/* Several functions may have moved what is wrong: then nobody knows which pair it is. */
static bool fill_in(const struct p2p_copy *copy, enum p2p_proof_direction direction,
		    struct p2p_proof_result *result)
{
	const struct p2p_functions *clients = direction == P2P_PROOF_TO_PROVIDER
						      ? &copy->source.functions
						      : &copy->destination.functions;

	p2p_proof_result_init(result, sizeof(*result));
	if (clients->count != 1 || !copy->next_provider)
		return false;
	result->client = p2p_proof_function(clients->bdf[0]);
	result->provider = end_of(&copy->providers[copy->next_provider - 1].provider);
	result->direction = direction;
	result->state = P2P_PROOF_WRONG;
	return true;
}

static int record(const struct p2p_copy *copy, const struct p2p_proof_result *result,
		  struct p2p_error *error)
{
	struct p2p_machine *machine;
	struct p2p_proofs *proofs;
	int rc = p2p_machine_open(NULL, &machine, error);

	if (rc)
		return rc;
	rc = open_results(copy, machine, &proofs, error);
	if (!rc) {
		rc = p2p_proofs_record(proofs, result);
		rc = rc ? p2p_error_set(error, rc, "%s", strerror(-rc))
			: p2p_proofs_save(proofs, error);
		p2p_proofs_close(proofs);
	}
	p2p_machine_free(machine);
	return rc;
}

void p2p_results_record_wrong(struct p2p_copy *copy, enum p2p_proof_direction direction,
			      const struct p2p_damage_found *found, uint64_t bytes)
{
	char damage[P2P_DAMAGE_TEXT], text[P2P_ERROR_TEXT + 128];
	struct p2p_error error = { .code = 0 };
	struct p2p_proof_result result;

	if (!copy->results || !fill_in(copy, direction, &result))
		return;
	result.damage = found->kind;
	result.bytes = bytes;
	result.text = p2p_damage_describe(found, damage);
	if (record(copy, &result, &error))
		snprintf(text, sizeof(text), "that the pair is wrong could not be recorded: %s",
			 error.text);
	else
		snprintf(text, sizeof(text),
			 "recorded in %s: copies pass this provider over between these devices, "
			 "until it is proven anew",
			 copy->results);
	p2p_copy_tell(copy, P2P_COPY_EVENT_NOTE, text);
}
