// SPDX-License-Identifier: MIT
/*
 * A tree with sys/ and proc/, and the functions in it. Where a function hangs is read from the path
 * that its link in sys/bus/pci/devices leads to:
 *
 *     sys/devices/pci0000:00/0000:00:01.0/0000:04:00.0
 *                 root bus   bridge       function
 *
 * A root bus can itself lie below a function (VMD: .../0000:00:0e.0/pci10000:e0/10000:e0:06.0);
 * its domain is another, so it is a root of the forest all the same.
 */
#include "sysfs_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool p2p_sysfs_join(char path[P2P_TREE_PATH], const char *directory, const char *name)
{
	int length = snprintf(path, P2P_TREE_PATH, "%s/%s", directory, name);

	return length > 0 && length < P2P_TREE_PATH;
}

bool p2p_sysfs_attribute(const struct p2p_sysfs *sysfs, const char *directory, const char *name,
			 char text[P2P_ATTRIBUTE])
{
	char path[P2P_TREE_PATH];
	struct p2p_span value;
	struct p2p_blob blob;

	if (!p2p_sysfs_join(path, directory, name) ||
	    p2p_tree_read(sysfs->tree, path, P2P_ATTRIBUTE - 1, &blob))
		return false;
	value = p2p_span_trim((struct p2p_span){ blob.data, blob.size });
	memcpy(text, value.text, value.length);
	text[value.length] = '\0';
	free(blob.data);
	return true;
}

bool p2p_sysfs_resolve(const struct p2p_sysfs *sysfs, const char *directory, const char *name,
		       char target[P2P_TREE_PATH])
{
	char path[P2P_TREE_PATH], link[P2P_TREE_PATH];

	return p2p_sysfs_join(path, directory, name) && !p2p_tree_link(sysfs->tree, path, link) &&
	       p2p_tree_resolve(path, link, target);
}

int p2p_sysfs_compare(const void *a, const void *b)
{
	const struct p2p_sysfs_function *left = a, *right = b;

	return p2p_bdf_compare(left->bdf, right->bdf);
}

struct p2p_sysfs_function *p2p_sysfs_find(const struct p2p_sysfs *sysfs, struct p2p_bdf bdf)
{
	struct p2p_sysfs_function key = { .bdf = bdf };

	if (!sysfs->count)
		return NULL;
	return bsearch(&key, sysfs->functions, sysfs->count, sizeof(key), p2p_sysfs_compare);
}

bool p2p_sysfs_is_bdf(struct p2p_span component, struct p2p_bdf *bdf)
{
	return p2p_span_bdf(&component, bdf) && !component.length;
}

/* "pci0000:00" */
static bool is_root_bus(struct p2p_span component, struct p2p_bdf *root)
{
	uint64_t domain, bus;

	if (!p2p_span_skip(&component, "pci") || !p2p_span_hex(&component, 8, &domain) ||
	    !p2p_span_skip(&component, ":") || !p2p_span_hex(&component, 2, &bus) ||
	    component.length)
		return false;
	*root = (struct p2p_bdf){ (uint32_t)domain, (uint8_t)bus, 0 };
	return true;
}

static struct p2p_span next_component(const char **path)
{
	struct p2p_span component = { *path, strcspn(*path, "/") };

	*path += component.length;
	*path += **path == '/';
	return component;
}

struct p2p_sysfs_function *p2p_sysfs_in_path(const struct p2p_sysfs *sysfs, const char *path)
{
	struct p2p_sysfs_function *deepest = NULL, *found;
	struct p2p_bdf bdf;

	while (*path) {
		if (!p2p_sysfs_is_bdf(next_component(&path), &bdf))
			continue;
		found = p2p_sysfs_find(sysfs, bdf);
		if (found)
			deepest = found;
	}
	return deepest;
}

void p2p_sysfs_place(struct p2p_sysfs_function *function)
{
	struct p2p_bdf above = { 0 }, here = { 0 }, bdf;
	bool has_above = false, has_here = false;
	const char *path = function->directory;

	while (*path) {
		struct p2p_span component = next_component(&path);

		if (is_root_bus(component, &function->root)) {
			function->has_root = true;
			has_above = has_here = false;
		} else if (p2p_sysfs_is_bdf(component, &bdf)) {
			above = here;
			has_above = has_here;
			here = bdf;
			has_here = true;
		}
	}
	if (!has_here || p2p_bdf_compare(here, function->bdf)) {
		function->has_root = false;
		return;
	}
	function->parent = above;
	function->has_parent = has_above;
}
