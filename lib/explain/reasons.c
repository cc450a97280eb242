// SPDX-License-Identifier: MIT
/*
 * Reasons in words.
 */
#include <p2pmem/acs.h>
#include <p2pmem/kernels.h>
#include <p2pmem/topology.h>

#include "parts.h"

struct writer {
	struct p2p_text_builder out;
	const struct p2p_machine *machine;
	const struct p2p_policy *policy;
	const struct p2p_reason *reason;
	char node[P2P_TITLE], other[P2P_TITLE];
	char rules[P2P_POLICY_TEXT]; /* whose */
};

static void write_redirect(struct writer *w)
{
	uint16_t bits = w->reason->bits;

	p2p_text_add(&w->out, "%s has ACS redirect set (", w->node);
	p2p_acs_bits_add(&w->out, bits);
	p2p_text_add(&w->out, "): %s from device to device go up to the host bridge",
		     bits == P2P_ACS_CR ? "the answers to reads" : "requests");
}

static void write_quirk(struct writer *w)
{
	switch ((enum p2p_acs_quirk)w->reason->bits) {
	case P2P_ACS_QUIRK_LAYOUT:
		p2p_text_add(
			&w->out,
			"%s has its ACS registers elsewhere than the specification says (a chipset "
			"erratum): what was read of them need not be what it does",
			w->node);
		return;
	case P2P_ACS_QUIRK_CHIPSET:
		p2p_text_add(&w->out,
			     "%s has no ACS capability, but chipset registers that do the same and "
			     "were not read",
			     w->node);
		return;
	case P2P_ACS_QUIRK_ISOLATED:
		p2p_text_add(
			&w->out,
			"%s is a port that passes no request to its neighbours, though it has no "
			"ACS capability to say so",
			w->node);
		return;
	case P2P_ACS_QUIRK_NONE:
		break;
	}
	p2p_text_add(&w->out, "%s has an ACS quirk", w->node);
}

/* The device that stands for a host bridge on the allowlist, with the ids that the list has. */
static void write_key(struct writer *w)
{
	const struct p2p_node_info *info;

	if (w->reason->other == P2P_NO_NODE)
		return;
	info = p2p_fabric_info(p2p_machine_fabric(w->machine), w->reason->other);
	p2p_text_add(&w->out, "%s", w->other);
	if (info->vendor != P2P_ID_UNKNOWN && info->device != P2P_ID_UNKNOWN)
		p2p_text_add(&w->out, " [%04x:%04x]", info->vendor, info->device);
}

static void write_listing(struct writer *w, const char *verb)
{
	p2p_text_add(&w->out, "%s %s of %s, which knows it by the first device on its root bus, ",
		     w->node, verb, w->rules);
	write_key(w);
}

/* Which ids tell, where the source does not name the CPU. */
static void write_shown_by(struct writer *w)
{
	p2p_node node = p2p_machine_facts(w->machine)->cpu_shown_by;
	const struct p2p_fabric *fabric = p2p_machine_fabric(w->machine);
	const struct p2p_node_info *info = p2p_fabric_info(fabric, node);
	char address[P2P_ADDRESS];

	if (info)
		p2p_text_add(&w->out, ", as %s [%04x:%04x] shows",
			     p2p_address(fabric, node, address), info->vendor, info->device);
}

static void write_cpu(struct writer *w, bool known)
{
	p2p_text_add(&w->out, "%s%s lets %s through any host bridge",
		     known ? "the CPU is one that " : "the CPU is not known; ", w->rules,
		     known ? "" : "AMD's");
	if (!known) {
		p2p_text_add(&w->out, " from family 0x%x on", w->policy->amd_family);
		return;
	}
	p2p_text_add(&w->out, " (AMD, family 0x%x or later", w->policy->amd_family);
	write_shown_by(w);
	p2p_text_add(&w->out, ")");
}

static void write_unknown_bridge(struct writer *w)
{
	p2p_text_add(&w->out, "whether %s is on the allowlist of %s is not known: ", w->node,
		     w->rules);
	if (w->reason->other == P2P_NO_NODE) {
		p2p_text_add(&w->out, "the source shows no first device on its root bus");
		return;
	}
	p2p_text_add(&w->out, "it goes by the first device on the root bus, ");
	write_key(w);
	p2p_text_add(&w->out, ", of which the source does not tell enough");
}

static void write_host_bridges(struct writer *w)
{
	p2p_text_add(&w->out, "%s", w->node);
	if (w->reason->other != P2P_NO_NODE)
		p2p_text_add(&w->out, " or %s", w->other);
}

static void write_iommu(struct writer *w, bool known)
{
	p2p_text_add(&w->out, "%s lets nothing through ", w->rules);
	write_host_bridges(w);
	p2p_text_add(&w->out, " while an IOMMU is on, %s",
		     known ? "as it is here" : "and whether one is on is not known");
}

static void write_bridge(struct writer *w)
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
		p2p_text_add(&w->out, "%s cannot be on the allowlist of %s: ", w->node, w->rules);
		if (w->reason->other == P2P_NO_NODE) {
			p2p_text_add(&w->out, "nothing is on its root bus");
			return;
		}
		p2p_text_add(&w->out, "the first device on its root bus, ");
		write_key(w);
		p2p_text_add(&w->out, ", is neither device 00.0 nor a root port");
		return;
	default:
		write_unknown_bridge(w);
	}
}

static void write_reason(struct writer *w)
{
	switch (w->reason->code) {
	case P2P_REASON_SAME_FUNCTION:
		p2p_text_add(&w->out, "client and provider are one function, %s", w->node);
		return;
	case P2P_REASON_COMMON_PORT:
		p2p_text_add(&w->out, "their paths meet in %s", w->node);
		return;
	case P2P_REASON_NO_COMMON_PORT:
		p2p_text_add(&w->out, "their paths meet only in %s: no port is above both",
			     w->node);
		return;
	case P2P_REASON_TWO_HOST_BRIDGES:
		p2p_text_add(&w->out, "they are below two host bridges, %s and %s", w->node,
			     w->other);
		return;
	case P2P_REASON_ACS_REDIRECT:
		write_redirect(w);
		return;
	case P2P_REASON_ACS_EGRESS:
		p2p_text_add(
			&w->out,
			"%s has ACS egress control set (EC): it may block the request; its vector, "
			"which decides, was not read",
			w->node);
		return;
	case P2P_REASON_ACS_UNKNOWN:
		p2p_text_add(
			&w->out,
			"ACS of %s could not be read: it may send requests up to the host bridge",
			w->node);
		return;
	case P2P_REASON_ACS_QUIRK:
		write_quirk(w);
		return;
	case P2P_REASON_PARENT_UNKNOWN:
		p2p_text_add(&w->out,
			     "the source does not show what is above %s: ports may be there",
			     w->node);
		return;
	case P2P_REASON_FORWARDING_NOT_PROMISED:
		p2p_text_add(
			&w->out,
			"a root complex need not forward requests between its ports (PCIe 1.3.1): "
			"nothing but a proof with data tells whether %s does",
			w->node);
		return;
	case P2P_REASON_OFF_BUS:
		p2p_text_add(&w->out, "%s is on no PCI bus", w->node);
		return;
	case P2P_REASON_HOST_NEVER:
		p2p_text_add(&w->out, "%s lets nothing through a host bridge: ", w->rules);
		write_host_bridges(w);
		p2p_text_add(&w->out, " would have to pass it");
		return;
	case P2P_REASON_IOMMU_REFUSES:
	case P2P_REASON_IOMMU_UNKNOWN:
		write_iommu(w, w->reason->code == P2P_REASON_IOMMU_REFUSES);
		return;
	case P2P_REASON_REDIRECT_REFUSED:
		p2p_text_add(&w->out,
			     "%s refuses what a port below %s sends up to the host, whatever the "
			     "host would do",
			     w->rules, w->node);
		return;
	case P2P_REASON_RULES_UNREAD:
		p2p_text_add(&w->out,
			     "the rules of this kernel were not read: it has those of %s, which "
			     "differ here",
			     w->rules);
		return;
	case P2P_REASON_NO_SUPPORT:
		p2p_text_add(&w->out,
			     "Linux before 4.20 has no peer-to-peer support that could be asked");
		return;
	case P2P_REASON_ALLOWED:
		p2p_text_add(&w->out,
			     "root has allowed %s to reach %s through the host, after proof with "
			     "data: p2pmem.ko maps its memory whatever the rules say",
			     w->node, w->other);
		return;
	default:
		write_bridge(w);
	}
}

char *p2p_reason_text(const struct p2p_machine *machine, const struct p2p_policy *policy,
		      const struct p2p_reason *reason)
{
	struct writer w = { .machine = machine, .policy = policy, .reason = reason };

	/* Of several rules, the reasons of the newest are given. */
	if (policy->any_of && reason->code != P2P_REASON_RULES_UNREAD)
		w.policy = &policy->any_of[policy->any_count - 1];
	p2p_policy_text(w.policy, w.rules);
	p2p_title(machine, reason->node, w.node);
	if (reason->other != P2P_NO_NODE)
		p2p_title(machine, reason->other, w.other);
	write_reason(&w);
	return p2p_text_take(&w.out);
}
