// SPDX-License-Identifier: MIT
/*
 * Registry and providers of a random machine, by the rules of one policy after the other.
 */
#include "bus_map.h"

uint64_t bus_seed(const struct bus_spec *spec, enum bus_seed_purpose purpose, int a, int b)
{
	uint64_t state = spec->seed;

	state += bus_draw(&state, UINT64_MAX) + (uint64_t)purpose;
	state += bus_draw(&state, UINT64_MAX) + (uint64_t)a;
	state += bus_draw(&state, UINT64_MAX) + (uint64_t)b;
	return bus_draw(&state, UINT64_MAX);
}

static void lend(struct bus_map *map, int index, unsigned int bar, uint64_t offset, uint64_t size)
{
	struct bus_range *range = &map->range[map->ranges];
	bool coherent = map->spec->node[index].info.kind == SIM_COHERENT;
	sim_node node = map->spec->node[index].node;

	*range = (struct bus_range){ .index = index, .bar = bar, .offset = offset };
	range->provider.size = size;
	range->provider.node = map->fabric_node[node];
	range->provider.ops = coherent ? &bus_coherent_ops : &p2p_pci_provider_ops;
	range->provider.context = &map->context;
	assert_int_equal(sim_cpu_address(map->machine, node, bar, offset, &range->provider.start),
			 0);
	map->ranges++;
}

/* All of it, a part, or two parts that adjoin. */
static void lend_memory(struct bus_map *map, int index, unsigned int bar, uint64_t size)
{
	uint64_t random = bus_seed(map->spec, BUS_SEED_LOAN, index, (int)bar),
		 pages = size / SIM_PAGE;
	uint64_t first;

	if (pages < 2 || bus_draw(&random, 2)) {
		lend(map, index, bar, 0, size);
		return;
	}
	first = 1 + bus_draw(&random, pages - 1);
	if (bus_draw(&random, 2))
		lend(map, index, bar, 0, first * SIM_PAGE);
	lend(map, index, bar, first * SIM_PAGE, size - first * SIM_PAGE);
}

static void lend_all(struct bus_map *map)
{
	struct p2p_provider *list[BUS_RANGES];

	for (int i = 0; i < map->spec->count; i++) {
		const struct bus_node *node = &map->spec->node[i];

		if (node->dropped)
			continue;
		if (node->info.kind == SIM_COHERENT)
			lend_memory(map, i, 0, node->info.memory_size);
		for (unsigned int bar = 0; bar < 2; bar++)
			if (node->info.bar_size[bar])
				lend_memory(map, i, bar, node->info.bar_size[bar]);
	}
	for (unsigned int i = 0; i < map->ranges; i++)
		list[i] = &map->range[i].provider;
	assert_int_equal(p2p_registry_add(map->registry, list, map->ranges), 0);
}

const struct bus_range *bus_range_at(const struct bus_map *map, uint64_t cpu)
{
	for (unsigned int i = 0; i < map->ranges; i++)
		if (cpu - map->range[i].provider.start.value < map->range[i].provider.size)
			return &map->range[i];
	return NULL;
}

static void no_wait(void *context)
{
	(void)context;
}

void bus_map_open(struct bus_map *map, struct bus_spec *spec)
{
	const struct p2p_rcu rcu = { no_wait, NULL };

	map->spec = spec;
	map->machine = bus_build(spec);
	map->allocator = counting_allocator(&map->counting);
	map->fabric = bus_fabric(spec, map->machine, &map->allocator, map->fabric_node);
	map->router = NULL;
	map->context.router = NULL;
	map->ranges = 0;
	assert_int_equal(p2p_registry_new(&map->allocator, &rcu, &map->registry), 0);
	lend_all(map);
	for (int i = 0; i < spec->count; i++)
		bus_client_open(map, i);
}

void bus_map_close(struct bus_map *map)
{
	for (int i = 0; i < map->spec->count; i++)
		p2p_mapper_free(map->client[i].mapper);
	p2p_registry_free(map->registry);
	p2p_router_free(map->router);
	p2p_fabric_free(map->fabric);
	sim_machine_free(map->machine);
	assert_int_equal(map->counting.live, 0);
}

void bus_map_read(struct bus_map *map, const char *policy_name)
{
	const struct p2p_platform platform = {
		.arch = P2P_ARCH_X86,
		.cpu_vendor = map->spec->seed % 2 ? P2P_CPU_AMD : P2P_CPU_OTHER,
		.cpu_family = 0x19,
	};
	struct p2p_router *old_router = map->router;
	struct p2p_fabric *old_fabric = map->fabric;
	const struct p2p_policy *policy;
	enum p2p_policy_fit fit;

	assert_int_equal(p2p_policy_find(policy_name, &policy, &fit), 0);
	map->fabric = bus_fabric(map->spec, map->machine, &map->allocator, map->fabric_node);
	assert_int_equal(p2p_router_new(map->fabric, policy, &platform, &map->router), 0);
	p2p_pci_context_set(&map->context, map->router);
	p2p_registry_touch(map->registry);
	p2p_router_free(old_router);
	p2p_fabric_free(old_fabric);
}
