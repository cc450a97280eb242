/* SPDX-License-Identifier: MIT */
/*
 * Numbers as people read them.
 */
#ifndef P2P_CLI_HUMAN_H
#define P2P_CLI_HUMAN_H

#include <stdint.h>

#define CLI_NUMBER 32

/** "12.5 MB/s", decimal as drives are sold; returns `text`. */
const char *cli_rate(char text[CLI_NUMBER], uint64_t bytes, double seconds);

/** "1:02:03", "0:12" or "7.5 s"; returns `text`. */
const char *cli_duration(char text[CLI_NUMBER], double seconds);

#endif
