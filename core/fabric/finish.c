// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * From builder to fabric: placed, linked, grouped, frozen.
 */
#include "placing.h"

static int allocate_forest(struct p2p_fabric *fabric)
{
	const struct p2p_allocator *allocator = &fabric->allocator;
	size_t all = (size_t)fabric->count + 1;

	fabric->place = p2p_array_new(allocator, all, sizeof(*fabric->place));
	fabric->first_child = p2p_array_new(allocator, all, sizeof(*fabric->first_child));
	fabric->next_sibling = p2p_array_new(allocator, all, sizeof(*fabric->next_sibling));
	fabric->preorder = p2p_array_new(allocator, all, sizeof(*fabric->preorder));
	if (!fabric->place || !fabric->first_child || !fabric->next_sibling || !fabric->preorder)
		return -ENOMEM;
	memset(fabric->place, 0, all * sizeof(*fabric->place));
	for (uint32_t i = 0; i < fabric->count; i++)
		fabric->place[i].parent = fabric->info[i].parent == P2P_NO_NODE
						  ? fabric->count
						  : fabric->info[i].parent;
	return 0;
}

static int link_forest(struct p2p_fabric *fabric, p2p_node *culprit)
{
	struct p2p_sorted *order =
		p2p_sort_by_address(&fabric->allocator, fabric->info, fabric->count);
	int error = order ? allocate_forest(fabric) : -ENOMEM;

	if (!error)
		error = p2p_link_forest(fabric, order, culprit);
	p2p_array_free(&fabric->allocator, order);
	return error;
}

/* A node may have stopped being a host bridge after it got a window. */
static bool windows_fit(const struct p2p_fabric_builder *builder, const struct p2p_fabric *fabric,
			p2p_node *culprit)
{
	for (uint32_t i = 0; i < builder->window_count; i++) {
		p2p_node node = builder->window[i].host_bridge;

		if (fabric->info[node].kind == P2P_KIND_HOST_BRIDGE)
			continue;
		*culprit = node;
		return false;
	}
	return true;
}

static int group_windows(const struct p2p_fabric_builder *builder, struct p2p_fabric *fabric,
			 p2p_node *culprit)
{
	const struct p2p_allocator *allocator = &fabric->allocator;
	size_t all = (size_t)fabric->count + 1;
	uint32_t *start;

	if (!windows_fit(builder, fabric, culprit))
		return -EINVAL;
	start = p2p_array_new(allocator, all, sizeof(*start));
	fabric->window_start = start;
	fabric->window = p2p_array_new(allocator, builder->window_count, sizeof(*fabric->window));
	if (!start || !fabric->window)
		return -ENOMEM;
	memset(start, 0, all * sizeof(*start));
	for (uint32_t i = 0; i < builder->window_count; i++)
		start[builder->window[i].host_bridge]++;
	for (uint32_t i = 1; i <= fabric->count; i++)
		start[i] += start[i - 1];
	/* Backwards from the ends, so that every group keeps its order and `start` its name. */
	for (uint32_t i = builder->window_count; i-- > 0;)
		fabric->window[--start[builder->window[i].host_bridge]] = builder->window[i].range;
	return 0;
}

/* Here and not when adding: host bridges that were missing have come by now. */
static void mark_partial(struct p2p_fabric_builder *builder)
{
	for (p2p_node node = 0; node < builder->count; node++)
		if (builder->info[node].kind == P2P_KIND_HOST_BRIDGE)
			builder->info[node].partial = true;
}

static int assemble(struct p2p_fabric_builder *builder, struct p2p_fabric *fabric,
		    p2p_node *culprit)
{
	int error = p2p_place_parents(builder, culprit);

	if (error)
		return error;
	if (builder->partial)
		mark_partial(builder);
	fabric->count = builder->count;
	fabric->info = builder->info;
	fabric->index = builder->index;
	builder->info = NULL;
	builder->index.entry = NULL;
	error = link_forest(fabric, culprit);
	return error ? error : group_windows(builder, fabric, culprit);
}

int p2p_fabric_finish_at(struct p2p_fabric_builder *builder, struct p2p_fabric **fabric,
			 p2p_node *culprit)
{
	struct p2p_fabric *fresh = p2p_array_new(&builder->allocator, 1, sizeof(*fresh));
	int error = -ENOMEM;

	*fabric = NULL;
	*culprit = P2P_NO_NODE;
	if (fresh) {
		memset(fresh, 0, sizeof(*fresh));
		fresh->allocator = builder->allocator;
		error = assemble(builder, fresh, culprit);
	}
	p2p_fabric_builder_free(builder);
	if (error)
		p2p_fabric_free(fresh);
	else
		*fabric = fresh;
	return error;
}

int p2p_fabric_finish(struct p2p_fabric_builder *builder, struct p2p_fabric **fabric)
{
	p2p_node culprit;

	return p2p_fabric_finish_at(builder, fabric, &culprit);
}
