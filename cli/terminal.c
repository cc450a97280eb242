// SPDX-License-Identifier: MIT
/*
 * What standard output can show.
 */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal.h"

#define USUAL_WIDTH 80

struct cli_terminal cli_terminal_look(void)
{
	const char *type = getenv("TERM"), *plain = getenv("NO_COLOR");
	struct cli_terminal terminal = { .width = 0 };
	struct winsize size;

	setlocale(LC_CTYPE, "");
	terminal.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	if (!isatty(STDOUT_FILENO))
		return terminal;
	/* no-color.org: set and not empty. */
	terminal.colour = !(plain && *plain) && type && strcmp(type, "dumb") != 0;
	terminal.width = USUAL_WIDTH;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		terminal.width = size.ws_col;
	return terminal;
}

const char *cli_style_on(const struct cli_terminal *terminal, enum cli_style style)
{
	static const char *const codes[] = {
		[CLI_PLAIN] = "",        [CLI_BOLD] = "\033[1m",  [CLI_DIM] = "\033[2m",
		[CLI_GOOD] = "\033[32m", [CLI_WARN] = "\033[33m",
	};

	return terminal->colour ? codes[style] : "";
}

const char *cli_style_off(const struct cli_terminal *terminal, enum cli_style style)
{
	return terminal->colour && style != CLI_PLAIN ? "\033[0m" : "";
}
