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
static uint32_t group_of(const struct search *search, const uint32_t *first, uint32_t groups,
			 uint32_t position)
{
	for (uint32_t group = groups; group-- > 0;)
		if (are_twins(search, search->nodes[first[group]], search->nodes[position]))
			return group;
	return groups;
}

/* The group of each position. */
static int find_groups(const struct search *search, uint32_t *group, uint32_t *groups)
{
	uint32_t first[P2P_GROUPS_MAX];

	*groups = 0;
	for (uint32_t i = 0; i < search->count; i++) {
		group[i] = group_of(search, first, *groups, i);
		if (group[i] < *groups)
			continue;
		if (*groups == P2P_GROUPS_MAX)
			return -E2BIG;
		first[(*groups)++] = i;
	}
	return 0;
}

static void list_members(const uint32_t *group, uint32_t positions, struct p2p_twins *twins)
{
	uint32_t used = 0;

	for (uint32_t g = 0; g < twins->count; g++) {
		twins->start[g] = used;
		for (uint32_t i = 0; i < positions; i++)
			if (group[i] == g)
				twins->member[used++] = i;
	}
	twins->start[twins->count] = used;
}

int p2p_twins_find(const struct p2p_router *router, const struct p2p_router *hardware,
		   const struct p2p_selection *selection, struct p2p_twins *twins)
{
	const struct search search = { router, hardware, selection->nodes, selection->count };
	uint32_t *group;
	int rc = -ENOMEM;

	*twins = (struct p2p_twins){ .member = NULL };
	if (selection->count > P2P_TWINS_MAX)
		return -E2BIG;
	group = calloc(selection->count + 1, sizeof(*group));
	twins->member = calloc(selection->count + 1, sizeof(*twins->member));
	twins->start = calloc(P2P_GROUPS_MAX + 1, sizeof(*twins->start));
	if (group && twins->member && twins->start)
		rc = find_groups(&search, group, &twins->count);
	if (!rc)
		list_members(group, selection->count, twins);
	else
		p2p_twins_free(twins);
	free(group);
	return rc;
}

void p2p_twins_free(struct p2p_twins *twins)
{
	free(twins->member);
	free(twins->start);
	*twins = (struct p2p_twins){ .member = NULL };
}
