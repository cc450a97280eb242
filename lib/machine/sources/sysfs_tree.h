/* SPDX-License-Identifier: MIT */
/*
 * What the files of the sysfs source share: the functions being collected, and where they are in
 * the tree.
 */
#ifndef P2P_SOURCES_SYSFS_TREE_H
#define P2P_SOURCES_SYSFS_TREE_H

#include "models.h"
#include "source.h"
#include "span.h"
#include "tree.h"

/* A one-line attribute. */
#define P2P_ATTRIBUTE 256

struct p2p_sysfs_function {
	struct p2p_bdf bdf;
	struct p2p_bdf parent; /* the bridge above it, when has_parent */
	struct p2p_bdf root;   /* domain and bus of its root bus, when has_root */
	bool has_parent, has_root;
	char *directory; /* in the tree */
	struct p2p_node_info info;
	struct p2p_link link_below;
	uint64_t bar_max[P2P_BARS];
	enum p2p_known revision_known;
	uint8_t revision;
	p2p_node node;
};

struct p2p_sysfs {
	const char *path; /* for messages */
	const struct p2p_tree *tree;
	struct p2p_machine *machine;
	const struct p2p_pci_ids *ids;
	bool live, is_capture;
	/* Everything the kernel shows is in the tree, so what is not there is absent. */
	/* A copy without links: where the functions hang is known from bus numbers at best. */
	bool links_missing;
	bool complete;
	bool out_of_memory;

	struct p2p_sysfs_function *functions; /* by address */
	uint32_t count, room;
};

/** Writes "DIRECTORY/NAME". False when that is too long. */
bool p2p_sysfs_join(char path[P2P_TREE_PATH], const char *directory, const char *name);

/** A one-line attribute, trimmed, of a directory. False when it cannot be read. */
bool p2p_sysfs_attribute(const struct p2p_sysfs *sysfs, const char *directory, const char *name,
			 char text[P2P_ATTRIBUTE]);

/** A symbolic link of a directory, resolved. False when it is none. */
bool p2p_sysfs_resolve(const struct p2p_sysfs *sysfs, const char *directory, const char *name,
		       char target[P2P_TREE_PATH]);

/** The function at that address that has been collected, or NULL. */
struct p2p_sysfs_function *p2p_sysfs_find(const struct p2p_sysfs *sysfs, struct p2p_bdf bdf);

/** A path component that is an address and nothing else. */
bool p2p_sysfs_is_bdf(struct p2p_span component, struct p2p_bdf *bdf);

/** Reads parent and root bus from its path, if that tells: a copied tree may have no links. */
void p2p_sysfs_place(struct p2p_sysfs_function *function);

/** The order of the functions, for qsort(3). */
int p2p_sysfs_compare(const void *a, const void *b);

/** The deepest PCI function in a path that has been collected, or NULL. */
struct p2p_sysfs_function *p2p_sysfs_in_path(const struct p2p_sysfs *sysfs, const char *path);

#endif
