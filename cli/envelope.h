/* SPDX-License-Identifier: MIT */
/*
 * What all JSON of the command begins with, and strings in it. NULL stands for lack of memory,
 * which jansson's functions pass on.
 */
#ifndef P2P_CLI_ENVELOPE_H
#define P2P_CLI_ENVELOPE_H

#include <jansson.h>

#include "command.h"

/** An object of "command", "format" and "version", then those of `fields`, which is given up. */
json_t *cli_json_envelope(const struct cli_command *command, int format, json_t *fields);

/** A string: line ends stay, what else is not printable UTF-8 is "?"; null for NULL. */
json_t *cli_json_text(const char *text);

#endif
