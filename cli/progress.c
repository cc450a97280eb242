// SPDX-License-Identifier: MIT
/*
 * How far a copy is: its rates, and one line that fits.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "format.h"
#include "progress.h"

#define SAMPLE_INTERVAL 0.25
#define PARTS           6
#define PART            64

double cli_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void cli_progress_start(struct cli_progress *progress, double time)
{
	*progress = (struct cli_progress){ .started = time, .count = 1 };
	progress->sample[0].time = time;
}

void cli_progress_note(struct cli_progress *progress, double time, uint64_t done)
{
	unsigned int before = (progress->newest + CLI_PROGRESS_SAMPLES - 1) % CLI_PROGRESS_SAMPLES;

	/* The newest sample moves on until it is far enough from the one before. */
	if (progress->count == 1 ||
	    progress->sample[progress->newest].time - progress->sample[before].time >=
		    SAMPLE_INTERVAL) {
		progress->newest = (progress->newest + 1) % CLI_PROGRESS_SAMPLES;
		if (progress->count < CLI_PROGRESS_SAMPLES)
			progress->count++;
	}
	progress->sample[progress->newest].time = time;
	progress->sample[progress->newest].done = done;
}

static double rate(uint64_t from, uint64_t to, double seconds)
{
	/* A stretch that goes again takes the count back. */
	return to > from && seconds > 0 ? (double)(to - from) / seconds : 0;
}

double cli_progress_rate(const struct cli_progress *progress)
{
	unsigned int newest = progress->newest;
	unsigned int oldest =
		(newest + CLI_PROGRESS_SAMPLES - (progress->count - 1)) % CLI_PROGRESS_SAMPLES;

	return rate(progress->sample[oldest].done, progress->sample[newest].done,
		    progress->sample[newest].time - progress->sample[oldest].time);
}

double cli_progress_average(const struct cli_progress *progress)
{
	return rate(0, progress->sample[progress->newest].done,
		    progress->sample[progress->newest].time - progress->started);
}

static void write_parts(const struct cli_progress *progress, const struct p2p_copy_report *report,
			char part[PARTS][PART])
{
	double percent =
		report->length ? 100.0 * (double)report->done / (double)report->length : 100;
	double average = cli_progress_average(progress);
	char a[CLI_NUMBER], b[CLI_NUMBER];

	snprintf(part[0], PART, "%3.0f %%", percent);
	snprintf(part[1], PART, "%s of %s", cli_size(a, report->done), cli_size(b, report->length));
	snprintf(part[2], PART, "%s", cli_rate(a, cli_progress_rate(progress)));
	snprintf(part[3], PART, "average %s", cli_rate(a, average));
	snprintf(part[4], PART, "%s left",
		 average > 0 ? cli_duration(a, (double)(report->length - report->done) / average)
			     : "?");
	snprintf(part[5], PART, "%s%s",
		 report->path == P2P_COPY_PATH_PEER   ? "peer memory of "
		 : report->path == P2P_COPY_PATH_HOST ? "host memory"
						      : "",
		 report->path == P2P_COPY_PATH_PEER && report->provider ? report->provider : "");
}

const char *cli_progress_line(const struct cli_progress *progress,
			      const struct p2p_copy_report *report, unsigned int columns,
			      char line[CLI_PROGRESS_LINE])
{
	static const unsigned int importance[PARTS] = { 0, 1, 2, 4, 3, 5 };
	char part[PARTS][PART];
	bool shown[PARTS] = { false };
	size_t room = columns ? columns : CLI_PROGRESS_LINE - 1, used = 0;

	write_parts(progress, report, part);
	for (unsigned int i = 0; i < PARTS; i++) {
		size_t length = strlen(part[importance[i]]) + (used ? 2 : 0);

		if (used + length > room)
			break;
		shown[importance[i]] = true;
		used += length;
	}
	line[0] = '\0';
	for (unsigned int i = 0; i < PARTS; i++)
		if (shown[i] && part[i][0])
			snprintf(line + strlen(line), CLI_PROGRESS_LINE - strlen(line), "%s%s",
				 line[0] ? "  " : "", part[i]);
	return line;
}
