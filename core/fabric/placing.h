/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The two steps from a heap of nodes to a forest: who is above whom, and what hangs below whom.
 */
#ifndef P2P_CORE_PLACING_H
#define P2P_CORE_PLACING_H

#include "sort.h"

/*
 * Gives every node in the builder a parent (P2P_NO_NODE for host bridges and off-bus devices),
 * adding the host bridges that are missing. 0, -ENOMEM, or -EINVAL with the node in `*culprit`.
 */
int p2p_place_parents(struct p2p_fabric_builder *builder, p2p_node *culprit);

/*
 * Fills children, depths, jumps, host bridges and preorder from the parents; siblings come in
 * the order given. 0, or -EINVAL with a node of a loop in `*culprit`.
 */
int p2p_link_forest(struct p2p_fabric *fabric, const struct p2p_sorted *order, p2p_node *culprit);

#endif
