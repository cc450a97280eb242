/* SPDX-License-Identifier: MIT */
/*
 * What a stream can show, and text made to fit it.
 */
#ifndef P2P_CLI_TERMINAL_H
#define P2P_CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

#include <p2pmem/route.h>

struct cli_terminal {
	bool escapes;       /**< it understands escape sequences */
	bool colour;        /**< it does, and NO_COLOR is not set (no-color.org) */
	bool utf8;          /**< the locale's character set */
	unsigned int width; /**< columns; 0: no terminal, nothing may be cut */
};

/** Looks at a stream and the environment. Sets the process's LC_CTYPE. */
struct cli_terminal cli_terminal_look(FILE *stream);

enum cli_style {
	CLI_PLAIN,
	CLI_BOLD,
	CLI_DIM,
	CLI_GOOD,
	CLI_NOTE,
	CLI_UNSURE,
	CLI_WARN,
	CLI_BAD,
};

/** The escape sequences around a text of that style; "" without colour. */
const char *cli_style_on(const struct cli_terminal *terminal, enum cli_style style);
const char *cli_style_off(const struct cli_terminal *terminal, enum cli_style style);

enum cli_style cli_verdict_style(enum p2p_verdict verdict);

#define CLI_WIDTH 100

/** The columns that lines are made to fit: the terminal's, but at most CLI_WIDTH. */
unsigned int cli_columns(const struct cli_terminal *terminal);

/** Prints `text` on stdout in lines of cli_columns(); the first starts with `head`, all are
 * indented. */
void cli_wrap(const struct cli_terminal *terminal, int indent, const char *head, const char *text);

#endif
