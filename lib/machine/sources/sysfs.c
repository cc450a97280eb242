// SPDX-License-Identifier: MIT
/*
 * A machine from a tree with sys/ and proc/. Where a function hangs is read from the path that
 * its link in sys/bus/pci/devices leads to:
 *
 *     sys/devices/pci0000:00/0000:00:01.0/0000:04:00.0
 *                 root bus   bridge       function
 *
 * A root bus can itself lie below a function (VMD: .../0000:00:0e.0/pci10000:e0/10000:e0:06.0);
 * its domain is another, so it is a root of the forest all the same.
 */
#include "sysfs_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool p2p_sysfs_join(char path[P2P_TREE_PATH], const char *folder, const char *name)
{
	int length = snprintf(path, P2P_TREE_PATH, "%s/%s", folder, name);

	return length > 0 && length < P2P_TREE_PATH;
}

bool p2p_sysfs_attribute(const struct p2p_sysfs *sysfs, const char *folder, const char *name,
			 char text[P2P_ATTRIBUTE])
{
	char path[P2P_TREE_PATH];
	struct p2p_span value;
	struct p2p_blob blob;

	if (!p2p_sysfs_join(path, folder, name) ||
	    p2p_tree_read(sysfs->tree, path, P2P_ATTRIBUTE - 1, &blob))
		return false;
	value = p2p_span_trim((struct p2p_span){ blob.data, blob.size });
	memcpy(text, value.text, value.length);
	text[value.length] = '\0';
	free(blob.data);
	return true;
}

bool p2p_sysfs_resolve(const struct p2p_sysfs *sysfs, const char *folder, const char *name,
		       char target[P2P_TREE_PATH])
{
	char path[P2P_TREE_PATH], link[P2P_TREE_PATH];

	return p2p_sysfs_join(path, folder, name) && !p2p_tree_link(sysfs->tree, path, link) &&
	       p2p_tree_resolve(path, link, target);
}

static int compare_functions(const void *a, const void *b)
{
	const struct p2p_sysfs_function *left = a, *right = b;

	return p2p_bdf_compare(left->bdf, right->bdf);
}

struct p2p_sysfs_function *p2p_sysfs_find(const struct p2p_sysfs *sysfs, struct p2p_bdf bdf)
{
	struct p2p_sysfs_function key = { .bdf = bdf };

	if (!sysfs->count)
		return NULL;
	return bsearch(&key, sysfs->functions, sysfs->count, sizeof(key), compare_functions);
}

/* A path component that is an address and nothing else. */
static bool is_bdf(struct p2p_span component, struct p2p_bdf *bdf)
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
		if (!is_bdf(next_component(&path), &bdf))
			continue;
		found = p2p_sysfs_find(sysfs, bdf);
		if (found)
			deepest = found;
	}
	return deepest;
}

/* Parent and root bus, if the path tells: a copied tree may have no links. */
static void read_place(struct p2p_sysfs_function *function)
{
	struct p2p_bdf above = { 0 }, here = { 0 }, bdf;
	bool has_above = false, has_here = false;
	const char *path = function->folder;

	while (*path) {
		struct p2p_span component = next_component(&path);

		if (is_root_bus(component, &function->root)) {
			function->has_root = true;
			has_above = has_here = false;
		} else if (is_bdf(component, &bdf)) {
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

static int collect(void *context, const char *name)
{
	struct p2p_sysfs *sysfs = context;
	struct p2p_sysfs_function *function;
	char folder[P2P_TREE_PATH];
	struct p2p_bdf bdf;

	if (!is_bdf(p2p_span(name), &bdf)) {
		p2p_build_warn(sysfs->machine,
			       "%s: sys/bus/pci/devices/%.40s: no PCI address; left out",
			       sysfs->path, name);
		return 0;
	}
	if (sysfs->count == P2P_FUNCTIONS_MAX)
		return -EFBIG;
	if (sysfs->count == sysfs->room) {
		uint32_t room = sysfs->room ? sysfs->room * 2 : 64;

		function = reallocarray(sysfs->functions, room, sizeof(*function));
		if (!function)
			return -ENOMEM;
		sysfs->functions = function;
		sysfs->room = room;
	}
	if (!p2p_sysfs_resolve(sysfs, "sys/bus/pci/devices", name, folder) &&
	    !p2p_sysfs_join(folder, "sys/bus/pci/devices", name))
		return -ENAMETOOLONG;
	function = &sysfs->functions[sysfs->count];
	memset(function, 0, sizeof(*function));
	function->bdf = bdf;
	function->node = P2P_NO_NODE;
	function->folder = strdup(folder);
	if (!function->folder)
		return -ENOMEM;
	sysfs->count++;
	read_place(function);
	sysfs->links_missing |= !function->has_root;
	return 0;
}

/* "0000:03:00.0" and "00000:03:00.0" are one address. */
static void drop_doubles(struct p2p_sysfs *sysfs)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < sysfs->count; i++) {
		if (kept && !compare_functions(&sysfs->functions[kept - 1], &sysfs->functions[i])) {
			free(sysfs->functions[i].folder);
			continue;
		}
		sysfs->functions[kept++] = sysfs->functions[i];
	}
	sysfs->count = kept;
}

static int list_functions(struct p2p_sysfs *sysfs, struct p2p_error *error)
{
	int status = p2p_tree_list(sysfs->tree, "sys/bus/pci/devices", collect, sysfs);

	if (status == -ENOENT && (sysfs->live || sysfs->is_capture)) {
		/* What hides this hides more: nothing else is absent for sure. */
		sysfs->complete = false;
		p2p_build_warn(sysfs->machine,
			       "no /sys/bus/pci/devices: the kernel or container that was read "
			       "shows no PCI devices; run on the host, or give a capture of it");
		return 0;
	}
	if (status == -ENOENT)
		return p2p_error_set(error, -EBADMSG,
				     "%s: no sys/bus/pci/devices in it; give the directory or "
				     "archive that holds sys/",
				     sysfs->path);
	if (status == -EFBIG)
		return p2p_error_set(error, status,
				     "%s: more than %u PCI functions; no machine has that many",
				     sysfs->path, P2P_FUNCTIONS_MAX);
	if (status)
		return p2p_error_set(error, status, "%s: sys/bus/pci/devices: %s", sysfs->path,
				     strerror(-status));
	if (sysfs->count)
		qsort(sysfs->functions, sysfs->count, sizeof(*sysfs->functions), compare_functions);
	drop_doubles(sysfs);
	return 0;
}

/* A function that others hang below is a bridge, whatever its class says or does not say. */
static void mark_bridges(struct p2p_sysfs *sysfs)
{
	for (uint32_t i = 0; i < sysfs->count; i++) {
		struct p2p_sysfs_function *above = NULL;

		if (sysfs->functions[i].has_parent)
			above = p2p_sysfs_find(sysfs, sysfs->functions[i].parent);
		if (above && above->info.kind == P2P_KIND_ENDPOINT)
			above->info.kind = P2P_KIND_BRIDGE;
	}
}

/* The link below a port is the link above what hangs there: one end is enough to know it. */
static void share_link(struct p2p_sysfs *sysfs, struct p2p_sysfs_function *function,
		       const struct p2p_sysfs_function *above)
{
	const struct p2p_link *below = &p2p_build_device(sysfs->machine, above->node)->link_below;

	if (function->info.link.width || !below->width ||
	    function->info.bdf.bus != above->info.secondary)
		return;
	function->info.link.speed = below->speed;
	function->info.link.width = below->width;
}

static int add_functions(struct p2p_sysfs *sysfs)
{
	p2p_node root;

	for (uint32_t i = 0; i < sysfs->count; i++) {
		struct p2p_sysfs_function *function = &sysfs->functions[i];
		int status = 0;

		if (function->has_root)
			status = p2p_build_root_add(sysfs->machine, function->root, &root);

		if (!status)
			status = p2p_build_add(sysfs->machine, &function->info, &function->node);
		if (status)
			return status;
		p2p_sysfs_facts(sysfs, function);
	}
	return 0;
}

static void place_virtual(struct p2p_sysfs *sysfs, const struct p2p_sysfs_function *function)
{
	struct p2p_sysfs_function *physical = NULL;
	char target[P2P_TREE_PATH];

	if (p2p_sysfs_resolve(sysfs, function->folder, "physfn", target))
		physical = p2p_sysfs_in_path(sysfs, target);
	if (physical)
		p2p_build_device(sysfs->machine, function->node)->physical_function =
			physical->node;
}

static int place_functions(struct p2p_sysfs *sysfs)
{
	for (uint32_t i = 0; i < sysfs->count; i++) {
		struct p2p_sysfs_function *function = &sysfs->functions[i];
		struct p2p_sysfs_function *above = NULL;
		int status;

		if (function->has_parent)
			above = p2p_sysfs_find(sysfs, function->parent);
		if (above) {
			function->info.parent = above->node;
			share_link(sysfs, function, above);
		}
		place_virtual(sysfs, function);
		status =
			p2p_fabric_update(sysfs->machine->builder, function->node, &function->info);
		if (status)
			return status;
	}
	return 0;
}

static int build(struct p2p_sysfs *sysfs, struct p2p_error *error)
{
	int status;

	for (uint32_t i = 0; i < sysfs->count; i++)
		p2p_sysfs_function_read(sysfs, &sysfs->functions[i]);
	mark_bridges(sysfs);
	status = add_functions(sysfs);
	if (!status)
		status = p2p_sysfs_windows(sysfs);
	if (!status)
		status = place_functions(sysfs);
	if (status)
		return p2p_error_set(error, status, "%s: cannot build the fabric: %s", sysfs->path,
				     strerror(-status));
	if (sysfs->links_missing)
		p2p_fabric_set_partial(sysfs->machine->builder);
	p2p_sysfs_names(sysfs);
	p2p_sysfs_iommu(sysfs);
	return 0;
}

int p2p_sysfs_read(const char *path, const struct p2p_tree *tree, bool live,
		   struct p2p_machine *machine, struct p2p_error *error)
{
	struct p2p_sysfs sysfs = {
		.path = path,
		.tree = tree,
		.machine = machine,
		.live = live,
		.complete = live,
	};
	int status;

	machine->live = live;
	status = p2p_sysfs_platform(&sysfs, error);
	if (!status)
		status = list_functions(&sysfs, error);
	if (!status) {
		sysfs.ids = p2p_models_list(machine);
		status = build(&sysfs, error);
	}
	machine->complete = sysfs.complete;
	for (uint32_t i = 0; i < sysfs.count; i++)
		free(sysfs.functions[i].folder);
	free(sysfs.functions);
	return status;
}
