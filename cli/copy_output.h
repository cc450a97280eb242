/* SPDX-License-Identifier: MIT */
/*
 * What `p2pmem copy` says: for a terminal, for a log, or as JSON lines.
 */
#ifndef P2P_CLI_COPY_OUTPUT_H
#define P2P_CLI_COPY_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include <p2pmem/copy.h>

#include "terminal.h"

struct cli_copy_output {
	const struct p2p_copy_options *options;
	const struct p2p_copy *copy; /**< NULL until it is open */
	bool quiet, json;
	struct cli_terminal terminal;  /**< where progress goes: standard error */
	double started, last_progress; /**< seconds */
};

/** Prepares `output` and sets the options' event function to it. */
void cli_copy_start(struct cli_copy_output *output, struct p2p_copy_options *options, bool quiet,
		    bool json);

/** The result: a summary, or the error with how to go on. `error` is NULL after success. */
void cli_copy_end(const struct cli_copy_output *output, const struct p2p_error *error, int signal,
		  int status);

#endif
