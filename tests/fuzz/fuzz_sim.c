// SPDX-License-Identifier: MIT
/*
 * Fuzzes scenarios: read, and when they are well-formed, run. What arrives must be right.
 */
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_run(void *context, const struct sim_step *step, const struct sim_run *run)
{
	(void)context;
	(void)step;
	if (run->result->bytes == 0 || run->result->why == NULL)
		abort();
	/* A write that landed is there: bytes are never lost in between. */
	if (run->segment->write && run->result->outcome == SIM_LANDED && !run->right)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sim_observer observer = { .run = check_run };
	struct sim_error error = { .text = "" };
	struct sim_scenario *scenario;
	unsigned int unmet;

	scenario = sim_scenario_parse("fuzz", (const char *)data, size, &error);
	if (!scenario) {
		if (!*error.text || strchr(error.text, '\n'))
			abort();
		return 0;
	}
	sim_scenario_run(scenario, "fuzz", &observer, &unmet, &error);
	sim_scenario_free(scenario);
	return 0;
}
