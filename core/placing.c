// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Who is above whom: an explicit parent, else what the bus numbers say.
 *
 * PCI-to-PCI Bridge Architecture 1.2, 3.2.5: a bridge forwards what is addressed to its
 * secondary bus and to any bus up to its subordinate one. A virtual function may sit on a bus
 * number that no bridge has as its secondary (SR-IOV 3.1, 2.1.2), so ranges count too, the
 * narrowest first.
 */
#include "placing.h"

#define BUSES 256u

/* One domain's buses, each with the node that leads to it. */
struct bus_map {
	p2p_node exact[BUSES];  /* whose secondary (root) bus it is */
	p2p_node within[BUSES]; /* the narrowest whose range holds it */
	uint16_t width[BUSES];  /* of that range */
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

static int add_host_bridge(struct p2p_fabric_builder *builder, struct p2p_bdf bdf, p2p_node *node)
{
	struct p2p_node_info info;

	p2p_node_info_init(&info);
	info.kind = P2P_KIND_HOST_BRIDGE;
	info.bdf.domain = bdf.domain;
	info.bdf.bus = bdf.bus;
	info.implied = true;
	return p2p_builder_append(builder, &info, node);
}

static int place_by_bus(struct p2p_fabric_builder *builder, struct bus_map *map, p2p_node node)
{
	struct p2p_bdf bdf = builder->info[node].bdf;
	p2p_node above = map->exact[bdf.bus];

	if (above == P2P_NO_NODE)
		above = map->within[bdf.bus];
	if (above == P2P_NO_NODE) {
		int error = add_host_bridge(builder, bdf, &above);

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
	memset(map, 0xff, sizeof(*map));
	for (uint32_t i = 0; i < count; i++)
		note_buses(map, order[i].node, &builder->info[order[i].node]);
	for (uint32_t i = 0; i < count; i++) {
		const struct p2p_node_info *info = &builder->info[order[i].node];
		int error;

		if (!parent_is_possible(builder, info)) {
			*culprit = order[i].node;
			return -EINVAL;
		}
		if (is_root(info) || info->parent != P2P_NO_NODE)
			continue;
		error = place_by_bus(builder, map, order[i].node);
		if (error)
			return error;
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
