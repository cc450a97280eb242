// SPDX-License-Identifier: MIT
/*
 * The order in which people read a fabric.
 */
#include "order.h"

p2p_node p2p_next_in_tree(const struct p2p_fabric *fabric, p2p_node node)
{
	p2p_node next = p2p_fabric_first_child(fabric, node);

	while (next == P2P_NO_NODE && node != P2P_NO_NODE) {
		next = p2p_fabric_next_sibling(fabric, node);
		node = p2p_fabric_parent(fabric, node);
	}
	return next;
}

void p2p_tree_order(const struct p2p_fabric *fabric, p2p_node *order)
{
	p2p_node node = P2P_NO_NODE;

	while ((node = p2p_next_in_tree(fabric, node)) != P2P_NO_NODE)
		*order++ = node;
}
