// SPDX-License-Identifier: MIT
/*
 * Sentences on a terminal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "words.h"

void cli_wrap(int indent, const char *head, const char *text)
{
	int column = printf("%*s%s", indent - (int)strlen(head), "", head);

	while (*text) {
		int length = (int)strcspn(text, " ");

		if (column > indent && column + 1 + length > CLI_WIDTH)
			column = printf("\n%*s", indent, "") - 1;
		column += printf("%s%.*s", column > indent ? " " : "", length, text);
		text += length;
		text += strspn(text, " ");
	}
	printf("\n");
}

bool cli_colour(void)
{
	const char *no_colour = getenv("NO_COLOR");

	return (!no_colour || !*no_colour) && isatty(STDOUT_FILENO);
}

const char *cli_verdict_colour(enum p2p_verdict verdict)
{
	if (!cli_colour())
		return "";
	switch (verdict) {
	case P2P_VERDICT_DIRECT:
		return "\033[32m";
	case P2P_VERDICT_VIA_HOST:
		return "\033[36m";
	case P2P_VERDICT_UNREACHABLE:
		return "\033[31m";
	case P2P_VERDICT_UNKNOWN:
		break;
	}
	return "\033[33m";
}

const char *cli_plain(void)
{
	return cli_colour() ? "\033[0m" : "";
}
