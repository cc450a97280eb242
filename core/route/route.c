// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The verdict on one pair: where the ways meet, then subtractions and table look-ups.
 */
#include "router.h"

#define DIRECT      P2P_POSSIBLE(P2P_VERDICT_DIRECT)
#define VIA_HOST    P2P_POSSIBLE(P2P_VERDICT_VIA_HOST)
#define UNREACHABLE P2P_POSSIBLE(P2P_VERDICT_UNREACHABLE)

p2p_node p2p_climb(const struct p2p_place *place, p2p_node node, uint32_t depth)
{
	while (place[node].depth > depth + 1) {
		p2p_node jump = place[node].jump;

		node = place[jump].depth > depth ? jump : place[node].parent;
	}
	return node;
}

/*
 * Nodes of equal depth have jumps of equal length, so both sides jump together as long as that
 * does not lead above the meeting; O(log depth) by the jumps' construction.
 */
static void meet(const struct p2p_place *place, p2p_node client, p2p_node provider,
		 struct p2p_meeting *meeting)
{
	p2p_node a = client, b = provider;

	meeting->from_client = P2P_NO_NODE;
	meeting->from_provider = P2P_NO_NODE;
	if (place[a].depth > place[b].depth) {
		meeting->from_client = p2p_climb(place, a, place[b].depth);
		a = place[meeting->from_client].parent;
	} else if (place[b].depth > place[a].depth) {
		meeting->from_provider = p2p_climb(place, b, place[a].depth);
		b = place[meeting->from_provider].parent;
	}
	if (a == b) {
		meeting->node = a;
		return;
	}
	while (place[a].parent != place[b].parent) {
		bool jump = place[a].jump != place[b].jump;

		a = jump ? place[a].jump : place[a].parent;
		b = jump ? place[b].jump : place[b].parent;
	}
	meeting->from_client = a;
	meeting->from_provider = b;
	meeting->node = place[a].parent;
}

/* Whether something not shown may be between the meeting and its child on one of the ways. */
static bool is_open(const struct p2p_router *router, p2p_node meeting, p2p_node child)
{
	return child != P2P_NO_NODE && router->rule[child].gaps != router->rule[meeting].gaps;
}

static bool is_loose(const struct p2p_router *router, const struct p2p_meeting *meeting)
{
	if (router->fabric->place[meeting->node].depth == 1 &&
	    router->rule[meeting->node].gaps != 0)
		return true;
	return is_open(router, meeting->node, meeting->from_client) ||
	       is_open(router, meeting->node, meeting->from_provider);
}

/* P2P_MAY_PASS... to P2P_POSSIBLE() of the verdicts that follow. */
static unsigned int verdicts_of(unsigned int permit)
{
	return (permit & P2P_MAY_PASS ? VIA_HOST : 0) | (permit & P2P_MAY_REFUSE ? UNREACHABLE : 0);
}

static unsigned int through_host(const struct p2p_router *router, p2p_node client,
				 p2p_node provider)
{
	const struct p2p_place *place = router->fabric->place;
	const struct p2p_node_rule *a = &router->rule[place[client].host_bridge];
	const struct p2p_node_rule *b = &router->rule[place[provider].host_bridge];
	unsigned int set;

	if (a == b)
		return verdicts_of(a->host_same);
	set = verdicts_of((a->host_cross & b->host_cross & P2P_MAY_PASS) |
			  ((a->host_cross | b->host_cross) & P2P_MAY_REFUSE));
	/* What is not known to be a host bridge may be below the other one. */
	if (a->gaps != 0)
		set |= verdicts_of(b->host_same);
	if (b->gaps != 0)
		set |= verdicts_of(a->host_same);
	return set;
}

/* Of a child of the meeting and of what is below it, down to `node`. */
static uint64_t counted_below(const struct p2p_router *router, p2p_node node, p2p_node meeting)
{
	return router->rule[node].counted - router->rule[meeting].counted;
}

/* Counts of the nodes on the path, both ends and the meeting included. */
static uint64_t counted_on_way(const struct p2p_router *router, p2p_node client, p2p_node provider,
			       const struct p2p_meeting *meeting)
{
	p2p_node above = router->fabric->place[meeting->node].parent;
	uint64_t counted = counted_below(router, client, meeting->node) +
			   counted_below(router, provider, meeting->node);

	return meeting->loose ? counted : counted + counted_below(router, meeting->node, above);
}

static uint32_t gaps_on_way(const struct p2p_router *router, p2p_node client, p2p_node provider,
			    p2p_node meeting)
{
	const struct p2p_node_rule *rule = router->rule;

	return rule[client].gaps + rule[provider].gaps - 2 * rule[meeting].gaps;
}

/* A port that is not shown may be the one that turns the request. */
static void effects_at_turn(const struct p2p_router *router, const struct p2p_meeting *meeting,
			    unsigned int *request, unsigned int *completion)
{
	*request = *completion = P2P_MAY_TURN;
	if (meeting->from_client != P2P_NO_NODE && meeting->from_provider != P2P_NO_NODE) {
		*request = router->rule[meeting->from_client].request;
		*completion = router->rule[meeting->from_provider].completion;
	}
	if (meeting->loose &&
	    (router->policy->acs_turn_redirect | router->policy->acs_turn_block) != 0) {
		*request |= P2P_MAY_TURN | P2P_MAY_REDIRECT | P2P_MAY_BLOCK;
		*completion |= P2P_MAY_TURN | P2P_MAY_REDIRECT;
	}
}

static unsigned int below_port(const struct p2p_router *router, p2p_node client, p2p_node provider,
			       const struct p2p_meeting *meeting)
{
	uint64_t counted = counted_on_way(router, client, provider, meeting);
	bool hidden = meeting->loose || (router->policy->acs_way != 0 &&
					 gaps_on_way(router, client, provider, meeting->node) != 0);
	unsigned int request, completion;
	unsigned int set = 0;

	effects_at_turn(router, meeting, &request, &completion);
	if ((uint32_t)counted == 0 && (request & completion & P2P_MAY_TURN))
		set |= DIRECT;
	if (request & P2P_MAY_BLOCK)
		set |= UNREACHABLE;
	if (counted == 0 && !hidden && !((request | completion) & P2P_MAY_REDIRECT))
		return set;
	if (router->policy->redirect_refused)
		set |= UNREACHABLE;
	if (!router->policy->redirect_refused || meeting->loose)
		set |= through_host(router, client, provider);
	return set;
}

static enum p2p_verdict only_one(unsigned int set)
{
	switch (set) {
	case DIRECT:
		return P2P_VERDICT_DIRECT;
	case VIA_HOST:
		return P2P_VERDICT_VIA_HOST;
	case UNREACHABLE:
		return P2P_VERDICT_UNREACHABLE;
	default:
		return P2P_VERDICT_UNKNOWN;
	}
}

/*
 * Depth 1 is the host bridge, which Linux does not count; nor anything above it. Two functions on
 * one bus are two hops apart whatever is above it; else what is not shown may count.
 */
static int32_t hops_between(const struct p2p_router *router, p2p_node client, p2p_node provider,
			    const struct p2p_meeting *meeting)
{
	const struct p2p_place *place = router->fabric->place;
	uint32_t top = place[meeting->node].depth > 1 ? place[meeting->node].depth : 1;

	if (gaps_on_way(router, client, provider, meeting->node) != 0)
		return -1;
	return (int32_t)(place[client].depth + place[provider].depth - 2 * top);
}

static void route_off_bus(const struct p2p_router *router, struct p2p_route *route)
{
	unsigned int set =
		router->policy->off_bus_refused ? UNREACHABLE : DIRECT | VIA_HOST | UNREACHABLE;

	*route = (struct p2p_route){ only_one(set), (uint8_t)set, -1, P2P_NO_NODE };
}

static bool routable(const struct p2p_fabric *fabric, p2p_node node)
{
	return node < fabric->count && fabric->info[node].kind != P2P_KIND_HOST_BRIDGE;
}

int p2p_route_check(const struct p2p_fabric *fabric, p2p_node client, p2p_node provider)
{
	return routable(fabric, client) && routable(fabric, provider) ? 0 : -EINVAL;
}

/* Between two functions, by rules that are known. */
static void find_one(const struct p2p_router *router, p2p_node client, p2p_node provider,
		     const struct p2p_meeting *meeting, struct p2p_route *route)
{
	const struct p2p_policy *policy = router->policy;
	bool below = p2p_is_function(router->fabric, meeting->node);
	unsigned int set;

	route->common = below ? meeting->node : P2P_NO_NODE;
	if (policy->absent)
		set = UNREACHABLE;
	else if (below || meeting->loose)
		set = below_port(router, client, provider, meeting);
	else
		set = through_host(router, client, provider);
	if (set == UNREACHABLE && p2p_router_allows(router, client, provider))
		set = VIA_HOST;
	route->possible = (uint8_t)set;
	route->verdict = only_one(set);
	route->distance = route->verdict == P2P_VERDICT_UNREACHABLE
				  ? -1
				  : hops_between(router, client, provider, meeting);
	if (below || route->distance < 0)
		return;
	route->distance += policy->host_distance;
	if (meeting->loose && policy->host_distance != 0)
		route->distance = -1; /* it is added only where they meet in the host */
}

/* By one of several: what any of them allows may be; a distance is known where all agree. */
static void find_any(const struct p2p_router *router, p2p_node client, p2p_node provider,
		     const struct p2p_meeting *meeting, struct p2p_route *route)
{
	struct p2p_route one;
	bool agree = true;

	*route = (struct p2p_route){ P2P_VERDICT_UNKNOWN, 0, -1, P2P_NO_NODE };
	for (uint32_t i = 0; i < router->each_count; i++) {
		find_one(router->each[i], client, provider, meeting, &one);
		route->possible |= one.possible;
		route->common = one.common;
		if (one.distance < 0) {
			agree &= one.verdict == P2P_VERDICT_UNREACHABLE;
			continue;
		}
		agree &= route->distance < 0 || route->distance == one.distance;
		route->distance = one.distance;
	}
	route->verdict = only_one(route->possible);
	if (!agree)
		route->distance = -1;
}

int p2p_route_meet(const struct p2p_router *router, p2p_node client, p2p_node provider,
		   struct p2p_route *route, struct p2p_meeting *meeting)
{
	const struct p2p_fabric *fabric = router->fabric;

	if (client >= fabric->count || provider >= fabric->count)
		return -EINVAL;
	if (!p2p_is_function(fabric, client) || !p2p_is_function(fabric, provider)) {
		if (p2p_route_check(fabric, client, provider) != 0)
			return -EINVAL;
		route_off_bus(router, route);
		return 0;
	}
	meet(fabric->place, client, provider, meeting);
	meeting->loose = is_loose(router, meeting);
	if (router->each)
		find_any(router, client, provider, meeting, route);
	else
		find_one(router, client, provider, meeting, route);
	return 0;
}

int p2p_route_find(const struct p2p_router *router, p2p_node client, p2p_node provider,
		   struct p2p_route *route)
{
	struct p2p_meeting meeting;

	return p2p_route_meet(router, client, provider, route, &meeting);
}
