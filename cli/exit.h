/* SPDX-License-Identifier: MIT */
/*
 * Exit statuses: sysexits.h for what goes wrong, one place that decides which.
 */
#ifndef P2P_CLI_EXIT_H
#define P2P_CLI_EXIT_H

#include <stdbool.h>

#include <p2pmem/error.h>

#include "command.h"

/**
 * Ends a sentence of the library with what the command has for its next step: an option, another
 * command. `hint` is none then, so that it is said once. cli_fail() does so itself.
 */
void cli_word_hint(char text[P2P_ERROR_TEXT], enum p2p_hint *hint);

/** Says which command runs: failures and JSON have its name. cli_parse() does so itself. */
void cli_begin(const struct cli_command *command);

/** That command. */
const struct cli_command *cli_running(void);

/** The exit status that goes with a negative errno. */
int cli_exit_status(int code);

/**
 * Whether failures are objects on stdout, too, so that a program that reads JSON gets JSON whatever
 * happens. cli_parse() says so for --json; a command that has begun to print takes it back.
 */
void cli_errors_as_json(bool json);

/**
 * Prints the sentence on stderr and returns the exit status. After cli_errors_as_json() stdout gets
 * an object with "command", "format", "version" and "error", which has "status" and "text".
 */
int cli_fail(const struct p2p_error *error);

/** cli_fail() with a status of its own. */
int cli_fail_with(int status, const char *text);

/** cli_fail() for lack of memory. */
int cli_fail_memory(void);

/** Ends the output. Returns 0, or EX_IOERR after saying that it could not be written whole. */
int cli_finish(void);

#endif
