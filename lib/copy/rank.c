// SPDX-License-Identifier: MIT
/*
 * How well a lender serves the ends of a copy. It decides only in which order lenders are tried:
 * whether one works, the kernel and the proof say.
 */
#include <stdio.h>
#include <stdlib.h>

#include <p2pmem/machine.h>
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

int p2p_ranks_resolve(const struct p2p_ranks *ranks, const char *name, char bdf[P2P_BDF_TEXT],
		      struct p2p_error *error)
{
	struct p2p_bdf found;
	p2p_node node;
	int rc;

	snprintf(bdf, P2P_BDF_TEXT, "%s", name);
	if (!ranks)
		return 0;
	rc = p2p_machine_find(ranks->machine, name, &node, error);
	if (rc)
		return rc;
	found = p2p_fabric_info(p2p_machine_fabric(ranks->machine), node)->bdf;
	p2p_bdf_text(found, bdf);
	return 0;
}

int p2p_rank_compare(struct p2p_copy_route a, struct p2p_copy_route b)
{
	int difference = (int)p2p_verdict_order(a.verdict) - (int)p2p_verdict_order(b.verdict);

	return difference ? difference : a.distance - b.distance;
}

static struct p2p_copy_route route_between(const struct p2p_ranks *ranks, const char *client,
					   p2p_node lender)
{
	struct p2p_copy_route unknown = { P2P_VERDICT_UNKNOWN, -1 };
	struct p2p_route route;
	p2p_node node;

	if (p2p_machine_find(ranks->machine, client, &node, NULL) ||
	    p2p_route_find(ranks->router, node, lender, &route))
		return unknown;
	return (struct p2p_copy_route){ route.verdict, route.distance };
}

struct p2p_copy_route p2p_rank(const struct p2p_ranks *ranks, const char *lender,
			       const struct p2p_functions *clients)
{
	struct p2p_copy_route worst = { P2P_VERDICT_UNKNOWN, -1 };
	p2p_node node;

	if (!ranks || p2p_machine_find(ranks->machine, lender, &node, NULL))
		return worst;
	for (size_t i = 0; i < clients->count; i++) {
		struct p2p_copy_route route = route_between(ranks, clients->bdf[i], node);

		if (!i || p2p_rank_compare(route, worst) > 0)
			worst = route;
	}
	return worst;
}
