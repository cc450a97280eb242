// SPDX-License-Identifier: MIT
/*
 * Functions that answer alike.
 *
 * Being equivalent is transitive: let f and g be, and g and h. For any other x, f agrees with g on
 * x and g with h. For x = g: f has with g what f has with h (g and h are equivalent), which is what
 * g has with h (f and g are), both ways alike. So comparing with the first of each group is enough.
 */
#include <errno.h>
#include <stdlib.h>

#include <p2pmem/topology.h>

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

static bool are_alike(const struct search *search, p2p_node a, p2p_node b)
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

/* Neighbours in the tree mostly are alike, so the newest groups are tried first. */
static uint32_t group_of(const struct search *search, const uint32_t *first, uint32_t groups,
			 uint32_t position)
{
	for (uint32_t group = groups; group-- > 0;)
		if (are_alike(search, search->nodes[first[group]], search->nodes[position]))
			return group;
	return groups;
}

/* The group of each position. */
static int find_groups(const struct search *search, uint32_t *group, uint32_t *groups)
{
	uint32_t first[P2P_EQUIVALENCE_GROUPS];

	*groups = 0;
	for (uint32_t i = 0; i < search->count; i++) {
		group[i] = group_of(search, first, *groups, i);
		if (group[i] < *groups)
			continue;
		if (*groups == P2P_EQUIVALENCE_GROUPS)
			return -E2BIG;
		first[(*groups)++] = i;
	}
	return 0;
}

static void list_members(const uint32_t *group, uint32_t positions,
			 struct p2p_equivalence *equivalence)
{
	uint32_t used = 0;

	for (uint32_t g = 0; g < equivalence->count; g++) {
		equivalence->start[g] = used;
		for (uint32_t i = 0; i < positions; i++)
			if (group[i] == g)
				equivalence->member[used++] = i;
	}
	equivalence->start[equivalence->count] = used;
}

int p2p_equivalence_find(const struct p2p_router *router, const struct p2p_router *hardware,
			 const p2p_node *nodes, uint32_t count,
			 struct p2p_equivalence **equivalence)
{
	const struct search search = { router, hardware, nodes, count };
	struct p2p_equivalence *fresh;
	uint32_t *group;
	int rc = -ENOMEM;

	*equivalence = NULL;
	if (count > P2P_EQUIVALENCE_NODES)
		return -E2BIG;
	fresh = calloc(1, sizeof(*fresh));
	if (!fresh)
		return -ENOMEM;
	group = calloc(count + 1, sizeof(*group));
	fresh->member = calloc(count + 1, sizeof(*fresh->member));
	fresh->start = calloc(P2P_EQUIVALENCE_GROUPS + 1, sizeof(*fresh->start));
	if (group && fresh->member && fresh->start)
		rc = find_groups(&search, group, &fresh->count);
	if (!rc) {
		list_members(group, count, fresh);
		*equivalence = fresh;
	} else {
		p2p_equivalence_free(fresh);
	}
	free(group);
	return rc;
}

void p2p_equivalence_free(struct p2p_equivalence *equivalence)
{
	if (!equivalence)
		return;
	free(equivalence->member);
	free(equivalence->start);
	free(equivalence);
}
