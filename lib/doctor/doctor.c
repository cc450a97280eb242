// SPDX-License-Identifier: MIT
/*
 * Runs the checks, in the order in which a person would look: from what everything needs to what
 * only costs speed.
 */
#include "checks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sized.h"

static p2p_doctor_check *const checks[] = {
	p2p_doctor_devices,      p2p_doctor_kernel,  p2p_doctor_module, p2p_doctor_guest,
	p2p_doctor_proofs,       p2p_doctor_allowed, p2p_doctor_iommu,  p2p_doctor_acs,
	p2p_doctor_host_bridges, p2p_doctor_groups,  p2p_doctor_bars,   p2p_doctor_memory,
	p2p_doctor_access,       p2p_doctor_links,
};

static void tally(struct p2p_doctor *doctor)
{
	memset(doctor->tally, 0, sizeof(doctor->tally));
	for (uint32_t i = 0; i < doctor->count; i++)
		doctor->tally[doctor->findings[i].severity]++;
}

static int list_providers(const struct p2p_doctor_request *request,
			  struct p2p_doctor_context *context)
{
	struct p2p_providers_request providers;

	p2p_providers_request_init(&providers, sizeof(providers));
	providers.machine = request->machine;
	providers.memories = request->memories;
	providers.memory_count = request->memory_count;
	return p2p_providers_list(&providers, &context->providers, &context->provider_count);
}

/* The drafts become findings; a draft that nothing can be made of leaves nothing behind. */
static struct p2p_doctor *finish(struct p2p_doctor_context *context)
{
	struct p2p_doctor *doctor = calloc(1, sizeof(*doctor));
	struct p2p_finding lost;
	bool whole = !context->failed;

	if (doctor)
		doctor->findings = calloc(context->count + 1, sizeof(*doctor->findings));
	whole &= doctor && doctor->findings;
	for (uint32_t i = 0; i < context->count; i++) {
		struct p2p_finding *finding = whole ? &doctor->findings[doctor->count++] : &lost;

		if (!p2p_draft_finish(&context->drafts[i], finding))
			context->failed = true;
		if (!whole)
			p2p_finding_clear(&lost);
	}
	p2p_draft_finish(&context->lost, &lost);
	p2p_finding_clear(&lost);
	free(context->drafts);
	if (whole && !context->failed)
		return doctor;
	p2p_doctor_free(doctor);
	return NULL;
}

void p2p_doctor_request_init(struct p2p_doctor_request *request, size_t size)
{
	memset(request, 0, size);
	request->size = size;
}

static int prepare(const struct p2p_doctor_request *request, struct p2p_doctor_context *context)
{
	*context = (struct p2p_doctor_context){
		.machine = request->machine,
		.facts = p2p_machine_facts(request->machine),
		.fabric = p2p_machine_fabric(request->machine),
		.router = request->router,
		.release = request->release,
		.devices = request->devices,
		.module = request->module,
		.proofs = request->proofs,
		.allowed = request->allowed,
	};
	if (p2p_survey_new(request->machine, &context->survey))
		return -ENOMEM;
	if (!list_providers(request, context))
		return 0;
	p2p_survey_free(&context->survey);
	return -ENOMEM;
}

int p2p_doctor_examine(const struct p2p_doctor_request *request, struct p2p_doctor **doctor,
		       struct p2p_error *error)
{
	struct p2p_doctor_request asked = { .size = sizeof(asked) };
	struct p2p_doctor_context context;

	*doctor = NULL;
	if (!p2p_sized_copy(&asked, request))
		return p2p_error_set(error, -EINVAL,
				     "the request was not initialized: its size is 0");
	if (!asked.machine || !asked.router)
		return p2p_error_set(error, -EINVAL, "the request names no machine, or no router");
	if (prepare(&asked, &context))
		return p2p_error_set(error, -ENOMEM, "out of memory");
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](&context);
	p2p_survey_free(&context.survey);
	free(context.providers);
	*doctor = finish(&context);
	if (!*doctor)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	tally(*doctor);
	return 0;
}

void p2p_doctor_keep(struct p2p_doctor *doctor, bool (*wanted)(const char *id, void *context),
		     void *context)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < doctor->count; i++) {
		if (wanted(doctor->findings[i].id, context))
			doctor->findings[kept++] = doctor->findings[i];
		else
			p2p_finding_clear(&doctor->findings[i]);
	}
	doctor->count = kept;
	tally(doctor);
}

void p2p_doctor_free(struct p2p_doctor *doctor)
{
	if (!doctor)
		return;
	for (uint32_t i = 0; i < doctor->count; i++)
		p2p_finding_clear(&doctor->findings[i]);
	free(doctor->findings);
	free(doctor);
}
