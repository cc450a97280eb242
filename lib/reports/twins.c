// SPDX-License-Identifier: MIT
/*
 * Functions that answer alike.
 *
 * Being twins is transitive: let f, g be twins and g, h. For any other x, f agrees with g on x and
 * g with h. For x = g: f has with g what f has with h (g and h are twins), which is what g has
 * with h (f and g are), both ways alike. So comparing with the first of each group is enough.
 */
#include <errno.h>
#include <stdlib.h>

#include "twins.h"

struct search {
	const struct p2p_router *router, *hardware;
	const p2p_node *nodes;
	uint32_t count;
};

static unsigned int verdicts(const struct search *search, p2p_node client, p2p_node provider)
{
	struct p2p_route route, hardware;

	p2p_route_find(search->router, client, provider, &route);
	p2p_route_find(search->hardware, client, provider, &hardware);
	return (unsigned int)route.verdict << 8 | (unsigned int)hardware.verdict;
}

static bool are_twins(const struct search *search, p2p_node a, p2p_node b)
{
	if (verdicts(search, a, b) != verdicts(search, b, a))
		return false;
	for (uint32_t i = 0; i < search->count; i++) {
		p2p_node other = search->nodes[i];

		if (other == a || other == b)
			continue;
		if (verdicts(search, a, other) != verdicts(search, b, other) ||
		    verdicts(search, other, a) != verdicts(search, other, b))
			return false;
	}
	return true;
}

/* Neighbours in the tree are mostly twins, so the newest groups are tried first. */
static uint32_t group_of(const struct search *search, const struct p2p_twins *twins, p2p_node node)
{
	for (uint32_t group = twins->count; group-- > 0;)
		if (are_twins(search, search->nodes[twins->first[group]], node))
			return group;
	return P2P_NO_GROUP;
}

int p2p_twins_find(const struct p2p_router *router, const struct p2p_router *hardware,
		   const struct p2p_selection *selection, struct p2p_twins *twins)
{
	const struct search search = { router, hardware, selection->nodes, selection->count };

	*twins = (struct p2p_twins){
		.group = calloc(selection->count + 1, sizeof(*twins->group)),
		.first = calloc(selection->count + 1, sizeof(*twins->first)),
	};
	if (!twins->group || !twins->first) {
		p2p_twins_free(twins);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < selection->count; i++) {
		twins->group[i] = group_of(&search, twins, selection->nodes[i]);
		if (twins->group[i] != P2P_NO_GROUP)
			continue;
		twins->group[i] = twins->count;
		twins->first[twins->count++] = i;
	}
	return 0;
}

void p2p_twins_free(struct p2p_twins *twins)
{
	free(twins->group);
	free(twins->first);
	*twins = (struct p2p_twins){ .group = NULL };
}
