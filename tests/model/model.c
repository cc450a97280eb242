// SPDX-License-Identifier: MIT
/*
 * A model checker for the copy engine: the engine itself (lib/copy/) between modelled disks and
 * providers, where what goes wrong, when, and in which order requests end follows from a seed.
 *
 *     copy-model [SCHEDULES [SEED [BROKEN]]]
 *
 * The first schedule that breaks a promise is printed; `copy-model 1 SEED` plays it again. After
 * BROKEN broken schedules, if that is given, it ends.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "world.h"

#define SCHEDULES 2000
#define PROMISES  32

static unsigned long succeeded, failed, refused, killed, through_peer, broken;

static char said[P2P_ERROR_TEXT]; /* by the copy */

static struct {
	const char *text;
	unsigned long broken;
} promise[PROMISES];

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
	snprintf(said, sizeof(said), "%s", rc ? error.text : "copied");
}

/* Whether it is the first time. */
static bool count_broken(const char *text)
{
	unsigned int i = 0;

	while (promise[i].text && promise[i].text != text)
		i++;
	promise[i].text = text;
	return !promise[i].broken++;
}

static void try_schedule(uint64_t seed)
{
	world_draw(seed);
	said[0] = '\0';
	if (!setjmp(world.end)) {
		copy();
	} else if (world.killed) {
		killed++;
		world_judge_killed();
	}
	if (!world.broken)
		return;
	broken++;
	if (!count_broken(world.broken))
		return;
	printf("broken: %s\n  the copy said: %s\n", world.broken, said);
	world_print();
}

int main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 0) : SCHEDULES;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	uint64_t most = argc > 3 ? strtoull(argv[3], NULL, 0) : UINT64_MAX;

	for (uint64_t i = 0; i < count && broken < most; i++)
		try_schedule(seed + i);
	printf("%lu succeeded (%lu through peer memory), %lu failed, %lu refused, %lu killed\n",
	       succeeded, through_peer, failed, refused, killed);
	for (unsigned int i = 0; promise[i].text; i++)
		printf("%6lu broken: %s\n", promise[i].broken, promise[i].text);
	return promise[0].text != NULL;
}
