// SPDX-License-Identifier: MIT
/*
 * Runs the checks, in the order in which a person would look: from what everything needs to what
 * only costs speed.
 */
#include "reports/doctor/checks.h"

#include <errno.h>
#include <stdlib.h>

static p2p_doctor_check *const checks[] = {
	p2p_doctor_devices, p2p_doctor_kernel, p2p_doctor_module,       p2p_doctor_guest,
	p2p_doctor_iommu,   p2p_doctor_acs,    p2p_doctor_host_bridges, p2p_doctor_groups,
	p2p_doctor_bars,    p2p_doctor_memory, p2p_doctor_access,       p2p_doctor_links,
};

const char *p2p_severity_name(enum p2p_severity severity)
{
	switch (severity) {
	case P2P_SEVERITY_OK:
		return "ok";
	case P2P_SEVERITY_NOTE:
		return "note";
	case P2P_SEVERITY_UNKNOWN:
		return "unknown";
	case P2P_SEVERITY_WARNING:
		return "warning";
	case P2P_SEVERITY_PROBLEM:
		break;
	}
	return "problem";
}

int p2p_doctor_examine(const struct p2p_doctor_request *request, struct p2p_doctor **doctor,
		       struct p2p_error *error)
{
	struct p2p_doctor *fresh = calloc(1, sizeof(*fresh));
	struct p2p_survey survey;
	struct p2p_ward ward = {
		.machine = request->machine,
		.facts = p2p_machine_facts(request->machine),
		.fabric = p2p_machine_fabric(request->machine),
		.router = request->router,
		.survey = &survey,
		.release = request->release,
		.devices = request->devices,
		.module = request->module,
	};

	*doctor = NULL;
	if (!fresh || p2p_survey_new(request->machine, &survey)) {
		free(fresh);
		return p2p_error_set(error, -ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](&ward, fresh);
	p2p_survey_free(&survey);
	if (fresh->out_of_memory) {
		p2p_doctor_free(fresh);
		return p2p_error_set(error, -ENOMEM, "out of memory");
	}
	for (uint32_t i = 0; i < fresh->count; i++)
		fresh->tally[fresh->findings[i].severity]++;
	*doctor = fresh;
	return 0;
}

static void free_finding(struct p2p_finding *finding)
{
	free(finding->what);
	free(finding->evidence);
	free(finding->remedy);
	free(finding->cost);
	free(finding->nodes);
}

void p2p_doctor_free(struct p2p_doctor *doctor)
{
	if (!doctor)
		return;
	for (uint32_t i = 0; i < doctor->count; i++)
		free_finding(&doctor->findings[i]);
	free_finding(&doctor->lost);
	free(doctor->findings);
	free(doctor);
}
