// SPDX-License-Identifier: MIT
/*
 * Host bridges in the device tree that firmware gave Linux:
 *
 *     sys/class/pci_bus/0000:00 -> DIRECTORY, whose of_node ->
 * sys/firmware/devicetree/base/.../pcie@10000000
 */
#include "device_tree.h"
#include "sysfs_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANGES_MAX 4096u

/* A property that is one number below 65536; `absent` if there is none, 0 if it is no such number.
 */
static uint32_t number(const struct p2p_sysfs *sysfs, const char *node, const char *name,
		       uint32_t absent)
{
	char path[P2P_TREE_PATH];
	struct p2p_blob blob;
	uint32_t value = 0;

	if (!p2p_sysfs_join(path, node, name) ||
	    p2p_tree_read(sysfs->tree, path, sizeof(uint32_t), &blob))
		return absent;
	if (blob.size == sizeof(uint32_t) && !blob.data[0] && !blob.data[1])
		value = (uint32_t)((uint8_t)blob.data[2] << 8 | (uint8_t)blob.data[3]);
	free(blob.data);
	return value;
}

/* The parent's property; the default, where it has none, is 2 (Devicetree Specification, 2.3.5). */
static uint32_t parent_words(const struct p2p_sysfs *sysfs, const char *node)
{
	char parent[P2P_TREE_PATH];

	snprintf(parent, sizeof(parent), "%s", node);
	*strrchr(parent, '/') = '\0';
	return number(sysfs, parent, "#address-cells", 2);
}

/* Whether buses above this node pass on all addresses as they are: they have an empty `ranges`. */
static bool is_cpu_space(const struct p2p_sysfs *sysfs, const char *node)
{
	static const char root[] = "sys/firmware/devicetree/base";
	char path[P2P_TREE_PATH], file[P2P_TREE_PATH];
	struct p2p_blob blob;
	bool identity;

	snprintf(path, sizeof(path), "%s", node);
	while (strrchr(path, '/')) {
		*strrchr(path, '/') = '\0';
		if (!strcmp(path, root))
			return true;
		if (!p2p_sysfs_join(file, path, "ranges") ||
		    p2p_tree_read(sysfs->tree, file, 1, &blob))
			return false;
		identity = !blob.size;
		free(blob.data);
		if (!identity)
			return false;
	}
	return false;
}

struct teller {
	p2p_sysfs_each_window *each;
	void *context;
	struct p2p_bdf root;
};

static bool tell(void *context, const struct p2p_range *range)
{
	const struct teller *teller = context;

	return teller->each(teller->context, teller->root, range);
}

static void read_m64(struct p2p_sysfs *sysfs, const char *node, struct teller *teller)
{
	char path[P2P_TREE_PATH];
	struct p2p_blob blob;
	struct p2p_range range;

	if (!p2p_sysfs_join(path, node, "ibm,opal-m64-window") ||
	    p2p_tree_read(sysfs->tree, path, RANGES_MAX, &blob))
		return;
	if (p2p_device_tree_m64(blob.data, blob.size, number(sysfs, node, "ibm,opal-num-pes", 0),
				&range) ||
	    !tell(teller, &range))
		p2p_build_warn(sysfs->machine, "%s: %s is no window of a host bridge; left out",
			       sysfs->path, path);
	free(blob.data);
}

static void read_node(struct p2p_sysfs *sysfs, const char *node, struct teller *teller)
{
	char path[P2P_TREE_PATH];
	struct p2p_blob blob;

	if (!is_cpu_space(sysfs, node) || !p2p_sysfs_join(path, node, "ranges") ||
	    p2p_tree_read(sysfs->tree, path, RANGES_MAX, &blob))
		return;
	if (p2p_device_tree_ranges(blob.data, blob.size, parent_words(sysfs, node), tell, teller))
		p2p_build_warn(
			sysfs->machine,
			"%s: %s: not all of it is windows of a host bridge; the rest is left out",
			sysfs->path, path);
	free(blob.data);
	read_m64(sysfs, node, teller);
}

void p2p_sysfs_device_tree(struct p2p_sysfs *sysfs, p2p_sysfs_each_window *each, void *context)
{
	struct teller teller = { each, context, .root.domain = UINT32_MAX };
	char name[32], bus[P2P_TREE_PATH], node[P2P_TREE_PATH];

	for (uint32_t i = 0; i < sysfs->count; i++) {
		const struct p2p_sysfs_function *function = &sysfs->functions[i];

		/* By address, so each root bus has its functions together. */
		if (!function->has_root || !p2p_bdf_compare(teller.root, function->root))
			continue;
		teller.root = function->root;
		snprintf(name, sizeof(name), "%04x:%02x", teller.root.domain, teller.root.bus);
		if (p2p_sysfs_resolve(sysfs, "sys/class/pci_bus", name, bus) &&
		    p2p_sysfs_resolve(sysfs, bus, "of_node", node))
			read_node(sysfs, node, &teller);
	}
}
