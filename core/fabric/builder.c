// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Collects the nodes and windows of a fabric before it is put together.
 */
#include "private.h"

#define FIRST_ROOM 64u

void p2p_node_info_init(struct p2p_node_info *info)
{
	memset(info, 0, sizeof(*info));
	info->kind = P2P_KIND_ENDPOINT;
	info->parent = P2P_NO_NODE;
	info->vendor = P2P_ID_UNKNOWN;
	info->device = P2P_ID_UNKNOWN;
	info->subsystem_vendor = P2P_ID_UNKNOWN;
	info->subsystem_device = P2P_ID_UNKNOWN;
	info->class_code = UINT32_MAX;
	info->numa_node = P2P_NUMA_UNKNOWN;
	info->iommu_group = P2P_GROUP_UNKNOWN;
}

int p2p_fabric_builder_new(const struct p2p_allocator *allocator,
			   struct p2p_fabric_builder **builder)
{
	struct p2p_fabric_builder *fresh = p2p_array_new(allocator, 1, sizeof(*fresh));

	if (!fresh)
		return -ENOMEM;
	memset(fresh, 0, sizeof(*fresh));
	fresh->allocator = *allocator;
	fresh->index.root = P2P_NO_NODE;
	*builder = fresh;
	return 0;
}

void p2p_fabric_set_partial(struct p2p_fabric_builder *builder)
{
	builder->partial = true;
}

void p2p_fabric_builder_free(struct p2p_fabric_builder *builder)
{
	struct p2p_allocator allocator;

	if (!builder)
		return;
	allocator = builder->allocator;
	p2p_array_free(&allocator, builder->info);
	p2p_array_free(&allocator, builder->index.entry);
	p2p_array_free(&allocator, builder->window);
	p2p_array_free(&allocator, builder);
}

static int make_room(struct p2p_fabric_builder *builder)
{
	uint32_t room = builder->room ? 2 * builder->room : FIRST_ROOM;
	void *info = builder->info;
	void *entry = builder->index.entry;
	int error;

	if (builder->count < builder->room)
		return 0;
	error = p2p_array_grow(&builder->allocator, &info, builder->count, room,
			       sizeof(*builder->info));
	builder->info = info;
	if (error)
		return error;
	error = p2p_array_grow(&builder->allocator, &entry, builder->count, room,
			       sizeof(*builder->index.entry));
	builder->index.entry = entry;
	if (error)
		return error;
	builder->room = room;
	return 0;
}

int p2p_builder_append(struct p2p_fabric_builder *builder, const struct p2p_node_info *info,
		       p2p_node *node)
{
	int error = make_room(builder);

	if (error)
		return error;
	if (!p2p_index_insert(&builder->index, builder->count, p2p_index_key(info)))
		return -EEXIST;
	builder->info[builder->count] = *info;
	*node = builder->count++;
	return 0;
}

static bool acceptable(const struct p2p_fabric_builder *builder, const struct p2p_node_info *info)
{
	if ((unsigned int)info->kind > P2P_KIND_OFF_BUS)
		return false;
	return info->parent == P2P_NO_NODE || info->parent < builder->count;
}

int p2p_fabric_add(struct p2p_fabric_builder *builder, const struct p2p_node_info *info,
		   p2p_node *node)
{
	if (!acceptable(builder, info))
		return -EINVAL;
	if (builder->count >= P2P_FABRIC_NODES_MAX)
		return -ENOSPC;
	return p2p_builder_append(builder, info, node);
}

int p2p_fabric_update(struct p2p_fabric_builder *builder, p2p_node node,
		      const struct p2p_node_info *info)
{
	uint64_t key = p2p_index_key(info);

	if (node >= builder->count || !acceptable(builder, info) || info->parent == node)
		return -EINVAL;
	if (key != builder->index.entry[node].key) {
		if (key != 0 && p2p_index_find(&builder->index, key) != P2P_NO_NODE)
			return -EEXIST;
		p2p_index_remove(&builder->index, node);
		p2p_index_insert(&builder->index, node, key);
	}
	builder->info[node] = *info;
	return 0;
}

p2p_node p2p_fabric_added(const struct p2p_fabric_builder *builder, struct p2p_bdf bdf)
{
	return p2p_index_find(&builder->index, p2p_index_function_key(bdf));
}

p2p_node p2p_fabric_added_root(const struct p2p_fabric_builder *builder, struct p2p_bdf root)
{
	struct p2p_node_info info;

	p2p_node_info_init(&info);
	info.kind = P2P_KIND_HOST_BRIDGE;
	info.bdf = root;
	return p2p_index_find(&builder->index, p2p_index_key(&info));
}

static bool range_fits(const struct p2p_range *range)
{
	uint64_t last = range->size - 1;

	if (range->size == 0 || (!range->cpu_known && !range->bus_known))
		return false;
	if (range->cpu_known && range->cpu.value > UINT64_MAX - last)
		return false;
	return !range->bus_known || range->bus.value <= UINT64_MAX - last;
}

int p2p_fabric_add_window(struct p2p_fabric_builder *builder, p2p_node host_bridge,
			  const struct p2p_range *window)
{
	if (host_bridge >= builder->count ||
	    builder->info[host_bridge].kind != P2P_KIND_HOST_BRIDGE || !range_fits(window))
		return -EINVAL;
	if (builder->window_count >= P2P_FABRIC_NODES_MAX)
		return -ENOSPC;
	if (builder->window_count == builder->window_room) {
		uint32_t room = builder->window_room ? 2 * builder->window_room : FIRST_ROOM;
		void *memory = builder->window;
		int error = p2p_array_grow(&builder->allocator, &memory, builder->window_count,
					   room, sizeof(*builder->window));

		builder->window = memory;
		if (error)
			return error;
		builder->window_room = room;
	}
	builder->window[builder->window_count].host_bridge = host_bridge;
	builder->window[builder->window_count].range = *window;
	builder->window_count++;
	return 0;
}
