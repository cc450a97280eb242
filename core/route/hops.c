// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The way of a request, hop by hop.
 */
#include "router.h"

#include <p2pmem/acs.h>

struct list {
	struct p2p_hop *hops;
	uint32_t room;
	uint32_t count;
	const struct p2p_router *router;
	const struct p2p_way *way;
};

static uint16_t bits_at(const struct list *list, p2p_node node)
{
	return p2p_acs_active(&list->router->fabric->info[node],
			      p2p_way_bits(list->router, list->way, node));
}

static void hop(struct list *list, p2p_node node, enum p2p_hop_action action)
{
	if (list->count < list->room)
		list->hops[list->count] = (struct p2p_hop){ node, action, bits_at(list, node) };
	list->count++;
}

static enum p2p_hop_action action_going_up(const struct list *list, p2p_node node)
{
	uint16_t bits = bits_at(list, node);

	if (list->way->route.verdict == P2P_VERDICT_UNKNOWN &&
	    ((bits & list->router->policy->acs_turn_block) ||
	     p2p_way_unsure(list->router, list->way, node)))
		return P2P_HOP_UNSURE;
	return bits ? P2P_HOP_REDIRECT : P2P_HOP_UP;
}

static enum p2p_hop_action action_of_host(const struct list *list, p2p_node host_bridge)
{
	switch (list->way->route.verdict) {
	case P2P_VERDICT_UNREACHABLE:
		return P2P_HOP_REFUSED;
	case P2P_VERDICT_UNKNOWN:
		return P2P_HOP_UNSURE;
	default:
		return host_bridge == list->way->provider_top ? P2P_HOP_HOST : P2P_HOP_CROSS;
	}
}

/* What is above the client: each port below the top, then the top itself. */
static void go_up(struct list *list, p2p_node client, p2p_node provider)
{
	const struct p2p_place *place = list->router->fabric->place;
	const struct p2p_way *way = list->way;
	p2p_node node = client;

	hop(list, client, P2P_HOP_START);
	if (node == way->client_top)
		return;
	for (node = place[node].parent; node != way->client_top; node = place[node].parent)
		hop(list, node, action_going_up(list, node));
	if (way->host)
		hop(list, node, action_of_host(list, node));
	else if (node != provider)
		hop(list, node, P2P_HOP_TURN);
	if (way->client_top != way->provider_top)
		hop(list, way->provider_top, action_of_host(list, way->provider_top));
}

static void go_down(struct list *list, p2p_node provider)
{
	const struct p2p_place *place = list->router->fabric->place;
	uint32_t depth = place[list->way->provider_top].depth;

	for (; depth + 1 < place[provider].depth; depth++)
		hop(list, p2p_climb(place, provider, depth), P2P_HOP_DOWN);
	hop(list, provider, P2P_HOP_END);
}

int p2p_route_hops(const struct p2p_router *router, p2p_node client, p2p_node provider,
		   struct p2p_hop *hops, uint32_t room, uint32_t *count)
{
	struct p2p_way way;
	struct list list = { .hops = hops, .room = room, .router = router, .way = &way };
	int error = p2p_route_check(router->fabric, client, provider);

	if (error)
		return error;
	if (p2p_way_find(router, client, provider, &way)) {
		go_up(&list, client, provider);
		go_down(&list, provider);
	}
	*count = list.count;
	return 0;
}
