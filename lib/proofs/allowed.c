// SPDX-License-Identifier: MIT
/*
 * What is recorded of pairs that were let through, and which of them are now.
 */
#include <errno.h>
#include <stdlib.h>

#include <p2pmem/allow.h>

#include "grow.h"
#include "span.h"

struct listing {
	struct p2p_allowed_pair *pairs;
	uint32_t count, room;
};

static struct p2p_allowed_pair *find(const struct listing *listing, struct p2p_bdf client,
				     struct p2p_bdf provider)
{
	for (uint32_t i = 0; i < listing->count; i++)
		if (!p2p_bdf_compare(listing->pairs[i].client, client) &&
		    !p2p_bdf_compare(listing->pairs[i].provider, provider))
			return &listing->pairs[i];
	return NULL;
}

/* NULL: memory is short. */
static struct p2p_allowed_pair *find_or_add(struct listing *listing, struct p2p_bdf client,
					    struct p2p_bdf provider)
{
	struct p2p_allowed_pair *pair = find(listing, client, provider);

	if (pair || !p2p_grow((void **)&listing->pairs, listing->count, &listing->room,
			      sizeof(*listing->pairs)))
		return pair;
	pair = &listing->pairs[listing->count++];
	*pair = (struct p2p_allowed_pair){ .client = client, .provider = provider };
	p2p_proof_result_init(&pair->proof, sizeof(pair->proof));
	return pair;
}

static bool add_recorded(struct listing *listing, const struct p2p_proofs *allowed, uint32_t index)
{
	struct p2p_allowed_pair *pair;
	struct p2p_proof_result result;

	p2p_proof_result_init(&result, sizeof(result));
	if (p2p_proofs_get(allowed, index, &result) || !result.client.on_pci ||
	    !result.provider.on_pci)
		return true;
	pair = find_or_add(listing, result.client.function, result.provider.function);
	if (!pair)
		return false;
	if (!pair->recorded || pair->proof.state == P2P_PROOF_PROVEN)
		pair->proof = result;
	pair->recorded = true;
	return true;
}

static bool add_present(struct listing *listing, const struct p2p_allowed *present)
{
	struct p2p_allowed_pair *pair = find_or_add(listing, present->client, present->provider);

	if (!pair)
		return false;
	pair->now = true;
	pair->trial = present->trial;
	return true;
}

static bool add_all_present(struct listing *listing)
{
	struct p2p_allowed *present;
	bool good = true;
	size_t count;

	if (p2p_allowed_pairs(&present, &count, NULL))
		return false;
	for (size_t i = 0; good && i < count; i++)
		good = add_present(listing, &present[i]);
	free(present);
	return good;
}

int p2p_allowed_list(const struct p2p_machine *machine, const struct p2p_proofs *allowed,
		     struct p2p_allowed_pair **list, size_t *count, struct p2p_error *error)
{
	struct listing listing = { .pairs = NULL };
	bool good = true;

	*list = NULL;
	*count = 0;
	for (uint32_t i = 0; good && allowed && i < p2p_proofs_count(allowed); i++)
		good = add_recorded(&listing, allowed, i);
	if (good && p2p_machine_is_live(machine))
		good = add_all_present(&listing);
	if (!good) {
		free(listing.pairs);
		return p2p_error_set(error, -ENOMEM, "out of memory");
	}
	*list = listing.pairs;
	*count = listing.count;
	return 0;
}
