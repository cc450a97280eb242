// SPDX-License-Identifier: MIT
/*
 * What `p2pmem topo` says above and below its table.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <p2pmem/acs.h>

#include "describe.h"
#include "reports/device_kind.h"
#include "topo.h"

/* At most so many groups are asked for their types: they rarely differ, and never by much. */
#define TYPES 8

/* Collects the types of the machine's IOMMU domains, each once. */
static unsigned int domain_types(const struct p2p_machine *machine, const char *types[TYPES])
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	unsigned int count = 0;

	for (p2p_node node = 0; node < p2p_fabric_count(fabric) && count < TYPES; node++) {
		const char *type =
			p2p_machine_group_type(machine, p2p_fabric_info(fabric, node)->iommu_group);
		unsigned int i = 0;

		while (type && i < count && strcmp(types[i], type) != 0)
			i++;
		if (type && i == count)
			types[count++] = type;
	}
	return count;
}

static void print_iommu(const struct p2p_machine *machine)
{
	static const char *const words[] = { "unknown", "off", "on" };
	const struct p2p_machine_facts *facts = p2p_machine_facts(machine);
	const char *types[TYPES];
	unsigned int count = domain_types(machine, types);

	printf("IOMMU %s", words[facts->iommu]);
	for (unsigned int i = 0; i < count; i++)
		printf("%s%s%s", i ? ", " : " (", types[i], i + 1 == count ? ")" : "");
}

static uint32_t count_kind(const struct p2p_fabric *fabric, enum p2p_kind kind)
{
	uint32_t count = 0;

	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++)
		count += p2p_fabric_info(fabric, node)->kind == kind;
	return count;
}

static void print_some(uint32_t count, const char *what)
{
	printf("%" PRIu32 " %s%s", count, what, count == 1 ? "" : "s");
}

void cli_topo_header(const struct p2p_machine *machine)
{
	const struct p2p_machine_facts *facts = p2p_machine_facts(machine);
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	uint32_t hosts = count_kind(fabric, P2P_KIND_HOST_BRIDGE);
	const char *cpu = facts->cpu_name ? facts->cpu_name : facts->cpu_vendor;

	printf("%s, ", cpu ? cpu : "CPU unknown");
	if (facts->arch)
		printf("%s, ", facts->arch);
	if (facts->kernel_release)
		printf("Linux %s, ", facts->kernel_release);
	else
		printf("kernel unknown, ");
	print_iommu(machine);
	if (facts->hypervisor == P2P_PRESENT)
		printf(", a virtual machine");
	if (facts->root != P2P_UNKNOWN)
		printf(", %s as root", facts->root == P2P_PRESENT ? "read" : "not read");
	printf("\n");
	print_some(p2p_fabric_count(fabric) - hosts, "function");
	printf(" below ");
	print_some(hosts, "host bridge");
	printf("\n\n");
}

struct unknowns {
	uint32_t ports, links, lenders;
	bool redirect;
};

static bool on_root_bus(const struct p2p_fabric *fabric, p2p_node node)
{
	p2p_node parent = p2p_fabric_parent(fabric, node);

	return parent == P2P_NO_NODE ||
	       p2p_fabric_info(fabric, parent)->kind == P2P_KIND_HOST_BRIDGE;
}

static void count_node(const struct p2p_machine *machine, p2p_node node, struct unknowns *unknowns)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	const struct p2p_node_info *info = p2p_fabric_info(fabric, node);
	const struct p2p_device *device = p2p_machine_device(machine, node);

	switch (info->kind) {
	case P2P_KIND_HOST_BRIDGE:
	case P2P_KIND_OFF_BUS:
		return;
	case P2P_KIND_ENDPOINT:
		unknowns->links +=
			info->pcie != P2P_ABSENT && !info->link.speed && !on_root_bus(fabric, node);
		unknowns->lenders += device->memory.known == P2P_UNKNOWN;
		break;
	default:
		unknowns->ports += p2p_acs_known(info) == P2P_UNKNOWN;
	}
	unknowns->redirect |= p2p_acs_active(info, P2P_ACS_RR | P2P_ACS_CR | P2P_ACS_EC) != 0;
}

static const char *how_to_learn(const struct p2p_machine *machine)
{
	if (!strcmp(p2p_machine_source(machine), "live"))
		return p2p_machine_facts(machine)->root == P2P_ABSENT ? "run this as root" : NULL;
	return "take a capture as root on that machine, with p2pmem capture FILE";
}

/* Starts the list of what is unknown, or goes on with it. */
static void unknown(bool *any, const char *what)
{
	printf("%s%s", *any ? ", " : "Unknown: ", what);
	*any = true;
}

static void unknown_of(bool *any, const char *what, uint32_t count, const char *whose)
{
	if (!count)
		return;
	unknown(any, what);
	print_some(count, whose);
}

static void print_unknown(const struct p2p_machine *machine, const struct unknowns *unknowns)
{
	const struct p2p_machine_facts *facts = p2p_machine_facts(machine);
	const char *how = how_to_learn(machine);
	bool any = false;

	unknown_of(&any, "ACS of ", unknowns->ports, "port");
	unknown_of(&any, "links of ", unknowns->links, "device");
	if (unknowns->lenders)
		unknown(&any, "who lends memory");
	if (facts->iommu == P2P_UNKNOWN)
		unknown(&any, "the IOMMU");
	if (!facts->kernel_release)
		unknown(&any, "the kernel");
	if (!facts->cpu_vendor)
		unknown(&any, "the CPU");
	if (any)
		printf("%s%s.\n", how ? "; to learn it, " : "", how ? how : "");
}

static void print_left_out(const struct p2p_machine *machine, const struct p2p_outline *outline)
{
	uint32_t minor = outline->bare_functions, empty = 0;

	for (uint32_t i = 0; i < outline->count; i++) {
		minor += outline->rows[i].minor;
		empty += outline->rows[i].empty;
	}
	if (!minor && !empty && !outline->bare_count)
		return;
	printf("Not shown: ");
	print_some(minor, "chipset or minor function");
	if (empty) {
		printf(", ");
		print_some(empty, "empty port");
	}
	for (uint32_t i = 0; i < outline->bare_count; i++) {
		const struct p2p_fabric *fabric = p2p_machine_fabric(machine);

		if (!i) {
			printf(", all of ");
			print_some(outline->bare_count, "host bridge");
		}
		printf(i ? " " : " (");
		cli_write_address(stdout, p2p_fabric_info(fabric, outline->bare[i]), true);
	}
	printf("%s; see --all.\n", outline->bare_count ? ")" : "");
}

void cli_topo_footer(const struct p2p_machine *machine, const struct p2p_outline *outline)
{
	struct unknowns unknowns = { .ports = 0 };
	uint32_t count = p2p_fabric_count(p2p_machine_fabric(machine));

	for (p2p_node node = 0; node < count; node++)
		count_node(machine, node, &unknowns);
	if (outline->count)
		printf("\n");
	if (unknowns.redirect)
		printf("ACS: RR and CR send requests and completions between devices up to the "
		       "host, EC may block them.\n");
	print_left_out(machine, outline);
	print_unknown(machine, &unknowns);
}
