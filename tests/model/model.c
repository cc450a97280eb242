// SPDX-License-Identifier: MIT
/*
 * A model checker for the copy engine: the engine itself (lib/copy/) between modelled disks and
 * lenders, where what goes wrong, when, and in which order requests end follows from a seed.
 *
 *     copy-model [SCHEDULES [SEED]]
 *
 * A failure prints the schedule; SEED and 1 schedule play it again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "world.h"

#define SCHEDULES 2000
#define FAILURES  5 /* told, then it ends */

static unsigned long succeeded, failed, refused, killed, through_peer;

static void copy(void)
{
	struct p2p_error error = { .code = 0 };
	struct p2p_copy_report report;
	int rc = p2p_copy_open(&world.options, &world.copy, &error);

	if (rc) {
		refused++;
		world_judge_refused(&error);
		return;
	}
	rc = p2p_copy_run(world.copy, &error);
	report = *p2p_copy_report(world.copy);
	p2p_copy_close(world.copy);
	world.copy = NULL;
	*(rc ? &failed : &succeeded) += 1;
	through_peer += !rc && report.peer_bytes;
	world_judge(rc, &report, &error);
	if (world.broken)
		printf("%s\n", rc ? error.text : "success");
}

/* False: a promise does not hold. */
static bool try_schedule(uint64_t seed)
{
	world_draw(seed);
	if (!setjmp(world.end)) {
		copy();
	} else if (world.killed) {
		killed++;
		world_judge_killed();
	}
	if (!world.broken)
		return true;
	printf("broken: %s\n", world.broken);
	world_print();
	return false;
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 0) : SCHEDULES;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	unsigned int failures = 0;

	for (uint64_t i = 0; i < count && failures < FAILURES; i++)
		failures += !try_schedule(seed + i);
	printf("%lu succeeded (%lu through peer memory), %lu failed, %lu refused, %lu killed\n",
	       succeeded, through_peer, failed, refused, killed);
	return failures > 0;
}
