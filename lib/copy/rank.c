// SPDX-License-Identifier: MIT
/*
 * How well a provider serves a copy. It decides only in which order providers are tried:
 * whether one works, the kernel and the proof say.
 */
#include <stdlib.h>

#include <p2pmem/route.h>

#include "copy/rank.h"
#include "explain/verdict_order.h"

struct p2p_ranks {
	struct p2p_machine *machine;
	struct p2p_router *router;
};

struct p2p_ranks *p2p_ranks_open(void)
{
	struct p2p_ranks *ranks = calloc(1, sizeof(*ranks));
	enum p2p_policy_fit fit;

	if (!ranks)
		return NULL;
	if (p2p_machine_open(NULL, &ranks->machine, NULL) ||
	    p2p_machine_router(ranks->machine, NULL, &ranks->router, &fit, NULL))
		goto unknown;
	return ranks;

unknown:
	p2p_ranks_close(ranks);
	return NULL;
}

void p2p_ranks_close(struct p2p_ranks *ranks)
{
	if (!ranks)
		return;
	p2p_router_free(ranks->router);
	p2p_machine_free(ranks->machine);
	free(ranks);
}

const struct p2p_machine *p2p_ranks_machine(const struct p2p_ranks *ranks)
{
	return ranks ? ranks->machine : NULL;
}

int p2p_rank_compare(struct p2p_copy_route a, struct p2p_copy_route b)
{
	int difference = (int)p2p_verdict_order(a.verdict) - (int)p2p_verdict_order(b.verdict);

	return difference ? difference : a.distance - b.distance;
}

static struct p2p_copy_route route_between(const struct p2p_ranks *ranks, struct p2p_bdf client,
					   p2p_node provider)
{
	p2p_node node = p2p_fabric_find(p2p_machine_fabric(ranks->machine), client);
	struct p2p_path path;

	if (node == P2P_NO_NODE || p2p_path_find(ranks->router, node, provider, &path))
		return (struct p2p_copy_route){ P2P_VERDICT_UNKNOWN, -1, false };
	return (struct p2p_copy_route){ path.route.verdict, path.route.distance, path.allowed };
}

struct p2p_copy_route p2p_rank(const struct p2p_ranks *ranks, struct p2p_bdf provider,
			       const struct p2p_functions *clients)
{
	struct p2p_copy_route worst = { P2P_VERDICT_UNKNOWN, -1, false };
	p2p_node node;

	if (!ranks)
		return worst;
	node = p2p_fabric_find(p2p_machine_fabric(ranks->machine), provider);
	for (size_t i = 0; node != P2P_NO_NODE && i < clients->count; i++) {
		struct p2p_copy_route route = route_between(ranks, clients->bdf[i], node);

		if (!i || p2p_rank_compare(route, worst) > 0)
			worst = route;
	}
	return worst;
}
