// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Finds a node by its PCI address: a digital search tree over mixed keys.
 */
#include "index.h"

/*
 * Neighbouring addresses share their high bits; an odd factor spreads them over the levels and,
 * being invertible modulo 2^64, keeps different keys different.
 */
#define KEY_MIX 0x9e3779b97f4a7c15ull

#define KEY_FUNCTION    (1ull << 48)
#define KEY_HOST_BRIDGE (1ull << 49)

static uint64_t address_key(struct p2p_bdf bdf, uint64_t space)
{
	return (space | (uint64_t)bdf.domain << 16 | (uint64_t)bdf.bus << 8 | bdf.devfn) * KEY_MIX;
}

uint64_t p2p_index_function_key(struct p2p_bdf bdf)
{
	return address_key(bdf, KEY_FUNCTION);
}

uint64_t p2p_index_key(const struct p2p_node_info *info)
{
	struct p2p_bdf root_bus = { .domain = info->bdf.domain, .bus = info->bdf.bus };

	if (info->kind == P2P_KIND_OFF_BUS)
		return 0;
	if (info->kind == P2P_KIND_HOST_BRIDGE)
		return address_key(root_bus, KEY_HOST_BRIDGE);
	return p2p_index_function_key(info->bdf);
}

/* The link that points at the node with that key, or the empty link where it would go. */
static p2p_node *link_of(struct p2p_index *index, uint64_t key)
{
	p2p_node *link = &index->root;

	for (uint64_t bits = key; *link != P2P_NO_NODE; bits <<= 1) {
		struct p2p_index_entry *entry = &index->entry[*link];

		if (entry->key == key)
			break;
		link = &entry->child[bits >> 63];
	}
	return link;
}

p2p_node p2p_index_find(const struct p2p_index *index, uint64_t key)
{
	p2p_node node = index->root;

	for (uint64_t bits = key; node != P2P_NO_NODE; bits <<= 1) {
		const struct p2p_index_entry *entry = &index->entry[node];

		if (entry->key == key)
			break;
		node = entry->child[bits >> 63];
	}
	return node;
}

bool p2p_index_insert(struct p2p_index *index, p2p_node node, uint64_t key)
{
	struct p2p_index_entry *entry = &index->entry[node];
	p2p_node *link;

	entry->key = key;
	entry->child[0] = P2P_NO_NODE;
	entry->child[1] = P2P_NO_NODE;
	if (key == 0)
		return true;
	link = link_of(index, key);
	if (*link != P2P_NO_NODE)
		return false;
	*link = node;
	return true;
}

/* Any leaf below a node shares the bits that led to the node, so it may take its place. */
void p2p_index_remove(struct p2p_index *index, p2p_node node)
{
	struct p2p_index_entry *entry = &index->entry[node];
	p2p_node *link, *leaf;
	p2p_node replacement;

	if (entry->key == 0)
		return;
	link = link_of(index, entry->key);
	leaf = link;
	for (;;) {
		struct p2p_index_entry *at = &index->entry[*leaf];

		if (at->child[0] != P2P_NO_NODE)
			leaf = &at->child[0];
		else if (at->child[1] != P2P_NO_NODE)
			leaf = &at->child[1];
		else
			break;
	}
	replacement = *leaf;
	*leaf = P2P_NO_NODE;
	if (replacement == node)
		return;
	index->entry[replacement].child[0] = entry->child[0];
	index->entry[replacement].child[1] = entry->child[1];
	*link = replacement;
}
