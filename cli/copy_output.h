/* SPDX-License-Identifier: MIT */
/*
 * What `p2pmem copy` says: for a terminal, for a log, or as JSON lines.
 */
#ifndef P2P_CLI_COPY_OUTPUT_H
#define P2P_CLI_COPY_OUTPUT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include <p2pmem/copy.h>

#include "options.h"
#include "progress.h"
#include "terminal.h"

struct cli_copy_arguments {
	struct p2p_copy_options options;
	int strategy;
	unsigned int interval; /**< seconds between two lines of progress, 0: chosen */
	bool quiet, json;
};

struct cli_copy_output {
	const struct cli_command *command;
	const struct cli_copy_arguments *given, *defaults;
	const struct p2p_copy *copy;            /**< NULL until it is open */
	const volatile sig_atomic_t *asked;     /**< counts who asked how far it is */
	struct cli_terminal terminal, standard; /**< of stderr, for progress, and of stdout */
	struct cli_progress progress;
	double last_progress;
	int answered;
};

/** Prepares `output`, which is zeroed but for its first lines, and sets the options' event
 * function. */
void cli_copy_start(struct cli_copy_output *output, struct p2p_copy_options *options);

/** The result: a summary, or the error with how to go on. `error` is NULL after success. */
void cli_copy_end(const struct cli_copy_output *output, const struct p2p_error *error,
		  bool interrupted, int status);

#endif
