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
};

static void say(struct list *list, enum p2p_reason_code code, p2p_node node, p2p_node other,
		uint16_t bits)
{
	if (list->count < list->room)
		list->reasons[list->count] = (struct p2p_reason){ code, node, other, bits };
	list->count++;
}

static void say_meeting(struct list *list, const struct p2p_router *router,
			const struct p2p_way *way, p2p_node client, p2p_node provider)
{
	p2p_node client_bridge = router->fabric->place[client].host_bridge;
	p2p_node provider_bridge = router->fabric->place[provider].host_bridge;

	if (client == provider)
		say(list, P2P_REASON_SAME_FUNCTION, client, P2P_NO_NODE, 0);
	else if (way->route.common != P2P_NO_NODE)
		say(list, P2P_REASON_COMMON_PORT, way->route.common, P2P_NO_NODE, 0);
	else if (way->meeting.loose)
		return; /* where they meet is not known */
	else if (client_bridge == provider_bridge)
		say(list, P2P_REASON_NO_COMMON_PORT, client_bridge, P2P_NO_NODE, 0);
	else
		say(list, P2P_REASON_TWO_HOST_BRIDGES, client_bridge, provider_bridge, 0);
}

/* On one side, from a device up to the meeting; the host bridge itself may be what is unplaced. */
static void say_gaps(struct list *list, const struct p2p_router *router, p2p_node node,
		     p2p_node meeting)
{
	const struct p2p_fabric *fabric = router->fabric;

	for (; node != meeting && node != fabric->count; node = fabric->place[node].parent)
		if (fabric->info[node].gap || fabric->info[node].unplaced)
			say(list, P2P_REASON_PARENT_UNKNOWN, node, P2P_NO_NODE, 0);
}

static void say_unknown_parents(struct list *list, const struct p2p_router *router,
				const struct p2p_way *way, p2p_node client, p2p_node provider)
{
	p2p_node meeting = way->meeting.node;

	say_gaps(list, router, client, meeting);
	say_gaps(list, router, provider, meeting);
	if (meeting < router->fabric->count && router->fabric->info[meeting].unplaced)
		say(list, P2P_REASON_PARENT_UNKNOWN, meeting, P2P_NO_NODE, 0);
}

static void say_node(struct list *list, const struct p2p_router *router, const struct p2p_way *way,
		     p2p_node node)
{
	const struct p2p_node_info *info = &router->fabric->info[node];
	uint16_t active = p2p_acs_active(info, p2p_way_bits(router, way, node));
	enum p2p_acs_quirk quirk = p2p_acs_quirk(info);
	uint16_t egress = 0;

	if (node == way->meeting.from_client)
		egress = active & router->policy->acs_turn_block;
	if (active & ~egress)
		say(list, P2P_REASON_ACS_REDIRECT, node, P2P_NO_NODE, active & ~egress);
	if (egress)
		say(list, P2P_REASON_ACS_EGRESS, node, P2P_NO_NODE, egress);
	if (p2p_way_unsure(router, way, node))
		say(list, P2P_REASON_ACS_UNKNOWN, node, P2P_NO_NODE, 0);
	if (quirk != P2P_ACS_QUIRK_NONE)
		say(list, P2P_REASON_ACS_QUIRK, node, P2P_NO_NODE, (uint16_t)quirk);
}

/* From the client up to the meeting, then down to the provider; host bridges have no ACS. */
static void say_nodes(struct list *list, const struct p2p_router *router, const struct p2p_way *way,
		      p2p_node client, p2p_node provider)
{
	const struct p2p_fabric *fabric = router->fabric;
	uint32_t top = fabric->place[way->meeting.node].depth;

	for (p2p_node node = client; node != way->meeting.node && p2p_is_function(fabric, node);
	     node = fabric->place[node].parent)
		say_node(list, router, way, node);
	if (p2p_is_function(fabric, way->meeting.node))
		say_node(list, router, way, way->meeting.node);
	for (uint32_t depth = top > 1 ? top : 1; depth < fabric->place[provider].depth; depth++)
		say_node(list, router, way, p2p_climb(fabric->place, provider, depth));
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

static void say_lists(struct list *list, const struct p2p_router *router, p2p_node client,
		      p2p_node provider)
{
	p2p_node client_bridge = router->fabric->place[client].host_bridge;
	p2p_node provider_bridge = router->fabric->place[provider].host_bridge;
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

static void say_host(struct list *list, const struct p2p_router *router, p2p_node client,
		     p2p_node provider)
{
	p2p_node client_bridge = router->fabric->place[client].host_bridge;
	p2p_node provider_bridge = router->fabric->place[provider].host_bridge;
	p2p_node second = client_bridge == provider_bridge ? P2P_NO_NODE : provider_bridge;
	unsigned int iommu = p2p_allow_iommu(router->policy, &router->platform);

	if (router->policy->host == P2P_HOST_ALWAYS)
		say(list, P2P_REASON_FORWARDING_NOT_PROMISED, client_bridge, second, 0);
	else if (router->policy->host == P2P_HOST_NEVER)
		say(list, P2P_REASON_HOST_NEVER, client_bridge, second, 0);
	else if (iommu == P2P_MAY_REFUSE)
		say(list, P2P_REASON_IOMMU_REFUSES, client_bridge, second, 0);
	else
		say_lists(list, router, client, provider);
	if (iommu == (P2P_MAY_PASS | P2P_MAY_REFUSE))
		say(list, P2P_REASON_IOMMU_UNKNOWN, client_bridge, second, 0);
}

/* Whether all rules that the kernel may have say the same of the pair. */
static bool rules_agree(const struct p2p_router *router, p2p_node client, p2p_node provider)
{
	struct p2p_route first, next;

	p2p_route_find(router->each[0], client, provider, &first);
	for (uint32_t i = 1; i < router->each_count; i++) {
		p2p_route_find(router->each[i], client, provider, &next);
		if (next.possible != first.possible)
			return false;
	}
	return true;
}

/* After the nodes: what is decided by the rules, not by the way. */
static void say_rules(struct list *list, const struct p2p_router *router, const struct p2p_way *way,
		      p2p_node client, p2p_node provider)
{
	const struct p2p_router *newest = router;

	if (router->each) {
		if (!rules_agree(router, client, provider))
			say(list, P2P_REASON_RULES_UNREAD,
			    router->fabric->place[client].host_bridge,
			    router->fabric->place[provider].host_bridge, 0);
		newest = router->each[router->each_count - 1];
	}
	if (newest->policy->absent)
		say(list, P2P_REASON_NO_SUPPORT, client, provider, 0);
	else if (way->host && newest->policy->redirect_refused && way->route.common != P2P_NO_NODE)
		say(list, P2P_REASON_REDIRECT_REFUSED, way->route.common, P2P_NO_NODE, 0);
	else if (way->host)
		say_host(list, newest, client, provider);
}

static void say_off_bus(struct list *list, const struct p2p_fabric *fabric, p2p_node client,
			p2p_node provider)
{
	if (!p2p_is_function(fabric, client))
		say(list, P2P_REASON_OFF_BUS, client, P2P_NO_NODE, 0);
	if (!p2p_is_function(fabric, provider) && provider != client)
		say(list, P2P_REASON_OFF_BUS, provider, P2P_NO_NODE, 0);
}

int p2p_route_reasons(const struct p2p_router *router, p2p_node client, p2p_node provider,
		      struct p2p_reason *reasons, uint32_t room, uint32_t *count)
{
	struct list list = { .reasons = reasons, .room = room };
	struct p2p_way way;
	int error = p2p_route_check(router->fabric, client, provider);

	if (error)
		return error;
	if (p2p_way_find(router, client, provider, &way)) {
		say_meeting(&list, router, &way, client, provider);
		say_unknown_parents(&list, router, &way, client, provider);
		say_nodes(&list, router, &way, client, provider);
		say_rules(&list, router, &way, client, provider);
	} else {
		say_off_bus(&list, router->fabric, client, provider);
	}
	*count = list.count;
	return 0;
}
