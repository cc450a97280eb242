/* SPDX-License-Identifier: MIT */
/*
 * A tree held in memory: what an archive contained, or what a reader read of another tree.
 * Files are added first, then the tree is sealed and read.
 */
#ifndef P2P_SOURCES_TREE_MEMORY_H
#define P2P_SOURCES_TREE_MEMORY_H

#include "tree.h"

enum p2p_entry_kind {
	P2P_ENTRY_DIRECTORY,
	P2P_ENTRY_FILE,
	P2P_ENTRY_LINK
};

struct p2p_entry {
	char *path;
	enum p2p_entry_kind kind;
	struct p2p_blob blob; /* a link's target is its data */
	size_t order;         /* of adding */
};

struct p2p_memory_tree {
	struct p2p_entry *entries; /* by path once sealed */
	uint32_t count, room;
};

struct p2p_memory_tree *p2p_memory_tree_new(void);
void p2p_memory_tree_free(struct p2p_memory_tree *memory);

/** Adds an entry with a copy of path and data. 0 or -ENOMEM. */
int p2p_memory_tree_add(struct p2p_memory_tree *memory, enum p2p_entry_kind kind, const char *path,
			const void *data, size_t size);

/** Keeps only the paths that begin with `root`, and takes it off them. Before sealing. */
void p2p_memory_tree_root(struct p2p_memory_tree *memory, const char *root);

/** Sorts; of entries with one path the last added stays, as tar has it. */
void p2p_memory_tree_seal(struct p2p_memory_tree *memory);

/** Makes a tree of it, which owns it. */
struct p2p_tree p2p_memory_tree_open(struct p2p_memory_tree *memory);

#endif
