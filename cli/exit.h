/* SPDX-License-Identifier: MIT */
/*
 * Exit statuses: sysexits.h for what goes wrong, one place that decides which.
 */
#ifndef P2P_CLI_EXIT_H
#define P2P_CLI_EXIT_H

#include <p2pmem/error.h>

/** The exit status that goes with a negative errno. */
int cli_exit_status(int code);

/** Prints the sentence on stderr and returns the exit status. */
int cli_fail(const char *command, const struct p2p_error *error);

/** cli_fail() for lack of memory. */
int cli_fail_memory(const char *command);

/** Ends the output. Returns 0, or EX_IOERR after saying that it could not be written whole. */
int cli_finish(const char *command);

#endif
