// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The path between two devices as explanations need it: where it turns, and which bits count.
 */
#include "router.h"

#include <p2pmem/acs.h>

/*
 * Without an allowlist, unreachable can only mean blocked before the host. What has nothing but
 * the virtual root in common has no path but through its host bridges, whatever refuses it.
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

int p2p_path_find(const struct p2p_router *router, p2p_node client, p2p_node provider,
		  struct p2p_path *path)
{
	const struct p2p_place *place = router->fabric->place;
	int error;

	*path = (struct p2p_path){ .router = router, .client = client, .provider = provider };
	error = p2p_route_meet(router, client, provider, &path->route, &path->meeting);
	if (error)
		return error;
	path->on_bus = p2p_is_function(router->fabric, client) &&
		       p2p_is_function(router->fabric, provider);
	if (!path->on_bus)
		return 0;
	path->host = host_is_asked(router, &path->route, path->meeting.node);
	path->allowed = p2p_router_allows(router, client, provider);
	path->client_top = path->host ? place[client].host_bridge : path->meeting.node;
	path->provider_top = path->host ? place[provider].host_bridge : path->meeting.node;
	return 0;
}

/*
 * Nodes above the meeting, or below a host bridge where the ways meet, do not count. Where they
 * may meet further down, all nodes below do, and the meeting may not.
 */
static bool is_judged(const struct p2p_path *path, p2p_node node)
{
	const struct p2p_place *place = path->router->fabric->place;

	if (path->meeting.loose)
		return node != path->meeting.node;
	return path->route.common != P2P_NO_NODE &&
	       place[node].depth >= place[path->route.common].depth;
}

uint16_t p2p_path_bits(const struct p2p_path *path, p2p_node node)
{
	const struct p2p_policy *policy = path->router->policy;
	uint16_t bits = policy->acs_way;

	if (!is_judged(path, node))
		return 0;
	if (path->meeting.from_client == P2P_NO_NODE || path->meeting.from_provider == P2P_NO_NODE)
		return bits;
	if (node == path->meeting.from_client)
		bits |= policy->acs_turn_redirect | policy->acs_turn_block;
	if (node == path->meeting.from_provider)
		bits |= policy->acs_turn_completion;
	return bits;
}

/* Zhaoxin's switch ports and the like: the wires do what no register says. */
static bool quirk_hides(const struct p2p_router *router, const struct p2p_node_info *info)
{
	return router->policy->acs_way == 0 && p2p_acs_quirk(info) != P2P_ACS_QUIRK_NONE;
}

bool p2p_path_unsure(const struct p2p_path *path, p2p_node node)
{
	const struct p2p_node_info *info = &path->router->fabric->info[node];

	return p2p_path_bits(path, node) != 0 &&
	       (p2p_acs_known(info) == P2P_UNKNOWN || quirk_hides(path->router, info));
}
