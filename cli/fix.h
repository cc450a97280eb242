/* SPDX-License-Identifier: MIT */
/*
 * Next steps in the command's own words. The library says what would help; which command and which
 * option that is, it leaves to its caller.
 */
#ifndef P2P_CLI_FIX_H
#define P2P_CLI_FIX_H

#include <p2pmem/step.h>

#define CLI_STEP 128

/** "p2pmem publish 0000:04:00.0 --bar 2"; "" for P2P_STEP_NONE. Returns `text`. */
const char *cli_step(char text[CLI_STEP], const struct p2p_fabric *fabric,
		     const struct p2p_step *step);

/**
 * What to do, a line each, with its step: "prove with data: p2pmem prove …". Returns a
 * string for free(); NULL: there is nothing to do (`count` is 0), or no memory.
 */
char *cli_advice(const struct p2p_fabric *fabric, const struct p2p_advice *advice, uint32_t count);

#define CLI_FIX 512

/**
 * What to do about something, as a sentence: the step, and the library's advice (or NULL) that goes
 * on after it. Returns `text`, or NULL: there is neither.
 */
const char *cli_fix(char text[CLI_FIX], const struct p2p_fabric *fabric,
		    const struct p2p_step *step, const char *advice);

/** What a step adds to sentences that say what to do: " p2pmem matrix shows …", or "". */
const char *cli_step_sentence(enum p2p_step_code code);

/** The line for a shell that takes a step, or NULL: it takes more than that. */
const char *cli_step_paste(enum p2p_step_code code);

#endif
