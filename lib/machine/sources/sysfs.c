// SPDX-License-Identifier: MIT
/*
 * A machine from a tree with sys/ and proc/: the functions in it, step by step.
 */
#include "sysfs_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

static int collect(void *context, const char *name)
{
	struct p2p_sysfs *sysfs = context;
	struct p2p_sysfs_function *function;
	char directory[P2P_TREE_PATH];
	struct p2p_bdf bdf;

	if (!p2p_sysfs_is_bdf(p2p_span(name), &bdf)) {
		p2p_build_warn(sysfs->machine,
			       "%s: sys/bus/pci/devices/%.40s: no PCI address; left out",
			       sysfs->path, name);
		return 0;
	}
	if (sysfs->count == P2P_FUNCTIONS_MAX)
		return -EFBIG;
	if (!p2p_grow((void **)&sysfs->functions, sysfs->count, &sysfs->room, sizeof(*function)))
		return -ENOMEM;
	if (!p2p_sysfs_resolve(sysfs, "sys/bus/pci/devices", name, directory) &&
	    !p2p_sysfs_join(directory, "sys/bus/pci/devices", name))
		return -ENAMETOOLONG;
	function = &sysfs->functions[sysfs->count];
	memset(function, 0, sizeof(*function));
	function->bdf = bdf;
	function->node = P2P_NO_NODE;
	function->directory = strdup(directory);
	if (!function->directory)
		return -ENOMEM;
	sysfs->count++;
	p2p_sysfs_place(function);
	sysfs->links_missing |= !function->has_root;
	return 0;
}

/* "0000:03:00.0" and "00000:03:00.0" are one address. */
static void drop_doubles(struct p2p_sysfs *sysfs)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < sysfs->count; i++) {
		if (kept && !p2p_sysfs_compare(&sysfs->functions[kept - 1], &sysfs->functions[i])) {
			free(sysfs->functions[i].directory);
			continue;
		}
		sysfs->functions[kept++] = sysfs->functions[i];
	}
	sysfs->count = kept;
}

static int list_functions(struct p2p_sysfs *sysfs, struct p2p_error *error)
{
	int rc = p2p_tree_list(sysfs->tree, "sys/bus/pci/devices", collect, sysfs);

	if (rc == -ENOENT && (sysfs->live || sysfs->is_capture)) {
		/* What hides this hides more: nothing else is absent for sure. */
		sysfs->complete = false;
		p2p_build_warn(sysfs->machine,
			       "no /sys/bus/pci/devices: the kernel or container that was read "
			       "shows no PCI devices; run on the host, or give a capture of it");
		return 0;
	}
	if (rc == -ENOENT)
		return p2p_error_set(error, -EBADMSG,
				     "%s: no sys/bus/pci/devices in it; give the directory or "
				     "archive that holds sys/",
				     sysfs->path);
	if (rc == -EFBIG)
		return p2p_error_set(error, rc,
				     "%s: more than %u PCI functions; no machine has that many",
				     sysfs->path, P2P_FUNCTIONS_MAX);
	if (rc)
		return p2p_error_set(error, rc, "%s: sys/bus/pci/devices: %s", sysfs->path,
				     strerror(-rc));
	if (sysfs->count)
		qsort(sysfs->functions, sysfs->count, sizeof(*sysfs->functions), p2p_sysfs_compare);
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
		int rc = 0;

		if (function->has_root)
			rc = p2p_build_root_add(sysfs->machine, function->root, &root);

		if (!rc)
			rc = p2p_build_add(sysfs->machine, &function->info, &function->node);
		if (rc)
			return rc;
		p2p_sysfs_facts(sysfs, function);
	}
	return 0;
}

static void place_virtual(struct p2p_sysfs *sysfs, const struct p2p_sysfs_function *function)
{
	struct p2p_sysfs_function *physical = NULL;
	char target[P2P_TREE_PATH];

	if (p2p_sysfs_resolve(sysfs, function->directory, "physfn", target))
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
		int rc;

		if (function->has_parent)
			above = p2p_sysfs_find(sysfs, function->parent);
		if (above) {
			function->info.parent = above->node;
			share_link(sysfs, function, above);
		}
		place_virtual(sysfs, function);
		rc = p2p_fabric_update(sysfs->machine->builder, function->node, &function->info);
		if (rc)
			return rc;
	}
	return 0;
}

static int build(struct p2p_sysfs *sysfs, struct p2p_error *error)
{
	int rc;

	for (uint32_t i = 0; i < sysfs->count; i++)
		p2p_sysfs_function_read(sysfs, &sysfs->functions[i]);
	mark_bridges(sysfs);
	rc = add_functions(sysfs);
	if (!rc)
		rc = p2p_sysfs_windows(sysfs);
	if (!rc)
		rc = place_functions(sysfs);
	if (rc)
		return p2p_error_set(error, rc, "%s: cannot build the fabric: %s", sysfs->path,
				     strerror(-rc));
	if (sysfs->links_missing)
		p2p_fabric_set_partial(sysfs->machine->builder);
	p2p_sysfs_names(sysfs);
	p2p_sysfs_iommu(sysfs);
	p2p_sysfs_bios(sysfs);
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
	int rc;

	machine->live = live;
	rc = p2p_sysfs_platform(&sysfs, error);
	if (!rc)
		rc = list_functions(&sysfs, error);
	if (!rc) {
		sysfs.ids = p2p_models_list(machine);
		rc = build(&sysfs, error);
	}
	machine->complete = sysfs.complete;
	for (uint32_t i = 0; i < sysfs.count; i++)
		free(sysfs.functions[i].directory);
	free(sysfs.functions);
	return rc;
}
