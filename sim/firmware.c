// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What firmware does before any software runs: bus numbers, BARs and bridge windows.
 */
#include "private.h"

#include <errno.h>

#define MIB      (UINT64_C(1) << 20)
#define FOUR_GIB (UINT64_C(1) << 32)

struct firmware {
	struct sim_machine *machine;
	sim_node culprit; /* the first that did not fit */
	unsigned int last_bus;
	uint64_t next, end; /* bus addresses that are still free */
	bool low;           /* placing 32-bit BARs, else the others */
};

static void blame(struct firmware *firmware, sim_node node)
{
	if (firmware->culprit == SIM_NO_NODE)
		firmware->culprit = node;
}

/* Depth first, so that each bridge has one run of numbers. Depth is below 256, as are numbers. */
static void number(struct firmware *firmware, sim_node parent)
{
	struct sim_object *above = &firmware->machine->object[parent];
	struct sim_object *object;

	for (sim_node node = above->first_child; node != SIM_NO_NODE; node = object->next_sibling) {
		object = &firmware->machine->object[node];
		object->registers.domain = above->registers.domain;
		object->registers.bus = above->registers.secondary;
		if (!sim_is_port(object->info.kind))
			continue;
		object->registers.secondary = object->registers.subordinate = 0;
		if (firmware->last_bus == 255) {
			object->registers.memory_enable = false;
			blame(firmware, node);
			continue;
		}
		object->registers.secondary = (uint8_t)++firmware->last_bus;
		number(firmware, node);
		object->registers.subordinate = (uint8_t)firmware->last_bus;
	}
}

static uint64_t align_up(uint64_t address, uint64_t to)
{
	return address > UINT64_MAX - (to - 1) ? UINT64_MAX : (address + to - 1) & ~(to - 1);
}

static void place_bars(struct firmware *firmware, sim_node node)
{
	struct sim_object *object = &firmware->machine->object[node];

	for (unsigned int i = 0; i < SIM_BARS; i++) {
		uint64_t size = object->info.bar_size[i];
		uint64_t start;

		if (!size || (object->info.bar_32bit >> i & 1) != firmware->low)
			continue;
		start = align_up(firmware->next, size);
		if (start > firmware->end || firmware->end - start < size) {
			object->registers.bar[i] = 0;
			object->registers.memory_enable = false;
			blame(firmware, node);
			continue;
		}
		object->registers.bar[i] = start;
		firmware->next = start + size;
	}
}

static void place(struct firmware *firmware, sim_node parent)
{
	struct sim_object *object;

	for (sim_node node = firmware->machine->object[parent].first_child; node != SIM_NO_NODE;
	     node = object->next_sibling) {
		struct sim_limits limits = { .base = UINT32_MAX };

		object = &firmware->machine->object[node];
		place_bars(firmware, node);
		if (!sim_is_port(object->info.kind) || !object->registers.secondary)
			continue;
		limits.base = firmware->next = align_up(firmware->next, MIB);
		place(firmware, node);
		if (firmware->next == limits.base) {
			limits = (struct sim_limits){ .base = UINT32_MAX };
		} else {
			firmware->next = align_up(firmware->next, MIB);
			limits.limit = firmware->next - 1;
		}
		if (firmware->low)
			object->registers.memory = limits;
		else
			object->registers.prefetch = limits;
	}
}

static const struct sim_window *low_window(const struct sim_info *bridge)
{
	for (unsigned int i = 0; i < SIM_WINDOWS_MAX; i++) {
		const struct sim_window *window = &bridge->window[i];

		if (window->size && window->bus.value + window->size <= FOUR_GIB)
			return window;
	}
	return NULL;
}

/* A bridge has one window for all 64-bit BARs below it, so they all go into one of the host's. */
static const struct sim_window *large_window(const struct sim_info *bridge)
{
	const struct sim_window *largest = NULL;

	for (unsigned int i = 0; i < SIM_WINDOWS_MAX; i++)
		if (bridge->window[i].size && (!largest || bridge->window[i].size > largest->size))
			largest = &bridge->window[i];
	return largest;
}

static void use(struct firmware *firmware, const struct sim_window *window)
{
	firmware->next = window ? window->bus.value : 0;
	firmware->end = window ? window->bus.value + window->size : 0;
}

static void place_all(struct firmware *firmware, sim_node bridge)
{
	const struct sim_info *info = &firmware->machine->object[bridge].info;
	const struct sim_window *low = low_window(info), *large = large_window(info);

	firmware->low = true;
	use(firmware, low);
	place(firmware, bridge);
	firmware->low = false;
	if (large != low)
		use(firmware, large);
	place(firmware, bridge);
}

/* Bus numbers of one domain must not run into another host bridge's. */
static bool numbers_collide(const struct sim_machine *machine, sim_node bridge)
{
	const struct sim_registers *mine = &machine->object[bridge].registers;

	for (sim_node node = 0; node < machine->count; node++) {
		const struct sim_object *other = &machine->object[node];

		if (node != bridge && other->info.kind == SIM_HOST_BRIDGE &&
		    other->info.domain == mine->domain && other->info.root_bus >= mine->secondary &&
		    other->info.root_bus <= mine->subordinate)
			return true;
	}
	return false;
}

int sim_assign(struct sim_machine *machine, sim_node *culprit)
{
	struct firmware firmware = { .machine = machine, .culprit = SIM_NO_NODE };

	for (sim_node node = 0; node < machine->count; node++) {
		struct sim_object *bridge = &machine->object[node];

		if (bridge->info.kind != SIM_HOST_BRIDGE)
			continue;
		firmware.last_bus = bridge->info.root_bus;
		number(&firmware, node);
		bridge->registers.subordinate = (uint8_t)firmware.last_bus;
		if (numbers_collide(machine, node))
			blame(&firmware, node);
		place_all(&firmware, node);
	}
	*culprit = firmware.culprit;
	return firmware.culprit == SIM_NO_NODE ? 0 : -ENOSPC;
}
