// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Works out beforehand what a policy makes of each node of a fabric.
 */
#include "router.h"

#include <p2pmem/acs.h>

#define COUNT_REDIRECT (1ull << 0)
#define COUNT_UNKNOWN  (1ull << 32)

P2P_STATIC_ASSERT(2ull * P2P_FABRIC_NODES_MAX < COUNT_UNKNOWN, "counts must not run together");

static uint64_t counts_for(const struct p2p_policy *policy, const struct p2p_node_info *info)
{
	if (policy->acs_way == 0)
		return 0;
	if (p2p_acs_active(info, policy->acs_way))
		return COUNT_REDIRECT;
	return p2p_acs_known(info) == P2P_UNKNOWN ? COUNT_UNKNOWN : 0;
}

/*
 * Whether the registers say what the wires do. Linux's own rule reads the registers anyway; only
 * rules that act where a request turns are about the wires.
 */
static bool registers_tell(const struct p2p_node_info *info)
{
	return p2p_acs_known(info) != P2P_UNKNOWN && p2p_acs_quirk(info) == P2P_ACS_QUIRK_NONE;
}

/* PCIe 6.12.3, table of Request Redirect and Egress Control: egress control alone may block,
 * with redirect it may let through; which of the two is in a vector that sources do not read. */
static unsigned int request_effects(const struct p2p_policy *policy,
				    const struct p2p_node_info *info)
{
	unsigned int set = P2P_MAY_TURN;

	if (!(policy->acs_turn_redirect | policy->acs_turn_block))
		return P2P_MAY_TURN;
	if (!registers_tell(info) || info->gap)
		return P2P_MAY_TURN | P2P_MAY_REDIRECT | P2P_MAY_BLOCK;
	if (p2p_acs_active(info, policy->acs_turn_redirect))
		set = P2P_MAY_REDIRECT;
	if (p2p_acs_active(info, policy->acs_turn_block))
		set = set == P2P_MAY_TURN ? P2P_MAY_TURN | P2P_MAY_BLOCK
					  : P2P_MAY_TURN | P2P_MAY_REDIRECT;
	return set;
}

static unsigned int completion_effects(const struct p2p_policy *policy,
				       const struct p2p_node_info *info)
{
	if (!policy->acs_turn_completion)
		return P2P_MAY_TURN;
	if (!registers_tell(info) || info->gap)
		return P2P_MAY_TURN | P2P_MAY_REDIRECT;
	return p2p_acs_active(info, policy->acs_turn_completion) ? P2P_MAY_REDIRECT : P2P_MAY_TURN;
}

/* Either of two permits suffices. */
static unsigned int either(unsigned int a, unsigned int b)
{
	return ((a | b) & P2P_MAY_PASS) | (a & b & P2P_MAY_REFUSE);
}

/* Two permits are needed. */
static unsigned int both(unsigned int a, unsigned int b)
{
	return (a & b & P2P_MAY_PASS) | ((a | b) & P2P_MAY_REFUSE);
}

static unsigned int host_permit(const struct p2p_router *router, p2p_node host_bridge, bool same)
{
	if (router->policy->host == P2P_HOST_ALWAYS)
		return P2P_MAY_PASS;
	if (router->policy->host == P2P_HOST_NEVER)
		return P2P_MAY_REFUSE;
	return both(p2p_allow_iommu(router->policy, &router->platform),
		    either(p2p_allow_cpu(router->policy, &router->platform),
			   p2p_allow_list(router, host_bridge, same)));
}

static void rule_for(struct p2p_router *router, p2p_node node)
{
	const struct p2p_fabric *fabric = router->fabric;
	const struct p2p_node_info *info = &fabric->info[node];
	struct p2p_node_rule *rule = &router->rule[node];

	if (info->kind == P2P_KIND_HOST_BRIDGE) {
		rule->host_same = (uint8_t)host_permit(router, node, true);
		rule->host_cross = (uint8_t)host_permit(router, node, false);
		rule->gaps = info->unplaced;
		rule->request = rule->completion = P2P_MAY_TURN;
	}
	if (!p2p_is_function(fabric, node))
		return;
	rule->counted =
		router->rule[fabric->place[node].parent].counted + counts_for(router->policy, info);
	rule->gaps = router->rule[fabric->place[node].parent].gaps + info->gap;
	rule->request = (uint8_t)request_effects(router->policy, info);
	rule->completion = (uint8_t)completion_effects(router->policy, info);
}

static int make(const struct p2p_fabric *fabric, const struct p2p_policy *policy,
		const struct p2p_platform *platform, struct p2p_router **router)
{
	size_t all = (size_t)fabric->count + 1;
	struct p2p_router *fresh = p2p_array_new(&fabric->allocator, 1, sizeof(*fresh));

	if (!fresh)
		return -ENOMEM;
	memset(fresh, 0, sizeof(*fresh));
	fresh->fabric = fabric;
	fresh->policy = policy;
	if (platform)
		fresh->platform = *platform;
	fresh->rule = p2p_array_new(&fabric->allocator, all, sizeof(*fresh->rule));
	if (!fresh->rule) {
		p2p_array_free(&fabric->allocator, fresh);
		return -ENOMEM;
	}
	memset(fresh->rule, 0, all * sizeof(*fresh->rule));
	for (uint32_t i = 0; i < fabric->count; i++)
		rule_for(fresh, fabric->preorder[i]);
	*router = fresh;
	return 0;
}

/* Releases that judge alike follow each other: one router serves them all. */
static int make_each(struct p2p_router *router)
{
	const struct p2p_policy *policy = router->policy;

	router->each = p2p_array_new(&router->fabric->allocator, policy->any_count,
				     sizeof(struct p2p_router *));
	if (!router->each)
		return -ENOMEM;
	for (uint32_t i = 0; i < policy->any_count; i++) {
		int error;

		if (i && p2p_policy_same_rules(&policy->any_of[i - 1], &policy->any_of[i]))
			continue;
		error = make(router->fabric, &policy->any_of[i], &router->platform,
			     &router->each[router->each_count]);
		if (error)
			return error;
		router->each_count++;
	}
	return 0;
}

int p2p_router_new(const struct p2p_fabric *fabric, const struct p2p_policy *policy,
		   const struct p2p_platform *platform, struct p2p_router **router)
{
	struct p2p_router *fresh;
	int error = make(fabric, policy, platform, &fresh);

	if (error)
		return error;
	if (policy->any_of)
		error = make_each(fresh);
	if (error)
		p2p_router_free(fresh);
	else
		*router = fresh;
	return error;
}

static void free_one(struct p2p_router *router)
{
	const struct p2p_allocator *allocator = &router->fabric->allocator;

	p2p_array_free(allocator, router->each);
	p2p_array_free(allocator, router->rule);
	p2p_array_free(allocator, router);
}

void p2p_router_free(struct p2p_router *router)
{
	if (!router)
		return;
	for (uint32_t i = 0; i < router->each_count; i++)
		free_one(router->each[i]);
	free_one(router);
}

const struct p2p_policy *p2p_router_policy(const struct p2p_router *router)
{
	return router->policy;
}
