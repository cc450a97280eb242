/* SPDX-License-Identifier: MIT */
/*
 * The one option parser: a table says what a command takes; parsing and --help follow from it.
 */
#ifndef P2P_CLI_OPTIONS_H
#define P2P_CLI_OPTIONS_H

#include <stdint.h>

#include "command.h"

#define CLI_GO_ON (-1) /**< no exit status */

/**
 * Parses into `target`, which holds the defaults. Every command also understands --help. Returns
 * CLI_GO_ON, or the status to exit with: help was shown, or what is wrong was said on stderr. On
 * CLI_GO_ON `argv[*first]` is the first positional argument, and there are as many as the
 * command wants.
 */
int cli_parse(const struct cli_command *command, void *target, int argc, char **argv, int *first);

/** Reads bytes, as in 4096, 0x1000 or 64M. Returns 0, -EINVAL or -ERANGE. */
int cli_parse_size(const char *text, uint64_t *size);

#endif
