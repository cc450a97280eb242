// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * How much the links on a path can carry.
 */
#include "router.h"

struct encoding {
	uint32_t speed;      /* MT/s */
	uint16_t data, line; /* reduced, so that 255 lanes fit 32 bits before the division */
};

/* PCIe 4.2.2 (8b/10b at 2.5 and 5 GT/s), 4.2.2.1 (128b/130b from 8 GT/s), 4.2.3.4 (flits: CRC and
 * ECC take 14 of 256 bytes, from 64 GT/s). */
static const struct encoding encodings[] = {
	{ 2500, 4, 5 },    { 5000, 4, 5 },      { 8000, 64, 65 },     { 16000, 64, 65 },
	{ 32000, 64, 65 }, { 64000, 121, 128 }, { 128000, 121, 128 },
};

uint32_t p2p_link_bandwidth(const struct p2p_link *link)
{
	for (size_t i = 0; i < P2P_ARRAY_SIZE(encodings); i++)
		if (link->speed == encodings[i].speed)
			return link->speed * link->width * encodings[i].data /
			       (8u * encodings[i].line);
	return 0;
}

/*
 * Inside a switch, between a root bus and its host bridge, and between host bridges is no link.
 * Where ports are not shown there is one at least.
 */
static bool link_is_above(const struct p2p_fabric *fabric, p2p_node node)
{
	const struct p2p_node_info *parent = &fabric->info[fabric->place[node].parent];

	if (parent->unplaced || fabric->info[node].gap)
		return true;
	return parent->kind != P2P_KIND_HOST_BRIDGE && parent->kind != P2P_KIND_UPSTREAM_PORT &&
	       fabric->info[node].kind != P2P_KIND_DOWNSTREAM_PORT;
}

/*
 * All functions below a root or downstream port share its one link; virtual functions have no
 * link registers of their own (SR-IOV 3.5.9), so any sibling may know.
 */
static uint32_t bandwidth_above(const struct p2p_fabric *fabric, p2p_node node)
{
	p2p_node parent = fabric->place[node].parent;
	uint32_t bandwidth = p2p_link_bandwidth(&fabric->info[node].link);

	/* Links that are not shown may be narrower. */
	if (fabric->info[parent].unplaced || fabric->info[node].gap)
		return 0;
	if (bandwidth != 0 || (fabric->info[parent].kind != P2P_KIND_ROOT_PORT &&
			       fabric->info[parent].kind != P2P_KIND_DOWNSTREAM_PORT))
		return bandwidth;
	for (p2p_node other = fabric->first_child[parent]; other != P2P_NO_NODE && bandwidth == 0;
	     other = fabric->next_sibling[other])
		bandwidth = p2p_link_bandwidth(&fabric->info[other].link);
	return bandwidth;
}

static void narrow(const struct p2p_fabric *fabric, p2p_node node, p2p_node top,
		   struct p2p_ceiling *ceiling, bool *unknown)
{
	for (; node != top; node = fabric->place[node].parent) {
		uint32_t bandwidth;

		if (!link_is_above(fabric, node))
			continue;
		ceiling->links++;
		bandwidth = bandwidth_above(fabric, node);
		if (*unknown || (ceiling->bandwidth != 0 && bandwidth >= ceiling->bandwidth))
			continue;
		*unknown = bandwidth == 0;
		ceiling->bandwidth = bandwidth;
		ceiling->node = node;
	}
}

void p2p_path_ceiling(const struct p2p_path *path, struct p2p_ceiling *ceiling)
{
	const struct p2p_fabric *fabric = path->router->fabric;
	bool unknown = false;

	*ceiling = (struct p2p_ceiling){ .bandwidth = 0, .node = P2P_NO_NODE, .links = 0 };
	if (!path->on_bus)
		return;
	narrow(fabric, path->client, path->client_top, ceiling, &unknown);
	narrow(fabric, path->provider, path->provider_top, ceiling, &unknown);
}
