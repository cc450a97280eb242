/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A fabric as one policy sees it: what a verdict needs of each node, worked out beforehand.
 */
#ifndef P2P_CORE_ROUTER_H
#define P2P_CORE_ROUTER_H

#include "fabric/private.h"

#include <p2pmem/route.h>

/* Sets of what may be the case. Both: not known. */
#define P2P_MAY_PASS   0x1u /* the policy lets requests through this host bridge */
#define P2P_MAY_REFUSE 0x2u

/* What a node may do to a request that turns beside it. */
#define P2P_MAY_TURN     0x1u
#define P2P_MAY_REDIRECT 0x2u
#define P2P_MAY_BLOCK    0x4u

struct p2p_node_rule {
	/*
	 * Nodes from here up that redirect (low half) and whose ACS is unknown (high half), as the
	 * policy counts: what lies between two nodes of one path is a subtraction.
	 */
	uint64_t counted;
	uint32_t gaps;      /* nodes from here up that ports not shown may be above */
	uint8_t request;    /* P2P_MAY_TURN...: requests that turn here, coming from below */
	uint8_t completion; /* and the completions of requests that come down here */
	uint8_t host_same;  /* host bridges: P2P_MAY_PASS..., to another device below it */
	uint8_t host_cross; /* and to a device below another host bridge */
};

/* A pair that the rules refuse and that was let through. P2P_NO_NODE as client: a free place. */
struct p2p_let_through {
	p2p_node client, provider;
};

struct p2p_router {
	const struct p2p_fabric *fabric;
	const struct p2p_policy *policy;
	struct p2p_platform platform;
	struct p2p_node_rule *rule; /* count + 1, as the fabric's places */
	/* For a policy that is a set: a router for each that judges differently, old to new. */
	struct p2p_router **each;
	uint32_t each_count;
	uint32_t allowed_count; /* places that were ever used */
	struct p2p_let_through allowed[P2P_ROUTER_ALLOWS];
};

/* Whether p2p_router_allow() holds for the pair. */
bool p2p_router_allows(const struct p2p_router *router, p2p_node client, p2p_node provider);

/* The reasons' codes, as bits. */
uint32_t p2p_path_codes(const struct p2p_path *path);

/* The ancestor of `node`, or itself, just below depth `depth`, which is less than the node's. */
p2p_node p2p_climb(const struct p2p_place *place, p2p_node node, uint32_t depth);

/* As p2p_route_find(), and where the ways meet, which is not set for devices on no bus. */
int p2p_route_meet(const struct p2p_router *router, p2p_node client, p2p_node provider,
		   struct p2p_route *route, struct p2p_meeting *meeting);

/* A node that is a PCI function: neither host bridge nor off-bus nor virtual root. */
static inline bool p2p_is_function(const struct p2p_fabric *fabric, p2p_node node)
{
	return fabric->place[node].depth >= 2;
}

/* The device by which the allowlist knows a host bridge. */
struct p2p_bridge_key {
	p2p_node node;  /* first on the root bus, or P2P_NO_NODE */
	bool may_count; /* may be a key: function 00.0 or, for newer rules, a root port */
	bool may_fail;  /* may be none */
};

void p2p_bridge_key(const struct p2p_router *router, p2p_node host_bridge,
		    struct p2p_bridge_key *key);

/* P2P_MAY_PASS... of a host bridge by the allowlist alone; `same`: to a device below it. */
unsigned int p2p_allow_list(const struct p2p_router *router, p2p_node host_bridge, bool same);

/* P2P_MAY_PASS... of all host bridges by the IOMMU's presence, before any list is asked. */
unsigned int p2p_allow_iommu(const struct p2p_policy *policy, const struct p2p_platform *platform);

/* P2P_MAY_PASS... by the CPU rule alone. */
unsigned int p2p_allow_cpu(const struct p2p_policy *policy, const struct p2p_platform *platform);

/* ACS bits of a node on the path to the meeting that the policy counts there, active or not. */
uint16_t p2p_path_bits(const struct p2p_path *path, p2p_node node);

/* Whether a node that could not be read may redirect or block there, by the policy. */
bool p2p_path_unsure(const struct p2p_path *path, p2p_node node);

#endif
