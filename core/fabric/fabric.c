// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Questions to a finished fabric. All of them only read.
 */
#include "private.h"

void p2p_fabric_free(struct p2p_fabric *fabric)
{
	struct p2p_allocator allocator;

	if (!fabric)
		return;
	allocator = fabric->allocator;
	p2p_array_free(&allocator, fabric->info);
	p2p_array_free(&allocator, fabric->place);
	p2p_array_free(&allocator, fabric->first_child);
	p2p_array_free(&allocator, fabric->next_sibling);
	p2p_array_free(&allocator, fabric->preorder);
	p2p_array_free(&allocator, fabric->index.entry);
	p2p_array_free(&allocator, fabric->window);
	p2p_array_free(&allocator, fabric->window_start);
	p2p_array_free(&allocator, fabric);
}

uint32_t p2p_fabric_count(const struct p2p_fabric *fabric)
{
	return fabric->count;
}

const struct p2p_node_info *p2p_fabric_info(const struct p2p_fabric *fabric, p2p_node node)
{
	return node < fabric->count ? &fabric->info[node] : NULL;
}

p2p_node p2p_fabric_parent(const struct p2p_fabric *fabric, p2p_node node)
{
	if (node >= fabric->count || fabric->place[node].parent == fabric->count)
		return P2P_NO_NODE;
	return fabric->place[node].parent;
}

p2p_node p2p_fabric_first_child(const struct p2p_fabric *fabric, p2p_node node)
{
	if (node == P2P_NO_NODE)
		return fabric->first_child[fabric->count];
	return node < fabric->count ? fabric->first_child[node] : P2P_NO_NODE;
}

p2p_node p2p_fabric_next_sibling(const struct p2p_fabric *fabric, p2p_node node)
{
	return node < fabric->count ? fabric->next_sibling[node] : P2P_NO_NODE;
}

p2p_node p2p_fabric_host_bridge(const struct p2p_fabric *fabric, p2p_node node)
{
	return node < fabric->count ? fabric->place[node].host_bridge : P2P_NO_NODE;
}

const p2p_node *p2p_fabric_order(const struct p2p_fabric *fabric)
{
	return fabric->preorder;
}

p2p_node p2p_fabric_find(const struct p2p_fabric *fabric, struct p2p_bdf bdf)
{
	return p2p_index_find(&fabric->index, p2p_index_function_key(bdf));
}

const struct p2p_range *p2p_fabric_windows(const struct p2p_fabric *fabric, p2p_node host_bridge,
					   uint32_t *count)
{
	if (host_bridge >= fabric->count) {
		*count = 0;
		return NULL;
	}
	*count = fabric->window_start[host_bridge + 1] - fabric->window_start[host_bridge];
	return *count ? &fabric->window[fabric->window_start[host_bridge]] : NULL;
}
