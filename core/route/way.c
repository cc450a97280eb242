// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The way between two devices as explanations need it: where it turns, and which bits count.
 */
#include "router.h"

#include <p2pmem/acs.h>

/*
 * Without an allowlist, unreachable can only mean blocked before the host. What has nothing but
 * the virtual root in common has no way but through its host bridges, whoever refuses it.
 */
static bool host_is_asked(const struct p2p_router *router, const struct p2p_route *route,
			  p2p_node meeting)
{
	unsigned int set = P2P_POSSIBLE(P2P_VERDICT_VIA_HOST);

	if (router->fabric->place[meeting].depth == 0)
		return true;
	if (router->policy->absent)
		return false;
	if (router->policy->host != P2P_HOST_ALWAYS)
		set |= P2P_POSSIBLE(P2P_VERDICT_UNREACHABLE);
	return route->possible & set;
}

bool p2p_way_find(const struct p2p_router *router, p2p_node client, p2p_node provider,
		  struct p2p_way *way)
{
	const struct p2p_fabric *fabric = router->fabric;

	p2p_route_find(router, client, provider, &way->route);
	if (!p2p_is_function(fabric, client) || !p2p_is_function(fabric, provider))
		return false;
	p2p_meet(router, client, provider, &way->meeting);
	way->host = host_is_asked(router, &way->route, way->meeting.node);
	way->client_top = way->host ? fabric->place[client].host_bridge : way->meeting.node;
	way->provider_top = way->host ? fabric->place[provider].host_bridge : way->meeting.node;
	return true;
}

/*
 * Nodes above the meeting, or below a host bridge where the ways meet, do not count. Where they
 * may meet further down, all nodes below do, and the meeting may not.
 */
static bool is_judged(const struct p2p_router *router, const struct p2p_way *way, p2p_node node)
{
	if (way->meeting.loose)
		return node != way->meeting.node;
	return way->route.common != P2P_NO_NODE &&
	       router->fabric->place[node].depth >= router->fabric->place[way->route.common].depth;
}

uint16_t p2p_way_bits(const struct p2p_router *router, const struct p2p_way *way, p2p_node node)
{
	const struct p2p_policy *policy = router->policy;
	uint16_t bits = policy->acs_way;

	if (!is_judged(router, way, node))
		return 0;
	if (way->meeting.from_client == P2P_NO_NODE || way->meeting.from_provider == P2P_NO_NODE)
		return bits;
	if (node == way->meeting.from_client)
		bits |= policy->acs_turn_redirect | policy->acs_turn_block;
	if (node == way->meeting.from_provider)
		bits |= policy->acs_turn_completion;
	return bits;
}

/* Zhaoxin's switch ports and the like: the wires do what no register says. */
static bool quirk_hides(const struct p2p_router *router, const struct p2p_node_info *info)
{
	return router->policy->acs_way == 0 && p2p_acs_quirk(info) != P2P_ACS_QUIRK_NONE;
}

bool p2p_way_unsure(const struct p2p_router *router, const struct p2p_way *way, p2p_node node)
{
	const struct p2p_node_info *info = &router->fabric->info[node];

	return p2p_way_bits(router, way, node) != 0 &&
	       (p2p_acs_known(info) == P2P_UNKNOWN || quirk_hides(router, info));
}
