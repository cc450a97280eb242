// SPDX-License-Identifier: MIT
/*
 * What a finished machine tells.
 */
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "platform_ids.h"

const char *p2p_machine_source(const struct p2p_machine *machine)
{
	return machine->source;
}

bool p2p_machine_is_live(const struct p2p_machine *machine)
{
	return !strcmp(machine->source, "live");
}

const struct p2p_fabric *p2p_machine_fabric(const struct p2p_machine *machine)
{
	return machine->fabric;
}

const struct p2p_machine_facts *p2p_machine_facts(const struct p2p_machine *machine)
{
	return &machine->platform;
}

static enum p2p_arch arch_of(const char *name)
{
	size_t length = name ? strlen(name) : 0;

	if (!length)
		return P2P_ARCH_UNKNOWN;
	/* x86_64, i386 to i686 */
	if (!strcmp(name, "x86_64") || (length == 4 && name[0] == 'i' && !strcmp(name + 2, "86")))
		return P2P_ARCH_X86;
	return P2P_ARCH_OTHER;
}

/* CPUID leaf 0: no other architecture has these. For sources without uname -m. */
static bool is_x86_vendor(const char *vendor)
{
	return vendor && (!strcmp(vendor, "GenuineIntel") || !strcmp(vendor, "AuthenticAMD") ||
			  !strcmp(vendor, "HygonGenuine"));
}

/* The family that a source gives, if any, is more than "Zen or later". */
static void take_ids(struct p2p_platform *platform, struct p2p_ids_cpu cpu)
{
	platform->cpu_vendor = cpu.vendor;
	if (cpu.vendor != P2P_CPU_AMD)
		return;
	platform->arch = P2P_ARCH_X86;
	if (!platform->cpu_family)
		platform->cpu_family = cpu.family;
}

struct p2p_platform p2p_machine_platform(const struct p2p_machine *machine)
{
	const struct p2p_machine_facts *facts = p2p_machine_facts(machine);
	struct p2p_platform platform = { .arch = arch_of(facts->arch) };

	if (facts->cpu_vendor)
		platform.cpu_vendor =
			!strcmp(facts->cpu_vendor, "AuthenticAMD") ? P2P_CPU_AMD : P2P_CPU_OTHER;
	if (platform.arch == P2P_ARCH_UNKNOWN && is_x86_vendor(facts->cpu_vendor))
		platform.arch = P2P_ARCH_X86;
	if (facts->cpu_family > 0 && facts->cpu_family <= UINT16_MAX)
		platform.cpu_family = (uint16_t)facts->cpu_family;
	platform.iommu = facts->iommu;
	if (facts->cpu_shown_by != P2P_NO_NODE)
		take_ids(&platform, p2p_ids_cpu(machine->fabric));
	return platform;
}

const struct p2p_device *p2p_machine_device(const struct p2p_machine *machine, p2p_node node)
{
	return node < machine->device_count ? &machine->devices[node] : NULL;
}

const struct p2p_name *p2p_machine_names(const struct p2p_machine *machine, p2p_node node,
					 uint32_t *count)
{
	uint32_t low = 0, high = machine->name_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (machine->names[middle].node < node)
			low = middle + 1;
		else
			high = middle;
	}
	while (high < machine->name_count && machine->names[high].node == node)
		high++;
	*count = high - low;
	return *count ? &machine->names[low] : NULL;
}

const char *p2p_machine_config(const struct p2p_machine *machine, const char *option)
{
	for (uint32_t i = 0; i < machine->option_count; i++)
		if (!strcmp(machine->options[i].name, option))
			return machine->options[i].value;
	return NULL;
}

const char *p2p_machine_group_type(const struct p2p_machine *machine, int32_t group)
{
	uint32_t low = 0, high = machine->group_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (machine->groups[middle].id == group)
			return machine->groups[middle].type;
		if (machine->groups[middle].id < group)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool p2p_group_translates(const char *type)
{
	return !strcmp(type, "DMA") || !strcmp(type, "DMA-FQ");
}

uint32_t p2p_machine_warnings(const struct p2p_machine *machine)
{
	return machine->warning_count;
}

const char *p2p_machine_warning(const struct p2p_machine *machine, uint32_t index)
{
	return index < machine->warning_count ? machine->warnings[index] : NULL;
}
