// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Pairs that rules refuse and somebody let through.
 *
 * Readers take no lock. A place is filled provider first, and emptied by its client alone, so a
 * reader finds a pair or none.
 */
#include "router.h"

#define CODE(name) (1u << P2P_REASON_##name)

/* Nobody vouched for the bridge. */
#define LISTS                                                                                      \
	(CODE(CPU_UNKNOWN) | CODE(BRIDGE_NOT_LISTED) | CODE(BRIDGE_SAME_ONLY) |                    \
	 CODE(BRIDGE_NO_KEY) | CODE(BRIDGE_UNKNOWN))

/* What says where a request goes, or that others of its bridges are vouched for. */
#define NO_OBSTACLES                                                                               \
	(CODE(COMMON_PORT) | CODE(NO_COMMON_PORT) | CODE(TWO_HOST_BRIDGES) | CODE(ACS_REDIRECT) |  \
	 CODE(ACS_QUIRK) | CODE(BRIDGE_LISTED))

bool p2p_path_allowable(const struct p2p_path *path)
{
	uint32_t codes;

	if (path->route.verdict != P2P_VERDICT_UNREACHABLE)
		return false;
	codes = p2p_path_codes(path);
	return (codes & LISTS) && !(codes & ~(LISTS | NO_OBSTACLES));
}

static struct p2p_let_through *find(struct p2p_router *router, p2p_node client, p2p_node provider)
{
	for (uint32_t i = 0; i < router->allowed_count; i++)
		if (router->allowed[i].client == client && router->allowed[i].provider == provider)
			return &router->allowed[i];
	return NULL;
}

bool p2p_router_allows(const struct p2p_router *router, p2p_node client, p2p_node provider)
{
	uint32_t count = P2P_ACQUIRE(router->allowed_count);

	for (uint32_t i = 0; i < count; i++)
		if (P2P_ACQUIRE(router->allowed[i].client) == client &&
		    P2P_SHARED_LOAD(router->allowed[i].provider) == provider)
			return true;
	return false;
}

static struct p2p_let_through *find_free(struct p2p_router *router)
{
	for (uint32_t i = 0; i < router->allowed_count; i++)
		if (router->allowed[i].client == P2P_NO_NODE)
			return &router->allowed[i];
	if (router->allowed_count == P2P_ROUTER_ALLOWS)
		return NULL;
	router->allowed[router->allowed_count].client = P2P_NO_NODE;
	P2P_PUBLISH(router->allowed_count, router->allowed_count + 1);
	return &router->allowed[router->allowed_count - 1];
}

static bool fill(struct p2p_router *router, p2p_node client, p2p_node provider)
{
	struct p2p_let_through *place = find_free(router);

	if (!place)
		return false;
	P2P_SHARED_STORE(place->provider, provider);
	P2P_PUBLISH(place->client, client);
	return true;
}

static void empty(struct p2p_router *router, p2p_node client, p2p_node provider)
{
	struct p2p_let_through *place = find(router, client, provider);

	if (place)
		P2P_SHARED_STORE(place->client, P2P_NO_NODE);
}

int p2p_router_allow(struct p2p_router *router, p2p_node client, p2p_node provider)
{
	struct p2p_path path;
	int error = p2p_path_find(router, client, provider, &path);

	if (error || path.allowed)
		return error;
	if (path.route.verdict == P2P_VERDICT_DIRECT || path.route.verdict == P2P_VERDICT_VIA_HOST)
		return -EALREADY;
	if (!p2p_path_allowable(&path))
		return -EOPNOTSUPP;
	/* Of rules that may be one of several all refuse, and all have as many places. */
	for (uint32_t i = 0; i < router->each_count; i++)
		if (!fill(router->each[i], client, provider))
			return -ENOSPC;
	return fill(router, client, provider) ? 0 : -ENOSPC;
}

void p2p_router_disallow(struct p2p_router *router, p2p_node client, p2p_node provider)
{
	empty(router, client, provider);
	for (uint32_t i = 0; i < router->each_count; i++)
		empty(router->each[i], client, provider);
}
