// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What hangs below whom: child lists, depths, and the jumps that make long walks short.
 */
#include "placing.h"

/*
 * The jump of a node skips as many levels as make any ancestor reachable in O(log depth) steps:
 * Myers, "An applicative random-access stack", 1983. If the two jumps above are equally long, the
 * node's own jump spans both.
 */
static p2p_node jump_from(const struct p2p_place *place, p2p_node parent)
{
	p2p_node first = place[parent].jump;
	p2p_node second = place[first].jump;

	if (place[parent].depth - place[first].depth == place[first].depth - place[second].depth)
		return second;
	return parent;
}

static void settle(struct p2p_fabric *fabric, p2p_node node)
{
	struct p2p_place *place = &fabric->place[node];

	place->depth = fabric->place[place->parent].depth + 1;
	place->jump = jump_from(fabric->place, place->parent);
	place->host_bridge = fabric->info[node].kind == P2P_KIND_HOST_BRIDGE
				     ? node
				     : fabric->place[place->parent].host_bridge;
}

static void hang_children(struct p2p_fabric *fabric, const struct p2p_sorted *order)
{
	for (uint32_t i = 0; i <= fabric->count; i++)
		fabric->first_child[i] = P2P_NO_NODE;
	for (uint32_t i = fabric->count; i-- > 0;) {
		p2p_node node = order[i].node;
		p2p_node parent = fabric->place[node].parent;

		fabric->next_sibling[node] = fabric->first_child[parent];
		fabric->first_child[parent] = node;
	}
}

p2p_node p2p_fabric_next(const struct p2p_fabric *fabric, p2p_node node)
{
	if (node > fabric->count)
		node = fabric->count; /* P2P_NO_NODE: the virtual root */
	if (fabric->first_child[node] != P2P_NO_NODE)
		return fabric->first_child[node];
	while (node != fabric->count && fabric->next_sibling[node] == P2P_NO_NODE)
		node = fabric->place[node].parent;
	return node == fabric->count ? P2P_NO_NODE : fabric->next_sibling[node];
}

/* Nodes that the virtual root does not reach hang on a loop; enough steps up lead onto it. */
static p2p_node node_on_loop(const struct p2p_fabric *fabric)
{
	p2p_node node = 0;

	while (fabric->place[node].depth != 0)
		node++;
	for (uint32_t i = 0; i < fabric->count; i++)
		node = fabric->place[node].parent;
	return node;
}

int p2p_link_forest(struct p2p_fabric *fabric, const struct p2p_sorted *order, p2p_node *culprit)
{
	struct p2p_place *root = &fabric->place[fabric->count];
	uint32_t reached = 0;
	p2p_node node;

	*root = (struct p2p_place){
		.parent = fabric->count,
		.jump = fabric->count,
		.depth = 0,
		.host_bridge = P2P_NO_NODE,
	};
	fabric->next_sibling[fabric->count] = P2P_NO_NODE;
	hang_children(fabric, order);
	for (node = p2p_fabric_next(fabric, P2P_NO_NODE); node != P2P_NO_NODE;
	     node = p2p_fabric_next(fabric, node)) {
		settle(fabric, node);
		fabric->preorder[reached++] = node;
	}
	if (reached == fabric->count)
		return 0;
	*culprit = node_on_loop(fabric);
	return -EINVAL;
}
