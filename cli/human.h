/* SPDX-License-Identifier: MIT */
/*
 * Numbers of bytes and times as people read them: decimal, as drives and links are sold.
 */
#ifndef P2P_CLI_HUMAN_H
#define P2P_CLI_HUMAN_H

#include <stdint.h>

#define CLI_NUMBER 32

/** "268.4 MB"; returns `text`. */
const char *cli_size(char text[CLI_NUMBER], uint64_t bytes);

/** "39.6 MB/s"; returns `text`. */
const char *cli_rate(char text[CLI_NUMBER], double bytes_per_second);

/** "7.5 s", "1:02 min" or "1:02:03 h"; returns `text`. */
const char *cli_duration(char text[CLI_NUMBER], double seconds);

#endif
