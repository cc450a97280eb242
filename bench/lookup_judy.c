// SPDX-License-Identifier: MIT
/*
 * The peer from libjudy: JudyL from a provider's last address to the provider, so that the first
 * entry at or above an address is the only candidate.
 */
#include <stdlib.h>

#include <Judy.h>

#include "lookup_peers.h"

static void drop_judy(void *peer)
{
	Pvoid_t *array = peer;

	JudyLFreeArray(array, PJE0);
	free(array);
}

static void *make_judy(struct p2p_provider *const *providers, uint32_t count)
{
	Pvoid_t *array = calloc(1, sizeof(*array));

	for (uint32_t i = 0; array && i < count; i++) {
		PPvoid_t slot = JudyLIns(array, p2p_provider_last(providers[i]).value, PJE0);

		if (!slot || slot == PPJERR) {
			drop_judy(array);
			return NULL;
		}
		*slot = providers[i];
	}
	return array;
}

static struct p2p_provider *find_judy(const void *peer, p2p_cpu_addr address)
{
	const Pvoid_t *array = peer;
	Word_t last = address.value;
	PPvoid_t slot = JudyLFirst(*array, &last, PJE0);
	struct p2p_provider *provider = slot ? *slot : NULL;

	return provider && address.value >= provider->start.value ? provider : NULL;
}

const struct peer peer_judy = { "judy", make_judy, find_judy, drop_judy, UINT32_MAX };
