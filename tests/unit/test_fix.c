// SPDX-License-Identifier: MIT
/*
 * The library's steps in the command's words.
 */
#include <stdlib.h>

#include "fix.h"
#include "sources_support.h"

static const char *text_of(const struct p2p_machine *machine, enum p2p_step_code code,
			   char text[CLI_STEP])
{
	const struct p2p_step step = { code, node_of(machine, "0000:00:02.0"), 4 };

	return cli_step(text, p2p_machine_fabric(machine), &step);
}

/* Steps that are about a device name it, and each step but none has words. */
static void steps(void **state)
{
	struct p2p_machine *machine = read_text("00:02.0 0302: 10de:2330\n");
	char text[CLI_STEP];

	(void)state;
	assert_string_equal(text_of(machine, P2P_STEP_PUBLISH_BAR, text),
			    "p2pmem publish 0000:00:02.0 --bar 4");
	assert_string_equal(text_of(machine, P2P_STEP_PUBLISH_DRIVERS, text),
			    "p2pmem publish 0000:00:02.0 --driver-memory");
	assert_string_equal(text_of(machine, P2P_STEP_NONE, text), "");
	for (int code = P2P_STEP_NONE + 1; code <= P2P_STEP_LIST_PAIRS; code++)
		assert_true(*text_of(machine, (enum p2p_step_code)code, text));
	p2p_machine_free(machine);
}

/* One line for each thing to do, and its step behind it. */
static void advice(void **state)
{
	char prove[] = "prove with data", look[] = "look at its host", wait[] = "wait";
	const struct p2p_advice list[] = {
		{ prove, { P2P_STEP_PROVE, P2P_NO_NODE, 0 } },
		{ wait, { P2P_STEP_NONE, P2P_NO_NODE, 0 } },
		{ look, { P2P_STEP_EXAMINE_HOST, P2P_NO_NODE, 0 } },
	};
	char *text = cli_advice(NULL, list, 3);

	(void)state;
	assert_string_equal(text, "prove with data: p2pmem prove CLIENT PROVIDER\n"
				  "wait\nlook at its host: p2pmem doctor");
	free(text);
	assert_null(cli_advice(NULL, list, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps),
		cmocka_unit_test(advice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
