// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Who takes an address: BARs, bridge limits and host bridge windows, from registers alone.
 */
#include "private.h"

#include <errno.h>

#define LIMIT_LOW UINT64_C(0xfffff) /* base and limit have no lower bits: PCIe 7.5.1.3.6, .7 */

bool sim_in_bars(const struct sim_object *object, uint64_t bus, unsigned int *bar, uint64_t *offset)
{
	for (unsigned int i = 0; i < SIM_BARS; i++) {
		uint64_t size = object->info.bar_size[i];
		/* Bits below the size are hardwired to 0 (PCIe 7.5.1.2.1). */
		uint64_t base = object->registers.bar[i] & ~(size - 1);

		if (!size || bus < base || bus - base >= size)
			continue;
		if (object->info.bar_32bit >> i & 1 && base > UINT32_MAX)
			continue;
		*bar = i;
		*offset = bus - base;
		return true;
	}
	return false;
}

static bool in_limits(const struct sim_limits *limits, uint64_t bus)
{
	return bus >= (limits->base & ~LIMIT_LOW) && bus <= (limits->limit | LIMIT_LOW) &&
	       limits->base <= limits->limit;
}

bool sim_in_limits(const struct sim_object *object, uint64_t bus)
{
	/* The memory window's registers have 32 bits (PCIe 7.5.1.3.8). */
	return (bus <= UINT32_MAX && in_limits(&object->registers.memory, bus)) ||
	       in_limits(&object->registers.prefetch, bus);
}

bool sim_claims(const struct sim_object *object, uint64_t bus)
{
	unsigned int bar;
	uint64_t offset;

	if (!object->registers.present || !object->registers.memory_enable)
		return false;
	return sim_in_bars(object, bus, &bar, &offset) ||
	       (sim_is_port(object->info.kind) && sim_in_limits(object, bus));
}

sim_node sim_claimant(const struct sim_machine *machine, sim_node parent, uint64_t bus,
		      sim_node except)
{
	sim_node node = machine->object[parent].first_child;

	while (node != SIM_NO_NODE && (node == except || !sim_claims(&machine->object[node], bus)))
		node = machine->object[node].next_sibling;
	return node;
}

bool sim_window_to_bus(const struct sim_info *bridge, p2p_cpu_addr cpu, p2p_bus_addr *bus)
{
	for (unsigned int i = 0; i < SIM_WINDOWS_MAX; i++) {
		const struct sim_window *window = &bridge->window[i];

		if (cpu.value < window->cpu.value || cpu.value - window->cpu.value >= window->size)
			continue;
		bus->value = window->bus.value + (cpu.value - window->cpu.value);
		return true;
	}
	return false;
}

static bool to_cpu(const struct sim_window *windows, p2p_bus_addr bus, p2p_cpu_addr *cpu)
{
	for (unsigned int i = 0; i < SIM_WINDOWS_MAX; i++) {
		const struct sim_window *window = &windows[i];

		if (bus.value < window->bus.value || bus.value - window->bus.value >= window->size)
			continue;
		cpu->value = window->cpu.value + (bus.value - window->bus.value);
		return true;
	}
	return false;
}

bool sim_window_to_cpu(const struct sim_info *bridge, p2p_bus_addr bus, p2p_cpu_addr *cpu)
{
	return to_cpu(bridge->window, bus, cpu);
}

static bool takes_all(const struct sim_info *bridge)
{
	for (unsigned int i = 0; i < SIM_WINDOWS_MAX; i++)
		if (bridge->inbound[i].size)
			return false;
	return true;
}

bool sim_inbound_to_cpu(const struct sim_info *bridge, p2p_bus_addr bus, p2p_cpu_addr *cpu)
{
	if (!takes_all(bridge))
		return to_cpu(bridge->inbound, bus, cpu);
	cpu->value = bus.value;
	return true;
}

int sim_inbound_address(struct sim_machine *machine, sim_node client, p2p_cpu_addr cpu,
			p2p_dma_addr *dma)
{
	sim_node bridge = sim_host_bridge(machine, client);
	const struct sim_info *info = sim_info(machine, bridge);

	if (!info || takes_all(info)) {
		/* On the CPU's own bus, or by a bridge that changes nothing. */
		dma->value = cpu.value;
		return 0;
	}
	for (unsigned int i = 0; i < SIM_WINDOWS_MAX; i++) {
		const struct sim_window *window = &info->inbound[i];

		if (cpu.value < window->cpu.value || cpu.value - window->cpu.value >= window->size)
			continue;
		dma->value = window->bus.value + (cpu.value - window->cpu.value);
		return 0;
	}
	return -ENXIO;
}

int sim_cpu_address(struct sim_machine *machine, sim_node node, unsigned int bar, uint64_t offset,
		    p2p_cpu_addr *cpu)
{
	const struct sim_info *info = sim_info(machine, node);
	p2p_bus_addr bus;

	if (!info || bar >= SIM_BARS)
		return -ENXIO;
	if (info->memory_size) {
		cpu->value = info->memory.value + offset;
		return bar == 0 && offset < info->memory_size ? 0 : -ENXIO;
	}
	if (offset >= info->bar_size[bar])
		return -ENXIO;
	bus.value =
		(machine->object[node].registers.bar[bar] & ~(info->bar_size[bar] - 1)) + offset;
	info = sim_info(machine, sim_host_bridge(machine, node));
	return info && sim_window_to_cpu(info, bus, cpu) ? 0 : -ENXIO;
}
