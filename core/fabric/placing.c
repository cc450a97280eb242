// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Who is above whom: an explicit parent, else what the bus numbers say.
 *
 * PCI-to-PCI Bridge Architecture 1.2, 3.2.5: a bridge forwards what is addressed to its
 * secondary bus and to any bus up to its subordinate one. A virtual function may sit on a bus
 * number that no bridge has as its secondary (SR-IOV 3.1, 2.1.2), so ranges count too, the
 * narrowest first.
 *
 * Where the source may not show everything (a partial fabric), a bus without a bridge above is no
 * root bus for that, and a bus inside a bridge's range may be below a port that is not shown.
 */
#include "placing.h"

#define BUSES 256u

#define CLASS_HOST_BRIDGE          0x0600u
#define CLASS_SYSTEM_PERIPHERAL    0x0880u
#define CLASS_PERFORMANCE_COUNTERS 0x1101u
#define TYPE_INTEGRATED            9
#define TYPE_EVENT_COLLECTOR       10
#define VENDOR_INTEL               0x8086u

/* One domain's buses, each with the node that leads to it. */
struct bus_map {
	p2p_node exact[BUSES];  /* whose secondary (root) bus it is */
	p2p_node within[BUSES]; /* the narrowest whose range holds it */
	uint16_t width[BUSES];  /* of that range */
	bool root[BUSES];       /* partial fabrics: what is on it can only be on a root bus */
	bool other[BUSES];      /* something on it is not part of a chipset */
};

static void note_range(struct bus_map *map, p2p_node node, unsigned int first, unsigned int last)
{
	uint16_t width = (uint16_t)(last - first);

	if (map->exact[first] == P2P_NO_NODE)
		map->exact[first] = node;
	for (unsigned int bus = first; bus <= last; bus++) {
		if (map->within[bus] != P2P_NO_NODE && map->width[bus] <= width)
			continue;
		map->within[bus] = node;
		map->width[bus] = width;
	}
}

static void note_buses(struct bus_map *map, p2p_node node, const struct p2p_node_info *info)
{
	unsigned int first, last;

	if (info->kind == P2P_KIND_HOST_BRIDGE)
		first = info->bdf.bus;
	else if (p2p_kind_is_bridge(info->kind) && info->secondary != 0)
		first = info->secondary;
	else
		return;
	last = info->subordinate > first ? info->subordinate : first;
	note_range(map, node, first, last);
}

/* PCIe 7.5.3.2: root ports, integrated endpoints and event collectors are on root buses. */
static bool only_on_root_bus(const struct p2p_node_info *info)
{
	if (info->bdf.bus == 0 || info->class_code >> 8 == CLASS_HOST_BRIDGE)
		return true;
	return info->kind == P2P_KIND_ROOT_PORT ||
	       (info->pcie == P2P_PRESENT && info->kind == P2P_KIND_ENDPOINT &&
		(info->port_type == TYPE_INTEGRATED || info->port_type == TYPE_EVENT_COLLECTOR));
}

/* The parts of Intel's processors that have a root bus of their own (7f, ff) are such only. */
static bool is_chipset(const struct p2p_node_info *info)
{
	return info->vendor == VENDOR_INTEL && info->pcie != P2P_PRESENT &&
	       (info->class_code >> 8 == CLASS_SYSTEM_PERIPHERAL ||
		info->class_code >> 8 == CLASS_PERFORMANCE_COUNTERS);
}

static void note_evidence(struct bus_map *map, const struct p2p_node_info *info)
{
	if (info->kind == P2P_KIND_HOST_BRIDGE || info->kind == P2P_KIND_OFF_BUS)
		return;
	map->root[info->bdf.bus] |= only_on_root_bus(info);
	map->other[info->bdf.bus] |= !is_chipset(info);
}

/*
 * Function 0 of a port's secondary bus is always there (PCIe 7.3.1); where it is not a bridge, the
 * port's other buses are those of virtual functions.
 */
static bool ends_below(const struct p2p_fabric_builder *builder, const struct p2p_node_info *port)
{
	struct p2p_bdf below = { .domain = port->bdf.domain, .bus = port->secondary };
	p2p_node first;

	if (port->kind != P2P_KIND_ROOT_PORT && port->kind != P2P_KIND_DOWNSTREAM_PORT)
		return false;
	first = p2p_index_find(&builder->index, p2p_index_function_key(below));
	return first != P2P_NO_NODE && builder->info[first].kind == P2P_KIND_ENDPOINT &&
	       builder->info[first].class_code != UINT32_MAX;
}

/* Whether ports that are not shown may be between a function and what it was placed below. */
static bool has_gap(const struct p2p_fabric_builder *builder, const struct p2p_node_info *info)
{
	const struct p2p_node_info *above = &builder->info[info->parent];

	if (!builder->partial || info->gap)
		return info->gap;
	if (above->bdf.domain != info->bdf.domain)
		return true;
	if (above->kind == P2P_KIND_HOST_BRIDGE)
		return above->bdf.bus != info->bdf.bus;
	return above->secondary != info->bdf.bus && !ends_below(builder, above);
}

static int add_host_bridge(struct p2p_fabric_builder *builder, const struct bus_map *map,
			   struct p2p_bdf bdf, p2p_node *node)
{
	struct p2p_node_info info;

	p2p_node_info_init(&info);
	info.kind = P2P_KIND_HOST_BRIDGE;
	info.bdf.domain = bdf.domain;
	info.bdf.bus = bdf.bus;
	info.unplaced = builder->partial && !map->root[bdf.bus] && map->other[bdf.bus];
	return p2p_builder_append(builder, &info, node);
}

static int place_by_bus(struct p2p_fabric_builder *builder, struct bus_map *map, p2p_node node)
{
	struct p2p_bdf bdf = builder->info[node].bdf;
	p2p_node above = map->exact[bdf.bus];

	if (above == P2P_NO_NODE)
		above = map->within[bdf.bus];
	if (above == P2P_NO_NODE) {
		int error = add_host_bridge(builder, map, bdf, &above);

		if (error)
			return error;
		map->exact[bdf.bus] = above;
	}
	builder->info[node].parent = above;
	return 0;
}

static bool is_root(const struct p2p_node_info *info)
{
	return info->kind == P2P_KIND_HOST_BRIDGE || info->kind == P2P_KIND_OFF_BUS;
}

static bool parent_is_possible(const struct p2p_fabric_builder *builder,
			       const struct p2p_node_info *info)
{
	enum p2p_kind above;

	if (info->parent == P2P_NO_NODE)
		return true;
	above = builder->info[info->parent].kind;
	return !is_root(info) && (above == P2P_KIND_HOST_BRIDGE || p2p_kind_is_bridge(above));
}

/* `order[0]` up to `order[count - 1]`: all the nodes of one domain. */
static int place_domain(struct p2p_fabric_builder *builder, struct bus_map *map,
			const struct p2p_sorted *order, uint32_t count, p2p_node *culprit)
{
	memset(map, 0, sizeof(*map));
	memset(map->exact, 0xff, sizeof(map->exact));
	memset(map->within, 0xff, sizeof(map->within));
	for (uint32_t i = 0; i < count; i++) {
		note_buses(map, order[i].node, &builder->info[order[i].node]);
		note_evidence(map, &builder->info[order[i].node]);
	}
	for (uint32_t i = 0; i < count; i++) {
		const struct p2p_node_info *info = &builder->info[order[i].node];
		int error;

		if (!parent_is_possible(builder, info)) {
			*culprit = order[i].node;
			return -EINVAL;
		}
		if (is_root(info))
			continue;
		if (info->parent == P2P_NO_NODE) {
			error = place_by_bus(builder, map, order[i].node);
			if (error)
				return error;
		}
		info = &builder->info[order[i].node];
		builder->info[order[i].node].gap = has_gap(builder, info);
	}
	return 0;
}

static uint32_t domain_length(const struct p2p_sorted *order, uint32_t count)
{
	uint32_t length = 1;

	while (length < count && order[length].key >> 16 == order[0].key >> 16)
		length++;
	return length;
}

int p2p_place_parents(struct p2p_fabric_builder *builder, p2p_node *culprit)
{
	const struct p2p_allocator *allocator = &builder->allocator;
	uint32_t count = builder->count;
	struct p2p_sorted *order = p2p_sort_by_address(allocator, builder->info, count);
	struct bus_map *map = p2p_array_new(allocator, 1, sizeof(*map));
	int error = order && map ? 0 : -ENOMEM;

	for (uint32_t i = 0, length; i < count && !error; i += length) {
		length = domain_length(order + i, count - i);
		error = place_domain(builder, map, order + i, length, culprit);
	}
	p2p_array_free(allocator, order);
	p2p_array_free(allocator, map);
	return error;
}
