// SPDX-License-Identifier: MIT
/*
 * p2pmem copy: a thin front of p2p_copy_*().
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/copy.h>

#include "commands.h"
#include "copy_output.h"
#include "exit.h"

#define SIGNAL_STATUS 128 /* as shells report a signal */

struct arguments {
	struct p2p_copy_options options;
	int strategy;
	bool quiet, json;
};

static const char *const strategies[] = { "auto", "peer", "host", NULL };

#define OPTION(field) offsetof(struct arguments, field)

static const struct cli_option options[] = {
	{ "offset", 'o', CLI_SIZE, OPTION(options.offset), "BYTES",
	  "start here, in source and destination alike", NULL },
	{ "length", 'l', CLI_SIZE, OPTION(options.length), "BYTES",
	  "copy so many bytes (default: to the source's end)", NULL },
	{ "destination-offset", 0, CLI_SIZE, OPTION(options.destination_offset), "BYTES",
	  "start elsewhere in the destination than in the source", NULL },
	{ "strategy", 's', CLI_WORD, OPTION(strategy), "WORD",
	  "auto: peer memory if any serves, else host memory (default)\n"
	  "peer: an error when nothing lends memory to begin with\n"
	  "host: host memory",
	  strategies },
	{ "provider", 'p', CLI_TEXT, OPTION(options.provider), "DEVICE",
	  "only this memory: a device, as in 0000:03:00.0 or\nnvme0, or p2pmem0", NULL },
	{ "require-p2p", 'r', CLI_FLAG, OPTION(options.require_p2p), NULL,
	  "never through host memory: an error instead", NULL },
	{ "verify", 'v', CLI_FLAG, OPTION(options.verify), NULL, "read everything back and compare",
	  NULL },
	{ "force", 'f', CLI_FLAG, OPTION(options.force), NULL,
	  "also onto a destination that is mounted or in use", NULL },
	{ "block", 'b', CLI_SIZE, OPTION(options.block), "BYTES",
	  "bytes in one block (default: from the devices' limits)", NULL },
	{ "depth", 'd', CLI_COUNT, OPTION(options.depth), "NUMBER",
	  "blocks in flight (default: 16, fewer when they are large)", NULL },
	{ "quiet", 'q', CLI_FLAG, OPTION(quiet), NULL, "only warnings and errors", NULL },
	{ "json", 'j', CLI_FLAG, OPTION(json), NULL,
	  "one JSON object a line: start, events, progress, result", NULL },
	{ .name = NULL },
};

static struct p2p_copy *running;
static volatile sig_atomic_t caught;

static void stop_running(int signal)
{
	caught = signal;
	p2p_copy_stop(running);
}

/* Once: a second signal ends the program at once, for whoever cannot wait for a stuck device. */
static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = stop_running, .sa_flags = (int)SA_RESETHAND };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static int finish(const struct cli_copy_output *output, int rc, const struct p2p_error *error)
{
	int status = rc == -EINTR && caught ? SIGNAL_STATUS + caught : cli_exit_status(rc);

	cli_copy_end(output, rc ? error : NULL, caught, status);
	return status;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .quiet = false };
	struct cli_copy_output output;
	struct p2p_error error = { .code = 0 };
	int first, rc;

	p2p_copy_options_init(&arguments.options);
	rc = cli_parse(command, &arguments, argc, argv, &first);
	if (rc != CLI_GO_ON)
		return rc;
	arguments.options.strategy = (enum p2p_copy_strategy)arguments.strategy;
	arguments.options.source = argv[first];
	arguments.options.destination = argv[first + 1];
	cli_copy_start(&output, &arguments.options, arguments.quiet, arguments.json);

	rc = p2p_copy_open(&arguments.options, &running, &error);
	if (rc)
		return finish(&output, rc, &error);
	output.copy = running;
	catch_signals();
	rc = p2p_copy_run(running, &error);
	rc = finish(&output, rc, &error);
	p2p_copy_close(running);
	return rc;
}

const struct cli_command cli_copy_command = {
	.name = "copy",
	.summary = "Copy between drives and files through memory that a device lends",
	.arguments = "SOURCE DESTINATION",
	.details =
		"SOURCE and DESTINATION are block devices or regular files. The first bytes over a "
		"new\npath are read back and compared before it is trusted. Sizes take K, M, G "
		"and T.\n",
	.options = options,
	.positional = 2,
	.run = run,
};
