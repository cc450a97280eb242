// SPDX-License-Identifier: MIT
/*
 * One PCI function's attributes: Documentation/ABI/testing/sysfs-bus-pci.
 */
#include <p2pmem/text.h>
#include "sysfs_source.h"

#include <stdlib.h>
#include <string.h>

#include "config_space.h"

/* include/linux/ioport.h */
#define IORESOURCE_IO       0x00000100u
#define IORESOURCE_MEM      0x00000200u
#define IORESOURCE_PREFETCH 0x00002000u
/* What it was in old kernels (tests/topologies/2n8c-*): today a type, as memory is another. */
#define OLD_PREFETCH 0x00001000u
/* The low bits of a BAR's flags are the register's own: PCI_BASE_ADDRESS_MEM_PREFETCH. */
#define BAR_PREFETCH      0x00000008u
#define IORESOURCE_MEM_64 0x00100000u
#define IORESOURCE_UNSET  0x20000000u

/* include/linux/pci.h: 6 BARs, the ROM, 6 of SR-IOV where built in, 4 windows of a bridge. */
#define RESOURCE_LINES_MAX   32
#define RESOURCES_WITH_SRIOV 17
#define RESOURCES_BRIDGE     11
#define WINDOW_LINE          7
#define WINDOW_LINE_SRIOV    13

/* PCI Local Bus 3.0, 6.1: a byte of the header. */
#define CONFIG_REVISION 8

static bool number_attribute(const struct p2p_sysfs *sysfs, const char *directory, const char *name,
			     uint64_t *value)
{
	char text[P2P_ATTRIBUTE];

	return p2p_sysfs_attribute(sysfs, directory, name, text) &&
	       p2p_span_number(p2p_span(text), value);
}

/* One part of "pci:v00008086d0000464Dsv000017AAsd000022E7bc06sc04i00". */
static bool modalias_part(struct p2p_span *alias, const char *key, unsigned int digits,
			  uint64_t *value)
{
	return p2p_span_skip(alias, key) && p2p_span_hex_exact(alias, digits, value);
}

/* All ids in one read: file2alias.c, do_pci_entry(). */
static bool read_modalias(struct p2p_sysfs *sysfs, struct p2p_sysfs_function *function)
{
	uint64_t vendor, device, subvendor, subdevice, base, sub, interface;
	struct p2p_node_info *info = &function->info;
	char text[P2P_ATTRIBUTE];
	struct p2p_span alias;

	if (!p2p_sysfs_attribute(sysfs, function->directory, "modalias", text))
		return false;
	alias = p2p_span(text);
	if (!modalias_part(&alias, "pci:v", 8, &vendor) ||
	    !modalias_part(&alias, "d", 8, &device) ||
	    !modalias_part(&alias, "sv", 8, &subvendor) ||
	    !modalias_part(&alias, "sd", 8, &subdevice) || !modalias_part(&alias, "bc", 2, &base) ||
	    !modalias_part(&alias, "sc", 2, &sub) || !modalias_part(&alias, "i", 2, &interface) ||
	    (vendor | device) > 0xffff || (subvendor | subdevice) > 0xffff)
		return false;
	info->vendor = (uint16_t)vendor;
	info->device = (uint16_t)device;
	info->subsystem_vendor = (uint16_t)subvendor;
	info->subsystem_device = (uint16_t)subdevice;
	info->class_code = (uint32_t)(base << 16 | sub << 8 | interface);
	return true;
}

static void read_id(struct p2p_sysfs *sysfs, struct p2p_sysfs_function *function, const char *name,
		    uint16_t *id)
{
	uint64_t value;

	if (number_attribute(sysfs, function->directory, name, &value) && value <= 0xffff)
		*id = (uint16_t)value;
}

static void read_ids(struct p2p_sysfs *sysfs, struct p2p_sysfs_function *function)
{
	uint64_t value;

	if (read_modalias(sysfs, function))
		return;
	read_id(sysfs, function, "vendor", &function->info.vendor);
	read_id(sysfs, function, "device", &function->info.device);
	read_id(sysfs, function, "subsystem_vendor", &function->info.subsystem_vendor);
	read_id(sysfs, function, "subsystem_device", &function->info.subsystem_device);
	if (number_attribute(sysfs, function->directory, "class", &value) && value <= 0xffffff)
		function->info.class_code = (uint32_t)value;
}

/*
 * Each register is a request to the device, and 4 KiB of them take a millisecond or more: what
 * follows the conventional space is read only as far as the question of ACS needs.
 */
static const size_t config_sizes[] = { P2P_CONFIG_PCI, 1024, P2P_CONFIG_PCIE };

static void read_config(struct p2p_sysfs *sysfs, struct p2p_sysfs_function *function,
			struct p2p_link *below)
{
	char path[P2P_TREE_PATH], bdf[P2P_BDF_TEXT];
	struct p2p_node_info *info = &function->info;
	bool enough = !p2p_sysfs_join(path, function->directory, "config");
	struct p2p_blob blob;

	for (size_t i = 0; !enough && i < sizeof(config_sizes) / sizeof(config_sizes[0]); i++) {
		if (p2p_tree_read(sysfs->tree, path, config_sizes[i], &blob))
			return;
		enough = blob.size < config_sizes[i];
		if (p2p_config_decode((const uint8_t *)blob.data, blob.size, info, below)) {
			p2p_build_warn(sysfs->machine,
				       "%s: %s: config is %s; what it would tell is unknown",
				       sysfs->path, p2p_bdf_text(function->bdf, bdf),
				       blob.size < P2P_CONFIG_HEADER ? "cut short"
								     : "all ones (no answer)");
			enough = true;
		} else {
			function->revision_known = P2P_PRESENT;
			function->revision = (uint8_t)blob.data[CONFIG_REVISION];
		}
		p2p_config_resizable((const uint8_t *)blob.data, blob.size, function->bar_max);
		/* The list of capabilities ended, or only an endpoint's resizable BARs may follow.
		 */
		enough |= info->acs.known == P2P_ABSENT ||
			  (info->acs.known == P2P_PRESENT && info->kind != P2P_KIND_ENDPOINT);
		free(blob.data);
	}
}

/* Without config space only the class tells a bridge, and nothing tells which kind of port. */
static void kind_from_class(struct p2p_node_info *info)
{
	uint32_t class = info->class_code >> 8;

	if (info->class_code == UINT32_MAX || info->kind != P2P_KIND_ENDPOINT)
		return;
	if (class == 0x0604 || class == 0x0609)
		info->kind = P2P_KIND_BRIDGE;
	else if (class == 0x0607)
		info->kind = P2P_KIND_PCI_BRIDGE;
}

static void read_bus_numbers(struct p2p_sysfs *sysfs, struct p2p_sysfs_function *function)
{
	uint64_t secondary, subordinate;

	if (function->info.kind != P2P_KIND_BRIDGE || function->info.secondary)
		return;
	if (number_attribute(sysfs, function->directory, "secondary_bus_number", &secondary) &&
	    number_attribute(sysfs, function->directory, "subordinate_bus_number", &subordinate) &&
	    secondary <= subordinate && subordinate <= 0xff) {
		function->info.secondary = (uint8_t)secondary;
		function->info.subordinate = (uint8_t)subordinate;
	}
}

struct resource {
	uint64_t start, end, flags;
};

/* "0x0000000090200000 0x00000000902fffff 0x0000000000040200" a line. */
static unsigned int read_resources(struct p2p_sysfs *sysfs, struct p2p_sysfs_function *function,
				   struct resource resources[RESOURCE_LINES_MAX])
{
	char path[P2P_TREE_PATH], bdf[P2P_BDF_TEXT];
	struct p2p_span rest, line;
	struct p2p_blob blob;
	unsigned int count = 0;

	if (!p2p_sysfs_join(path, function->directory, "resource") ||
	    p2p_tree_read(sysfs->tree, path, 4096, &blob))
		return 0;
	rest = (struct p2p_span){ blob.data, blob.size };
	while (count < RESOURCE_LINES_MAX && p2p_span_line(&rest, &line, NULL)) {
		struct resource *resource = &resources[count];

		if (!p2p_span_skip(&line, "0x") || !p2p_span_hex(&line, 16, &resource->start) ||
		    !p2p_span_skip(&line, " 0x") || !p2p_span_hex(&line, 16, &resource->end) ||
		    !p2p_span_skip(&line, " 0x") || !p2p_span_hex(&line, 16, &resource->flags)) {
			p2p_build_warn(sysfs->machine,
				       "%s: %s: resource line %u is malformed; BARs from there on "
				       "are unknown",
				       sysfs->path, p2p_bdf_text(function->bdf, bdf), count + 1);
			break;
		}
		count++;
	}
	free(blob.data);
	return count;
}

/*
 * The CPU address and size beside the bus address that config space gave. Where the two disagree
 * about the size, the register is not the address of this range.
 */
static void set_range(struct p2p_range *range, const struct resource *resource)
{
	uint64_t size = resource->end - resource->start + 1;

	if (resource->flags & IORESOURCE_MEM && resource->flags & IORESOURCE_UNSET) {
		/* There, and without an address: a register's content is no address then. */
		*range = (struct p2p_range){ .flags = P2P_RANGE_MEMORY };
		return;
	}
	if (!(resource->flags & (IORESOURCE_IO | IORESOURCE_MEM)) ||
	    resource->flags & IORESOURCE_UNSET || resource->end < resource->start || !size)
		return;
	if (range->size && range->size != size)
		range->bus_known = false;
	range->size = size;
	range->cpu.value = resource->start;
	range->cpu_known = true;
	range->flags = resource->flags & IORESOURCE_IO ? P2P_RANGE_IO : P2P_RANGE_MEMORY;
	if (resource->flags & (IORESOURCE_PREFETCH | OLD_PREFETCH))
		range->flags |= P2P_RANGE_PREFETCH;
	if (resource->flags & IORESOURCE_MEM_64)
		range->flags |= P2P_RANGE_64BIT;
}

static void read_ranges(struct p2p_sysfs *sysfs, struct p2p_sysfs_function *function)
{
	struct resource resources[RESOURCE_LINES_MAX];
	unsigned int count = read_resources(sysfs, function, resources);
	unsigned int windows = count >= RESOURCES_WITH_SRIOV ? WINDOW_LINE_SRIOV : WINDOW_LINE;

	for (unsigned int i = 0; i < P2P_BARS && i < count; i++) {
		set_range(&function->info.bar[i], &resources[i]);
		if (resources[i].flags & IORESOURCE_MEM && resources[i].flags & BAR_PREFETCH &&
		    function->info.bar[i].flags & P2P_RANGE_MEMORY)
			function->info.bar[i].flags |= P2P_RANGE_PREFETCH;
	}
	if (function->info.kind == P2P_KIND_ENDPOINT ||
	    (count < RESOURCES_WITH_SRIOV && count != RESOURCES_BRIDGE &&
	     count != RESOURCES_BRIDGE + 1))
		return;
	for (unsigned int i = 0; i < P2P_BRIDGE_WINDOWS; i++)
		set_range(&function->info.window[i], &resources[windows + i]);
}

static uint32_t read_speed(struct p2p_sysfs *sysfs, const char *directory, const char *name)
{
	char text[P2P_ATTRIBUTE];

	return p2p_sysfs_attribute(sysfs, directory, name, text) ? p2p_span_speed(p2p_span(text))
								 : 0;
}

/* 0xff is PCIE_LNK_WIDTH_UNKNOWN; no link is wider than 32. */
static uint8_t read_width(struct p2p_sysfs *sysfs, const char *directory, const char *name)
{
	uint64_t width;

	if (!number_attribute(sysfs, directory, name, &width) || width > 32)
		return 0;
	return (uint8_t)width;
}

/*
 * For those who may not read the link registers. A bridge's attributes tell of the link above or
 * below it, by the kind of port, so they are of no use while that is unknown.
 */
static void read_link(struct p2p_sysfs *sysfs, struct p2p_sysfs_function *function)
{
	struct p2p_link *link = &function->info.link;

	if (function->info.pcie != P2P_UNKNOWN || function->info.kind != P2P_KIND_ENDPOINT)
		return;
	link->max_speed = read_speed(sysfs, function->directory, "max_link_speed");
	/* Only PCI Express functions have these. */
	if (!link->max_speed)
		return;
	link->max_width = read_width(sysfs, function->directory, "max_link_width");
	link->width = read_width(sysfs, function->directory, "current_link_width");
	if (link->width)
		link->speed = read_speed(sysfs, function->directory, "current_link_speed");
}

static void read_numa_and_group(struct p2p_sysfs *sysfs, struct p2p_sysfs_function *function)
{
	char target[P2P_TREE_PATH], text[P2P_ATTRIBUTE];
	struct p2p_span group;
	uint64_t value;

	/* "-1" is not a number here, and means unknown. */
	if (p2p_sysfs_attribute(sysfs, function->directory, "numa_node", text) &&
	    p2p_span_number(p2p_span(text), &value) && value <= INT32_MAX)
		function->info.numa_node = (int32_t)value;
	if (!p2p_sysfs_resolve(sysfs, function->directory, "iommu_group", target))
		return;
	group = p2p_span_after(p2p_span(target), "iommu_groups/");
	if (group.text && p2p_span_number(group, &value) && value <= INT32_MAX)
		function->info.iommu_group = (int32_t)value;
}

void p2p_sysfs_function_read(struct p2p_sysfs *sysfs, struct p2p_sysfs_function *function)
{
	struct p2p_link below = { 0 };

	p2p_node_info_init(&function->info);
	function->info.kind = P2P_KIND_ENDPOINT;
	function->info.bdf = function->bdf;
	read_config(sysfs, function, &below);
	read_ids(sysfs, function);
	kind_from_class(&function->info);
	read_bus_numbers(sysfs, function);
	p2p_build_check_buses(sysfs->machine, &function->info, sysfs->path);
	read_ranges(sysfs, function);
	read_link(sysfs, function);
	read_numa_and_group(sysfs, function);
	function->link_below = below;
}

static void read_memory(struct p2p_sysfs *sysfs, const char *directory,
			struct p2p_peer_memory *memory)
{
	uint64_t published;

	if (!number_attribute(sysfs, directory, "p2pmem/size", &memory->size)) {
		memory->known = sysfs->complete ? P2P_ABSENT : P2P_UNKNOWN;
		return;
	}
	memory->known = P2P_PRESENT;
	number_attribute(sysfs, directory, "p2pmem/available", &memory->available);
	memory->published =
		number_attribute(sysfs, directory, "p2pmem/published", &published) && published;
}

static const char *model(struct p2p_sysfs *sysfs, const struct p2p_node_info *info)
{
	char text[P2P_ATTRIBUTE];

	if (!p2p_pci_ids_model(sysfs->ids, info->vendor, info->device, text, sizeof(text)))
		return NULL;
	return p2p_build_text(sysfs->machine, text, strlen(text));
}

void p2p_sysfs_facts(struct p2p_sysfs *sysfs, const struct p2p_sysfs_function *function)
{
	struct p2p_device *device = p2p_build_device(sysfs->machine, function->node);
	char target[P2P_TREE_PATH], text[P2P_ATTRIBUTE];

	device->link_below = function->link_below;
	memcpy(device->bar_max, function->bar_max, sizeof(device->bar_max));
	device->revision_known = function->revision_known;
	device->revision = function->revision;
	device->model = model(sysfs, &function->info);
	device->driver_known = sysfs->complete ? P2P_ABSENT : P2P_UNKNOWN;
	if (p2p_sysfs_resolve(sysfs, function->directory, "driver", target)) {
		const char *name = strrchr(target, '/');

		name = name ? name + 1 : target;
		device->driver_known = P2P_PRESENT;
		device->driver = p2p_build_text(sysfs->machine, name, strlen(name));
	}
	if (p2p_sysfs_attribute(sysfs, function->directory, "label", text) && *text)
		device->label = p2p_build_text(sysfs->machine, text, strlen(text));
	read_memory(sysfs, function->directory, &device->memory);
}
