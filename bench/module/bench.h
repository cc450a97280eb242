/* SPDX-License-Identifier: GPL-2.0-only */
/* What the measurements in the kernel share: rounds of two rivals, and the median of their ratios.
 */
#ifndef P2PMEM_BENCH_H
#define P2PMEM_BENCH_H

#include <linux/types.h>

#define BENCH_ROUNDS 101 /* odd: the median is one of them */

struct bench_times {
	u64 ours[BENCH_ROUNDS], theirs[BENCH_ROUNDS];
};

/* Says how many times as long as they we take; sorts both. */
void bench_report(const char *what, const char *rival, struct bench_times *times);

int bench_pool(unsigned int percent);
int bench_map(const char *function);

#endif
