/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Finds a node by its PCI address.
 *
 * A digital search tree: every node is an entry, and the way down at level k is bit k of the
 * node's (bijectively mixed) key. No input, however hostile, makes it deeper than the 64 bits of
 * a key, which no hash table promises; and there is nothing to rebalance or rehash.
 */
#ifndef P2P_CORE_INDEX_H
#define P2P_CORE_INDEX_H

#include "port.h"

#include <p2pmem/fabric.h>

struct p2p_index_entry {
	uint64_t key;
	p2p_node child[2];
};

struct p2p_index {
	struct p2p_index_entry *entry; /* one for each node, owned by who owns the nodes */
	p2p_node root;
};

/* The key of a node's address, or 0 for a node that has none (off-bus devices). */
uint64_t p2p_index_key(const struct p2p_node_info *info);

/* The key of the function at that address. */
uint64_t p2p_index_function_key(struct p2p_bdf bdf);

p2p_node p2p_index_find(const struct p2p_index *index, uint64_t key);

/* Adds `node`. False: the key is there already. A key of 0 is never stored. */
bool p2p_index_insert(struct p2p_index *index, p2p_node node, uint64_t key);

/* Takes out a node that is in the index, or that has key 0. */
void p2p_index_remove(struct p2p_index *index, p2p_node node);

#endif
