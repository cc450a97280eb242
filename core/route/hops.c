// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The path of a request, hop by hop.
 */
#include "router.h"

#include <p2pmem/acs.h>

struct list {
	struct p2p_hop *hops;
	uint32_t room;
	uint32_t count;
	const struct p2p_path *path;
};

static uint16_t bits_at(const struct list *list, p2p_node node)
{
	return p2p_acs_active(&list->path->router->fabric->info[node],
			      p2p_path_bits(list->path, node));
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

	if (list->path->route.verdict == P2P_VERDICT_UNKNOWN &&
	    ((bits & list->path->router->policy->acs_turn_block) ||
	     p2p_path_unsure(list->path, node)))
		return P2P_HOP_UNSURE;
	return bits ? P2P_HOP_REDIRECT : P2P_HOP_UP;
}

static enum p2p_hop_action action_of_host(const struct list *list, p2p_node host_bridge)
{
	switch (list->path->route.verdict) {
	case P2P_VERDICT_UNREACHABLE:
		return P2P_HOP_REFUSED;
	case P2P_VERDICT_UNKNOWN:
		return P2P_HOP_UNSURE;
	default:
		return host_bridge == list->path->provider_top ? P2P_HOP_HOST : P2P_HOP_CROSS;
	}
}

/* What is above the client: each port below the top, then the top itself. */
static void go_up(struct list *list)
{
	const struct p2p_path *path = list->path;
	const struct p2p_place *place = path->router->fabric->place;
	p2p_node node = path->client;

	hop(list, node, P2P_HOP_START);
	if (node == path->client_top)
		return;
	for (node = place[node].parent; node != path->client_top; node = place[node].parent)
		hop(list, node, action_going_up(list, node));
	if (path->host)
		hop(list, node, action_of_host(list, node));
	else if (node != path->provider)
		hop(list, node, P2P_HOP_TURN);
	if (path->client_top != path->provider_top)
		hop(list, path->provider_top, action_of_host(list, path->provider_top));
}

static void go_down(struct list *list)
{
	const struct p2p_place *place = list->path->router->fabric->place;
	p2p_node provider = list->path->provider;
	uint32_t depth = place[list->path->provider_top].depth;

	for (; depth + 1 < place[provider].depth; depth++)
		hop(list, p2p_climb(place, provider, depth), P2P_HOP_DOWN);
	hop(list, provider, P2P_HOP_END);
}

uint32_t p2p_path_hops(const struct p2p_path *path, struct p2p_hop *hops, uint32_t room)
{
	struct list list = { .hops = hops, .room = room, .path = path };

	if (!path->on_bus)
		return 0;
	go_up(&list);
	go_down(&list);
	return list.count;
}
