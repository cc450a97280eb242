// SPDX-License-Identifier: MIT
/*
 * Runs the checks, in the order in which a person would look: from what everything needs to what
 * only costs speed.
 */
#include "checks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static p2p_doctor_check *const checks[] = {
	p2p_doctor_devices, p2p_doctor_kernel, p2p_doctor_module,       p2p_doctor_guest,
	p2p_doctor_iommu,   p2p_doctor_acs,    p2p_doctor_host_bridges, p2p_doctor_groups,
	p2p_doctor_bars,    p2p_doctor_memory, p2p_doctor_access,       p2p_doctor_links,
};

static void tally(struct p2p_doctor *doctor)
{
	memset(doctor->tally, 0, sizeof(doctor->tally));
	for (uint32_t i = 0; i < doctor->count; i++)
		doctor->tally[doctor->findings[i].severity]++;
}

static int list_providers(const struct p2p_doctor_request *request, struct p2p_ward *ward)
{
	struct p2p_providers_request providers;

	p2p_providers_request_init(&providers, sizeof(providers));
	providers.machine = request->machine;
	providers.memories = request->memories;
	providers.memory_count = request->memory_count;
	return p2p_providers_list(&providers, &ward->providers, &ward->provider_count);
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
	fresh->out_of_memory = list_providers(request, &ward) != 0;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](&ward, fresh);
	p2p_survey_free(&survey);
	free(ward.providers);
	if (fresh->out_of_memory) {
		p2p_doctor_free(fresh);
		return p2p_error_set(error, -ENOMEM, "out of memory");
	}
	tally(fresh);
	*doctor = fresh;
	return 0;
}

static void free_finding(struct p2p_finding *finding)
{
	free(finding->what);
	free(finding->evidence);
	free(finding->affected);
	free(finding->remedy);
	free(finding->paste);
	free(finding->cost);
	free(finding->nodes);
	free(finding->pairs);
}

void p2p_doctor_keep(struct p2p_doctor *doctor, bool (*wanted)(const char *id, void *context),
		     void *context)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < doctor->count; i++) {
		if (wanted(doctor->findings[i].id, context))
			doctor->findings[kept++] = doctor->findings[i];
		else
			free_finding(&doctor->findings[i]);
	}
	doctor->count = kept;
	tally(doctor);
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
