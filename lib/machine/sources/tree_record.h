/* SPDX-License-Identifier: MIT */
/*
 * A tree that remembers what was read of another one: the contents of a capture are what the
 * reader used, and nothing else.
 */
#ifndef P2P_SOURCES_TREE_RECORD_H
#define P2P_SOURCES_TREE_RECORD_H

#include "tree_memory.h"

struct p2p_recorder {
	const struct p2p_tree *from;
	struct p2p_memory_tree *memory; /* owned by the caller */
	bool out_of_memory;
};

/** A tree over `recorder->from`; recorder and both trees must outlive it. */
struct p2p_tree p2p_recorder_tree(struct p2p_recorder *recorder);

#endif
