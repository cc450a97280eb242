// SPDX-License-Identifier: MIT
/*
 * fuzz-ioctl: processes that ask p2pmem.ko for everything and nothing, at the same time, while its
 * memory comes and goes; and one that does all right. Status 1: somebody got wrong bytes, something
 * was not given back, or a process hangs. What the kernel complains about is in its log.
 */
#include "fuzz.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define USERS   2 /* processes, the first ones, that are killed at any time */
#define ROOT    USERS
#define DRIVER  (USERS + 1)
#define HONEST  (USERS + 2)
#define ROLES   (USERS + 3)
#define THREADS 2

enum {
	LISTS_USER = 0x07,
	LISTS_ROOT = 0x08,
	LISTS_DRIVER = 0x10,
};

static void *user(void *context)
{
	fuzz_start_worker(context);
	fuzz_work(context, LISTS_USER);
	return NULL;
}

static void play_user(struct fuzz_table *table, uint64_t seed)
{
	static struct fuzz_worker workers[THREADS];
	pthread_t threads[THREADS];

	for (unsigned int i = 0; i < THREADS; i++) {
		workers[i] = (struct fuzz_worker){ .table = table,
						   .stop = &table->shared->stop,
						   .chance = { seed + i } };
		if (pthread_create(&threads[i], NULL, user, &workers[i]) != 0)
			abort();
	}
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void play(struct fuzz_table *table, unsigned int role, uint64_t seed)
{
	static struct fuzz_worker worker;

	fuzz_fill_table(table);
	if (role < USERS) {
		play_user(table, seed);
		return;
	}
	worker.table = table;
	worker.stop = role < HONEST ? &table->shared->calm : &table->shared->stop;
	worker.chance.state = seed;
	fuzz_start_worker(&worker);
	if (role == ROOT) {
		fuzz_work(&worker, LISTS_ROOT);
	} else if (role == DRIVER) {
		fuzz_work(&worker, LISTS_DRIVER);
	} else {
		worker.fail_nth = -1;
		fuzz_honest(&worker);
	}
}

static pid_t start(struct fuzz_table *table, unsigned int role, uint64_t seed)
{
	pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		play(table, role, seed);
		_exit(0);
	}
	if (child < 0)
		fuzz_fail(table->shared, "fork: %s", strerror(errno));
	return child;
}

/* A process that ended by itself before the end: a signal that nothing here asked for. */
static void look_after(struct fuzz_table *table, const pid_t *processes, unsigned int role)
{
	int status;

	if (waitpid(processes[role], &status, WNOHANG) == processes[role] && !table->shared->stop)
		fuzz_fail(table->shared, "process %u ended by itself, status %#x", role,
			  (unsigned int)status);
}

static void disturb(struct fuzz_table *table, struct chance *chance, pid_t *processes)
{
	unsigned int role = (unsigned int)chance_below(chance, USERS);

	usleep(100000);
	if (!chance_one_in(chance, 40)) {
		kill(processes[role], SIGUSR1);
	} else {
		kill(processes[role], SIGKILL);
		waitpid(processes[role], NULL, 0);
		processes[role] = start(table, role, chance_bits(chance));
	}
	for (role = 0; role < ROLES; role++)
		look_after(table, processes, role);
}

static void disturb_until(struct fuzz_table *table, struct chance *chance, pid_t *processes,
			  time_t until)
{
	while (time(NULL) < until && !table->shared->stop)
		disturb(table, chance, processes);
}

/* A storm in which memory comes and goes, then for a quarter of the time calm, in which it stays.
 */
static void run(struct fuzz_worker *worker, time_t seconds)
{
	struct fuzz_table *table = worker->table;
	time_t start_time = time(NULL);
	pid_t processes[ROLES];

	for (unsigned int role = 0; role < ROLES; role++)
		processes[role] = start(table, role, chance_bits(&worker->chance));
	disturb_until(table, &worker->chance, processes, start_time + seconds - seconds / 4);
	table->shared->calm = true;
	fuzz_end(table, ROOT, processes[ROOT]);
	fuzz_end(table, DRIVER, processes[DRIVER]);
	fuzz_settle(worker);
	disturb_until(table, &worker->chance, processes, start_time + seconds);
	table->shared->stop = true;
	for (unsigned int role = 0; role < ROLES; role++)
		fuzz_end(table, role, processes[role]);
}

int main(int argc, char **argv)
{
	struct fuzz_worker worker = { .table = fuzz_begin("fuzz-ioctl", argc, argv),
				      .fail_nth = -1 };

	worker.chance.state = strtoull(argv[1], NULL, 0);
	run(&worker, (time_t)strtoul(argv[2], NULL, 10));
	return fuzz_finish(worker.table);
}
