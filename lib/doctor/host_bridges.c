// SPDX-License-Identifier: MIT
/*
 * Whether the rules let requests through each host bridge that has devices: the allowlist and
 * the CPU rule, as the router applies them, and which other kernels would decide otherwise.
 */
#include "checks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/kernels.h>

#define AREA       "Host bridges"
#define LINES_SAID 16

/* A host bridge's rule that decides, the device that vouches, and whether a CPU rule may pass it
 * all the same. */
struct ruling {
	enum p2p_reason_code code;
	p2p_node key;
	bool cpu_unknown;
};

/* Those that the checks group host bridges by. */
enum outcome {
	NOT_ASKED,
	PASSES,
	SAME_ONLY,
	REFUSED,
	MAY_REFUSE, /* it would, and whether anything gets there is not known */
	NOT_KNOWN
};

static bool is_about_host(const struct p2p_reason *reason, p2p_node bridge)
{
	switch (reason->code) {
	case P2P_REASON_CPU_ALLOWS:
	case P2P_REASON_HOST_NEVER:
	case P2P_REASON_IOMMU_REFUSES:
	case P2P_REASON_RULES_UNREAD:
	case P2P_REASON_NO_SUPPORT:
		return true;
	case P2P_REASON_BRIDGE_LISTED:
	case P2P_REASON_BRIDGE_NOT_LISTED:
	case P2P_REASON_BRIDGE_SAME_ONLY:
	case P2P_REASON_BRIDGE_NO_KEY:
	case P2P_REASON_BRIDGE_UNKNOWN:
		return reason->node == bridge;
	default:
		return false;
	}
}

static bool find_ruling(struct p2p_doctor_context *context, const struct p2p_router *router,
			struct p2p_pair pair, p2p_node bridge, struct ruling *ruling)
{
	struct p2p_reason *reasons;
	struct p2p_path path;
	uint32_t room;
	bool found = false, cpu_unknown = false;

	if (p2p_path_find(router, pair.first, pair.other, &path))
		return false;
	room = p2p_path_reasons(&path, NULL, 0);
	if (!room)
		return false;
	reasons = calloc(room, sizeof(*reasons));
	if (!reasons) {
		context->failed = true;
		return false;
	}
	p2p_path_reasons(&path, reasons, room);
	for (uint32_t i = 0; i < room; i++)
		cpu_unknown |= reasons[i].code == P2P_REASON_CPU_UNKNOWN;
	for (uint32_t i = 0; i < room && !found; i++) {
		found = is_about_host(&reasons[i], bridge);
		*ruling = (struct ruling){ reasons[i].code, reasons[i].other, cpu_unknown };
	}
	free(reasons);
	return found;
}

/* NCCL's files leave root ports out: what is highest in them is on no root bus, so it vouches for
 * nothing. */
static bool roots_are_real(const struct p2p_machine *machine)
{
	return strcmp(p2p_machine_source(machine), "nccl-xml") != 0;
}

static enum outcome outcome_of(const struct ruling *ruling)
{
	switch (ruling->code) {
	case P2P_REASON_CPU_ALLOWS:
	case P2P_REASON_BRIDGE_LISTED:
		return PASSES;
	case P2P_REASON_BRIDGE_SAME_ONLY:
		return ruling->cpu_unknown ? NOT_KNOWN : SAME_ONLY;
	case P2P_REASON_BRIDGE_NOT_LISTED:
	case P2P_REASON_BRIDGE_NO_KEY:
		return ruling->cpu_unknown ? NOT_KNOWN : REFUSED;
	case P2P_REASON_HOST_NEVER:
	case P2P_REASON_IOMMU_REFUSES:
	case P2P_REASON_NO_SUPPORT:
		return REFUSED;
	default:
		return NOT_KNOWN;
	}
}

/* Devices of two host bridges, for those that have none of their own to pair. */
struct strangers {
	p2p_node bridge[2];
};

static struct strangers find_strangers(const struct p2p_doctor_context *context)
{
	struct strangers strangers = { { P2P_NO_NODE, P2P_NO_NODE } };
	unsigned int found = 0;

	for (p2p_node node = 0; node < p2p_fabric_count(context->fabric) && found < 2; node++)
		if (p2p_fabric_info(context->fabric, node)->kind == P2P_KIND_HOST_BRIDGE &&
		    context->survey.any[node].first != P2P_NO_NODE)
			strangers.bridge[found++] = node;
	return strangers;
}

struct judge {
	struct p2p_doctor_context *context;
	struct strangers strangers;
	/* The kernels known here, a router for each. */
	struct p2p_release_range eras[P2P_RELEASE_RANGES];
	struct p2p_router *routers[P2P_RELEASE_RANGES];
	uint32_t era_count;
};

/* Without ACS read, two devices below one switch may meet there as well as in the host bridge. */
static bool may_be_direct(const struct p2p_router *router, p2p_node first, p2p_node other)
{
	struct p2p_route route;

	return !p2p_route_find(router, first, other, &route) &&
	       route.possible & P2P_POSSIBLE(P2P_VERDICT_DIRECT);
}

/* Whether a pair's requests pass the host bridge, and what the rules then say. */
static enum outcome ask(const struct judge *judge, const struct p2p_router *router, p2p_node first,
			p2p_node other, p2p_node bridge, struct ruling *ruling)
{
	if (other == P2P_NO_NODE ||
	    !find_ruling(judge->context, router, (struct p2p_pair){ first, other }, bridge, ruling))
		return NOT_ASKED;
	if (ruling->code != P2P_REASON_CPU_ALLOWS && !roots_are_real(judge->context->machine))
		*ruling = (struct ruling){ P2P_REASON_BRIDGE_UNKNOWN, P2P_NO_NODE,
					   ruling->cpu_unknown };
	if (outcome_of(ruling) == REFUSED && may_be_direct(router, first, other))
		return MAY_REFUSE;
	return outcome_of(ruling);
}

/*
 * Asks for two devices below the host bridge; for one there and one below another; and where there
 * is neither, for two below one switch, whose requests get here if a port redirects them.
 */
static enum outcome decide(const struct judge *judge, const struct p2p_router *router,
			   p2p_node bridge, struct ruling *ruling)
{
	const struct p2p_survey *survey = &judge->context->survey;
	p2p_node stranger = judge->strangers.bridge[judge->strangers.bridge[0] == bridge];
	p2p_node first = survey->any[bridge].first;
	enum outcome outcome, across;

	if (p2p_fabric_info(judge->context->fabric, bridge)->kind != P2P_KIND_HOST_BRIDGE ||
	    first == P2P_NO_NODE)
		return NOT_ASKED;
	outcome = ask(judge, router, first, survey->any[bridge].other, bridge, ruling);
	if (stranger != P2P_NO_NODE &&
	    (outcome == NOT_ASKED || outcome == PASSES || outcome == MAY_REFUSE)) {
		across = ask(judge, router, first, survey->any[stranger].first, bridge, ruling);
		outcome = across == NOT_ASKED ? outcome : across;
	}
	if (outcome == NOT_ASKED && survey->meeting[first] != P2P_NO_NODE)
		outcome = ask(judge, router, first, survey->any[survey->meeting[first]].other,
			      bridge, ruling);
	return outcome;
}

static void say_others(const struct judge *judge, struct p2p_draft *finding, p2p_node bridge)
{
	struct ruling ruling;
	bool passes[P2P_RELEASE_RANGES];
	unsigned int listed = 0;

	for (uint32_t i = 0; i < judge->era_count; i++)
		passes[i] = decide(judge, judge->routers[i], bridge, &ruling) == PASSES;
	for (uint32_t i = 0, last; i < judge->era_count; i = last + 1) {
		for (last = i; last + 1 < judge->era_count && passes[last + 1] == passes[i];)
			last++;
		if (!passes[i])
			continue;
		p2p_text_add(&finding->evidence, "%s Linux %s", listed++ ? "," : "; allowed by",
			     judge->eras[i].first->name);
		if (judge->eras[i].first != judge->eras[last].last)
			p2p_text_add(&finding->evidence, " to %s", judge->eras[last].last->name);
	}
	if (!listed)
		p2p_text_add(&finding->evidence, "; no other kernel known here allows it");
}

/* Where the rules decide, whatever is first on the root bus. */
static bool say_rule(struct p2p_draft *finding, const struct ruling *ruling)
{
	switch (ruling->code) {
	case P2P_REASON_HOST_NEVER:
		p2p_text_add(&finding->evidence, ": these rules pass none");
		return true;
	case P2P_REASON_IOMMU_REFUSES:
		p2p_text_add(&finding->evidence, ": these rules pass none while an IOMMU is on");
		return true;
	case P2P_REASON_NO_SUPPORT:
		p2p_text_add(&finding->evidence, ": no peer-to-peer support before Linux 4.20");
		return true;
	case P2P_REASON_RULES_UNREAD:
		p2p_text_add(&finding->evidence, ": the kernel's rules were not read");
		return true;
	default:
		return false;
	}
}

static void say_bridge(const struct judge *judge, struct p2p_draft *finding, p2p_node bridge,
		       const struct ruling *ruling)
{
	char name[P2P_TITLE], key[P2P_BDF_TEXT];

	p2p_text_line(&finding->evidence, "%s",
		      p2p_short_title(judge->context->machine, bridge, name));
	if (ruling->code == P2P_REASON_CPU_ALLOWS) {
		p2p_text_add(&finding->evidence, ": an AMD CPU of family 0x17 or later");
		return;
	}
	if (say_rule(finding, ruling)) {
		say_others(judge, finding, bridge);
		return;
	}
	if (ruling->key == P2P_NO_NODE) {
		p2p_text_add(&finding->evidence,
			     ": what is first on its root bus could not be read");
	} else {
		const struct p2p_node_info *info =
			p2p_fabric_info(judge->context->fabric, ruling->key);

		p2p_text_add(&finding->evidence, ": first device %s", p2p_bdf_text(info->bdf, key));
		if (info->vendor == P2P_ID_UNKNOWN || info->device == P2P_ID_UNKNOWN)
			p2p_text_add(&finding->evidence, ", ids not read");
		else
			p2p_text_add(&finding->evidence, " (%04x:%04x)", info->vendor,
				     info->device);
	}
	if (ruling->code == P2P_REASON_BRIDGE_NO_KEY)
		p2p_text_add(&finding->evidence, ", neither 00.0 nor a root port");
	if (ruling->cpu_unknown)
		p2p_text_add(
			&finding->evidence,
			"; the CPU is not known, and AMD's of family 0x17 or later always pass");
	if (outcome_of(ruling) == REFUSED)
		say_others(judge, finding, bridge);
}

static struct p2p_draft *report(const struct judge *judge, enum outcome outcome,
				enum p2p_severity severity)
{
	struct p2p_draft *finding = NULL;
	struct ruling ruling;

	for (p2p_node node = 0; node < p2p_fabric_count(judge->context->fabric); node++) {
		if (decide(judge, judge->context->router, node, &ruling) != outcome)
			continue;
		if (!finding)
			finding = p2p_find(judge->context, "host-bridge", AREA, severity);
		p2p_about(finding, node);
		if (finding->node_count <= LINES_SAID)
			say_bridge(judge, finding, node, &ruling);
	}
	if (finding && finding->node_count > LINES_SAID)
		p2p_text_line(&finding->evidence, "and %" PRIu32 " more like these",
			      finding->node_count - LINES_SAID);
	return finding;
}

static unsigned int report_refused(const struct judge *judge)
{
	struct p2p_draft *finding = report(judge, REFUSED, P2P_SEVERITY_PROBLEM);

	if (!finding)
		return 0;
	p2p_text_add(&finding->text,
		     "%" PRIu32
		     " host %s not on the allowlist of Linux %s: devices that meet only there "
		     "are refused",
		     finding->node_count, finding->node_count == 1 ? "bridge is" : "bridges are",
		     p2p_router_policy(judge->context->router)->name);
	p2p_advise_hands_on(
		judge->context, finding,
		"no boot option changes the list: put both devices below one switch, or boot a "
		"kernel that lists it, if one is named above",
		"moving a card, or a reboot into another kernel");
	return 1;
}

static unsigned int report_same_only(const struct judge *judge)
{
	struct p2p_draft *finding = report(judge, SAME_ONLY, P2P_SEVERITY_WARNING);

	if (!finding)
		return 0;
	p2p_text_add(
		&finding->text,
		"%" PRIu32 " host %s between devices of its own only, not to another host bridge",
		finding->node_count, finding->node_count == 1 ? "bridge passes" : "bridges pass");
	p2p_advise_hands_on(
		judge->context, finding,
		"put the devices that are to talk below the same host bridge (CPU socket)",
		"moving a card");
	return 1;
}

static unsigned int report_unknown(const struct judge *judge)
{
	struct p2p_draft *finding = report(judge, NOT_KNOWN, P2P_SEVERITY_UNKNOWN);

	if (!finding)
		return 0;
	p2p_text_add(
		&finding->text, "whether %" PRIu32 " host %s let requests through is not known",
		finding->node_count, finding->node_count == 1 ? "bridge would" : "bridges would");
	p2p_advise_reading(judge->context, finding);
	return 1;
}

/* Not a problem before it is known that a request needs the host bridge. */
static unsigned int report_may_refuse(const struct judge *judge)
{
	struct p2p_draft *finding = report(judge, MAY_REFUSE, P2P_SEVERITY_UNKNOWN);

	if (!finding)
		return 0;
	p2p_text_add(&finding->text,
		     "%" PRIu32
		     " host %s not on the allowlist of Linux %s; whether any request has to "
		     "pass %s depends on ACS that could not be read",
		     finding->node_count, finding->node_count == 1 ? "bridge is" : "bridges are",
		     p2p_router_policy(judge->context->router)->name,
		     finding->node_count == 1 ? "it" : "them");
	p2p_advise_reading(judge->context, finding);
	return 1;
}

static unsigned int report_passing(const struct judge *judge)
{
	struct p2p_draft *finding = report(judge, PASSES, P2P_SEVERITY_OK);

	if (!finding)
		return 0;
	p2p_text_add(&finding->text, "Linux %s lets requests through %" PRIu32 " host %s",
		     p2p_router_policy(judge->context->router)->name, finding->node_count,
		     finding->node_count == 1 ? "bridge" : "bridges");
	return 1;
}

static void ask_other_kernels(struct judge *judge)
{
	struct p2p_platform platform = p2p_machine_platform(judge->context->machine);

	judge->era_count = p2p_release_ranges(judge->eras);
	for (uint32_t i = 0; i < judge->era_count; i++) {
		if (!p2p_router_new(judge->context->fabric, judge->eras[i].first, &platform,
				    &judge->routers[i]))
			continue;
		judge->context->failed = true;
		judge->era_count = i;
	}
}

void p2p_doctor_host_bridges(struct p2p_doctor_context *context)
{
	struct judge judge = { .context = context, .strangers = find_strangers(context) };
	unsigned int said = 0;

	ask_other_kernels(&judge);
	said += report_refused(&judge);
	said += report_same_only(&judge);
	said += report_may_refuse(&judge);
	said += report_unknown(&judge);
	said += report_passing(&judge);
	if (!said) {
		struct p2p_draft *finding =
			p2p_find(context, "host-bridge", AREA, P2P_SEVERITY_NOTE);

		p2p_text_add(&finding->text,
			     "by these rules no two devices need a host bridge's permission");
	}
	for (uint32_t i = 0; i < judge.era_count; i++)
		p2p_router_free(judge.routers[i]);
}
