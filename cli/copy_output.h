/* SPDX-License-Identifier: MIT */
/*
 * What `p2pmem copy` says: for a terminal, for a log, or as JSON lines.
 */
#ifndef P2P_CLI_COPY_OUTPUT_H
#define P2P_CLI_COPY_OUTPUT_H

#include "copy_state.h"

/** Prepares `output`, which is zeroed but for its first lines, and sets the options' event
 * function. */
void cli_copy_start(struct cli_copy_output *output, struct p2p_copy_options *options);

/** The result: a summary, or the error with how to go on. `error` is NULL after success. */
void cli_copy_end(const struct cli_copy_output *output, const struct p2p_error *error,
		  bool interrupted, int status);

#endif
