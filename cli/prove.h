/* SPDX-License-Identifier: MIT */
/*
 * What the parts of `p2pmem prove` share, and `p2pmem allow` with them.
 */
#ifndef P2P_CLI_PROVE_H
#define P2P_CLI_PROVE_H

#include <jansson.h>

#include <p2pmem/prove.h>

#include "options.h"
#include "terminal.h"

#define CLI_PROVE_NS_PER_SECOND UINT64_C(1000000000)

/** Exit statuses, when all went well or less than that. */
enum cli_prove_exit {
	CLI_PROVE_WRONG = 1,
	CLI_PROVE_NOT_TRIED = 2,
	CLI_PROVE_REFUSED = 3,
};

/** A row for a command's option table; `otherwise` ends its help. */
#define CLI_PROVE_SCRATCH_OPTION(offset, otherwise)                                                \
	{                                                                                          \
		"scratch", 's', CLI_TEXT, (offset), "PLACE",                                       \
			"what may be OVERWRITTEN: a file, which is made and\nremoved, or "         \
			"DEVICE:OFFSET+LENGTH" otherwise,                                          \
			NULL                                                                       \
	}

/** A prover's run: `json` is the caller's to set. */
struct cli_prove_session {
	bool json; /**< trials are not shown one by one */
	struct cli_terminal terminal, errors;
	char *scratch;
};

/**
 * Fills in what is told, to whom, and the place that `scratch` names (NULL: none); from here on
 * signals stop what runs. Returns 0, or the exit status after the error was said.
 */
int cli_prove_begin(struct cli_prove_session *session, struct p2p_prove_options *wanted,
		    const char *scratch);
void cli_prove_end(struct cli_prove_session *session);

/** p2p_prove_run(), which a signal stops. */
int cli_prove_run(struct p2p_prove *prove, struct p2p_error *error);

/** The signal that has come, or 0. */
int cli_prove_caught(void);

/** The exit status by what came of all trials: 0 proven, 1 wrong, 2 nothing tried, 3 refused. */
int cli_prove_status(const struct p2p_prove *prove);

/** A trial's JSON object; NULL: out of memory. */
json_t *cli_prove_trial_json(const struct p2p_prove_trial *trial);

/** A trial as people read it. */
void cli_prove_show(const struct cli_terminal *terminal, const struct p2p_prove_trial *trial);

/** Its rates, and from which size on which memory is faster. */
void cli_prove_show_rates(const struct cli_terminal *terminal, const struct p2p_prove_trial *trial);

/** What rates are worth here: those of a guest say nothing about hardware. */
void cli_prove_show_where(const struct cli_terminal *terminal, const struct p2p_prove *prove);

/** All pairs, verdict and proof in one cell. */
void cli_prove_show_matrix(const struct cli_terminal *terminal, const struct p2p_prove *prove);

/** Prints the JSON object. Returns 0, or the exit status after the error was said. */
int cli_prove_print_json(const struct p2p_prove *prove, bool interrupted);

#endif
