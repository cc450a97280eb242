/* SPDX-License-Identifier: MIT */
/*
 * The order in which people read a fabric: parents before children, by address.
 */
#ifndef P2P_REPORTS_ORDER_H
#define P2P_REPORTS_ORDER_H

#include <p2pmem/fabric.h>

/** The node after `node` in that order; P2P_NO_NODE begins and ends. */
p2p_node p2p_next_in_tree(const struct p2p_fabric *fabric, p2p_node node);

/** Writes all nodes in that order; `order` has room for p2p_fabric_count(). */
void p2p_tree_order(const struct p2p_fabric *fabric, p2p_node *order);

#endif
