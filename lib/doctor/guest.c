// SPDX-License-Identifier: MIT
/*
 * Whether this is a virtual machine, whose topology is only what its hypervisor shows.
 */
#include "checks.h"
#include "explain/hypervisor.h"

#define AREA "Virtual machine"

static void say_evidence(struct p2p_doctor_context *context, struct p2p_draft *finding)
{
	p2p_hypervisor_add(&finding->evidence, context->machine);
	if (context->facts->guest_shown_by != P2P_NO_NODE)
		p2p_about(finding, context->facts->guest_shown_by);
}

void p2p_doctor_guest(struct p2p_doctor_context *context)
{
	struct p2p_draft *finding;

	switch (context->facts->hypervisor) {
	case P2P_ABSENT:
		finding = p2p_find(context, "hypervisor", AREA, P2P_SEVERITY_OK);
		p2p_text_add(&finding->text, "this is not a virtual machine");
		p2p_text_add(&finding->evidence, "the CPU has no hypervisor flag");
		return;
	case P2P_UNKNOWN:
		finding = p2p_find(context, "hypervisor", AREA, P2P_SEVERITY_UNKNOWN);
		p2p_text_add(&finding->text, "whether this is a virtual machine could not be read");
		p2p_text_add(&finding->evidence,
			     "the source has no CPU flags that tell, and no device that only "
			     "hypervisors make");
		p2p_advise_seeing(context, finding);
		return;
	case P2P_PRESENT:
		break;
	}
	finding = p2p_find(context, "hypervisor", AREA, P2P_SEVERITY_WARNING);
	p2p_text_add(
		&finding->text,
		"this is a virtual machine: switches, ACS and host bridges are what its hypervisor "
		"shows, not what is on the wires, so no verdict holds without proof");
	say_evidence(context, finding);
	p2p_advise(finding, P2P_STEP_PROVE, "prove with data");
	p2p_advise(finding, P2P_STEP_EXAMINE_HOST, "look at its host");
	p2p_text_add(&finding->cost, "one read of everything that was copied");
}
