// SPDX-License-Identifier: MIT
/*
 * fuzz-race: threads of several processes that all have one open file, of a memory so small that
 * they meet; while others publish, unpublish, unbind, reset and unplug. What comes of it the kernel
 * says in its log, best one that is built to look. Status 1: something was not given back, a
 * process hangs.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES 2
#define THREADS   3
#define ROUND     2 /* seconds, at most, that one file is used */
#define SIZE      16384

enum {
	LISTS_RACE = 0x24, /* buffers, and what is raced for */
	LISTS_ROOT = 0x18,
};

static void *racer(void *context)
{
	fuzz_start_worker(context);
	fuzz_work(context, LISTS_RACE);
	return NULL;
}

static void race(struct fuzz_table *table, uint64_t seed)
{
	static struct fuzz_worker workers[THREADS];
	pthread_t threads[THREADS];
	int one = table->one;

	fuzz_fill_table(table);
	table->one = one;
	for (unsigned int i = 0; i < THREADS; i++) {
		workers[i] = (struct fuzz_worker){ .table = table,
						   .stop = &table->shared->calm,
						   .chance = { seed + i } };
		if (pthread_create(&threads[i], NULL, racer, &workers[i]) != 0)
			abort();
	}
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void disturb(struct fuzz_table *table, uint64_t seed)
{
	static struct fuzz_worker worker;

	fuzz_fill_table(table);
	worker = (struct fuzz_worker){ .table = table,
				       .stop = &table->shared->stop,
				       .chance = { seed } };
	fuzz_start_worker(&worker);
	fuzz_work(&worker, LISTS_ROOT);
}

static pid_t start(struct fuzz_table *table, void (*play)(struct fuzz_table *, uint64_t),
		   uint64_t seed)
{
	pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		play(table, seed);
		_exit(0);
	}
	if (child < 0)
		fuzz_fail(table->shared, "fork: %s", strerror(errno));
	return child;
}

/* Whoever else publishes may be in the way, and take it away at once. */
static int open_one(const struct fuzz_table *table)
{
	struct p2pmem_publish publish = { .function = table->function,
					  .bar = table->bar,
					  .size = SIZE };
	char path[32];

	if (ioctl(table->control, P2PMEM_PUBLISH, &publish) < 0)
		return -1;
	table->shared->indexes[0] = publish.index;
	snprintf(path, sizeof(path), "/dev/p2pmem%u", publish.index);
	return open(path, O_RDWR | O_CLOEXEC);
}

static bool is_gone(int memory)
{
	struct p2pmem_info info;

	return ioctl(memory, P2PMEM_INFO, &info) < 0;
}

/* False: there was nothing to race for. */
static bool race_once(struct fuzz_table *table, struct chance *chance)
{
	time_t until = time(NULL) + ROUND;
	pid_t processes[PROCESSES];

	table->one = open_one(table);
	if (table->one < 0) {
		usleep(10000);
		return false;
	}
	table->shared->calm = false;
	for (unsigned int i = 0; i < PROCESSES; i++)
		processes[i] = start(table, race, chance_bits(chance));
	while (time(NULL) < until && !is_gone(table->one) && !table->shared->failed)
		usleep(10000);
	/* Some who have it find out only when they use it. */
	usleep(100000);
	table->shared->calm = true;
	for (unsigned int i = 0; i < PROCESSES; i++)
		fuzz_end(table, i, processes[i]);
	close(table->one);
	table->one = -1;
	return true;
}

int main(int argc, char **argv)
{
	struct fuzz_worker worker = { .table = fuzz_begin("fuzz-race", argc, argv),
				      .fail_nth = -1 };
	struct fuzz_table *table = worker.table;
	time_t until = time(NULL) + (time_t)strtoul(argv[2], NULL, 10);
	unsigned long rounds = 0;
	pid_t root;

	worker.chance.state = strtoull(argv[1], NULL, 0);
	root = start(table, disturb, chance_bits(&worker.chance));
	while (time(NULL) < until && !table->shared->failed)
		rounds += race_once(table, &worker.chance);
	table->shared->stop = true;
	fuzz_end(table, PROCESSES, root);
	printf("%lu rounds\n", rounds);
	fuzz_settle(&worker);
	return fuzz_finish(table);
}
