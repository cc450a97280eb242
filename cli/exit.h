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

#endif
