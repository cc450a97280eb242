// SPDX-License-Identifier: MIT
/*
 * Numbers of bytes and times as people read them.
 */
#include <inttypes.h>
#include <stdio.h>

#include "human.h"

/* Three digits and a unit, at least kB where `small` is NULL. */
static const char *decimal(char text[CLI_NUMBER], double value, const char *small,
			   const char *suffix)
{
	static const char units[] = "kMGTPE";
	int unit = 0;

	if (small && value < 1000) {
		snprintf(text, CLI_NUMBER, "%.0f %s", value, small);
		return text;
	}
	value /= 1000;
	while (value >= 999.95 && unit < 5) {
		value /= 1000;
		unit++;
	}
	snprintf(text, CLI_NUMBER, "%.1f %cB%s", value, units[unit], suffix);
	return text;
}

const char *cli_size(char text[CLI_NUMBER], uint64_t bytes)
{
	return decimal(text, (double)bytes, bytes == 1 ? "byte" : "bytes", "");
}

const char *cli_rate(char text[CLI_NUMBER], double bytes_per_second)
{
	return decimal(text, bytes_per_second > 0 ? bytes_per_second : 0, NULL, "/s");
}

const char *cli_duration(char text[CLI_NUMBER], double seconds)
{
	uint64_t whole = seconds > 0 && seconds < 1e9 ? (uint64_t)(seconds + 0.5) : 0;

	if (seconds < 59.95)
		snprintf(text, CLI_NUMBER, "%.1f s", seconds > 0 ? seconds : 0);
	else if (whole < 3600)
		snprintf(text, CLI_NUMBER, "%u:%02u min", (unsigned int)(whole / 60),
			 (unsigned int)(whole % 60));
	else
		snprintf(text, CLI_NUMBER, "%" PRIu64 ":%02u:%02u h", whole / 3600,
			 (unsigned int)(whole / 60 % 60), (unsigned int)(whole % 60));
	return text;
}
