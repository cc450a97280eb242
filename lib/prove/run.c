// SPDX-License-Identifier: MIT
/*
 * All pairs, one after the other, then two clients at once.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "prove/allow.h"
#include "prove/private.h"
#include "prove/together.h"

/* To keep a result. */
struct failure {
	struct p2p_error first; /* `code` 0: none */
};

static void tell(const struct p2p_prove *prove, enum p2p_prove_event event, const char *text,
		 const struct p2p_prove_try *tried)
{
	if (prove->options.event)
		prove->options.event(prove->options.context, event, text,
				     tried ? &tried->trial : NULL);
}

/* What was not tried says nothing about what was found before. */
static int keep(struct p2p_prove *prove, const struct p2p_prove_try *tried, struct p2p_error *error)
{
	int rc;

	if (tried->result.state == P2P_PROOF_NOT_TRIED)
		return 0;
	rc = p2p_proofs_record(prove->proofs, &tried->result);
	if (rc)
		return p2p_error_set(error, rc, "the result cannot be kept: %s", strerror(-rc));
	return p2p_proofs_save(prove->proofs, error);
}

/* The first failure to keep a result is told; what follows is tried all the same. */
static void end_try(struct p2p_prove *prove, const struct p2p_prove_try *tried,
		    struct failure *failure)
{
	struct p2p_error error = { .code = 0 };

	if (keep(prove, tried, &error) && !failure->first.code)
		failure->first = error;
	tell(prove, P2P_PROVE_EVENT_END, NULL, tried);
}

static void run_pair(struct p2p_prove *prove, struct p2p_prove_client *client,
		     const struct p2p_memory_provider *provider, struct p2p_prove_try *tries,
		     struct failure *failure)
{
	struct p2p_prove_pair pair;
	struct p2p_error why = { .code = 0 };
	enum p2p_prove_gap gap = p2p_prove_pair_open(&pair, client, provider, &prove->stop, &why);

	for (int i = 0; i < P2P_PROOF_DIRECTIONS; i++) {
		if (gap != P2P_PROVE_TRIED)
			p2p_prove_try_gap(&tries[i], gap, why.text);
		else
			p2p_prove_try_run(&tries[i], &pair, prove->options.duration);
		if (prove->options.rates)
			p2p_prove_try_rates(&tries[i], &pair);
		end_try(prove, &tries[i], failure);
	}
	p2p_prove_pair_close(&pair);
}

static void fail_pair(struct p2p_prove *prove, struct p2p_prove_try *tries, enum p2p_prove_gap gap,
		      const char *why, struct failure *failure)
{
	for (int i = 0; i < P2P_PROOF_DIRECTIONS; i++) {
		p2p_prove_try_gap(&tries[i], gap, why);
		end_try(prove, &tries[i], failure);
	}
}

/* The pair is let through for its proof, and on if that is good. */
static void run_allowed(struct p2p_prove *prove, struct p2p_prove_client *client,
			const struct p2p_memory_provider *provider, struct p2p_prove_try *tries,
			struct failure *failure)
{
	struct p2p_error why = { .code = 0 };
	struct p2p_allow *trial;

	if (p2p_prove_allow_begin(tries, &trial, &why)) {
		fail_pair(prove, tries, P2P_PROVE_ALLOW, why.text, failure);
		return;
	}
	run_pair(prove, client, provider, tries, failure);
	if (p2p_prove_allow_end(prove, tries, trial, &why) && !failure->first.code)
		failure->first = why;
}

static struct p2p_prove_try *tries_of(const struct p2p_prove *prove, uint32_t client,
				      size_t provider)
{
	return &prove->tries[(client * prove->provider_count + provider) * P2P_PROOF_DIRECTIONS];
}

/* All pairs of one client. */
static void run_client(struct p2p_prove *prove, uint32_t index, struct failure *failure)
{
	struct p2p_prove_client *client;
	struct p2p_error why = { .code = 0 };
	int rc = p2p_prove_client_open(prove, index, &client, &why);

	for (size_t i = 0; i < prove->provider_count && !atomic_load(&prove->stop); i++) {
		struct p2p_prove_try *tries = tries_of(prove, index, i);

		tell(prove, P2P_PROVE_EVENT_BEGIN, NULL, &tries[0]);
		if (rc)
			fail_pair(prove, tries, P2P_PROVE_CLIENT, why.text, failure);
		else if (prove->options.allow)
			run_allowed(prove, client, &prove->providers[i], tries, failure);
		else
			run_pair(prove, client, &prove->providers[i], tries, failure);
	}
	if (client)
		client->ops->close(client);
}

/* The way that a client is proven; with scratch it is written, while others are read. */
static bool is_partner(const struct p2p_prove *prove, uint32_t client, size_t provider,
		       struct p2p_prove_partner *partner)
{
	struct p2p_prove_try *tries = tries_of(prove, client, provider);

	for (int i = P2P_PROOF_DIRECTIONS; i-- > 0;)
		if (tries[i].result.state == P2P_PROOF_PROVEN) {
			*partner = (struct p2p_prove_partner){ client, &tries[i] };
			return true;
		}
	return false;
}

/* Who turned out wrong has a new result; else it is worth a note. */
static void end_together(struct p2p_prove *prove, const struct p2p_prove_partner partners[2],
			 struct failure *failure)
{
	const struct p2p_prove_trial *first = &partners[0].tried->trial;
	const struct p2p_prove_trial *second = &partners[1].tried->trial;
	bool wrong = false;
	char text[256];

	for (int i = 0; i < 2; i++)
		if (partners[i].tried->result.state == P2P_PROOF_WRONG) {
			end_try(prove, partners[i].tried, failure);
			wrong = true;
		}
	if (wrong)
		return;
	snprintf(text, sizeof(text), "%s and %s at once with %s: right, too", first->client,
		 second->client, first->provider);
	tell(prove, P2P_PROVE_EVENT_NOTE, text, NULL);
}

/* Each client with the next one that is proven with the same provider. */
static void run_together(struct p2p_prove *prove, size_t provider, struct failure *failure)
{
	struct p2p_prove_partner partners[2];
	bool has_first = false;

	for (uint32_t i = 0; i < prove->clients.count && !atomic_load(&prove->stop); i++) {
		if (!is_partner(prove, i, provider, &partners[has_first]))
			continue;
		if (has_first && p2p_prove_together(prove, &prove->providers[provider], partners))
			end_together(prove, partners, failure);
		if (has_first)
			partners[0] = partners[1];
		has_first = partners[0].tried->result.state == P2P_PROOF_PROVEN;
	}
}

int p2p_prove_run(struct p2p_prove *prove, struct p2p_error *error)
{
	struct failure failure = { .first.code = 0 };

	for (uint32_t i = 0; i < p2p_proofs_warnings(prove->proofs); i++)
		tell(prove, P2P_PROVE_EVENT_NOTE, p2p_proofs_warning(prove->proofs, i), NULL);
	for (uint32_t i = 0; i < prove->clients.count && !atomic_load(&prove->stop); i++)
		run_client(prove, i, &failure);
	/* What is let through is kept, or not, by what came of it alone. */
	for (size_t i = 0;
	     i < prove->provider_count && !prove->options.allow && !atomic_load(&prove->stop); i++)
		run_together(prove, i, &failure);
	if (failure.first.code) {
		if (error)
			*error = failure.first;
		return failure.first.code;
	}
	if (atomic_load(&prove->stop))
		return p2p_error_set(error, -EINTR, "stopped before all pairs were tried");
	return 0;
}
