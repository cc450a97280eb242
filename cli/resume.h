/* SPDX-License-Identifier: MIT */
/*
 * A command as text to paste into a shell.
 */
#ifndef P2P_CLI_RESUME_H
#define P2P_CLI_RESUME_H

#include <stdio.h>

#include "options.h"

/** Prints a blank and `word`, quoted for a shell when needed; what is not printable as \ooo. */
void cli_print_word(FILE *file, const char *word);

/**
 * Prints each option of `command` whose value in `given` is not the one in `defaults`, but for
 * those named in `except`, which ends with NULL.
 */
void cli_print_options(FILE *file, const struct cli_command *command, const void *given,
		       const void *defaults, const char *const *except);

#endif
