// SPDX-License-Identifier: MIT
/*
 * Signals that end a command.
 */
#include <signal.h>
#include <stddef.h>

#include "signals.h"

void cli_catch_signal(int number, void (*handler)(int number), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags }, before;

	if (!sigaction(number, NULL, &before) && before.sa_handler != SIG_IGN)
		sigaction(number, &action, NULL);
}

void cli_catch_ends(void (*handler)(int number), int flags)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		cli_catch_signal(ends[i], handler, flags);
	signal(SIGPIPE, SIG_IGN);
}
