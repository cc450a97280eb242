// SPDX-License-Identifier: MIT
/*
 * Two clients at once. Each has a memory, a storage and a thread of its own; what they share is the
 * provider, and the way to it.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "prove/together.h"

struct side {
	struct p2p_prove_client *client;
	struct p2p_prove_pair pair;
	struct p2p_prove_try tried;
	uint64_t duration;
};

static bool open_side(struct p2p_prove *prove, const struct p2p_memory_provider *provider,
		      const struct p2p_prove_partner *partner, struct side *side)
{
	struct p2p_proof_result *result = &side->tried.result;

	side->duration = prove->options.duration;
	p2p_proof_result_init(result, sizeof(*result));
	result->direction = partner->tried->result.direction;
	return !p2p_prove_client_open(prove, partner->client, &side->client, NULL) &&
	       side->client->in_background &&
	       p2p_prove_pair_open(&side->pair, side->client, provider, &prove->stop, NULL) ==
		       P2P_PROVE_TRIED;
}

static void close_side(struct side *side)
{
	p2p_prove_pair_close(&side->pair);
	if (side->client)
		side->client->ops->close(side->client);
	free(side->tried.text);
}

static void *run_side(void *context)
{
	struct side *side = context;

	p2p_prove_try_run(&side->tried, &side->pair, side->duration);
	return NULL;
}

static bool run(struct side sides[2])
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_side, &sides[0]))
		return false;
	run_side(&sides[1]);
	pthread_join(thread, NULL);
	return true;
}

/* What is wrong counts, whatever came of the other one meanwhile; what is right, if both are. */
static bool counts(const struct side sides[2], int side)
{
	enum p2p_proof_state state = sides[side].tried.result.state;

	if (state == P2P_PROOF_PROVEN)
		return sides[1 - side].tried.result.state == P2P_PROOF_PROVEN ||
		       sides[1 - side].tried.result.state == P2P_PROOF_WRONG;
	return state == P2P_PROOF_WRONG;
}

/* Wrong only now: that is what counts of the pair. */
static void take_wrong(struct p2p_prove_try *tried, const struct side *side, const char *beside)
{
	struct p2p_prove_trial *trial = &tried->trial;
	const struct p2p_prove_trial *wrong = &side->tried.trial;
	char *text;

	tried->result.state = side->tried.result.state;
	tried->result.damage = side->tried.result.damage;
	trial->wrong = wrong->wrong;
	trial->looked_at = wrong->looked_at;
	trial->first = wrong->first;
	trial->by = wrong->by;
	trial->meaning = wrong->meaning;
	if (asprintf(&text, "alone it is right; while %s moves as well, %s", beside,
		     side->tried.text ? side->tried.text : "it is not") < 0)
		text = NULL;
	p2p_prove_try_text(tried, text);
}

static void add(struct p2p_prove_try *tried, const struct side *side, const char *beside)
{
	struct p2p_prove_trial *trial = &tried->trial;

	trial->beside = beside;
	tried->result.bytes += side->tried.result.bytes;
	trial->requests += side->tried.trial.requests;
	if (side->tried.result.state == P2P_PROOF_WRONG)
		take_wrong(tried, side, beside);
}

bool p2p_prove_together(struct p2p_prove *prove, const struct p2p_memory_provider *provider,
			const struct p2p_prove_partner partners[2])
{
	struct side sides[2] = { { .client = NULL }, { .client = NULL } };
	bool ran = open_side(prove, provider, &partners[0], &sides[0]) &&
		   open_side(prove, provider, &partners[1], &sides[1]) && run(sides);
	bool any = false;

	for (int i = 0; ran && i < 2; i++) {
		if (!counts(sides, i))
			continue;
		add(partners[i].tried, &sides[i], partners[1 - i].tried->trial.client);
		any = true;
	}
	close_side(&sides[0]);
	close_side(&sides[1]);
	return any;
}
