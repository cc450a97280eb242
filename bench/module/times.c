// SPDX-License-Identifier: GPL-2.0-only
/* The median of many rounds: an emulated machine stops now and then, which no mean survives. */
#include "bench.h"

#include <linux/math64.h>
#include <linux/printk.h>
#include <linux/sort.h>

static int compare(const void *a, const void *b)
{
	u64 left = *(const u64 *)a, right = *(const u64 *)b;

	return left < right ? -1 : left > right;
}

static u64 median(u64 *times)
{
	sort(times, BENCH_ROUNDS, sizeof(*times), compare, NULL);
	return times[BENCH_ROUNDS / 2];
}

void bench_report(const char *what, const char *rival, struct bench_times *times)
{
	u64 ours = median(times->ours), theirs = median(times->theirs);
	u64 ratio = div64_u64(100 * ours, theirs ?: 1);

	pr_info("p2pmem_bench: %s: %llu.%02llu x %s\n", what, div_u64(ratio, 100),
		ratio - 100 * div_u64(ratio, 100), rival);
}
