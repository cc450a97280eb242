/* SPDX-License-Identifier: MIT */
/*
 * JSON out of texts that may be anything.
 */
#ifndef P2P_CLI_JSON_H
#define P2P_CLI_JSON_H

#include <jansson.h>

/** A string, with what is not UTF-8 as "?"; null for NULL. Returns NULL when memory is lacking. */
json_t *cli_json_text(const char *text);

#endif
