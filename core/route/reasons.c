// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Why a verdict is what it is.
 */
#include "router.h"

#include <p2pmem/acs.h>

struct list {
	struct p2p_reason *reasons;
	uint32_t room;
	uint32_t count;
	uint32_t codes; /* as bits */
};

P2P_STATIC_ASSERT(P2P_REASON_ALLOWED < 32, "a bit for each code");

static void say(struct list *list, enum p2p_reason_code code, p2p_node node, p2p_node other,
		uint16_t bits)
{
	if (list->count < list->room)
		list->reasons[list->count] = (struct p2p_reason){ code, node, other, bits };
	list->codes |= 1u << code;
	list->count++;
}

static p2p_node bridge_above(const struct p2p_path *path, p2p_node node)
{
	return path->router->fabric->place[node].host_bridge;
}

static void say_meeting(struct list *list, const struct p2p_path *path)
{
	p2p_node client_bridge = bridge_above(path, path->client);
	p2p_node provider_bridge = bridge_above(path, path->provider);

	if (path->client == path->provider)
		say(list, P2P_REASON_SAME_FUNCTION, path->client, P2P_NO_NODE, 0);
	else if (path->route.common != P2P_NO_NODE)
		say(list, P2P_REASON_COMMON_PORT, path->route.common, P2P_NO_NODE, 0);
	else if (path->meeting.loose)
		return; /* where they meet is not known */
	else if (client_bridge == provider_bridge)
		say(list, P2P_REASON_NO_COMMON_PORT, client_bridge, P2P_NO_NODE, 0);
	else
		say(list, P2P_REASON_TWO_HOST_BRIDGES, client_bridge, provider_bridge, 0);
}

/* On one side, from a device up to the meeting; the host bridge itself may be what is unplaced. */
static void say_gaps(struct list *list, const struct p2p_path *path, p2p_node node)
{
	const struct p2p_fabric *fabric = path->router->fabric;

	for (; node != path->meeting.node && node != fabric->count;
	     node = fabric->place[node].parent)
		if (fabric->info[node].gap || fabric->info[node].unplaced)
			say(list, P2P_REASON_PARENT_UNKNOWN, node, P2P_NO_NODE, 0);
}

static void say_unknown_parents(struct list *list, const struct p2p_path *path)
{
	const struct p2p_fabric *fabric = path->router->fabric;
	p2p_node meeting = path->meeting.node;

	say_gaps(list, path, path->client);
	say_gaps(list, path, path->provider);
	if (meeting < fabric->count && fabric->info[meeting].unplaced)
		say(list, P2P_REASON_PARENT_UNKNOWN, meeting, P2P_NO_NODE, 0);
}

static void say_node(struct list *list, const struct p2p_path *path, p2p_node node)
{
	const struct p2p_node_info *info = &path->router->fabric->info[node];
	uint16_t active = p2p_acs_active(info, p2p_path_bits(path, node));
	enum p2p_acs_quirk quirk = p2p_acs_quirk(info);
	uint16_t egress = 0;

	if (node == path->meeting.from_client)
		egress = active & path->router->policy->acs_turn_block;
	if (active & ~egress)
		say(list, P2P_REASON_ACS_REDIRECT, node, P2P_NO_NODE, active & ~egress);
	if (egress)
		say(list, P2P_REASON_ACS_EGRESS, node, P2P_NO_NODE, egress);
	if (p2p_path_unsure(path, node))
		say(list, P2P_REASON_ACS_UNKNOWN, node, P2P_NO_NODE, 0);
	if (quirk != P2P_ACS_QUIRK_NONE)
		say(list, P2P_REASON_ACS_QUIRK, node, P2P_NO_NODE, (uint16_t)quirk);
}

/* From the client up to the meeting, then down to the provider; host bridges have no ACS. */
static void say_nodes(struct list *list, const struct p2p_path *path)
{
	const struct p2p_fabric *fabric = path->router->fabric;
	const struct p2p_place *place = fabric->place;
	uint32_t top = place[path->meeting.node].depth;

	for (p2p_node node = path->client;
	     node != path->meeting.node && p2p_is_function(fabric, node); node = place[node].parent)
		say_node(list, path, node);
	if (p2p_is_function(fabric, path->meeting.node))
		say_node(list, path, path->meeting.node);
	for (uint32_t depth = top > 1 ? top : 1; depth < place[path->provider].depth; depth++)
		say_node(list, path, p2p_climb(place, path->provider, depth));
}

static enum p2p_reason_code refusal(const struct p2p_router *router, p2p_node host_bridge,
				    const struct p2p_bridge_key *key, bool same)
{
	if (!key->may_count)
		return P2P_REASON_BRIDGE_NO_KEY;
	if (!same && p2p_allow_list(router, host_bridge, true) == P2P_MAY_PASS)
		return P2P_REASON_BRIDGE_SAME_ONLY;
	return P2P_REASON_BRIDGE_NOT_LISTED;
}

static void say_bridge(struct list *list, const struct p2p_router *router, p2p_node host_bridge,
		       bool same)
{
	unsigned int set = p2p_allow_list(router, host_bridge, same);
	enum p2p_reason_code code = P2P_REASON_BRIDGE_UNKNOWN;
	struct p2p_bridge_key key;

	p2p_bridge_key(router, host_bridge, &key);
	if (set == P2P_MAY_PASS)
		code = P2P_REASON_BRIDGE_LISTED;
	else if (set == P2P_MAY_REFUSE)
		code = refusal(router, host_bridge, &key, same);
	say(list, code, host_bridge, key.node, 0);
}

static void say_lists(struct list *list, const struct p2p_router *router, p2p_node client_bridge,
		      p2p_node provider_bridge)
{
	bool same = client_bridge == provider_bridge;
	unsigned int cpu = p2p_allow_cpu(router->policy, &router->platform);

	if (cpu == P2P_MAY_PASS) {
		say(list, P2P_REASON_CPU_ALLOWS, client_bridge, P2P_NO_NODE, 0);
		return;
	}
	if (cpu & P2P_MAY_PASS)
		say(list, P2P_REASON_CPU_UNKNOWN, client_bridge, P2P_NO_NODE, 0);
	say_bridge(list, router, client_bridge, same);
	if (!same)
		say_bridge(list, router, provider_bridge, same);
}

/* By the rules of `router`: the path's own, or one of those that it may have. */
static void say_host(struct list *list, const struct p2p_router *router,
		     const struct p2p_path *path)
{
	p2p_node client_bridge = bridge_above(path, path->client);
	p2p_node provider_bridge = bridge_above(path, path->provider);
	p2p_node second = client_bridge == provider_bridge ? P2P_NO_NODE : provider_bridge;
	unsigned int iommu = p2p_allow_iommu(router->policy, &router->platform);

	if (router->policy->host == P2P_HOST_ALWAYS)
		say(list, P2P_REASON_FORWARDING_NOT_PROMISED, client_bridge, second, 0);
	else if (router->policy->host == P2P_HOST_NEVER)
		say(list, P2P_REASON_HOST_NEVER, client_bridge, second, 0);
	else if (iommu == P2P_MAY_REFUSE)
		say(list, P2P_REASON_IOMMU_REFUSES, client_bridge, second, 0);
	else
		say_lists(list, router, client_bridge, provider_bridge);
	if (iommu == (P2P_MAY_PASS | P2P_MAY_REFUSE))
		say(list, P2P_REASON_IOMMU_UNKNOWN, client_bridge, second, 0);
}

/* Whether all rules that the kernel may have say the same of the pair. */
static bool rules_agree(const struct p2p_path *path)
{
	const struct p2p_router *router = path->router;
	struct p2p_route first, next;

	p2p_route_find(router->each[0], path->client, path->provider, &first);
	for (uint32_t i = 1; i < router->each_count; i++) {
		p2p_route_find(router->each[i], path->client, path->provider, &next);
		if (next.possible != first.possible)
			return false;
	}
	return true;
}

/* After the nodes: what is decided by the rules, not by the path. */
static void say_rules(struct list *list, const struct p2p_path *path)
{
	const struct p2p_router *router = path->router, *newest = router;

	if (router->each) {
		if (!rules_agree(path))
			say(list, P2P_REASON_RULES_UNREAD, bridge_above(path, path->client),
			    bridge_above(path, path->provider), 0);
		newest = router->each[router->each_count - 1];
	}
	if (newest->policy->absent)
		say(list, P2P_REASON_NO_SUPPORT, path->client, path->provider, 0);
	else if (path->host && newest->policy->redirect_refused &&
		 path->route.common != P2P_NO_NODE)
		say(list, P2P_REASON_REDIRECT_REFUSED, path->route.common, P2P_NO_NODE, 0);
	else if (path->host)
		say_host(list, newest, path);
}

static void say_off_bus(struct list *list, const struct p2p_path *path)
{
	const struct p2p_fabric *fabric = path->router->fabric;

	if (!p2p_is_function(fabric, path->client))
		say(list, P2P_REASON_OFF_BUS, path->client, P2P_NO_NODE, 0);
	if (!p2p_is_function(fabric, path->provider) && path->provider != path->client)
		say(list, P2P_REASON_OFF_BUS, path->provider, P2P_NO_NODE, 0);
}

static void say_all(struct list *list, const struct p2p_path *path)
{
	if (!path->on_bus) {
		say_off_bus(list, path);
		return;
	}
	say_meeting(list, path);
	say_unknown_parents(list, path);
	say_nodes(list, path);
	say_rules(list, path);
	if (path->allowed)
		say(list, P2P_REASON_ALLOWED, path->client, path->provider, 0);
}

uint32_t p2p_path_reasons(const struct p2p_path *path, struct p2p_reason *reasons, uint32_t room)
{
	struct list list = { .reasons = reasons, .room = room };

	say_all(&list, path);
	return list.count;
}

uint32_t p2p_path_codes(const struct p2p_path *path)
{
	struct list list = { .room = 0 };

	say_all(&list, path);
	return list.codes;
}
