// SPDX-License-Identifier: MIT
/*
 * Time, as a copy sees it.
 */
#include <time.h>

#include "clock.h"

#define NS_PER_SECOND UINT64_C(1000000000)

uint64_t p2p_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

void p2p_pause_ns(uint64_t duration)
{
	struct timespec pause = {
		.tv_sec = (time_t)(duration / NS_PER_SECOND),
		.tv_nsec = (long)(duration % NS_PER_SECOND),
	};

	nanosleep(&pause, NULL);
}
