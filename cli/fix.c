// SPDX-License-Identifier: MIT
/*
 * Next steps in the command's own words.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fix.h"
#include <p2pmem/topology.h>

static const char *words(enum p2p_step_code code)
{
	static const char *const words[] = {
		[P2P_STEP_NONE] = "",
		[P2P_STEP_PROVE] = "p2pmem prove CLIENT PROVIDER",
		[P2P_STEP_READ_AS_ROOT] = "sudo p2pmem doctor",
		[P2P_STEP_CAPTURE] =
			"sudo p2pmem capture machine.tar.gz, and --source with that file",
		[P2P_STEP_EXAMINE_HOST] = "p2pmem doctor",
		[P2P_STEP_EXPLAIN_HOST] = "p2pmem check",
		[P2P_STEP_WHY_NOT_PUBLISHED] =
			"p2pmem doctor says why its driver does not publish it",
		[P2P_STEP_NAME_KERNEL] = "--kernel VERSION",
		[P2P_STEP_PUBLISH_BAR] = "p2pmem publish",
		[P2P_STEP_PUBLISH_DRIVERS] = "p2pmem publish",
		[P2P_STEP_PUBLISH_ANY] = "p2pmem publish DEVICE --bar N",
		[P2P_STEP_LIST_PROVIDERS] = "p2pmem providers lists who provides memory",
		[P2P_STEP_LIST_USERS] = "p2pmem stat tells who has what p2pmem publishes",
		[P2P_STEP_ALLOW] = "p2pmem allow --all",
		[P2P_STEP_ALLOW_PAIR] = "p2pmem allow CLIENT PROVIDER",
		[P2P_STEP_LIST_PAIRS] = "p2pmem matrix shows all",
	};

	return words[code];
}

const char *cli_step(char text[CLI_STEP], const struct p2p_fabric *fabric,
		     const struct p2p_step *step)
{
	char address[P2P_ADDRESS];

	if (step->code == P2P_STEP_PUBLISH_BAR)
		snprintf(text, CLI_STEP, "p2pmem publish %s --bar %d",
			 p2p_address(fabric, step->node, address), step->bar);
	else if (step->code == P2P_STEP_PUBLISH_DRIVERS)
		snprintf(text, CLI_STEP, "p2pmem publish %s --driver-memory",
			 p2p_address(fabric, step->node, address));
	else
		snprintf(text, CLI_STEP, "%s", words(step->code));
	return text;
}

char *cli_advice(const struct p2p_fabric *fabric, const struct p2p_advice *advice, uint32_t count)
{
	char *text = NULL, *whole, step[CLI_STEP];

	for (uint32_t i = 0; i < count; i++) {
		const char *before = text ? text : "";
		int length;

		cli_step(step, fabric, &advice[i].step);
		length = asprintf(&whole, "%s%s%s%s%s", before, text ? "\n" : "", advice[i].text,
				  *step ? ": " : "", step);
		free(text);
		if (length < 0)
			return NULL;
		text = whole;
	}
	return text;
}

const char *cli_fix(char text[CLI_FIX], const struct p2p_fabric *fabric,
		    const struct p2p_step *step, const char *advice)
{
	const char *between = advice ? "; " : "";
	char words[CLI_STEP];

	if (step->code == P2P_STEP_NONE && !advice)
		return NULL;
	advice = advice ? advice : "";
	cli_step(words, fabric, step);
	switch (step->code) {
	case P2P_STEP_NONE:
		snprintf(text, CLI_FIX, "%s", advice);
		break;
	case P2P_STEP_PROVE:
		snprintf(text, CLI_FIX, "prove it with data: %s%s%s", words, between, advice);
		break;
	case P2P_STEP_ALLOW:
		snprintf(text, CLI_FIX, "prove it anew: %s%s%s", words, between, advice);
		break;
	case P2P_STEP_NAME_KERNEL:
		snprintf(text, CLI_FIX, "ask with %s for what Linux does%s%s", words, between,
			 advice);
		break;
	case P2P_STEP_PUBLISH_ANY:
		snprintf(text, CLI_FIX,
			 "%s%sp2pmem publish makes memory available as dma-bufs on any kernel",
			 advice, between);
		break;
	default:
		snprintf(text, CLI_FIX, "%s%s%s", words, between, advice);
	}
	return text;
}

const char *cli_step_sentence(enum p2p_step_code code)
{
	switch (code) {
	case P2P_STEP_LIST_PAIRS:
		return " p2pmem matrix shows which devices are placed so.";
	case P2P_STEP_ALLOW_PAIR:
		return " p2pmem allow does both.";
	case P2P_STEP_EXPLAIN_HOST:
		return " Ask there, with p2pmem check on the same devices.";
	default:
		return "";
	}
}

const char *cli_step_paste(enum p2p_step_code code)
{
	return code == P2P_STEP_CAPTURE ? "sudo p2pmem capture machine.tar.gz" : NULL;
}
