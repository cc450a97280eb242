/* SPDX-License-Identifier: MIT */
/*
 * The parts of p2pmem watch: the command under watch, and what is printed.
 */
#ifndef P2P_CLI_WATCH_H
#define P2P_CLI_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <p2pmem/watch.h>

/** Whether what was asserted is so. */
enum cli_watch_verdict {
	CLI_WATCH_NOT_ASKED,
	CLI_WATCH_HELD,
	CLI_WATCH_FAILED,
	CLI_WATCH_UNKNOWN, /**< what was seen does not tell */
};

struct cli_watch_result {
	const struct p2p_watch_snapshot *snapshot;
	double seconds;     /**< since the watch began */
	double cpu_seconds; /**< of this process since then */
	bool ended;         /**< this is the summary */
	enum cli_watch_verdict verdict;
	char reason[P2P_ERROR_TEXT]; /**< of a verdict that is not HELD */
	int status;                  /**< to exit with; of the summary */
};

/** Prints it as a table with what belongs to it. `live`: in place of what stands there. */
int cli_watch_print(const struct cli_watch_result *result, bool live);

/** Prints it as one line of JSON. */
int cli_watch_print_json(const struct cli_watch_result *result);

/** A command that is started but held back until it is let go. */
struct cli_watch_child {
	pid_t pid; /**< 0: none */
	int go, failed;
};

/** Starts it, held back. Returns 0 or a negative errno. */
int cli_watch_child_start(struct cli_watch_child *child, char **argv);

/** Lets it go. Returns 0, or the negative errno with which it could not be executed. */
int cli_watch_child_go(struct cli_watch_child *child);

/** Gives up a command that was not let go. */
void cli_watch_child_drop(struct cli_watch_child *child);

/** A process that outlives this one, however that ends, and removes what it leaves. */
struct cli_watch_guard {
	pid_t pid;
	int held;
};

/** Returns 0 or a negative errno. */
int cli_watch_guard_start(struct cli_watch_guard *guard);
void cli_watch_guard_end(struct cli_watch_guard *guard);

#endif
