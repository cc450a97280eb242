/* SPDX-License-Identifier: MIT */
/*
 * A machine as text, every fact of it: two machines are the same when their dumps are.
 */
#ifndef P2P_TESTS_UNIT_MACHINE_DUMP_H
#define P2P_TESTS_UNIT_MACHINE_DUMP_H

#include <stdio.h>

#include <p2pmem/machine.h>

static inline const char *or_none(const char *text)
{
	return text ? text : "-";
}

static inline void dump_ranges(FILE *out, const char *what, const struct p2p_range *ranges,
			       unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct p2p_range *range = &ranges[i];

		if (!range->size && !range->bus_known && !range->cpu_known)
			continue;
		fprintf(out, "  %s %u: size %llx flags %x", what, i,
			(unsigned long long)range->size, range->flags);
		if (range->cpu_known)
			fprintf(out, " cpu %llx", (unsigned long long)range->cpu.value);
		if (range->bus_known)
			fprintf(out, " bus %llx", (unsigned long long)range->bus.value);
		fputc('\n', out);
	}
}

static inline void dump_link(FILE *out, const char *what, const struct p2p_link *link)
{
	if (link->speed || link->max_speed || link->width || link->max_width)
		fprintf(out, "  %s: %u x%u of %u x%u\n", what, link->speed, link->width,
			link->max_speed, link->max_width);
}

static inline void dump_node(FILE *out, const struct p2p_machine *machine, p2p_node node)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	const struct p2p_node_info *info = p2p_fabric_info(fabric, node);
	const struct p2p_device *device = p2p_machine_device(machine, node);
	const struct p2p_range *windows;
	const struct p2p_name *names;
	uint32_t count;

	fprintf(out, "%u: kind %d parent %d %04x:%02x:%02x.%u id %04x:%04x %04x:%04x class %06x\n",
		node, info->kind, (int)p2p_fabric_parent(fabric, node), info->bdf.domain,
		info->bdf.bus, info->bdf.devfn >> 3, info->bdf.devfn & 7u, info->vendor,
		info->device, info->subsystem_vendor, info->subsystem_device, info->class_code);
	fprintf(out, "  pcie %d type %u buses %02x-%02x acs %d %04x %04x numa %d group %d (%s)\n",
		info->pcie, info->port_type, info->secondary, info->subordinate, info->acs.known,
		info->acs.capability, info->acs.control, info->numa_node, info->iommu_group,
		or_none(p2p_machine_group_type(machine, info->iommu_group)));
	fprintf(out, "  model %s driver %s (%d) label %s slot %s physical %d\n",
		or_none(device->model), or_none(device->driver), device->driver_known,
		or_none(device->label), or_none(device->slot), (int)device->physical_function);
	fprintf(out, "  revision %d %02x firmware %s\n", device->revision_known, device->revision,
		or_none(device->firmware));
	fprintf(out, "  memory %d %llu %llu %d\n", device->memory.known,
		(unsigned long long)device->memory.size,
		(unsigned long long)device->memory.available, device->memory.published);
	dump_link(out, "link", &info->link);
	dump_link(out, "below", &device->link_below);
	dump_ranges(out, "bar", info->bar, P2P_BARS);
	dump_ranges(out, "window", info->window, P2P_BRIDGE_WINDOWS);
	windows = p2p_fabric_windows(fabric, node, &count);
	dump_ranges(out, "root window", windows, count);
	names = p2p_machine_names(machine, node, &count);
	for (uint32_t i = 0; i < count; i++)
		fprintf(out, "  name %d %s\n", names[i].kind, names[i].text);
}

/** Everything but where it came from: source name and warnings are left out. */
static inline void dump_machine(FILE *out, const struct p2p_machine *machine)
{
	static const char *const options[] = { "CONFIG_PCI_P2PDMA", "CONFIG_ZONE_DEVICE",
					       "CONFIG_VFIO_PCI" };
	const struct p2p_machine_facts *platform = p2p_machine_facts(machine);
	uint32_t count = p2p_fabric_count(p2p_machine_fabric(machine));

	fprintf(out, "platform %s %s %s %d %d %s \"%s\" hypervisor %d iommu %d root %d bios %s\n",
		or_none(platform->arch), or_none(platform->cpu_vendor), or_none(platform->cpu_name),
		platform->cpu_family, platform->cpu_model, or_none(platform->kernel_release),
		or_none(platform->command_line), platform->hypervisor, platform->iommu,
		platform->root, or_none(platform->bios));
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		fprintf(out, "option %s=%s\n", options[i],
			or_none(p2p_machine_config(machine, options[i])));
	for (p2p_node node = 0; node < count; node++)
		dump_node(out, machine, node);
}

#endif
