/* SPDX-License-Identifier: MIT */
/*
 * What standard output can show.
 */
#ifndef P2P_CLI_TERMINAL_H
#define P2P_CLI_TERMINAL_H

#include <stdbool.h>

struct cli_terminal {
	bool colour;        /**< a terminal, and NO_COLOR is not set */
	bool utf8;          /**< the locale's character set */
	unsigned int width; /**< columns; 0: no terminal, nothing may be cut */
};

/** Looks at standard output and the environment. Sets the process's LC_CTYPE. */
struct cli_terminal cli_terminal_look(void);

enum cli_style {
	CLI_PLAIN,
	CLI_BOLD,
	CLI_DIM,
	CLI_GOOD,
	CLI_WARN,
};

/** The escape sequences around a text of that style; "" without colour. */
const char *cli_style_on(const struct cli_terminal *terminal, enum cli_style style);
const char *cli_style_off(const struct cli_terminal *terminal, enum cli_style style);

#endif
