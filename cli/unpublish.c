// SPDX-License-Identifier: MIT
/*
 * p2pmem unpublish: a thin front of p2p_unpublish().
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include <p2pmem/module.h>

#include "commands.h"
#include "exit.h"
#include "json.h"
#include "terminal.h"
#include "view.h"

struct arguments {
	bool force, json;
};

static const struct cli_option options[] = {
	{ "force", 'f', CLI_FLAG, offsetof(struct arguments, force), NULL,
	  "also while in use: programs that have it\nmapped get SIGBUS, drivers are told", NULL },
	{ "json", 'j', CLI_FLAG, offsetof(struct arguments, json), NULL, "one JSON object", NULL },
	{ .name = NULL },
};

static int take_back(const char *name, bool force, struct p2p_unpublication *done,
		     struct p2p_error *error)
{
	struct p2p_bdf function;
	uint32_t index;
	int rc;

	p2p_unpublication_init(done, sizeof(*done));
	if (!p2p_module_index(name, &index))
		return p2p_unpublish(index, force, done, error);
	rc = cli_find_function(name, &function, error);
	return rc ? rc : p2p_unpublish_function(function, force, done, error);
}

static void say(const char *name, const struct p2p_unpublication *done)
{
	struct cli_terminal terminal = cli_terminal_look(stdout);

	cli_say(&terminal, 0, "%s: %" PRIu32 " range%s unpublished%s", name, done->count,
		done->count == 1 ? "" : "s",
		done->unbound ? "; the device has no driver again" : "");
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .force = false };
	struct p2p_unpublication done;
	struct p2p_error error = { .code = 0 };
	int first, rc, status;

	rc = cli_parse(command, &arguments, argc, argv, &first);
	if (rc != CLI_GO_ON)
		return rc;
	rc = take_back(argv[first], arguments.force, &done, &error);
	cli_word_hint(error.text, &error.hint);
	/* What is done is done, also when the next range of the device could not be taken. */
	if (rc && !done.count)
		return cli_fail(&error);
	/* One object: what was done, and what was not. */
	cli_errors_as_json(false);
	if (arguments.json)
		status = cli_json_print(json_pack("{s:i, s:b, s:o}", "count", (int)done.count,
						  "unbound", done.unbound, "error",
						  rc ? cli_json_error(&error) : json_null()));
	else {
		say(argv[first], &done);
		status = cli_finish();
	}
	return rc ? cli_fail(&error) : status;
}

const struct cli_command cli_unpublish_command = {
	.name = "unpublish",
	.summary = "Take published memory back",
	.arguments = "DEVICE|p2pmemN",
	.details = "DEVICE stands for all that it publishes. A device that got p2pmem as its "
		   "driver loses it with its last range.\n",
	.options = options,
	.positional = 1,
	.json_format = 1,
	.run = run,
};
