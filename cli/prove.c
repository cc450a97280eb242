// SPDX-License-Identifier: MIT
/*
 * p2pmem prove: a thin front of p2p_prove_*().
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <sysexits.h>

#include "commands.h"
#include "exit.h"
#include "prove.h"
#include "signals.h"
#include "veto.h"

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
	CLI_PROVE_SCRATCH_OPTION(OPTION(scratch), "; else drives are\nonly read"),
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
	struct cli_prove_session prove;
};

int cli_prove_status(const struct p2p_prove *prove)
{
	bool proven = false, refused = false, wrong = false;

	for (uint32_t i = 0; i < p2p_prove_count(prove); i++) {
		enum p2p_proof_state state = p2p_prove_trial(prove, i)->result->state;

		proven |= state == P2P_PROOF_PROVEN;
		refused |= state == P2P_PROOF_REFUSED;
		wrong |= state == P2P_PROOF_WRONG;
	}
	if (wrong)
		return CLI_PROVE_WRONG;
	if (proven)
		return 0;
	return refused ? CLI_PROVE_REFUSED : CLI_PROVE_NOT_TRIED;
}

static int show(const struct session *session, const struct p2p_prove *prove)
{
	if (session->arguments->json)
		return cli_prove_print_json(prove, cli_prove_caught() != 0);
	if (session->arguments->options.rates)
		cli_prove_show_where(&session->prove.terminal, prove);
	if (session->arguments->all)
		cli_prove_show_matrix(&session->prove.terminal, prove);
	return cli_finish();
}

/* A wrong pair is what matters most to who asks, then that it was stopped or could not be kept. */
static int finish(const struct session *session, const struct p2p_prove *prove, int rc,
		  const struct p2p_error *error)
{
	int shown, status = cli_prove_status(prove);

	cli_errors_as_json(false);
	shown = show(session, prove);
	if (rc && rc != -EINTR)
		rc = cli_fail(error);
	if (rc == -EINTR)
		fprintf(stderr, "p2pmem prove: %s\n", error->text);
	if (status == CLI_PROVE_WRONG)
		return status;
	if (rc == -EINTR)
		return CLI_SIGNAL_STATUS + cli_prove_caught();
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
	rc = cli_prove_run(prove, &error);
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
	arguments->options.duration = arguments->seconds * CLI_PROVE_NS_PER_SECOND;
	return 0;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .all = false };
	struct session session = { .arguments = &arguments };
	int first, rc;

	p2p_prove_options_init(&arguments.options, sizeof(arguments.options));
	rc = cli_parse(command, &arguments, argc, argv, &first);
	if (rc != CLI_GO_ON)
		return rc;
	session.prove.json = arguments.json;
	rc = check(&arguments, argv + first);
	if (!rc)
		rc = cli_prove_begin(&session.prove, &arguments.options, arguments.scratch);
	if (!rc)
		rc = prove_all(&session, &arguments.options);
	cli_prove_end(&session.prove);
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
