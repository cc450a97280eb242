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
	bool colour;        /**< it is to be coloured: see cli_color_choose() */
	bool utf8;          /**< the locale's character set */
	unsigned int width; /**< columns; 0: nobody's, nothing may be cut */
};

/** --color: what every command understands. */
enum cli_color {
	CLI_COLOR_AUTO, /**< on a terminal that can, unless NO_COLOR is set (no-color.org) */
	CLI_COLOR_ALWAYS,
	CLI_COLOR_NEVER,
};

/** Chooses for all that cli_terminal_look() finds from here on. */
void cli_color_choose(enum cli_color color);

/**
 * Looks at a stream and the environment. Sets the process's LC_CTYPE. The width is the terminal's;
 * of what is not a terminal it is COLUMNS, where somebody exports that, as for ps and man.
 */
struct cli_terminal cli_terminal_look(FILE *stream);

/** Looks at the width again: a person may have changed it. */
void cli_terminal_measure(struct cli_terminal *terminal, FILE *stream);

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

/** The columns that sentences are made to fit: the terminal's, but at most CLI_WIDTH. */
unsigned int cli_columns(const struct cli_terminal *terminal);

/**
 * Prints `text` on stdout in lines of cli_columns(); the first starts with `head`, all are
 * indented. Newlines in the text stay, and a word that is longer than a line is broken. The one
 * way to print sentences: what is to be pasted is printed as it is, however long.
 */
void cli_wrap(const struct cli_terminal *terminal, int indent, const char *head, const char *text);

/** As cli_wrap(), with the head in a style. */
void cli_wrap_styled(const struct cli_terminal *terminal, int indent, const char *head,
		     enum cli_style style, const char *text);

/** As cli_wrap(), with the first line at the margin. */
void cli_hang(const struct cli_terminal *terminal, int indent, const char *text);

/** As cli_wrap() without a head, of what `format` makes. */
void cli_say(const struct cli_terminal *terminal, int indent, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Columns that a text takes on the screen: one for each character of UTF-8, none for a style. */
unsigned int cli_width(const char *text);

#endif
