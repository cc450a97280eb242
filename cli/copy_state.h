/* SPDX-License-Identifier: MIT */
/*
 * What `p2pmem copy` was given, and what it knows while it runs.
 */
#ifndef P2P_CLI_COPY_STATE_H
#define P2P_CLI_COPY_STATE_H

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

#endif
