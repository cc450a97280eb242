/* SPDX-License-Identifier: MIT */
/*
 * A tree of small files as /sys and /proc are: the running machine's, a directory's, an archive's.
 * The sysfs source reads through this, so it cannot tell one from another.
 *
 * Paths are relative to the tree's root and have no ".." ("sys/bus/pci/devices"). No tree follows
 * a symbolic link, so nothing outside the root is ever read; the source resolves links itself.
 */
#ifndef P2P_SOURCES_TREE_H
#define P2P_SOURCES_TREE_H

#include <p2pmem/error.h>

/* Longest path and link target. */
#define P2P_TREE_PATH 512

/* Memory, with a NUL behind it that `size` does not count. */
struct p2p_blob {
	char *data;
	size_t size;
};

/** Called for each name in a directory; anything but 0 ends the listing and is returned. */
typedef int p2p_tree_each(void *context, const char *name);

struct p2p_tree_ops {
	/** The first `limit` bytes of a file. The blob is the caller's to free. 0 or -errno. */
	int (*read)(void *tree, const char *path, size_t limit, struct p2p_blob *blob);
	/** The target of a symbolic link, NUL-terminated. 0 or -errno (-EINVAL: no link). */
	int (*link)(void *tree, const char *path, char target[P2P_TREE_PATH]);
	/** The names in a directory, in no special order. 0, -errno or what `each` returned. */
	int (*list)(void *tree, const char *path, p2p_tree_each *each, void *context);
	void (*close)(void *tree);
};

struct p2p_tree {
	const struct p2p_tree_ops *ops;
	void *tree;
};

static inline int p2p_tree_read(const struct p2p_tree *tree, const char *path, size_t limit,
				struct p2p_blob *blob)
{
	return tree->ops->read(tree->tree, path, limit, blob);
}

static inline int p2p_tree_link(const struct p2p_tree *tree, const char *path,
				char target[P2P_TREE_PATH])
{
	return tree->ops->link(tree->tree, path, target);
}

static inline int p2p_tree_list(const struct p2p_tree *tree, const char *path, p2p_tree_each *each,
				void *context)
{
	return tree->ops->list(tree->tree, path, each, context);
}

static inline void p2p_tree_close(struct p2p_tree *tree)
{
	if (tree->ops)
		tree->ops->close(tree->tree);
	tree->ops = NULL;
}

/** A directory that holds sys/ and maybe proc/; "/" for the running machine. */
int p2p_tree_open_dir(const char *root, struct p2p_tree *tree, struct p2p_error *error);

/**
 * A tar archive in memory, compressed or not. Other formats are -EBADMSG. `path` is for messages.
 */
int p2p_tree_open_archive_bytes(const char *path, const void *bytes, size_t size,
				struct p2p_tree *tree, struct p2p_error *error);

/**
 * Takes a link's target apart: `path` is the link's own path, the result the path it points to,
 * inside the root. False when it leaves the root or is too long.
 */
bool p2p_tree_resolve(const char *path, const char *target, char result[P2P_TREE_PATH]);

#endif
