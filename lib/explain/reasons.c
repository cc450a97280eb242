// SPDX-License-Identifier: MIT
/*
 * Reasons in words.
 */
#include <inttypes.h>

#include <p2pmem/acs.h>

#include "hops.h"
#include "reasons.h"
#include <p2pmem/topology.h>

struct writer {
	FILE *file;
	const struct p2p_machine *machine;
	const struct p2p_policy *policy;
	const struct p2p_reason *reason;
	char node[P2P_TITLE], other[P2P_TITLE];
};

void p2p_policy_write(FILE *file, const struct p2p_policy *policy)
{
	const struct p2p_policy *newest = NULL;

	if (policy->any_of)
		newest = &policy->any_of[policy->any_count - 1];
	if (policy == p2p_policy_hardware())
		fprintf(file, "the hardware");
	else if (policy->absent)
		fprintf(file, "Linux before 4.20");
	else if (policy->open)
		fprintf(file, "a later Linux than is known");
	else if (newest && policy->any_of[0].absent)
		fprintf(file, "any Linux to %s", newest->name);
	else if (newest && newest != policy->any_of)
		fprintf(file, "one of Linux %s to %s", policy->any_of[0].name, newest->name);
	else
		fprintf(file, "Linux %s", newest ? newest->name : policy->name);
}

static void write_redirect(const struct writer *w)
{
	uint16_t bits = w->reason->bits;

	fprintf(w->file, "%s has ACS redirect set (", w->node);
	p2p_acs_bits_write(w->file, bits);
	fprintf(w->file, "): %s from device to device go up to the host bridge",
		bits == P2P_ACS_CR ? "the answers to reads" : "requests");
}

static void write_quirk(const struct writer *w)
{
	switch ((enum p2p_acs_quirk)w->reason->bits) {
	case P2P_ACS_QUIRK_LAYOUT:
		fprintf(w->file,
			"%s has its ACS registers elsewhere than the specification says (a chipset "
			"erratum): what was read of them need not be what it does",
			w->node);
		return;
	case P2P_ACS_QUIRK_CHIPSET:
		fprintf(w->file,
			"%s has no ACS capability, but chipset registers that do the same and "
			"were not read",
			w->node);
		return;
	case P2P_ACS_QUIRK_ISOLATED:
		fprintf(w->file,
			"%s is a port that passes no request to its neighbours, though it has no "
			"ACS capability to say so",
			w->node);
		return;
	case P2P_ACS_QUIRK_NONE:
		break;
	}
	fprintf(w->file, "%s has an ACS quirk", w->node);
}

/* The device that stands for a host bridge on the allowlist, with the ids that the list has. */
static void write_key(const struct writer *w)
{
	const struct p2p_node_info *info;

	if (w->reason->other == P2P_NO_NODE)
		return;
	info = p2p_fabric_info(p2p_machine_fabric(w->machine), w->reason->other);
	fprintf(w->file, "%s", w->other);
	if (info->vendor != P2P_ID_UNKNOWN && info->device != P2P_ID_UNKNOWN)
		fprintf(w->file, " [%04x:%04x]", info->vendor, info->device);
}

static void write_listing(const struct writer *w, const char *verb)
{
	fprintf(w->file, "%s %s of ", w->node, verb);
	p2p_policy_write(w->file, w->policy);
	fprintf(w->file, ", which knows it by the first device on its root bus, ");
	write_key(w);
}

/* Which ids tell, where the source does not name the CPU. */
static void write_shown_by(const struct writer *w)
{
	p2p_node node = p2p_machine_facts(w->machine)->cpu_shown_by;
	const struct p2p_fabric *fabric = p2p_machine_fabric(w->machine);
	const struct p2p_node_info *info = p2p_fabric_info(fabric, node);
	char address[P2P_ADDRESS];

	if (info)
		fprintf(w->file, ", as %s [%04x:%04x] shows", p2p_address(fabric, node, address),
			info->vendor, info->device);
}

static void write_cpu(const struct writer *w, bool known)
{
	fprintf(w->file, known ? "the CPU is one that " : "the CPU is not known; ");
	p2p_policy_write(w->file, w->policy);
	fprintf(w->file, " lets %s through any host bridge", known ? "" : "AMD's");
	if (!known) {
		fprintf(w->file, " from family 0x%x on", w->policy->amd_family);
		return;
	}
	fprintf(w->file, " (AMD, family 0x%x or later", w->policy->amd_family);
	write_shown_by(w);
	fprintf(w->file, ")");
}

static void write_unknown_bridge(const struct writer *w)
{
	fprintf(w->file, "whether %s is on the allowlist of ", w->node);
	p2p_policy_write(w->file, w->policy);
	if (w->reason->other == P2P_NO_NODE) {
		fprintf(w->file, " is not known: the source shows no first device on its root bus");
		return;
	}
	fprintf(w->file, " is not known: it goes by the first device on the root bus, ");
	write_key(w);
	fprintf(w->file, ", of which the source does not tell enough");
}

static void write_host_bridges(const struct writer *w)
{
	fprintf(w->file, "%s", w->node);
	if (w->reason->other != P2P_NO_NODE)
		fprintf(w->file, " or %s", w->other);
}

static void write_iommu(const struct writer *w, bool known)
{
	p2p_policy_write(w->file, w->policy);
	fprintf(w->file, " lets nothing through ");
	write_host_bridges(w);
	fprintf(w->file, known ? " while an IOMMU is on, as it is here"
			       : " while an IOMMU is on, and whether one is on is not known");
}

static void write_bridge(const struct writer *w)
{
	switch (w->reason->code) {
	case P2P_REASON_CPU_ALLOWS:
		write_cpu(w, true);
		return;
	case P2P_REASON_CPU_UNKNOWN:
		write_cpu(w, false);
		return;
	case P2P_REASON_BRIDGE_LISTED:
		write_listing(w, "is on the allowlist");
		return;
	case P2P_REASON_BRIDGE_NOT_LISTED:
		write_listing(w, "is not on the allowlist");
		return;
	case P2P_REASON_BRIDGE_SAME_ONLY:
		write_listing(w, "is allowed between its own ports only by the list");
		return;
	case P2P_REASON_BRIDGE_NO_KEY:
		fprintf(w->file, "%s cannot be on the allowlist of ", w->node);
		p2p_policy_write(w->file, w->policy);
		fprintf(w->file, ": ");
		if (w->reason->other == P2P_NO_NODE) {
			fprintf(w->file, "nothing is on its root bus");
			return;
		}
		fprintf(w->file, "the first device on its root bus, ");
		write_key(w);
		fprintf(w->file, ", is neither device 00.0 nor a root port");
		return;
	default:
		write_unknown_bridge(w);
	}
}

void p2p_reason_write(FILE *file, const struct p2p_machine *machine,
		      const struct p2p_policy *policy, const struct p2p_reason *reason)
{
	struct writer w = { file, machine, policy, reason, "", "" };

	/* Of several rules, the reasons of the newest are given. */
	if (policy->any_of && reason->code != P2P_REASON_RULES_UNREAD)
		w.policy = policy = &policy->any_of[policy->any_count - 1];

	p2p_title(machine, reason->node, w.node);
	if (reason->other != P2P_NO_NODE)
		p2p_title(machine, reason->other, w.other);
	switch (reason->code) {
	case P2P_REASON_SAME_FUNCTION:
		fprintf(file, "client and provider are one function, %s", w.node);
		return;
	case P2P_REASON_COMMON_PORT:
		fprintf(file, "their paths meet in %s", w.node);
		return;
	case P2P_REASON_NO_COMMON_PORT:
		fprintf(file, "their paths meet only in %s: no port is above both", w.node);
		return;
	case P2P_REASON_TWO_HOST_BRIDGES:
		fprintf(file, "they are below two host bridges, %s and %s", w.node, w.other);
		return;
	case P2P_REASON_ACS_REDIRECT:
		write_redirect(&w);
		return;
	case P2P_REASON_ACS_EGRESS:
		fprintf(file,
			"%s has ACS egress control set (EC): it may block the request; its vector, "
			"which decides, was not read",
			w.node);
		return;
	case P2P_REASON_ACS_UNKNOWN:
		fprintf(file,
			"ACS of %s could not be read: it may send requests up to the host bridge",
			w.node);
		return;
	case P2P_REASON_ACS_QUIRK:
		write_quirk(&w);
		return;
	case P2P_REASON_PARENT_UNKNOWN:
		fprintf(file, "the source does not show what is above %s: ports may be there",
			w.node);
		return;
	case P2P_REASON_FORWARDING_NOT_PROMISED:
		fprintf(file,
			"a root complex need not forward requests between its ports (PCIe 1.3.1): "
			"nothing but a proof with data tells whether %s does",
			w.node);
		return;
	case P2P_REASON_OFF_BUS:
		fprintf(file, "%s is on no PCI bus", w.node);
		return;
	case P2P_REASON_HOST_NEVER:
		p2p_policy_write(file, policy);
		fprintf(file, " lets nothing through a host bridge: ");
		write_host_bridges(&w);
		fprintf(file, " would have to pass it");
		return;
	case P2P_REASON_IOMMU_REFUSES:
	case P2P_REASON_IOMMU_UNKNOWN:
		write_iommu(&w, reason->code == P2P_REASON_IOMMU_REFUSES);
		return;
	case P2P_REASON_REDIRECT_REFUSED:
		p2p_policy_write(file, policy);
		fprintf(file,
			" refuses what a port below %s sends up to the host, whatever the host "
			"would do",
			w.node);
		return;
	case P2P_REASON_RULES_UNREAD:
		fprintf(file, "the rules of this kernel were not read: it has those of ");
		p2p_policy_write(file, policy);
		fprintf(file, ", which differ here");
		return;
	case P2P_REASON_NO_SUPPORT:
		fprintf(file, "Linux before 4.20 has no peer-to-peer support that could be asked");
		return;
	default:
		write_bridge(&w);
	}
}
