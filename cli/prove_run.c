// SPDX-License-Identifier: MIT
/*
 * Running a prover from a command: where it may write, what is told meanwhile, what stops it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "exit.h"
#include "options.h"
#include "prove.h"
#include "signals.h"

static struct p2p_prove *volatile running; /* what a signal stops */
static volatile sig_atomic_t caught;

static void stop_running(int signal)
{
	caught = signal;
	if (running)
		p2p_prove_stop(running);
}

int cli_prove_caught(void)
{
	return caught;
}

static void on_event(void *context, enum p2p_prove_event event, const char *text,
		     const struct p2p_prove_trial *trial)
{
	const struct cli_prove_session *session = context;

	if (event == P2P_PROVE_EVENT_NOTE)
		fprintf(stderr, "p2pmem %s: note: %s\n", cli_running()->name, text);
	if (event == P2P_PROVE_EVENT_BEGIN && session->errors.escapes)
		fprintf(stderr, "\r\033[K%s, %s ...", trial->client, trial->provider);
	if (event != P2P_PROVE_EVENT_END)
		return;
	if (session->errors.escapes)
		fprintf(stderr, "\r\033[K");
	if (!session->json)
		cli_prove_show(&session->terminal, trial);
	if (!session->json && trial->rate_count)
		cli_prove_show_rates(&session->terminal, trial);
}

/* "/dev/nvme0n1:1G+64M"; without a range it is a file, whatever colons its name has. */
static int parse_scratch(struct p2p_prove_options *wanted, char *text)
{
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

int cli_prove_begin(struct cli_prove_session *session, struct p2p_prove_options *wanted,
		    const char *scratch)
{
	int rc = 0;

	if (scratch) {
		session->scratch = strdup(scratch);
		rc = session->scratch ? parse_scratch(wanted, session->scratch) : cli_fail_memory();
	}
	if (rc)
		return rc;
	session->terminal = cli_terminal_look(stdout);
	session->errors = cli_terminal_look(stderr);
	wanted->event = on_event;
	wanted->context = session;
	/* Once: a second one ends the program, for those who cannot wait for a device. */
	cli_catch_ends(stop_running, (int)SA_RESETHAND);
	return 0;
}

void cli_prove_end(struct cli_prove_session *session)
{
	free(session->scratch);
}

int cli_prove_run(struct p2p_prove *prove, struct p2p_error *error)
{
	int rc;

	running = prove;
	if (caught) /* before there was anything to stop */
		p2p_prove_stop(prove);
	rc = p2p_prove_run(prove, error);
	running = NULL;
	return rc;
}
