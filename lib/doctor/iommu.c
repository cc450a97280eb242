// SPDX-License-Identifier: MIT
/*
 * The IOMMU: what kind of domain the devices are in, and the combination in which transfers
 * succeed and the bytes are wrong.
 *
 * Below one switch Linux gives a client the provider's bus address and asks no IOMMU
 * (pci_p2pdma_bus_addr_map() in include/linux/pci-p2pdma.h). On platforms that send the request
 * through a translating IOMMU all the same, nobody has mapped that address.
 */
#include "checks.h"

#include <inttypes.h>
#include <string.h>

#define AREA       "IOMMU"
#define LINES_SAID 16

struct domains {
	uint32_t translating, identity, other, unread;
};

static void count_domain(const struct p2p_doctor_context *context, struct domains *domains,
			 p2p_node node)
{
	int32_t group = p2p_fabric_info(context->fabric, node)->iommu_group;
	const char *type =
		group == P2P_GROUP_UNKNOWN ? NULL : p2p_machine_group_type(context->machine, group);

	if (!type)
		domains->unread++;
	else if (p2p_group_translates(type))
		domains->translating++;
	else if (!strcmp(type, "identity"))
		domains->identity++;
	else
		domains->other++;
}

static void say_domains(struct p2p_doctor_context *context, struct p2p_draft *finding,
			const struct domains *domains)
{
	p2p_text_add(&finding->evidence,
		     "IOMMU groups of the devices: %" PRIu32 " translating (DMA, DMA-FQ), %" PRIu32
		     " identity, %" PRIu32 " other, %" PRIu32 " not read",
		     domains->translating, domains->identity, domains->other, domains->unread);
	if (context->facts->command_line)
		p2p_text_line(&finding->evidence, "command line: %s", context->facts->command_line);
}

static void say_passthrough(struct p2p_draft *finding)
{
	p2p_advise(finding, P2P_STEP_NONE,
		   "to try without translation, boot with: iommu=pt (x86), iommu.passthrough=1 "
		   "(arm64)");
	p2p_text_line(&finding->cost,
		      "iommu=pt: drivers' devices may then reach all memory; virtual machines keep "
		      "their isolation");
}

static void check_domains(struct p2p_doctor_context *context, const struct domains *domains)
{
	struct p2p_draft *finding;

	if (context->facts->iommu == P2P_UNKNOWN) {
		finding = p2p_find(context, "iommu", AREA, P2P_SEVERITY_UNKNOWN);
		p2p_text_add(&finding->text, "whether an IOMMU is on could not be read");
		p2p_text_add(&finding->evidence, "the source has no IOMMU groups");
		p2p_advise_seeing(context, finding);
	} else if (context->facts->iommu == P2P_ABSENT) {
		finding = p2p_find(context, "iommu", AREA, P2P_SEVERITY_OK);
		p2p_text_add(&finding->text, "no IOMMU is on: addresses are not translated");
		p2p_text_add(&finding->evidence, "no device is in an IOMMU group");
	} else if (domains->translating) {
		finding = p2p_find(context, "iommu", AREA, P2P_SEVERITY_NOTE);
		p2p_text_add(
			&finding->text,
			"an IOMMU translates for %" PRIu32 " of %" PRIu32
			" devices: it maps what goes through the host bridge, not what is direct; "
			"Linux sets ACS redirect wherever ports have it",
			domains->translating, context->survey.wanted_count);
		say_domains(context, finding, domains);
		say_passthrough(finding);
	} else if (domains->unread) {
		finding = p2p_find(context, "iommu", AREA, P2P_SEVERITY_UNKNOWN);
		p2p_text_add(&finding->text,
			     "an IOMMU is on; whether it translates for %" PRIu32
			     " devices could not be read",
			     domains->unread);
		say_domains(context, finding, domains);
		p2p_advise_seeing(context, finding);
	} else {
		finding = p2p_find(context, "iommu", AREA, P2P_SEVERITY_OK);
		p2p_text_add(&finding->text,
			     "an IOMMU is on and translates for none of the devices' drivers");
		say_domains(context, finding, domains);
	}
}

/* One port with two devices whose requests it turns around. */
static bool is_direct(const struct p2p_doctor_context *context, p2p_node node)
{
	const struct p2p_pair *pair = &context->survey.clear[node];
	struct p2p_route route;

	return p2p_fabric_info(context->fabric, node)->kind != P2P_KIND_HOST_BRIDGE &&
	       pair->other != P2P_NO_NODE &&
	       !p2p_route_find(context->router, pair->first, pair->other, &route) &&
	       route.possible & P2P_POSSIBLE(P2P_VERDICT_DIRECT);
}

static void say_pair(struct p2p_doctor_context *context, struct p2p_draft *finding, p2p_node node)
{
	const struct p2p_pair *pair = &context->survey.clear[node];
	char port[P2P_TITLE], first[P2P_TITLE], other[P2P_TITLE];

	p2p_text_line(&finding->evidence, "below %s: %s and %s, for example",
		      p2p_short_title(context->machine, node, port),
		      p2p_short_title(context->machine, pair->first, first),
		      p2p_short_title(context->machine, pair->other, other));
}

static void check_direct(struct p2p_doctor_context *context)
{
	struct p2p_draft *finding = NULL;

	for (p2p_node node = 0; node < p2p_fabric_count(context->fabric); node++) {
		if (!is_direct(context, node))
			continue;
		if (!finding)
			finding = p2p_find(context, "iommu-direct", AREA, P2P_SEVERITY_WARNING);
		p2p_about(finding, node);
		if (finding->node_count <= LINES_SAID)
			say_pair(context, finding, node);
	}
	if (!finding)
		return;
	p2p_text_add(&finding->text,
		     "below %" PRIu32
		     " %s Linux uses bus addresses while an IOMMU translates: on some "
		     "platforms such transfers succeed and the bytes are wrong",
		     finding->node_count, finding->node_count == 1 ? "switch" : "switches");
	p2p_advise(finding, P2P_STEP_PROVE, "prove with data before trusting it");
	p2p_text_add(&finding->cost, "one read of everything that was copied");
	say_passthrough(finding);
}

void p2p_doctor_iommu(struct p2p_doctor_context *context)
{
	struct domains domains = { .unread = 0 };

	for (p2p_node node = 0; node < p2p_fabric_count(context->fabric); node++)
		if (context->survey.wanted[node])
			count_domain(context, &domains, node);
	check_domains(context, &domains);
	if (context->facts->iommu == P2P_PRESENT && domains.translating)
		check_direct(context);
}
