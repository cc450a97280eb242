// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A machine's nodes and registers: made, looked at, taken out.
 */
#include "private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BAR_MAX    (UINT64_C(1) << 46)
#define BAR32_MAX  (UINT64_C(1) << 31)
#define MEMORY_MAX (UINT64_C(1) << 62)
#define MAPS_MAX   4096u

struct sim_machine *sim_machine_new(void)
{
	return calloc(1, sizeof(struct sim_machine));
}

void sim_machine_free(struct sim_machine *machine)
{
	if (!machine)
		return;
	sim_pages_free(&machine->pages);
	free(machine->map);
	free(machine->object);
	free(machine);
}

bool sim_is_port(enum sim_kind kind)
{
	return kind == SIM_ROOT_PORT || kind == SIM_UPSTREAM_PORT || kind == SIM_DOWNSTREAM_PORT;
}

static bool on_cpu_bus(enum sim_kind kind)
{
	return kind == SIM_RAM || kind == SIM_COHERENT;
}

static bool may_be_below(enum sim_kind kind, enum sim_kind parent)
{
	switch (kind) {
	case SIM_ROOT_PORT:
		return parent == SIM_HOST_BRIDGE;
	case SIM_UPSTREAM_PORT:
		return parent == SIM_ROOT_PORT || parent == SIM_DOWNSTREAM_PORT;
	case SIM_DOWNSTREAM_PORT:
		return parent == SIM_UPSTREAM_PORT;
	case SIM_FUNCTION:
		return parent == SIM_HOST_BRIDGE || parent == SIM_ROOT_PORT ||
		       parent == SIM_DOWNSTREAM_PORT;
	default:
		return false;
	}
}

static bool good_range(uint64_t start, uint64_t size)
{
	return size <= MEMORY_MAX && start % SIM_PAGE == 0 && size % SIM_PAGE == 0 &&
	       start <= UINT64_MAX - size;
}

static bool good_bars(const struct sim_info *info)
{
	for (unsigned int i = 0; i < SIM_BARS; i++) {
		uint64_t size = info->bar_size[i];

		if (!size)
			continue;
		if (size < SIM_PAGE || (size & (size - 1)) != 0)
			return false;
		if (size > (info->bar_32bit >> i & 1 ? BAR32_MAX : BAR_MAX))
			return false;
	}
	return true;
}

static bool good_windows(const struct sim_window *window)
{
	for (unsigned int i = 0; i < SIM_WINDOWS_MAX; i++)
		if (!good_range(window[i].cpu.value, window[i].size) ||
		    !good_range(window[i].bus.value, window[i].size))
			return false;
	return true;
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a_size && b_size && a < b + b_size && b < a + a_size;
}

/* Whether a range of the CPU's bus is somebody's already: there, two takers would be a short. */
static bool cpu_range_taken(const struct sim_machine *machine, uint64_t start, uint64_t size)
{
	for (uint32_t i = 0; i < machine->count; i++) {
		const struct sim_info *info = &machine->object[i].info;

		if (overlap(start, size, info->memory.value, info->memory_size))
			return true;
		for (unsigned int w = 0; w < SIM_WINDOWS_MAX; w++)
			if (overlap(start, size, info->window[w].cpu.value, info->window[w].size))
				return true;
	}
	return false;
}

/* On either side there would be two takers. */
static bool windows_overlap(const struct sim_window *a, const struct sim_window *b)
{
	return overlap(a->cpu.value, a->size, b->cpu.value, b->size) ||
	       overlap(a->bus.value, a->size, b->bus.value, b->size);
}

static int check_cpu_ranges(const struct sim_machine *machine, const struct sim_info *info)
{
	if (cpu_range_taken(machine, info->memory.value, info->memory_size))
		return -EEXIST;
	for (unsigned int w = 0; w < SIM_WINDOWS_MAX; w++) {
		const struct sim_window *window = &info->window[w];

		if (cpu_range_taken(machine, window->cpu.value, window->size))
			return -EEXIST;
		for (unsigned int other = 0; other < w; other++)
			if (windows_overlap(window, &info->window[other]))
				return -EEXIST;
	}
	return 0;
}

static int check_place(const struct sim_machine *machine, const struct sim_info *info)
{
	const struct sim_object *parent;

	if (info->kind == SIM_HOST_BRIDGE || on_cpu_bus(info->kind))
		return info->parent == SIM_NO_NODE ? 0 : -EINVAL;
	if (info->parent >= machine->count)
		return -EINVAL;
	parent = &machine->object[info->parent];
	if (!may_be_below(info->kind, parent->info.kind) || info->slot > 31 || info->function > 7)
		return -EINVAL;
	/* A link has one device at its other end, number 0 (PCIe 7.3.1). */
	if ((parent->info.kind == SIM_ROOT_PORT || parent->info.kind == SIM_DOWNSTREAM_PORT) &&
	    info->slot != 0)
		return -EINVAL;
	for (sim_node n = parent->first_child; n != SIM_NO_NODE;
	     n = machine->object[n].next_sibling)
		if (machine->object[n].info.slot == info->slot &&
		    machine->object[n].info.function == info->function)
			return -EEXIST;
	return 0;
}

static int check_info(const struct sim_machine *machine, const struct sim_info *info)
{
	if (!good_bars(info) || !good_windows(info->window) || !good_windows(info->inbound) ||
	    !good_range(info->memory.value, info->memory_size) ||
	    memchr(info->name, 0, sizeof(info->name)) == NULL)
		return -EINVAL;
	if (on_cpu_bus(info->kind) != (info->memory_size != 0))
		return -EINVAL;
	return check_cpu_ranges(machine, info);
}

static int make_room(struct sim_machine *machine)
{
	uint32_t room = machine->room ? machine->room * 2 : 16;
	struct sim_object *object;

	if (machine->count < machine->room)
		return 0;
	if (machine->count == SIM_NODES_MAX)
		return -ENOSPC;
	object = realloc(machine->object, room * sizeof(*object));
	if (!object)
		return -ENOMEM;
	machine->object = object;
	machine->room = room;
	return 0;
}

static void link_child(struct sim_machine *machine, sim_node parent, sim_node child)
{
	struct sim_object *above = &machine->object[parent];

	if (above->first_child == SIM_NO_NODE)
		above->first_child = child;
	else
		machine->object[above->last_child].next_sibling = child;
	above->last_child = child;
}

int sim_add(struct sim_machine *machine, const struct sim_info *info, sim_node *node)
{
	struct sim_object *object;
	int rc = check_place(machine, info);

	if (!rc)
		rc = check_info(machine, info);
	if (!rc)
		rc = make_room(machine);
	if (rc)
		return rc;
	object = &machine->object[machine->count];
	*object = (struct sim_object){
		.info = *info,
		.registers = {
			.present = true,
			.memory_enable = true,
			.bus_master = true,
			.domain = info->domain,
			.bus = info->root_bus,
			.secondary = info->root_bus,
			.subordinate = info->root_bus,
			.memory = { .base = UINT32_MAX },
			.prefetch = { .base = UINT64_MAX },
		},
		.first_child = SIM_NO_NODE,
		.next_sibling = SIM_NO_NODE,
		.last_child = SIM_NO_NODE,
	};
	*node = machine->count++;
	if (info->parent != SIM_NO_NODE)
		link_child(machine, info->parent, *node);
	return 0;
}

uint32_t sim_count(const struct sim_machine *machine)
{
	return machine->count;
}

const struct sim_info *sim_info(const struct sim_machine *machine, sim_node node)
{
	return node < machine->count ? &machine->object[node].info : NULL;
}

struct sim_registers *sim_registers(struct sim_machine *machine, sim_node node)
{
	return node < machine->count ? &machine->object[node].registers : NULL;
}

sim_node sim_find(const struct sim_machine *machine, const char *name)
{
	for (sim_node node = 0; node < machine->count; node++)
		if (strcmp(machine->object[node].info.name, name) == 0)
			return node;
	return SIM_NO_NODE;
}

sim_node sim_host_bridge(const struct sim_machine *machine, sim_node node)
{
	if (node >= machine->count || on_cpu_bus(machine->object[node].info.kind))
		return SIM_NO_NODE;
	while (machine->object[node].info.parent != SIM_NO_NODE)
		node = machine->object[node].info.parent;
	return node;
}

void sim_set_present(struct sim_machine *machine, sim_node node, bool present)
{
	if (node >= machine->count)
		return;
	machine->object[node].registers.present = present;
	/* Children come after their parents. */
	for (sim_node below = node + 1; below < machine->count; below++) {
		sim_node parent = machine->object[below].info.parent;

		while (parent != SIM_NO_NODE && parent != node)
			parent = machine->object[parent].info.parent;
		if (parent == node)
			machine->object[below].registers.present = present;
	}
}

int sim_map(struct sim_machine *machine, const struct sim_map *map)
{
	uint32_t room = machine->map_room ? machine->map_room * 2 : 8;

	if (map->client >= machine->count || !map->size || !good_range(map->dma.value, map->size) ||
	    !good_range(map->cpu.value, map->size))
		return -EINVAL;
	if (machine->map_count == MAPS_MAX)
		return -ENOSPC;
	if (machine->map_count == machine->map_room) {
		struct sim_map *larger = realloc(machine->map, room * sizeof(*larger));

		if (!larger)
			return -ENOMEM;
		machine->map = larger;
		machine->map_room = room;
	}
	machine->map[machine->map_count++] = *map;
	return 0;
}

void sim_unmap(struct sim_machine *machine, sim_node client, p2p_dma_addr dma, uint64_t size)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < machine->map_count; i++) {
		const struct sim_map *map = &machine->map[i];

		if (map->client != client || !overlap(map->dma.value, map->size, dma.value, size))
			machine->map[kept++] = *map;
	}
	machine->map_count = kept;
}
