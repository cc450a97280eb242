/* SPDX-License-Identifier: MIT */
/*
 * Time, as a copy sees it: all of it goes through here.
 */
#ifndef P2P_LIB_COPY_CLOCK_H
#define P2P_LIB_COPY_CLOCK_H

#include <stdint.h>

/** CLOCK_MONOTONIC in nanoseconds. */
uint64_t p2p_now_ns(void);

/** Sleeps; a signal may cut it short. */
void p2p_pause_ns(uint64_t duration);

#endif
