// SPDX-License-Identifier: MIT
/*
 * p2pmem prove: a thin front of p2p_prove_*().
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "commands.h"
#include "exit.h"
#include "prove.h"
#include "signals.h"
#include "veto.h"

#define NS_PER_SECOND UINT64_C(1000000000)

/* Exit statuses. */
enum {
	WRONG = 1,
	NOTHING_TRIED = 2,
	ALL_REFUSED = 3,
};

struct arguments {
	struct p2p_prove_options options;
	const char *scratch, *veto;
	unsigned int seconds;
	bool all, json;
};

#define OPTION(field) offsetof(struct arguments, field)

static const struct cli_option options[] = {
	{ "all", 'a', CLI_FLAG, OPTION(all), NULL, "every client with every provider, and a matrix",
	  NULL },
	{ "scratch", 's', CLI_TEXT, OPTION(scratch), "PLACE",
	  "what may be OVERWRITTEN: a file, which is made and\nremoved, or "
	  "DEVICE:OFFSET+LENGTH; else drives are\nonly read",
	  NULL },
	{ "time", 't', CLI_COUNT, OPTION(seconds), "SECONDS", "try each pair for so long, each way",
	  NULL },
	{ "rates", 'r', CLI_FLAG, OPTION(options.rates), NULL,
	  "measure rates through peer and host memory, too", NULL },
	{ "results", 0, CLI_TEXT, OPTION(options.results), "FILE",
	  "keep results there (default: " P2P_PROOFS_PATH ")", NULL },
	{ "veto", 0, CLI_TEXT, OPTION(veto), "FILE",
	  "write all recorded wrong pairs there, for programs,\nand to FILE.env, for shells that "
	  "start NCCL or UCX",
	  NULL },
	{ "json", 'j', CLI_FLAG, OPTION(json), NULL, "one JSON object", NULL },
	{ .name = NULL },
};

struct session {
	const struct arguments *arguments;
	struct cli_terminal terminal, errors;
};

static struct p2p_prove *volatile running; /* what a signal stops */
static volatile sig_atomic_t caught;

static void stop_running(int signal)
{
	caught = signal;
	if (running)
		p2p_prove_stop(running);
}

static void on_event(void *context, enum p2p_prove_event event, const char *text,
		     const struct p2p_prove_trial *trial)
{
	const struct session *session = context;

	if (event == P2P_PROVE_EVENT_NOTE)
		fprintf(stderr, "p2pmem prove: note: %s\n", text);
	if (event == P2P_PROVE_EVENT_BEGIN && session->errors.escapes)
		fprintf(stderr, "\r\033[K%s, %s ...", trial->client, trial->provider);
	if (event != P2P_PROVE_EVENT_END)
		return;
	if (session->errors.escapes)
		fprintf(stderr, "\r\033[K");
	if (!session->arguments->json)
		cli_prove_show(&session->terminal, trial);
	if (!session->arguments->json && trial->rate_count)
		cli_prove_show_rates(&session->terminal, trial);
}

/* "/dev/nvme0n1:1G+64M"; without a range it is a file, whatever colons its name has. */
static int parse_scratch(struct arguments *arguments, char *text)
{
	struct p2p_prove_options *wanted = &arguments->options;
	char *colon = strrchr(text, ':'), *plus = colon ? strchr(colon, '+') : NULL;

	wanted->scratch = text;
	if (!plus)
		return 0;
	*colon = *plus = '\0';
	if ((colon[1] && cli_parse_size(colon + 1, &wanted->scratch_offset)) ||
	    cli_parse_size(plus + 1, &wanted->scratch_length) || !wanted->scratch_length)
		return cli_fail_with(EX_USAGE, "--scratch takes FILE or DEVICE:OFFSET+LENGTH, as "
					       "in /dev/nvme0n1:1G+64M");
	return 0;
}

static int status_of(const struct p2p_prove *prove)
{
	bool proven = false, refused = false, wrong = false;

	for (uint32_t i = 0; i < p2p_prove_count(prove); i++) {
		enum p2p_proof_state state = p2p_prove_trial(prove, i)->result->state;

		proven |= state == P2P_PROOF_PROVEN;
		refused |= state == P2P_PROOF_REFUSED;
		wrong |= state == P2P_PROOF_WRONG;
	}
	if (wrong)
		return WRONG;
	if (proven)
		return 0;
	return refused ? ALL_REFUSED : NOTHING_TRIED;
}

static int show(const struct session *session, const struct p2p_prove *prove)
{
	if (session->arguments->json)
		return cli_prove_print_json(prove, caught != 0);
	if (session->arguments->options.rates)
		cli_prove_show_where(&session->terminal, prove);
	if (session->arguments->all)
		cli_prove_show_matrix(&session->terminal, prove);
	return cli_finish();
}

/* A wrong pair is what matters most to who asks, then that it was stopped or could not be kept. */
static int finish(const struct session *session, const struct p2p_prove *prove, int rc,
		  const struct p2p_error *error)
{
	int shown, status = status_of(prove);

	cli_errors_as_json(false);
	shown = show(session, prove);
	if (rc && rc != -EINTR)
		rc = cli_fail(error);
	if (rc == -EINTR)
		fprintf(stderr, "p2pmem prove: %s\n", error->text);
	if (status == WRONG)
		return status;
	if (rc == -EINTR)
		return CLI_SIGNAL_STATUS + caught;
	if (rc)
		return rc;
	return shown ? shown : status;
}

/*
 * Also after a failure: of what was recorded before. Not where a result could not be kept: a list
 * without it would say that a pair is not wrong which was just found to be.
 */
static int write_veto(const struct arguments *arguments, bool kept, int status)
{
	int vetoed = 0;

	if (arguments->veto && !kept)
		fprintf(stderr,
			"p2pmem prove: --veto: %s is left as it was, since not all results could "
			"be kept\n",
			arguments->veto);
	else if (arguments->veto)
		vetoed = cli_veto_write_live(arguments->veto, arguments->options.results);
	return status ? status : vetoed;
}

static int prove_all(struct session *session, const struct p2p_prove_options *wanted)
{
	struct p2p_error error = { .code = 0 };
	struct p2p_prove *prove;
	bool kept;
	int rc = p2p_prove_open(wanted, &prove, &error);

	if (rc)
		return cli_fail(&error);
	running = prove;
	if (caught) /* before there was anything to stop */
		p2p_prove_stop(prove);
	rc = p2p_prove_run(prove, &error);
	running = NULL;
	kept = !rc || rc == -EINTR;
	rc = finish(session, prove, rc, &error);
	p2p_prove_close(prove);
	return write_veto(session->arguments, kept, rc);
}

static int check(struct arguments *arguments, char **names)
{
	if (arguments->all && names[0])
		return cli_fail_with(EX_USAGE,
				     "--all means every pair, and a pair was named: give one");
	if (!arguments->all && (!names[0] || !names[1]))
		return cli_fail_with(EX_USAGE, "name a client and a provider, as in p2pmem prove "
					       "nvme0 0000:05:00.0, or give --all");
	arguments->options.client = names[0];
	arguments->options.provider = names[0] ? names[1] : NULL;
	arguments->options.duration = arguments->seconds * NS_PER_SECOND;
	return 0;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .all = false };
	struct session session = { .arguments = &arguments };
	char *scratch = NULL;
	int first, rc;

	p2p_prove_options_init(&arguments.options, sizeof(arguments.options));
	rc = cli_parse(command, &arguments, argc, argv, &first);
	if (rc != CLI_GO_ON)
		return rc;
	rc = check(&arguments, argv + first);
	if (!rc && arguments.scratch) {
		scratch = strdup(arguments.scratch);
		rc = scratch ? parse_scratch(&arguments, scratch) : cli_fail_memory();
	}
	if (!rc) {
		session.terminal = cli_terminal_look(stdout);
		session.errors = cli_terminal_look(stderr);
		arguments.options.event = on_event;
		arguments.options.context = &session;
		/* Once: a second one ends the program, for those who cannot wait for a device. */
		cli_catch_ends(stop_running, (int)SA_RESETHAND);
		rc = prove_all(&session, &arguments.options);
	}
	free(scratch);
	return rc;
}

const struct cli_command cli_prove_command = {
	.name = "prove",
	.summary = "Prove with data that a drive and a device's memory work together",
	.arguments = "CLIENT PROVIDER | --all",
	.details = "Moves data from CLIENT into PROVIDER's memory, and with --scratch back, and "
		   "looks at each byte from\nthe other side. CLIENT is a drive, PROVIDER a device "
		   "that publishes memory, or p2pmem0. Exit status:\n0 proven, 1 wrong bytes, 2 "
		   "nothing could be tried, 3 refused.\n",
	.options = options,
	.positional = 0,
	.optional = 2,
	.json_format = 1,
	.run = run,
};
