// SPDX-License-Identifier: MIT
/*
 * The names people know a function by: the kernel's class devices that lie below it.
 */
#include "sysfs_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct class_directory {
	const char *path;
	enum p2p_name_kind kind;
};

/* sys/class/block has partitions, too; kernels and captures without it have sys/block. */
static const struct class_directory directories[] = {
	{ "sys/class/nvme", P2P_NAME_NVME },
	{ "sys/block", P2P_NAME_BLOCK },
	{ "sys/class/block", P2P_NAME_BLOCK },
	{ "sys/class/net", P2P_NAME_NET },
	{ "sys/class/infiniband", P2P_NAME_INFINIBAND },
	{ "sys/class/drm", P2P_NAME_DRM },
	{ "sys/class/accel", P2P_NAME_OTHER },
	{ "sys/class/mic", P2P_NAME_OTHER },
};

struct listing {
	struct p2p_sysfs *sysfs;
	const struct class_directory *directory;
	const char *block; /* a multipath disk's name */
};

static void give_name(struct listing *listing, const struct p2p_sysfs_function *function,
		      const char *name)
{
	p2p_build_name(listing->sysfs->machine, function->node, listing->directory->kind, name,
		       strlen(name));
}

/*
 * A partition's directory is inside its disk's, whose name its own begins with: sda/sda1,
 * nvme0n1/nvme0n1p1. A disk can be inside a directory that looks so, too: nvme0/nvme0n1.
 */
static bool is_partition(const char *target, const char *name)
{
	const char *end = strrchr(target, '/');
	const char *disk = end;
	size_t length;

	while (disk && disk > target && disk[-1] != '/')
		disk--;
	if (!disk || disk == end)
		return false;
	length = (size_t)(end - disk);
	if (strncmp(disk, name, length))
		return false;
	name += length;
	name += *name == 'p';
	return *name && !name[strspn(name, "0123456789")];
}

/* Connectors (card0-DP-1) are parts of a card. */
static bool is_part(const struct listing *listing, const char *target, const char *name)
{
	if (listing->directory->kind == P2P_NAME_DRM)
		return strchr(name, '-');
	return listing->directory->kind == P2P_NAME_BLOCK && is_partition(target, name);
}

/* A controller that is a path to a multipath disk. */
static int each_path(void *context, const char *name)
{
	struct listing *listing = context;
	const struct p2p_sysfs_function *function;
	char target[P2P_TREE_PATH];

	if (strncmp(name, "nvme", 4) ||
	    !p2p_sysfs_resolve(listing->sysfs, listing->directory->path, name, target))
		return 0;
	function = p2p_sysfs_in_path(listing->sysfs, target);
	if (function)
		give_name(listing, function, listing->block);
	return 0;
}

/*
 * With nvme's multipath the disk lies below the subsystem, which is virtual:
 * sys/devices/virtual/nvme-subsystem/nvme-subsys0/{nvme0n1,nvme0 -> a controller}.
 */
static void name_paths(struct listing *listing, char *target, const char *name)
{
	struct class_directory subsystem = { target, P2P_NAME_BLOCK };
	struct listing paths = { listing->sysfs, &subsystem, name };
	char *end = strrchr(target, '/');

	if (!strstr(target, "/nvme-subsystem/") || !end)
		return;
	*end = '\0';
	p2p_tree_list(listing->sysfs->tree, target, each_path, &paths);
}

/*
 * "cmbloc : 0x00000002", "cmbsz  : 0x00004019" of a controller that has a buffer: cmb_show() in
 * drivers/nvme/host/pci.c. The fields are NVME_CMB_BIR() and others in include/linux/nvme.h.
 */
static void read_buffer(struct p2p_sysfs *sysfs, p2p_node node, const char *directory)
{
	struct p2p_cmb *cmb = &p2p_build_device(sysfs->machine, node)->cmb;
	struct p2p_span text, place, size;
	char attribute[P2P_ATTRIBUTE];
	uint64_t location, extent, unit;

	if (!p2p_sysfs_attribute(sysfs, directory, "cmb", attribute)) {
		cmb->known = sysfs->complete ? P2P_ABSENT : P2P_UNKNOWN;
		return;
	}
	text = p2p_span(attribute);
	place = p2p_span_after(text, "cmbloc : 0x");
	size = p2p_span_after(text, "cmbsz  : 0x");
	if (!place.text || !size.text || !p2p_span_hex(&place, 8, &location) ||
	    !p2p_span_hex(&size, 8, &extent) || (extent >> 8 & 0xf) > 6 ||
	    (location & 7) >= P2P_BARS)
		return;
	/* 4 KiB times a power of 16 up to 64 GiB. */
	unit = 4096ull << 4 * (extent >> 8 & 0xf);
	*cmb = (struct p2p_cmb){
		.known = extent >> 12 ? P2P_PRESENT : P2P_ABSENT,
		.bar = (uint8_t)(location & 7),
		.offset = unit * (location >> 12),
		.size = unit * (extent >> 12),
	};
}

static void read_firmware(struct p2p_sysfs *sysfs, p2p_node node, const char *directory)
{
	char text[P2P_ATTRIBUTE];

	if (p2p_sysfs_attribute(sysfs, directory, "firmware_rev", text) && *text)
		p2p_build_device(sysfs->machine, node)->firmware =
			p2p_build_text(sysfs->machine, text, strlen(text));
}

static int each_name(void *context, const char *name)
{
	struct listing *listing = context;
	const struct p2p_sysfs_function *function;
	char target[P2P_TREE_PATH], directory[P2P_TREE_PATH];

	/* Old kernels have a directory here, with a link "device" in it. */
	if (!p2p_sysfs_resolve(listing->sysfs, listing->directory->path, name, target) &&
	    (!p2p_sysfs_join(directory, listing->directory->path, name) ||
	     !p2p_sysfs_resolve(listing->sysfs, directory, "device", target)))
		return 0;
	if (is_part(listing, target, name))
		return 0;
	function = p2p_sysfs_in_path(listing->sysfs, target);
	if (function)
		give_name(listing, function, name);
	if (function && listing->directory->kind == P2P_NAME_NVME) {
		read_buffer(listing->sysfs, function->node, target);
		read_firmware(listing->sysfs, function->node, target);
	} else if (!function && listing->directory->kind == P2P_NAME_BLOCK) {
		name_paths(listing, target, name);
	}
	return 0;
}

/* sys/bus/pci/slots/NAME/address is "0000:03:00": a slot holds all functions of a device. */
static int each_slot(void *context, const char *name)
{
	struct p2p_sysfs *sysfs = context;
	char directory[P2P_TREE_PATH], text[P2P_ATTRIBUTE], first[P2P_ATTRIBUTE + 2];
	struct p2p_span address;
	struct p2p_bdf bdf;

	if (!p2p_sysfs_join(directory, "sys/bus/pci/slots", name) ||
	    !p2p_sysfs_attribute(sysfs, directory, "address", text))
		return 0;
	snprintf(first, sizeof(first), "%s.0", text);
	address = p2p_span(first);
	if (!p2p_span_bdf(&address, &bdf) || address.length)
		return 0;
	for (unsigned int function = 0; function < 8; function++, bdf.devfn++) {
		const struct p2p_sysfs_function *found = p2p_sysfs_find(sysfs, bdf);

		if (found)
			p2p_build_device(sysfs->machine, found->node)->slot =
				p2p_build_text(sysfs->machine, name, strlen(name));
	}
	return 0;
}

void p2p_sysfs_names(struct p2p_sysfs *sysfs)
{
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		struct listing listing = { sysfs, &directories[i], NULL };

		p2p_tree_list(sysfs->tree, directories[i].path, each_name, &listing);
	}
	p2p_tree_list(sysfs->tree, "sys/bus/pci/slots", each_slot, sysfs);
}

struct groups {
	struct p2p_sysfs *sysfs;
	uint32_t count;
};

static int each_group(void *context, const char *name)
{
	struct groups *groups = context;
	char directory[P2P_TREE_PATH], type[P2P_ATTRIBUTE];
	uint64_t id;

	if (!p2p_span_number(p2p_span(name), &id) || id > INT32_MAX)
		return 0;
	groups->count++;
	if (p2p_sysfs_join(directory, "sys/kernel/iommu_groups", name) &&
	    p2p_sysfs_attribute(groups->sysfs, directory, "type", type) && *type)
		p2p_build_group(groups->sysfs->machine, (int32_t)id, type, strlen(type));
	return 0;
}

/* A kernel without IOMMU support has no directory of groups; with it, an idle one has an empty one.
 */
void p2p_sysfs_iommu(struct p2p_sysfs *sysfs)
{
	struct groups groups = { sysfs, 0 };
	bool listed = !p2p_tree_list(sysfs->tree, "sys/kernel/iommu_groups", each_group, &groups);

	for (uint32_t i = 0; i < sysfs->count; i++)
		groups.count += sysfs->functions[i].info.iommu_group != P2P_GROUP_UNKNOWN;
	if (groups.count)
		sysfs->machine->platform.iommu = P2P_PRESENT;
	else if (listed || sysfs->complete)
		sysfs->machine->platform.iommu = P2P_ABSENT;
}
