// SPDX-License-Identifier: MIT
/*
 * The live ACS bits against the IOMMU groups, which Linux made when it found the devices. Where
 * the two disagree, somebody changed the bits later: firmware, or setpci.
 *
 * The rule is Linux's: pci_device_group() in drivers/iommu/iommu.c puts a device into the group
 * of the port above it unless that port and all above it isolate; what isolates is in
 * pci_acs_enabled() and pci_acs_flags_enabled() in drivers/pci/pci.c.
 */
#include "checks.h"

#include <inttypes.h>
#include <string.h>

#include <p2pmem/acs.h>

#define AREA       "Isolation"
#define LINES_SAID 16

/* REQ_ACS_FLAGS in drivers/iommu/iommu.c. */
#define ISOLATING (P2P_ACS_SV | P2P_ACS_RR | P2P_ACS_CR | P2P_ACS_UF)

/* PRESENT: isolates; ABSENT: does not. */
static enum p2p_known registers_isolate(const struct p2p_node_info *info)
{
	uint16_t needed;

	if (p2p_acs_known(info) != P2P_PRESENT)
		return p2p_acs_known(info);
	/* What a port cannot control is hard-wired on, egress control apart. */
	needed = ISOLATING & (info->acs.capability | P2P_ACS_EC);
	return (info->acs.control & needed) == needed ? P2P_PRESENT : P2P_ABSENT;
}

static bool has_siblings(const struct p2p_fabric *fabric, p2p_node node)
{
	struct p2p_bdf bdf = p2p_fabric_info(fabric, node)->bdf;
	uint8_t own = bdf.devfn;

	for (unsigned int function = 0; function < 8; function++) {
		bdf.devfn = (uint8_t)((own & ~7u) | function);
		if (bdf.devfn != own && p2p_fabric_find(fabric, bdf) != P2P_NO_NODE)
			return true;
	}
	return false;
}

static enum p2p_known isolates(const struct p2p_fabric *fabric, p2p_node node)
{
	const struct p2p_node_info *info = p2p_fabric_info(fabric, node);

	if (p2p_acs_quirk(info) != P2P_ACS_QUIRK_NONE)
		return P2P_UNKNOWN;
	switch (info->kind) {
	case P2P_KIND_ROOT_PORT:
	case P2P_KIND_DOWNSTREAM_PORT:
		return registers_isolate(info);
	case P2P_KIND_UPSTREAM_PORT:
		return has_siblings(fabric, node) ? registers_isolate(info) : P2P_PRESENT;
	case P2P_KIND_PCI_BRIDGE:
		return P2P_ABSENT;
	default:
		return P2P_UNKNOWN;
	}
}

static enum p2p_known way_up_isolates(const struct p2p_fabric *fabric, p2p_node port)
{
	enum p2p_known all = P2P_PRESENT;

	for (p2p_node node = port; p2p_fabric_info(fabric, node)->kind != P2P_KIND_HOST_BRIDGE;
	     node = p2p_fabric_parent(fabric, node)) {
		enum p2p_known here = isolates(fabric, node);

		if (here == P2P_ABSENT)
			return P2P_ABSENT;
		if (here == P2P_UNKNOWN)
			all = P2P_UNKNOWN;
	}
	return all;
}

/* Elsewhere groups follow other rules than ACS: powerpc's are partitionable endpoints. */
static bool rule_holds(const char *arch)
{
	return !arch || !strcmp(arch, "x86_64") || !strcmp(arch, "aarch64") ||
	       !strcmp(arch, "riscv64") || !strcmp(arch, "loongarch64") ||
	       (strlen(arch) == 4 && arch[0] == 'i' && !strcmp(arch + 2, "86"));
}

enum agreement {
	NOTHING_TO_COMPARE,
	NOT_READ,
	AGREES,
	BITS_SET_LATER,
	BITS_CLEARED_LATER
};

/* A port and the first device below it. */
static enum agreement compare(const struct p2p_fabric *fabric, p2p_node port)
{
	const struct p2p_node_info *info = p2p_fabric_info(fabric, port);
	p2p_node below = p2p_fabric_first_child(fabric, port);
	bool together;

	if ((info->kind != P2P_KIND_ROOT_PORT && info->kind != P2P_KIND_DOWNSTREAM_PORT &&
	     info->kind != P2P_KIND_BRIDGE) ||
	    below == P2P_NO_NODE)
		return NOTHING_TO_COMPARE;
	if (info->iommu_group == P2P_GROUP_UNKNOWN ||
	    p2p_fabric_info(fabric, below)->iommu_group == P2P_GROUP_UNKNOWN)
		return NOT_READ;
	together = info->iommu_group == p2p_fabric_info(fabric, below)->iommu_group;
	switch (way_up_isolates(fabric, port)) {
	case P2P_PRESENT:
		return together ? BITS_SET_LATER : AGREES;
	case P2P_ABSENT:
		return together ? AGREES : BITS_CLEARED_LATER;
	case P2P_UNKNOWN:
		break;
	}
	return NOT_READ;
}

static void say_port(struct p2p_doctor_context *context, struct p2p_draft *finding, p2p_node port)
{
	p2p_node below = p2p_fabric_first_child(context->fabric, port);
	const struct p2p_node_info *info = p2p_fabric_info(context->fabric, port);
	char above[P2P_TITLE], name[P2P_TITLE];

	p2p_text_line(&finding->evidence,
		      "%s, ACS control 0x%04x, in group %" PRId32 "; %s below it in group %" PRId32,
		      p2p_short_title(context->machine, port, above), info->acs.control,
		      info->iommu_group, p2p_short_title(context->machine, below, name),
		      p2p_fabric_info(context->fabric, below)->iommu_group);
}

/* One finding for all ports of one kind; how many there were. */
static uint32_t report(struct p2p_doctor_context *context, enum agreement agreement,
		       enum p2p_severity severity, const char *what)
{
	struct p2p_draft *finding = NULL;

	for (p2p_node node = 0; node < p2p_fabric_count(context->fabric); node++) {
		if (compare(context->fabric, node) != agreement)
			continue;
		if (!finding) {
			finding = p2p_find(context, "iommu-groups", AREA, severity);
			p2p_text_add(&finding->text, "%s", what);
		}
		p2p_about(finding, node);
		if (finding->node_count <= LINES_SAID && agreement != NOT_READ)
			say_port(context, finding, node);
	}
	if (finding && agreement == NOT_READ) {
		p2p_say_nodes(context, &finding->evidence, finding);
		if (context->facts->iommu == P2P_UNKNOWN)
			p2p_text_line(&finding->evidence, "the source shows no IOMMU groups");
		p2p_advise_reading(context, finding);
	} else if (finding) {
		p2p_advise(finding, P2P_STEP_NONE,
			   "reboot with the setting made where it belongs: in firmware or with "
			   "pci=disable_acs_redir= or pci=config_acs=, not with setpci");
		p2p_text_add(&finding->cost, "a reboot");
	}
	return finding ? finding->node_count : 0;
}

static uint32_t count(const struct p2p_doctor_context *context, enum agreement agreement)
{
	uint32_t ports = 0;

	for (p2p_node node = 0; node < p2p_fabric_count(context->fabric); node++)
		ports += compare(context->fabric, node) == agreement;
	return ports;
}

static void report_fine(struct p2p_doctor_context *context)
{
	uint32_t agreeing = count(context, AGREES);
	struct p2p_draft *finding;

	finding = p2p_find(context, "iommu-groups", AREA,
			   agreeing ? P2P_SEVERITY_OK : P2P_SEVERITY_NOTE);
	p2p_text_add(&finding->text, "%s",
		     agreeing ? "the IOMMU groups are what the ACS bits call for"
			      : "there are no IOMMU groups to compare with ACS bits");
	if (agreeing)
		p2p_text_add(&finding->evidence, "%" PRIu32 " %s compared", agreeing,
			     agreeing == 1 ? "port" : "ports");
}

void p2p_doctor_groups(struct p2p_doctor_context *context)
{
	uint32_t said = 0;

	if (!rule_holds(context->facts->arch) || context->facts->iommu == P2P_ABSENT) {
		report_fine(context);
		return;
	}
	said += report(context, BITS_CLEARED_LATER, P2P_SEVERITY_PROBLEM,
		       "IOMMU groups promise an isolation that the ACS bits do not give: the bits "
		       "were cleared after boot, or the kernel overrides ACS "
		       "(pcie_acs_override=); a virtual machine could reach its neighbours");
	said += report(context, BITS_SET_LATER, P2P_SEVERITY_WARNING,
		       "ACS bits isolate ports whose IOMMU groups are shared: the bits were set "
		       "after boot, so the groups are larger than needed, and verdicts that the "
		       "kernel has given before may not hold");
	said += report(context, NOT_READ, P2P_SEVERITY_UNKNOWN,
		       "whether IOMMU groups fit the ACS bits of these ports could not be read");
	if (!said)
		report_fine(context);
}
