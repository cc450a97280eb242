// SPDX-License-Identifier: MIT
/*
 * What a stream can show, and text made to fit it.
 */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal.h"

#define USUAL_WIDTH 80

struct cli_terminal cli_terminal_look(FILE *stream)
{
	const char *type = getenv("TERM"), *plain = getenv("NO_COLOR");
	struct cli_terminal terminal = { .width = 0 };
	struct winsize size;
	int fd = fileno(stream);

	setlocale(LC_CTYPE, "");
	terminal.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	if (!isatty(fd))
		return terminal;
	terminal.escapes = type && strcmp(type, "dumb") != 0;
	/* no-color.org: set and not empty. */
	terminal.colour = terminal.escapes && !(plain && *plain);
	terminal.width = USUAL_WIDTH;
	if (!ioctl(fd, TIOCGWINSZ, &size) && size.ws_col)
		terminal.width = size.ws_col;
	return terminal;
}

const char *cli_style_on(const struct cli_terminal *terminal, enum cli_style style)
{
	static const char *const codes[] = {
		[CLI_PLAIN] = "",        [CLI_BOLD] = "\033[1m",  [CLI_DIM] = "\033[2m",
		[CLI_GOOD] = "\033[32m", [CLI_NOTE] = "\033[36m", [CLI_UNSURE] = "\033[35m",
		[CLI_WARN] = "\033[33m", [CLI_BAD] = "\033[31m",
	};

	return terminal->colour ? codes[style] : "";
}

const char *cli_style_off(const struct cli_terminal *terminal, enum cli_style style)
{
	return terminal->colour && style != CLI_PLAIN ? "\033[0m" : "";
}

enum cli_style cli_verdict_style(enum p2p_verdict verdict)
{
	switch (verdict) {
	case P2P_VERDICT_DIRECT:
		return CLI_GOOD;
	case P2P_VERDICT_VIA_HOST:
		return CLI_NOTE;
	case P2P_VERDICT_UNREACHABLE:
		return CLI_BAD;
	case P2P_VERDICT_UNKNOWN:
		break;
	}
	return CLI_UNSURE;
}

unsigned int cli_columns(const struct cli_terminal *terminal)
{
	return terminal->width && terminal->width < CLI_WIDTH ? terminal->width : CLI_WIDTH;
}

void cli_wrap(const struct cli_terminal *terminal, int indent, const char *head, const char *text)
{
	int columns = (int)cli_columns(terminal);
	int column = printf("%*s%s", indent - (int)strlen(head), "", head);

	while (*text) {
		int length = (int)strcspn(text, " ");

		if (column > indent && column + 1 + length > columns)
			column = printf("\n%*s", indent, "") - 1;
		column += printf("%s%.*s", column > indent ? " " : "", length, text);
		text += length;
		text += strspn(text, " ");
	}
	printf("\n");
}
