/* SPDX-License-Identifier: MIT */
/*
 * Results of p2pmem prove, for the commands that heed them.
 */
#ifndef P2P_CLI_RESULTS_H
#define P2P_CLI_RESULTS_H

#include <jansson.h>

#include <p2pmem/proofs.h>

#include "view.h"

/* NOLINTBEGIN(bugprone-macro-parentheses): a type and a member cannot have them. */
/** A row for a command's option table. */
#define CLI_RESULTS_OPTION(type, field)                                                            \
	{                                                                                          \
		"results", 0, CLI_TEXT, offsetof(type, field), "FILE",                             \
			"where results of p2pmem prove are (default:\n" P2P_PROOFS_PATH            \
			"; with --source: none)",                                                  \
			NULL                                                                       \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

/**
 * Opens the results that bear on a view: of the file `path`, or where that is NULL this machine's
 * own, which are no other machine's. Damaged lines are said on stderr, and so is why this
 * machine's own cannot be read. Returns 0, or the exit status after the error was said; `*proofs`
 * is NULL where none bear on it.
 */
int cli_results_open(const struct cli_view *view, const struct cli_view_arguments *arguments,
		     const char *path, struct p2p_proofs **proofs);

/** The same of what was allowed on this machine. What cannot be read is said and does not count. */
void cli_allowed_results_open(const struct cli_view *view,
			      const struct cli_view_arguments *arguments,
			      struct p2p_proofs **proofs);

/** "path" and "warnings" of results, or null for none. NULL: out of memory. */
json_t *cli_results_json(const struct p2p_proofs *proofs);

/** One result: "state", "recorded", "damage", "time", "bytes", "text", "changed". */
json_t *cli_result_json(const struct p2p_proof_result *result);

#endif
