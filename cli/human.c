// SPDX-License-Identifier: MIT
/*
 * Numbers as people read them.
 */
#include <inttypes.h>
#include <stdio.h>

#include "human.h"

const char *cli_rate(char text[CLI_NUMBER], uint64_t bytes, double seconds)
{
	double rate = seconds > 0 ? (double)bytes / seconds / 1e6 : 0;

	if (rate >= 1000)
		snprintf(text, CLI_NUMBER, "%.2f GB/s", rate / 1000);
	else
		snprintf(text, CLI_NUMBER, "%.1f MB/s", rate);
	return text;
}

const char *cli_duration(char text[CLI_NUMBER], double seconds)
{
	uint64_t whole = seconds > 0 && seconds < 1e9 ? (uint64_t)(seconds + 0.5) : 0;

	if (seconds < 9.95)
		snprintf(text, CLI_NUMBER, "%.1f s", seconds > 0 ? seconds : 0);
	else if (whole >= 3600)
		snprintf(text, CLI_NUMBER, "%" PRIu64 ":%02u:%02u", whole / 3600,
			 (unsigned int)(whole / 60 % 60), (unsigned int)(whole % 60));
	else
		snprintf(text, CLI_NUMBER, "%u:%02u", (unsigned int)(whole / 60),
			 (unsigned int)(whole % 60));
	return text;
}
