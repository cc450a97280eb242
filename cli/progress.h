/* SPDX-License-Identifier: MIT */
/*
 * How far a copy is: its rates, and one line that fits.
 */
#ifndef P2P_CLI_PROGRESS_H
#define P2P_CLI_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

#include <p2pmem/copy.h>

#define CLI_PROGRESS_SAMPLES 16

struct cli_progress {
	double started; /**< seconds, cli_now() */
	struct {
		double time;
		uint64_t done;
	} sample[CLI_PROGRESS_SAMPLES]; /**< a ring; the newest is at `newest` */
	unsigned int newest, count;
};

/** Seconds of a clock that only goes forward. */
double cli_now(void);

void cli_progress_start(struct cli_progress *progress, double time);

/** Notes how many bytes are through; to be called often. */
void cli_progress_note(struct cli_progress *progress, double time, uint64_t done);

/** Bytes in a second, lately: over some four seconds, so that flushes do not show as stops. */
double cli_progress_rate(const struct cli_progress *progress);

/** Bytes in a second, since the start. */
double cli_progress_average(const struct cli_progress *progress);

#define CLI_PROGRESS_LINE 256

/**
 * The line, of at most `columns` characters (0: all there is to say): what matters less is left
 * out first. Returns `line`.
 */
const char *cli_progress_line(const struct cli_progress *progress,
			      const struct p2p_copy_report *report, unsigned int columns,
			      char line[CLI_PROGRESS_LINE]);

#endif
