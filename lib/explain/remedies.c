// SPDX-License-Identifier: MIT
/*
 * What to change so that a pair works better.
 *
 * Linux sources meant below: drivers/pci/pci.c (pci_enable_acs(), pci_disable_acs_redir(),
 * __pci_config_acs(), pci_restore_state()) and drivers/pci/p2pdma.c of 6.1.192, 6.12.107, 7.3.4.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/acs.h>
#include <p2pmem/kernels.h>
#include <p2pmem/text.h>
#include <p2pmem/topology.h>

#include "boot_option.h"
#include "hypervisor.h"
#include "parts.h"

const char *p2p_remedy_name(enum p2p_remedy_code code)
{
	static const char *const names[P2P_REMEDIES] = {
		[P2P_REMEDY_BOOT_OPTION] = "boot-option", [P2P_REMEDY_LIVE] = "live",
		[P2P_REMEDY_FIRMWARE] = "firmware",       [P2P_REMEDY_READ] = "read",
		[P2P_REMEDY_ALLOWLIST] = "allowlist",     [P2P_REMEDY_MOVE] = "move",
		[P2P_REMEDY_ASK_HOST] = "ask-host",       [P2P_REMEDY_ALLOW] = "allow",
	};

	return code < P2P_REMEDIES ? names[code] : "unknown";
}

/* A remedy's text is there, or memory was short. */
static int add(struct p2p_explanation *explanation, enum p2p_remedy_code code, char *text,
	       const char *cost)
{
	struct p2p_remedy *remedy = &explanation->remedies[explanation->remedy_count++];

	*remedy = (struct p2p_remedy){ .code = code, .text = text };
	remedy->step = (struct p2p_step){ .code = P2P_STEP_NONE, .node = P2P_NO_NODE };
	if (cost)
		remedy->cost = strdup(cost);
	return text && (!cost || remedy->cost) ? 0 : -ENOMEM;
}

static struct p2p_remedy *last(struct p2p_explanation *explanation)
{
	return &explanation->remedies[explanation->remedy_count - 1];
}

static int add_paste(struct p2p_explanation *explanation, char *paste)
{
	last(explanation)->paste = paste;
	return paste ? 0 : -ENOMEM;
}

/* Whether the reason is a port whose bits can be cleared where the specification has them. */
static bool is_to_clear(const struct p2p_explanation *explanation, const struct p2p_reason *reason)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(explanation->machine);

	return (reason->code == P2P_REASON_ACS_REDIRECT || reason->code == P2P_REASON_ACS_EGRESS) &&
	       p2p_acs_quirk(p2p_fabric_info(fabric, reason->node)) != P2P_ACS_QUIRK_LAYOUT;
}

/*
 * The ports to clear bits of, for free(); NULL without memory. One can have two reasons, redirect
 * and egress control, which follow each other.
 */
static p2p_node *ports_to_clear(const struct p2p_explanation *explanation, uint32_t *count)
{
	p2p_node *ports = calloc(explanation->reason_count + 1, sizeof(*ports));

	*count = 0;
	for (uint32_t i = 0; ports && i < explanation->reason_count; i++) {
		const struct p2p_reason *reason = &explanation->reasons[i].reason;

		if (is_to_clear(explanation, reason) &&
		    (!*count || ports[*count - 1] != reason->node))
			ports[(*count)++] = reason->node;
	}
	return ports;
}

static int add_boot_option(struct p2p_explanation *explanation, const p2p_node *ports,
			   uint32_t count)
{
	const char *text = "Boot with redirect switched off on these ports: add this to the kernel "
			   "command line (every Linux since 4.19 knows it). GRUB ends a command at "
			   "a semicolon, so quote the whole option there. ";
	struct p2p_text_builder out = { .length = 0 };
	int rc;

	p2p_text_add(&out, "%s", text);
	if (p2p_acs_booted_with(explanation->machine))
		p2p_text_add(&out, "It takes the place of the option that this machine was booted "
				   "with, and repeats it: Linux uses the last one only. ");
	if (p2p_explanation_reason(explanation, P2P_REASON_ACS_UNKNOWN))
		p2p_text_add(&out, "Ports whose ACS could not be read are not in it. ");
	p2p_text_add(&out, "Then check again.");
	rc = add(explanation, P2P_REMEDY_BOOT_OPTION, p2p_text_take(&out),
		 "isolation: the devices below these ports can reach each other past the IOMMU. "
		 "Linux puts them into one IOMMU group, which goes to one virtual machine as a "
		 "whole or to none. From 6.12 on, the other ACS bits of these ports (source "
		 "validation, upstream forwarding) are left as firmware set them, too.");
	return rc ? rc
		  : add_paste(explanation, p2p_acs_boot_option(explanation->machine, ports, count));
}

/* setpci(8): VALUE:MASK writes the bits of the mask only; ACS Control is at +6. */
static char *clear_live(const struct p2p_explanation *explanation, const p2p_node *ports,
			uint32_t count)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(explanation->machine);
	struct p2p_text_builder out = { .length = 0 };
	char address[P2P_ADDRESS];

	for (uint32_t i = 0; i < count; i++)
		p2p_text_add(&out, "%ssetpci -s %s ECAP_ACS+6.w=0000:%04x", i ? "\n" : "",
			     p2p_address(fabric, ports[i], address), P2P_ACS_LINUX);
	return p2p_text_take(&out);
}

static int add_live(struct p2p_explanation *explanation, const p2p_node *ports, uint32_t count)
{
	int rc = add(
		explanation, P2P_REMEDY_LIVE,
		strdup("Or clear the bits at once, as root, to try it until the next boot. Do it "
		       "before a driver asks for the pair: Linux keeps the first verdict."),
		"the same isolation, and worse: IOMMU groups stay as they were made at "
		"boot and now promise what is no longer so. Never with devices of these "
		"groups in virtual machines. Resuming from suspend or resetting a port "
		"may set the bits again.");

	return rc ? rc : add_paste(explanation, clear_live(explanation, ports, count));
}

static int add_firmware(struct p2p_explanation *explanation)
{
	const char *text =
		"Many firmware setups have a switch named ACS, ACS Control or ACS Enable, mostly "
		"near those for PCIe, virtualization or the IOMMU. It says what Linux finds at "
		"boot, no more: ";
	bool iommu = p2p_machine_facts(explanation->machine)->iommu == P2P_PRESENT;
	struct p2p_text_builder out = { .length = 0 };

	p2p_text_add(
		&out, "%s%s", text,
		iommu ? "with an IOMMU on, as here, Linux itself sets redirect on every port that "
			"can, so the switch alone will not do."
		      : "when an IOMMU is on, Linux itself sets redirect on every port that can. "
			"Check again afterwards.");
	return add(explanation, P2P_REMEDY_FIRMWARE, p2p_text_take(&out),
		   "isolation, on every port of the machine.");
}

static const char *how_to_read(const struct p2p_explanation *explanation)
{
	const char *source = p2p_machine_source(explanation->machine);

	switch (p2p_machine_unread(explanation->machine)) {
	case P2P_UNREAD_NEEDS_ROOT:
		return "Run this command as root: only root may read ACS registers.";
	case P2P_UNREAD_HIDDEN:
		return "Root could not read it either: the kernel may be locked down, or shows no "
		       "extended configuration space here. lspci -vvv as root shows what is "
		       "readable.";
	case P2P_UNREAD_HIDDEN_THERE:
		return "Root could not read it either when the capture was taken: the kernel may "
		       "be locked down, or shows no extended configuration space there.";
	case P2P_UNREAD_NEEDS_CAPTURE:
		break;
	}
	if (!strcmp(source, "capture"))
		return "The capture was taken without root. Take one as root on that machine.";
	if (!strcmp(source, "lspci"))
		return "lspci text does not tell this; without root it lacks ACS, and it never "
		       "has the CPU. Take a capture as root on that machine.";
	return "This kind of file does not tell it. Take a capture as root on that machine.";
}

static int add_read(struct p2p_explanation *explanation)
{
	enum p2p_unread unread = p2p_machine_unread(explanation->machine);
	int rc = add(explanation, P2P_REMEDY_READ, strdup(how_to_read(explanation)), NULL);

	if (unread == P2P_UNREAD_NEEDS_CAPTURE)
		last(explanation)->step.code = P2P_STEP_CAPTURE;
	if (unread == P2P_UNREAD_NEEDS_ROOT)
		last(explanation)->step.code = P2P_STEP_READ_AS_ROOT;
	return rc;
}

/* What another policy would say; unknown when there is no memory to ask. */
static enum p2p_verdict verdict_by(const struct p2p_explanation *explanation,
				   const struct p2p_policy *policy)
{
	struct p2p_platform platform = p2p_machine_platform(explanation->machine);
	struct p2p_route route = { .verdict = P2P_VERDICT_UNKNOWN };
	struct p2p_router *router;

	if (p2p_router_new(p2p_machine_fabric(explanation->machine), policy, &platform, &router))
		return P2P_VERDICT_UNKNOWN;
	p2p_route_find(router, explanation->client, explanation->provider, &route);
	p2p_router_free(router);
	return route.verdict;
}

/* Releases that allow it the same way follow each other, mostly. */
static void add_others(struct p2p_text_builder *out, const struct p2p_explanation *explanation)
{
	struct p2p_release_range ranges[P2P_RELEASE_RANGES];
	enum p2p_verdict verdicts[P2P_RELEASE_RANGES];
	uint32_t count = p2p_release_ranges(ranges), last;
	const char *between = "";
	char text[P2P_POLICY_TEXT];

	for (uint32_t i = 0; i < count; i++)
		verdicts[i] = verdict_by(explanation, ranges[i].first);
	for (uint32_t i = 0; i < count; i = last + 1) {
		for (last = i; last + 1 < count && verdicts[last + 1] == verdicts[i];)
			last++;
		if (verdicts[i] != P2P_VERDICT_DIRECT && verdicts[i] != P2P_VERDICT_VIA_HOST)
			continue;
		p2p_text_add(out, "%s%s %s it (%s)", between,
			     p2p_release_range_text(&ranges[i], &ranges[last], text),
			     ranges[i].first == ranges[last].last ? "allows" : "allow",
			     p2p_verdict_text(verdicts[i]));
		between = ", ";
	}
	if (*between)
		p2p_text_add(out, ": run such a kernel, or a newer one.");
	else if (count)
		p2p_text_add(out,
			     "Of the kernels known here (%s to %s) none is certain to allow it.",
			     ranges[0].first->name, ranges[count - 1].last->name);
}

static int add_allowlist(struct p2p_explanation *explanation)
{
	struct p2p_text_builder out = { .length = 0 };

	p2p_text_add(&out, "No boot option adds a host bridge to the kernel's allowlist. ");
	add_others(&out, explanation);
	return add(explanation, P2P_REMEDY_ALLOWLIST, p2p_text_take(&out), NULL);
}

static int add_allow(struct p2p_explanation *explanation)
{
	int rc =
		add(explanation, P2P_REMEDY_ALLOW,
		    strdup("The kernel module p2pmem can let this pair through, for memory that it "
			   "publishes, once data have been proven to arrive both ways."),
		    "nobody has vouched for this host bridge: what was proven is what was moved, "
		    "on this machine as it was then");

	last(explanation)->step.code = P2P_STEP_ALLOW_PAIR;
	return rc;
}

static bool is_integrated(const struct p2p_fabric *fabric, p2p_node node)
{
	p2p_node parent = p2p_fabric_parent(fabric, node);

	return p2p_fabric_info(fabric, node)->kind == P2P_KIND_ENDPOINT && parent != P2P_NO_NODE &&
	       p2p_fabric_info(fabric, parent)->kind == P2P_KIND_HOST_BRIDGE;
}

static int add_move(struct p2p_explanation *explanation)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(explanation->machine);
	p2p_node fixed = is_integrated(fabric, explanation->client)     ? explanation->client
			 : is_integrated(fabric, explanation->provider) ? explanation->provider
									: P2P_NO_NODE;
	struct p2p_text_builder out = { .length = 0 };
	char title[P2P_TITLE];
	int rc;

	if (fixed != P2P_NO_NODE) {
		p2p_text_add(&out,
			     "%s sits directly on a root bus: if it is part of the chip, as most "
			     "such devices are, it cannot be moved below a switch; choose another "
			     "device in its place.",
			     p2p_title(explanation->machine, fixed, title));
		return add(explanation, P2P_REMEDY_MOVE, p2p_text_take(&out), NULL);
	}
	rc = add(explanation, P2P_REMEDY_MOVE,
		 strdup("Put both cards below one PCIe switch, so that a port is above both; then "
			"neither host bridge nor allowlist matters."),
		 NULL);
	last(explanation)->step.code = P2P_STEP_LIST_PAIRS;
	return rc;
}

/* What only the host can do is not for a guest to be told. */
static int add_ask_host(struct p2p_explanation *explanation)
{
	struct p2p_text_builder out = { .length = 0 };
	int rc;

	p2p_text_add(&out, "This machine is a virtual one (");
	p2p_hypervisor_add(&out, explanation->machine);
	p2p_text_add(&out,
		     "): its ports, bits and host bridges are the hypervisor's picture of them. "
		     "Only the host can tell what the real switches do, and change it.");
	rc = add(explanation, P2P_REMEDY_ASK_HOST, p2p_text_take(&out), NULL);
	last(explanation)->step.code = P2P_STEP_EXPLAIN_HOST;
	return rc;
}

static bool has_any(const struct p2p_explanation *explanation, const enum p2p_reason_code *codes,
		    size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (p2p_explanation_reason(explanation, codes[i]))
			return true;
	return false;
}

#define HAS_ANY(explanation, ...)                                                                  \
	has_any(explanation, (const enum p2p_reason_code[]){ __VA_ARGS__ },                        \
		sizeof((const enum p2p_reason_code[]){ __VA_ARGS__ }) /                            \
			sizeof(enum p2p_reason_code))

static int add_clearing(struct p2p_explanation *explanation, bool guest)
{
	uint32_t count;
	p2p_node *ports = ports_to_clear(explanation, &count);
	int rc = 0;

	if (!ports)
		return -ENOMEM;
	if (count) {
		rc = add_boot_option(explanation, ports, count);
		if (!rc)
			rc = add_live(explanation, ports, count);
		if (!rc && !guest)
			rc = add_firmware(explanation);
	}
	free(ports);
	return rc;
}

int p2p_remedies_find(struct p2p_explanation *explanation)
{
	bool guest = p2p_machine_facts(explanation->machine)->hypervisor == P2P_PRESENT;
	enum p2p_verdict verdict = explanation->route.verdict;
	int rc;

	if (verdict == P2P_VERDICT_DIRECT)
		return 0;
	explanation->remedies = calloc(P2P_REMEDIES, sizeof(*explanation->remedies));
	if (!explanation->remedies)
		return -ENOMEM;
	rc = add_clearing(explanation, guest);
	if (!rc && verdict == P2P_VERDICT_UNKNOWN &&
	    HAS_ANY(explanation, P2P_REASON_ACS_UNKNOWN, P2P_REASON_CPU_UNKNOWN,
		    P2P_REASON_BRIDGE_UNKNOWN, P2P_REASON_IOMMU_UNKNOWN))
		rc = add_read(explanation);
	if (!rc && verdict != P2P_VERDICT_VIA_HOST &&
	    HAS_ANY(explanation, P2P_REASON_BRIDGE_NOT_LISTED, P2P_REASON_BRIDGE_SAME_ONLY,
		    P2P_REASON_BRIDGE_NO_KEY, P2P_REASON_HOST_NEVER, P2P_REASON_IOMMU_REFUSES,
		    P2P_REASON_REDIRECT_REFUSED, P2P_REASON_RULES_UNREAD, P2P_REASON_NO_SUPPORT))
		rc = add_allowlist(explanation);
	if (!rc && explanation->allowable)
		rc = add_allow(explanation);
	if (!rc && !guest &&
	    HAS_ANY(explanation, P2P_REASON_NO_COMMON_PORT, P2P_REASON_TWO_HOST_BRIDGES))
		rc = add_move(explanation);
	if (!rc && guest)
		rc = add_ask_host(explanation);
	return rc;
}
