// SPDX-License-Identifier: MIT
/*
 * Whether this is a virtual machine, whose topology is only what its hypervisor shows.
 */
#include "checks.h"
#include "explain/guest.h"

#include <stdlib.h>

#define AREA "Virtual machine"

static void say_evidence(const struct p2p_ward *ward, struct p2p_doctor *doctor,
			 struct p2p_finding *finding)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file) {
		doctor->out_of_memory = true;
		return;
	}
	p2p_guest_write(file, ward->machine);
	if (fclose(file))
		doctor->out_of_memory = true;
	else
		p2p_say(doctor, &finding->evidence, "%s", text);
	free(text);
	if (ward->facts->guest_shown_by != P2P_NO_NODE)
		p2p_about(doctor, finding, ward->facts->guest_shown_by);
}

void p2p_doctor_guest(const struct p2p_ward *ward, struct p2p_doctor *doctor)
{
	struct p2p_finding *finding;

	switch (ward->facts->hypervisor) {
	case P2P_ABSENT:
		finding = p2p_find(doctor, "hypervisor", AREA, P2P_SEVERITY_OK);
		p2p_say(doctor, &finding->what, "this is not a virtual machine");
		p2p_say(doctor, &finding->evidence, "the CPU has no hypervisor flag");
		return;
	case P2P_UNKNOWN:
		finding = p2p_find(doctor, "hypervisor", AREA, P2P_SEVERITY_UNKNOWN);
		p2p_say(doctor, &finding->what,
			"whether this is a virtual machine could not be read");
		p2p_say(doctor, &finding->evidence,
			"the source has no CPU flags that tell, and no device that only "
			"hypervisors make");
		p2p_say_how_to_see(doctor, ward, finding);
		return;
	case P2P_PRESENT:
		break;
	}
	finding = p2p_find(doctor, "hypervisor", AREA, P2P_SEVERITY_WARNING);
	p2p_say(doctor, &finding->what,
		"this is a virtual machine: switches, ACS and host bridges are what its hypervisor "
		"shows, not what is on the wires, so no verdict holds without proof");
	say_evidence(ward, doctor, finding);
	p2p_say(doctor, &finding->remedy,
		"prove with data: p2pmem copy --verify SOURCE DESTINATION; look at the host with "
		"p2pmem doctor there");
	p2p_say(doctor, &finding->cost, "one read of everything that was copied");
}
