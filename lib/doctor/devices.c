// SPDX-License-Identifier: MIT
/*
 * Whether there is anything that peer-to-peer could be for.
 */
#include "checks.h"

#include <inttypes.h>

#define AREA "Devices"

static uint32_t count_unread(const struct p2p_doctor_context *context)
{
	uint32_t unread = 0;

	for (p2p_node node = 0; node < p2p_fabric_count(context->fabric); node++) {
		const struct p2p_node_info *info = p2p_fabric_info(context->fabric, node);

		unread += info->kind == P2P_KIND_ENDPOINT && info->class_code == UINT32_MAX;
	}
	return unread;
}

static uint32_t count_functions(const struct p2p_fabric *fabric)
{
	uint32_t functions = 0;

	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++)
		functions += p2p_fabric_info(fabric, node)->kind != P2P_KIND_HOST_BRIDGE;
	return functions;
}

void p2p_doctor_devices(struct p2p_doctor_context *context)
{
	bool enough = context->survey.wanted_count >= 2;
	uint32_t unread = count_unread(context), functions;
	struct p2p_draft *finding;

	finding = p2p_find(context, "devices", AREA,
			   enough   ? P2P_SEVERITY_OK
			   : unread ? P2P_SEVERITY_UNKNOWN
				    : P2P_SEVERITY_PROBLEM);
	for (p2p_node node = 0; node < p2p_fabric_count(context->fabric); node++)
		if (context->survey.wanted[node])
			p2p_about(finding, node);
	functions = count_functions(context->fabric);
	if (enough)
		p2p_text_add(&finding->text, "%" PRIu32 " devices can take part",
			     context->survey.wanted_count);
	else
		p2p_text_add(&finding->text,
			     "peer-to-peer needs two devices, and %s that can take part",
			     context->survey.wanted_count ? "there is only one" : "none was found");
	p2p_text_add(&finding->evidence, "%" PRIu32 " PCI %s", functions,
		     functions == 1 ? "function" : "functions");
	if (finding->node_count) {
		p2p_text_add(&finding->evidence, "; ");
		p2p_say_nodes(context, &finding->evidence, finding);
	}
	if (unread)
		p2p_text_line(&finding->evidence, "the class of %" PRIu32 " %s could not be read",
			      unread, unread == 1 ? "function" : "functions");
	if (!enough)
		p2p_advise(
			finding, P2P_STEP_NONE,
			"look at NVMe drives, GPUs, accelerators, Ethernet and InfiniBand cards: "
			"add one, or run this where the kernel shows them");
}
