/* SPDX-License-Identifier: MIT */
/*
 * Signals that end a command in an orderly way.
 */
#ifndef P2P_CLI_SIGNALS_H
#define P2P_CLI_SIGNALS_H

#define CLI_SIGNAL_STATUS 128 /**< plus the signal's number: an exit status, as shells have it */

/** Catches a signal unless it was ignored from the start: that is what nohup is, and `&`. */
void cli_catch_signal(int number, void (*handler)(int number), int flags);

/** SIGINT, SIGTERM and SIGHUP, with these flags. What cannot be written is an error, no signal. */
void cli_catch_ends(void (*handler)(int number), int flags);

#endif
