// SPDX-License-Identifier: MIT
/*
 * Makes lists, and cuts them up by owner as the map should.
 */
#include "map_list.h"

static const struct sim_info *ram(const struct bus_map *map)
{
	return sim_info(map->machine, map->spec->node[0].node);
}

static void add_segment(struct map_list *list, uint64_t cpu, uint64_t length)
{
	list->segment[list->segments++] = (struct p2p_segment){ { cpu }, length };
}

/* One target, as long as its memory lasts. */
static void aim(const struct bus_map *map, uint64_t cpu, uint64_t length, struct map_target *target)
{
	const struct bus_range *range = bus_range_at(map, cpu);
	uint64_t start = range ? range->provider.start.value : ram(map)->memory.value;
	uint64_t size = range ? range->provider.size : ram(map)->memory_size;

	assert_true(cpu - start < size);
	*target = (struct map_target){
		.range = range,
		.index = range ? range->index : 0,
		.node = map->spec->node[range ? range->index : 0].node,
		.bar = range ? range->bar : 0,
		.offset = (range ? range->offset : 0) + (cpu - start),
		.size = length < size - (cpu - start) ? length : size - (cpu - start),
		.cpu = cpu,
	};
}

static void aim_all(const struct bus_map *map, struct map_list *list)
{
	for (uint32_t i = 0; i < list->segments; i++) {
		uint64_t cpu = list->segment[i].start.value, left = list->segment[i].length;

		while (left) {
			struct map_target *target = &list->target[list->targets++];

			assert_true(list->targets <= LIST_TARGETS);
			aim(map, cpu, left, target);
			target->segment = i;
			cpu += target->size;
			left -= target->size;
		}
	}
}

/* Ends are where mistakes are. */
static void add_range(const struct bus_map *map, const struct bus_range *range, uint64_t *random,
		      struct map_list *list)
{
	uint64_t whole = range->provider.size, start = range->provider.start.value, offset;
	uint64_t size = 1 + bus_draw(random, bus_draw(random, 16) ? 64 : 2 * SIM_PAGE);
	uint64_t more = bus_draw(random, 64);

	if (size > whole)
		size = whole;
	switch (bus_draw(random, 3)) {
	case 0:
		offset = 0;
		if (start == ram(map)->memory_size) {
			start -= more;
			size += more;
		}
		break;
	case 1:
		offset = whole - size;
		if (bus_range_at(map, start + whole))
			size += more;
		break;
	default:
		offset = bus_draw(random, whole - size + 1);
	}
	add_segment(list, start + offset, size);
}

void map_list_make(const struct bus_map *map, const struct bus_range *range, uint64_t random,
		   struct map_list *list)
{
	uint64_t host = bus_draw(&random, 16), cpu = bus_draw(&random, UINT64_C(4) * SIM_PAGE);
	uint64_t size = 1 + bus_draw(&random, 64);

	list->segments = list->targets = 0;
	if (host == 1 || host == 3)
		add_segment(list, cpu, size);
	add_range(map, range, &random, list);
	if (host == 2 || host == 3)
		add_segment(list, cpu + size + bus_draw(&random, 2) * SIM_PAGE, size);
	aim_all(map, list);
}

void map_list_cut(struct map_list *list, uint32_t i, uint64_t size)
{
	struct map_target *first = &list->target[i], *rest = first + 1;

	assert_true(size != 0 && size < first->size && list->targets < LIST_TARGETS);
	memmove(rest, first, (list->targets - i) * sizeof(*first));
	list->targets++;
	first->size = size;
	rest->offset += size;
	rest->cpu += size;
	rest->size -= size;
}

const struct map_target *map_list_at(const struct map_list *list, uint64_t cpu)
{
	for (uint32_t i = 0; i < list->targets; i++)
		if (cpu - list->target[i].cpu < list->target[i].size)
			return &list->target[i];
	return NULL;
}
