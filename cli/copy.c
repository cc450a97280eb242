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
#include <sysexits.h>

#include <p2pmem/copy.h>
#include <p2pmem/proofs.h>

#include "commands.h"
#include "copy_output.h"
#include "exit.h"
#include "signals.h"

static const char *const strategies[] = { "auto", "peer", "host", NULL };

#define OPTION(field) offsetof(struct cli_copy_arguments, field)

static const struct cli_option options[] = {
	{ "offset", 'o', CLI_SIZE, OPTION(options.offset), "BYTES",
	  "start here, in source and destination alike", NULL },
	{ "length", 'l', CLI_SIZE, OPTION(options.length), "BYTES",
	  "copy this many bytes (default: to the source's end)", NULL },
	{ "destination-offset", 0, CLI_SIZE, OPTION(options.destination_offset), "BYTES",
	  "start elsewhere in the destination than in the source", NULL },
	{ "strategy", 's', CLI_WORD, OPTION(strategy), "WORD",
	  "auto: peer memory if any serves, else host memory (default)\n"
	  "peer: an error when nothing provides memory to begin with\n"
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
	{ "progress", 0, CLI_COUNT, OPTION(interval), "SECONDS",
	  "say how far it is so often (default: all the time on\na terminal, else every 5 seconds)",
	  NULL },
	{ "results", 0, CLI_TEXT, OPTION(options.results), "FILE",
	  "where results of p2pmem prove are heeded and wrong\npairs are recorded "
	  "(default:\n" P2P_PROOFS_PATH ")",
	  NULL },
	{ "quiet", 'q', CLI_FLAG, OPTION(quiet), NULL, "only warnings and errors", NULL },
	{ "json", 'j', CLI_FLAG, OPTION(json), NULL,
	  "one JSON object a line: start, events, progress, result", NULL },
	{ .name = NULL },
};

static struct p2p_copy *volatile running; /* what a signal stops */
static volatile sig_atomic_t caught, asked;

static void stop_running(int signal)
{
	caught = signal;
	if (running)
		p2p_copy_stop(running);
}

static void ask(int signal)
{
	(void)signal;
	asked = asked % SIG_ATOMIC_MAX + 1;
}

static void catch_signals(void)
{
	/* Once: a second one ends the program at once, for those who cannot wait for a device. */
	cli_catch_ends(stop_running, (int)SA_RESETHAND);
	cli_catch_signal(SIGUSR1, ask, SA_RESTART);
	signal(SIGXFSZ, SIG_IGN); /* an error with a sentence instead */
}

static int finish(const struct cli_copy_output *output, int rc, const struct p2p_error *error)
{
	bool interrupted = rc == -EINTR && caught;
	int status = interrupted ? CLI_SIGNAL_STATUS + caught : cli_exit_status(rc);

	cli_copy_end(output, rc ? error : NULL, interrupted, status);
	if (status || (!fflush(stdout) && !ferror(stdout)))
		return status;
	fprintf(stderr, "p2pmem copy: everything was copied, but that could not be written to the "
			"output: a full disk or a closed pipe\n");
	return EX_IOERR;
}

static int check_names(const struct p2p_copy_options *wanted, struct p2p_error *error)
{
	if (strcmp(wanted->source, "-") != 0 && strcmp(wanted->destination, "-") != 0)
		return 0;
	return p2p_error_set(error, -EINVAL,
			     "- is a stream, and copy needs places to read and write at: name a "
			     "block device or a regular file, or ./- for a file of that name");
}

/* The copy is open afterwards, or NULL. */
static int open_and_run(const struct p2p_copy_options *wanted, struct p2p_copy **copy,
			struct cli_copy_output *output, struct p2p_error *error)
{
	int rc = check_names(wanted, error);

	if (!rc)
		rc = p2p_copy_open(wanted, copy, error);
	if (rc)
		return rc;
	output->copy = running = *copy;
	if (caught) /* before there was anything to stop */
		p2p_copy_stop(*copy);
	rc = p2p_copy_run(*copy, error);
	running = NULL;
	return rc;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct cli_copy_arguments arguments = { .quiet = false }, defaults;
	struct cli_copy_output output = {
		.command = command, .given = &arguments, .defaults = &defaults, .asked = &asked
	};
	struct p2p_error error = { .code = 0 };
	struct p2p_copy *copy = NULL;
	int first, rc;

	p2p_copy_options_init(&arguments.options, sizeof(arguments.options));
	arguments.options.results = P2P_PROOFS_PATH;
	defaults = arguments;
	rc = cli_parse(command, &arguments, argc, argv, &first);
	if (rc != CLI_GO_ON)
		return rc;
	arguments.options.strategy = (enum p2p_copy_strategy)arguments.strategy;
	arguments.options.source = argv[first];
	arguments.options.destination = argv[first + 1];

	catch_signals();
	cli_copy_start(&output, &arguments.options);
	rc = open_and_run(&arguments.options, &copy, &output, &error);
	cli_word_hint(error.text, &error.hint);
	rc = finish(&output, rc, &error);
	p2p_copy_close(copy);
	return rc;
}

const struct cli_command cli_copy_command = {
	.name = "copy",
	.summary = "Copy between drives and files through memory that a device provides",
	.arguments = "SOURCE DESTINATION",
	.details =
		"SOURCE and DESTINATION are block devices or regular files. The first bytes over a "
		"new\npath are read back and compared before it is trusted. Sizes take K, M, G "
		"and T.\n",
	.options = options,
	.positional = 2,
	.json_format = 1,
	.run = run,
};
