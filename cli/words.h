/* SPDX-License-Identifier: MIT */
/*
 * Sentences on a terminal: wrapped, and coloured where that helps.
 */
#ifndef P2P_CLI_WORDS_H
#define P2P_CLI_WORDS_H

#include <stdbool.h>

#include <p2pmem/route.h>

#define CLI_WIDTH 100 /**< columns that text is wrapped to */

/** Prints `text` in lines of CLI_WIDTH columns; the first starts with `head`, all are indented. */
void cli_wrap(int indent, const char *head, const char *text);

/** Whether standard output takes colour: a terminal, and NO_COLOR is not set (no-color.org). */
bool cli_colour(void);

/** The escape that colours a verdict, and the one that ends it; "" where there is no colour. */
const char *cli_verdict_colour(enum p2p_verdict verdict);
const char *cli_plain(void);

#endif
