// SPDX-License-Identifier: MIT
/*
 * What `p2pmem topo` says above and below its table.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/acs.h>

#include "format.h"
#include <p2pmem/explain.h>
#include "topo.h"

/* At most this many groups are asked for their types: they rarely differ, and never by much. */
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

static void write_iommu(FILE *out, const struct p2p_machine *machine)
{
	static const char *const words[] = { "unknown", "off", "on" };
	const struct p2p_machine_facts *facts = p2p_machine_facts(machine);
	const char *types[TYPES];
	unsigned int count = domain_types(machine, types);

	fprintf(out, "IOMMU %s", words[facts->iommu]);
	for (unsigned int i = 0; i < count; i++)
		fprintf(out, "%s%s%s", i ? ", " : " (", types[i], i + 1 == count ? ")" : "");
}

static uint32_t count_kind(const struct p2p_fabric *fabric, enum p2p_kind kind)
{
	uint32_t count = 0;

	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++)
		count += p2p_fabric_info(fabric, node)->kind == kind;
	return count;
}

static uint32_t count_unplaced(const struct p2p_fabric *fabric)
{
	uint32_t count = 0;

	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++)
		count += p2p_fabric_info(fabric, node)->unplaced;
	return count;
}

static void write_some(FILE *out, uint32_t count, const char *what)
{
	fprintf(out, "%" PRIu32 " %s%s", count, what, count == 1 ? "" : "s");
}

static void write_header(FILE *out, const struct p2p_machine *machine)
{
	const struct p2p_machine_facts *facts = p2p_machine_facts(machine);
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	uint32_t hosts = count_kind(fabric, P2P_KIND_HOST_BRIDGE);
	uint32_t unplaced = count_unplaced(fabric);
	const char *cpu = facts->cpu_name ? facts->cpu_name : facts->cpu_vendor;

	fprintf(out, "%s, ", cpu ? cpu : "CPU unknown");
	if (facts->arch)
		fprintf(out, "%s, ", facts->arch);
	if (facts->kernel_release)
		fprintf(out, "Linux %s, ", facts->kernel_release);
	else
		fprintf(out, "kernel unknown, ");
	write_iommu(out, machine);
	if (facts->hypervisor == P2P_PRESENT)
		fprintf(out, ", a virtual machine");
	if (facts->root != P2P_UNKNOWN)
		fprintf(out, ", %s as root", facts->root == P2P_PRESENT ? "read" : "not read");
	fprintf(out, "\n");
	write_some(out, p2p_fabric_count(fabric) - hosts, "function");
	fprintf(out, " below ");
	write_some(out, hosts - unplaced, "host bridge");
	if (unplaced)
		fprintf(out, " and on %" PRIu32 " bus%s that the source does not place", unplaced,
			unplaced == 1 ? "" : "es");
}

/* Sentences that were written to a stream, made to fit. */
struct draft {
	FILE *out;
	char *text;
	size_t size;
};

static bool open_draft(struct draft *draft)
{
	draft->text = NULL;
	draft->out = open_memstream(&draft->text, &draft->size);
	return draft->out;
}

static void print_draft(struct draft *draft, const struct cli_terminal *terminal)
{
	if (!fclose(draft->out) && draft->size)
		cli_wrap(terminal, 0, "", draft->text);
	free(draft->text);
}

void cli_topo_header(const struct p2p_machine *machine, const struct cli_terminal *terminal)
{
	struct draft draft;

	if (!open_draft(&draft))
		return;
	write_header(draft.out, machine);
	print_draft(&draft, terminal);
	printf("\n");
}

struct unknowns {
	uint32_t ports, links, providers;
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
		unknowns->providers += device->memory.known == P2P_UNKNOWN;
		break;
	default:
		unknowns->ports += p2p_acs_known(info) == P2P_UNKNOWN;
	}
}

static const char *how_to_learn(const struct p2p_machine *machine, const struct unknowns *unknowns)
{
	switch (p2p_machine_unread(machine)) {
	case P2P_UNREAD_NEEDS_ROOT:
		/* All but ACS is there for any user to read, where it is. */
		return unknowns->ports ? "run this as root" : NULL;
	case P2P_UNREAD_NEEDS_CAPTURE:
		return "take a capture as root on that machine, with p2pmem capture FILE";
	default:
		return NULL;
	}
}

/* Starts the list of what is unknown, or goes on with it. */
static void unknown(FILE *out, bool *any, const char *what)
{
	fprintf(out, "%s%s", *any ? ", " : "Unknown: ", what);
	*any = true;
}

static void unknown_of(FILE *out, bool *any, const char *what, uint32_t count, const char *whose)
{
	if (!count)
		return;
	unknown(out, any, what);
	write_some(out, count, whose);
}

static void write_unknown(FILE *out, const struct p2p_machine *machine,
			  const struct unknowns *unknowns)
{
	const struct p2p_machine_facts *facts = p2p_machine_facts(machine);
	const char *how = how_to_learn(machine, unknowns);
	bool any = false;

	unknown_of(out, &any, "ACS of ", unknowns->ports, "port");
	unknown_of(out, &any, "links of ", unknowns->links, "device");
	if (unknowns->providers)
		unknown(out, &any, "who provides memory");
	if (facts->iommu == P2P_UNKNOWN)
		unknown(out, &any, "the IOMMU");
	if (!facts->kernel_release)
		unknown(out, &any, "the kernel");
	if (!facts->cpu_vendor)
		unknown(out, &any, "the CPU");
	if (any)
		fprintf(out, "%s%s.\n", how ? "; to learn it, " : "", how ? how : "");
}

static void write_left_out(FILE *out, const struct p2p_machine *machine,
			   const struct p2p_folded_tree *tree)
{
	uint32_t minor = tree->bare_functions, empty = 0;

	for (uint32_t i = 0; i < tree->count; i++) {
		minor += tree->rows[i].minor;
		empty += tree->rows[i].empty;
	}
	if (!minor && !empty && !tree->bare_count)
		return;
	fprintf(out, "Not shown: ");
	write_some(out, minor, "chipset or minor function");
	if (empty) {
		fprintf(out, ", ");
		write_some(out, empty, "empty port");
	}
	for (uint32_t i = 0; i < tree->bare_count; i++) {
		const struct p2p_fabric *fabric = p2p_machine_fabric(machine);

		if (!i) {
			fprintf(out, ", all of ");
			write_some(out, tree->bare_count, "host bridge");
		}
		fprintf(out, i ? " " : " (");
		cli_write_address(out, p2p_fabric_info(fabric, tree->bare[i]), true);
	}
	fprintf(out, "%s; see --all.\n", tree->bare_count ? ")" : "");
}

void cli_topo_footer(const struct p2p_machine *machine, const struct p2p_folded_tree *tree,
		     const struct cli_terminal *terminal, bool redirects)
{
	struct unknowns unknowns = { .ports = 0 };
	uint32_t count = p2p_fabric_count(p2p_machine_fabric(machine));
	struct draft draft;

	for (p2p_node node = 0; node < count; node++)
		count_node(machine, node, &unknowns);
	if (!open_draft(&draft))
		return;
	if (redirects)
		fprintf(draft.out,
			"ACS: RR and CR send requests and completions between devices up "
			"to the host bridge, EC may block them.\n");
	write_left_out(draft.out, machine, tree);
	write_unknown(draft.out, machine, &unknowns);
	if (tree->count)
		printf("\n");
	print_draft(&draft, terminal);
}
