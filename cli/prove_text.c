// SPDX-License-Identifier: MIT
/*
 * What `p2pmem prove` says of a pair.
 */
#include <stdio.h>
#include <stdlib.h>

#include "prove.h"

static const char *state_word(const struct p2p_prove_trial *trial)
{
	switch (trial->result->state) {
	case P2P_PROOF_PROVEN:
		return "proven";
	case P2P_PROOF_WRONG:
		return "WRONG";
	case P2P_PROOF_REFUSED:
		return "refused";
	default:
		return "not tried";
	}
}

static enum cli_style state_style(const struct p2p_prove_trial *trial)
{
	switch (trial->result->state) {
	case P2P_PROOF_PROVEN:
		return CLI_GOOD;
	case P2P_PROOF_WRONG:
		return CLI_BAD;
	case P2P_PROOF_REFUSED:
		return CLI_WARN;
	default:
		return CLI_UNSURE;
	}
}

/* What to do about a trial that came to nothing; "" when the reason says it all. */
static const char *next_step(const struct p2p_prove_trial *trial)
{
	switch (trial->gap) {
	case P2P_PROVE_SCRATCH:
		return "; --scratch names what may be overwritten";
	case P2P_PROVE_BLANK:
		return "; with --scratch patterns are written first";
	default:
		return "";
	}
}

/* Which way requests take, and why, another command says. */
static void say_check(const struct cli_terminal *terminal, const struct p2p_prove_trial *trial)
{
	char text[256];

	snprintf(text, sizeof(text), "p2pmem check %s %s says which way requests take, and why",
		 trial->client, trial->provider);
	cli_wrap(terminal, 2, "next: ", text);
}

static void say_reason(const struct cli_terminal *terminal, const struct p2p_prove_trial *trial)
{
	const char *reason = trial->result->text ? trial->result->text : "out of memory";
	char *text;

	if (asprintf(&text, "%s%s", reason, next_step(trial)) < 0)
		return;
	cli_wrap(terminal, 2, "", text);
	free(text);
}

void cli_prove_show(const struct cli_terminal *terminal, const struct p2p_prove_trial *trial)
{
	bool to_provider = trial->result->direction == P2P_PROOF_TO_PROVIDER;

	printf("%s %s %s: %s%s%s\n", trial->client, to_provider ? "->" : "<-", trial->provider,
	       cli_style_on(terminal, state_style(trial)), state_word(trial),
	       cli_style_off(terminal, state_style(trial)));
	say_reason(terminal, trial);
	if (trial->meaning)
		cli_wrap(terminal, 2, "usually: ", trial->meaning);
	if (trial->result->state == P2P_PROOF_WRONG || trial->result->state == P2P_PROOF_REFUSED)
		say_check(terminal, trial);
	fflush(stdout);
}
