// SPDX-License-Identifier: MIT
/*
 * Access Control Services on the ports that matter: those that a request between two devices
 * below one switch passes.
 */
#include "checks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/acs.h>

#include "explain/boot_option.h"

#define AREA       "Switches"
#define LINES_SAID 16

/* arch/x86/include/asm/setup.h and arch/arm64/include/uapi/asm/setup.h: COMMAND_LINE_SIZE. */
#define COMMAND_LINE_SIZE 2048

struct ports {
	struct p2p_draft redirecting, unread, quirky, elsewhere; /* their nodes only */
	uint32_t meetings;
	bool refused, via_host;
};

static bool matters(const struct p2p_survey *survey, p2p_node node)
{
	return survey->meeting[node] != P2P_NO_NODE && survey->any[node].first != P2P_NO_NODE;
}

static void sort_redirecting(struct p2p_doctor_context *context, struct ports *ports, p2p_node node)
{
	struct p2p_pair pair = p2p_survey_pair(&context->survey, node);
	struct p2p_route route;

	if (p2p_route_find(context->router, pair.first, pair.other, &route) ||
	    route.verdict == P2P_VERDICT_DIRECT)
		return; /* not by these rules */
	ports->refused |= route.verdict == P2P_VERDICT_UNREACHABLE;
	ports->via_host |= route.verdict == P2P_VERDICT_VIA_HOST;
	p2p_about(&ports->redirecting, node);
}

static void sort_ports(struct p2p_doctor_context *context, struct ports *ports)
{
	for (p2p_node node = 0; node < p2p_fabric_count(context->fabric); node++) {
		const struct p2p_node_info *info = p2p_fabric_info(context->fabric, node);
		bool redirects = p2p_acs_active(info, P2P_ACS_LINUX);

		if (!matters(&context->survey, node)) {
			if (redirects)
				p2p_about(&ports->elsewhere, node);
			continue;
		}
		ports->meetings += context->survey.meeting[node] == node;
		if (redirects)
			sort_redirecting(context, ports, node);
		else if (p2p_acs_known(info) == P2P_UNKNOWN)
			p2p_about(&ports->unread, node);
		if (p2p_acs_quirk(info) != P2P_ACS_QUIRK_NONE)
			p2p_about(&ports->quirky, node);
	}
}

/* Moves the nodes into a new finding of the report. */
static struct p2p_draft *report(struct p2p_doctor_context *context, struct p2p_draft *nodes,
				const char *id, enum p2p_severity severity)
{
	struct p2p_draft *finding = p2p_find(context, id, AREA, severity);

	finding->nodes = nodes->nodes;
	finding->node_count = nodes->node_count;
	finding->node_room = nodes->node_room;
	finding->failed = nodes->failed;
	nodes->nodes = NULL;
	return finding;
}

static void say_bits(struct p2p_doctor_context *context, struct p2p_draft *finding)
{
	for (uint32_t i = 0; i < finding->node_count && i < LINES_SAID; i++) {
		const struct p2p_node_info *info =
			p2p_fabric_info(context->fabric, finding->nodes[i]);
		char name[P2P_TITLE];

		p2p_text_line(&finding->evidence, "%s ACS control 0x%04x:%s%s%s",
			      p2p_short_title(context->machine, finding->nodes[i], name),
			      info->acs.control, info->acs.control & P2P_ACS_RR ? " ReqRedir+" : "",
			      info->acs.control & P2P_ACS_CR ? " CmpltRedir+" : "",
			      info->acs.control & P2P_ACS_EC ? " EgressCtrl+" : "");
	}
	if (finding->node_count > LINES_SAID)
		p2p_text_line(&finding->evidence, "and %" PRIu32 " more like these",
			      finding->node_count - LINES_SAID);
}

static void say_remedy(struct p2p_doctor_context *context, struct p2p_draft *finding)
{
	char *option = p2p_acs_boot_option(context->machine, finding->nodes, finding->node_count);

	if (!option) {
		context->failed = true;
		return;
	}
	p2p_text_add(&finding->paste, "%s", option);
	p2p_advise(finding, P2P_STEP_NONE,
		   "boot with this on the kernel command line (quoted in GRUB's files, where \";\" "
		   "ends "
		   "a command)");
	if (strlen(option) >= COMMAND_LINE_SIZE)
		p2p_advise(finding, P2P_STEP_NONE,
			   "it is longer than the %u bytes that x86 and arm64 kernels take: name "
			   "ports by their ids instead, pci:VENDOR:DEVICE",
			   COMMAND_LINE_SIZE);
	p2p_text_add(
		&finding->cost,
		"devices below these ports are no longer kept from each other: they come into one "
		"IOMMU group, and cannot be given to different virtual machines");
	free(option);
}

static void report_redirecting(struct p2p_doctor_context *context, struct ports *ports)
{
	uint32_t count = ports->redirecting.node_count;
	struct p2p_draft *finding;

	finding = report(context, &ports->redirecting, "acs-redirect",
			 ports->refused ? P2P_SEVERITY_PROBLEM : P2P_SEVERITY_WARNING);
	p2p_text_add(&finding->text,
		     "ACS redirect on %" PRIu32
		     " %s sends requests between devices below one switch "
		     "up to the host bridge, %s",
		     count, count == 1 ? "port" : "ports",
		     ports->refused    ? "which is not allowed to pass them on"
		     : ports->via_host ? "which passes them on, more slowly"
				       : "and whether that passes them on is not known");
	say_bits(context, finding);
	p2p_say_pairs(context, finding);
	say_remedy(context, finding);
}

static void report_unread(struct p2p_doctor_context *context, struct ports *ports)
{
	struct p2p_draft *finding;

	finding = report(context, &ports->unread, "acs-redirect", P2P_SEVERITY_UNKNOWN);
	p2p_text_add(&finding->text, "ACS of %" PRIu32 " %s could not be read: %s may redirect",
		     finding->node_count,
		     finding->node_count == 1 ? "function that matters" : "functions that matter",
		     finding->node_count == 1 ? "it" : "they");
	p2p_say_nodes(context, &finding->evidence, finding);
	p2p_text_line(&finding->evidence, "%s",
		      context->facts->root == P2P_ABSENT ? "the machine was not read as root"
							 : "the source does not show it");
	p2p_advise_reading(context, finding);
}

static void report_quirky(struct p2p_doctor_context *context, struct ports *ports)
{
	struct p2p_draft *finding;

	finding = report(context, &ports->quirky, "acs-quirk", P2P_SEVERITY_NOTE);
	p2p_text_add(&finding->text,
		     "the ACS registers of %" PRIu32 " %s do not tell the whole truth: %s may "
		     "isolate without saying so",
		     finding->node_count, finding->node_count == 1 ? "port" : "ports",
		     finding->node_count == 1 ? "it" : "they");
	for (uint32_t i = 0; i < finding->node_count && i < LINES_SAID; i++) {
		const struct p2p_node_info *info =
			p2p_fabric_info(context->fabric, finding->nodes[i]);
		char name[P2P_TITLE];

		p2p_text_line(&finding->evidence, "%s %04x:%04x, quirk \"%s\"",
			      p2p_short_title(context->machine, finding->nodes[i], name),
			      info->vendor, info->device, p2p_acs_quirk_name(p2p_acs_quirk(info)));
	}
	p2p_advise(finding, P2P_STEP_PROVE, "prove with data");
}

/* Redirect between functions that nobody moves data between is still what check tells of. */
static void say_elsewhere(struct p2p_doctor_context *context, struct p2p_draft *finding,
			  struct p2p_draft *elsewhere)
{
	if (!elsewhere->node_count)
		return;
	p2p_text_line(&finding->evidence,
		      "%" PRIu32 " %s where no two of these devices meet, but others may: ",
		      elsewhere->node_count,
		      elsewhere->node_count == 1 ? "function redirects" : "functions redirect");
	p2p_say_nodes(context, &finding->evidence, elsewhere);
}

static void report_fine(struct p2p_doctor_context *context, struct ports *ports)
{
	struct p2p_draft *finding;

	finding = p2p_find(context, "acs-redirect", AREA, P2P_SEVERITY_OK);
	p2p_text_add(&finding->text, "%s",
		     ports->meetings
			     ? "no port redirects requests between drives, network cards, GPUs or "
			       "accelerators below one switch"
			     : "no two devices share a switch, so ACS decides nothing here");
	if (ports->meetings)
		p2p_text_add(&finding->evidence,
			     "%" PRIu32 " %s (or bridge) with two devices or more below",
			     ports->meetings, ports->meetings == 1 ? "switch" : "switches");
	say_elsewhere(context, finding, &ports->elsewhere);
}

void p2p_doctor_acs(struct p2p_doctor_context *context)
{
	struct ports ports = { .meetings = 0 };

	sort_ports(context, &ports);
	if (ports.redirecting.node_count)
		report_redirecting(context, &ports);
	if (ports.unread.node_count)
		report_unread(context, &ports);
	if (ports.quirky.node_count)
		report_quirky(context, &ports);
	if (!ports.redirecting.node_count && !ports.unread.node_count)
		report_fine(context, &ports);
	free(ports.redirecting.nodes);
	free(ports.unread.nodes);
	free(ports.quirky.nodes);
	free(ports.elsewhere.nodes);
}
