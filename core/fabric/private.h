/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What a finished fabric is made of; only core/ looks inside.
 *
 * The forest has one more node than the caller sees: `count` is the index of a virtual root above
 * all host bridges and off-bus devices, so that any two nodes have a common ancestor and walks
 * need no special case at the top.
 */
#ifndef P2P_CORE_FABRIC_PRIVATE_H
#define P2P_CORE_FABRIC_PRIVATE_H

#include "index.h"
#include "array.h"

/* Place of a node in the forest: what a walk reads at each step, kept together. */
struct p2p_place {
	p2p_node parent; /* the virtual root is its own */
	p2p_node jump;   /* an ancestor further up: see forest.c */
	uint32_t depth;  /* 0 virtual root, 1 host bridge or off-bus, 2 on a root bus, ... */
	p2p_node host_bridge;
};

struct p2p_fabric {
	struct p2p_allocator allocator;
	uint32_t count;
	struct p2p_node_info *info; /* count */
	struct p2p_place *place;    /* count + 1 */
	p2p_node *first_child;      /* count + 1; children in order of address */
	p2p_node *next_sibling;     /* count + 1 */
	p2p_node *preorder;         /* count; parents before their children */
	struct p2p_index index;
	struct p2p_range *window; /* grouped by host bridge */
	uint32_t *window_start;   /* count + 1 */
};

struct p2p_window_note {
	p2p_node host_bridge;
	struct p2p_range range;
};

struct p2p_fabric_builder {
	struct p2p_allocator allocator;
	uint32_t count, room;
	struct p2p_node_info *info;
	struct p2p_index index; /* room for `room` entries */
	uint32_t window_count, window_room;
	struct p2p_window_note *window;
	bool partial; /* every host bridge is */
};

/* The fabric's own way to add: no limit on the count, for host bridges that were missing. */
int p2p_builder_append(struct p2p_fabric_builder *builder, const struct p2p_node_info *info,
		       p2p_node *node);

#endif
