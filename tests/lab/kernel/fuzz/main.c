// SPDX-License-Identifier: MIT
/*
 * fuzz-ioctl: processes that ask p2pmem.ko for everything and nothing, at the same time, while its
 * memory comes and goes; and one that does all right. Status 1: somebody got wrong bytes, something
 * was not given back, or a process hangs. What the kernel complains about is in its log.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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
#define PATIENT 600 /* seconds that a process may take to end: then it hangs */

enum {
	LISTS_USER = 0x07,
	LISTS_ROOT = 0x08,
	LISTS_DRIVER = 0x10,
};

static _Thread_local struct fuzz_worker *this_worker;

static void on_fault(int number)
{
	if (this_worker && this_worker->guarded) {
		this_worker->guarded = false;
		siglongjmp(this_worker->guard, 1);
	}
	signal(number, SIG_DFL);
	raise(number);
}

static void on_interrupt(int number)
{
	(void)number;
}

static void handle_signals(void)
{
	struct sigaction fault = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	struct sigaction interrupt = { .sa_handler = on_interrupt };

	sigaction(SIGBUS, &fault, NULL);
	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGUSR1, &interrupt, NULL);
}

static char *reserve(size_t size, int protection)
{
	char *at = mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED) {
		perror("fuzz-ioctl: mmap");
		exit(EXIT_FAILURE);
	}
	return at;
}

#define PAGE ((size_t)4096)

/* Each process has its own, from the same beginning. */
static void fill_table(struct fuzz_table *table)
{
	char *pages = reserve(3 * PAGE, PROT_READ | PROT_WRITE);

	table->nothing = pages + PAGE;
	table->read_only = pages + 2 * PAGE;
	mprotect(table->nothing, PAGE, PROT_NONE);
	mprotect(table->read_only, PAGE, PROT_READ);
	table->plain = reserve(FUZZ_ROOM, PROT_READ | PROT_WRITE);
	table->mappings = reserve(FUZZ_MAPPINGS * (size_t)FUZZ_ROOM, PROT_NONE);
	for (unsigned int i = 0; i < FUZZ_MEMORIES; i++)
		table->memories[i] = -1;
	for (unsigned int i = 0; i < FUZZ_BUFFERS; i++)
		table->buffers[i] = -1;
	for (unsigned int i = 0; i < FUZZ_PIECES; i++)
		table->pieces[i].memory = -1;
	table->control = open("/dev/p2pmem", O_RDWR | O_CLOEXEC);
	table->engine = open("/dev/p2pmem_edu0", O_RDWR | O_CLOEXEC);
}

static void start_worker(struct fuzz_worker *worker)
{
	this_worker = worker;
	worker->fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
}

static void *user(void *context)
{
	start_worker(context);
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

	fill_table(table);
	if (role < USERS) {
		play_user(table, seed);
		return;
	}
	worker.table = table;
	worker.stop = role < HONEST ? &table->shared->calm : &table->shared->stop;
	worker.chance.state = seed;
	start_worker(&worker);
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

static void show_stack(pid_t process)
{
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stack", (int)process);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		fputs(line, stdout);
	if (file)
		fclose(file);
}

static void end(struct fuzz_table *table, unsigned int role, pid_t process)
{
	for (unsigned int tries = 0; tries < 2 * PATIENT * 10; tries++) {
		/* 0: it still runs; -1: it was seen to its end before. */
		if (waitpid(process, NULL, WNOHANG) != 0)
			return;
		if (tries == PATIENT * 10)
			kill(process, SIGKILL);
		usleep(100000);
	}
	show_stack(process);
	fuzz_fail(table->shared, "process %u hangs", role);
}

static void report(const struct fuzz_shared *shared)
{
	unsigned int number = 0;

	for (unsigned int i = 0; i < FUZZ_LISTS; i++) {
		for (const struct fuzz_action *action = fuzz_lists[i]; action->name; action++) {
			printf("%-20s %9lu tried %9lu done\n", action->name, shared->tried[number],
			       shared->done[number]);
			number++;
		}
	}
}

static uint64_t size_of_bar(const char *name, uint32_t bar)
{
	unsigned long long first = 0, last = 0;
	char path[96], line[96];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource", name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	for (uint32_t i = 0; i <= bar; i++) {
		if (!fgets(line, sizeof(line), file) ||
		    sscanf(line, "%llx %llx", &first, &last) != 2)
			last = first = 0;
	}
	fclose(file);
	return last > first ? last - first + 1 : 0;
}

static bool read_arguments(struct fuzz_table *table, char **argv)
{
	unsigned int domain, bus, device, function;

	if (sscanf(argv[3], "%x:%x:%x.%x", &domain, &bus, &device, &function) != 4)
		return false;
	table->function = (struct p2pmem_function){ .domain = domain,
						    .bus = (uint8_t)bus,
						    .devfn = (uint8_t)(device << 3 | function) };
	table->name = argv[3];
	table->bar = (uint32_t)strtoul(argv[4], NULL, 10);
	table->bar_size = size_of_bar(table->name, table->bar);
	return table->bar_size >= 4 << 20;
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
	end(table, ROOT, processes[ROOT]);
	end(table, DRIVER, processes[DRIVER]);
	fuzz_settle(worker);
	disturb_until(table, &worker->chance, processes, start_time + seconds);
	table->shared->stop = true;
	for (unsigned int role = 0; role < ROLES; role++)
		end(table, role, processes[role]);
}

int main(int argc, char **argv)
{
	static struct fuzz_table table;
	struct fuzz_worker worker = { .table = &table, .fail_nth = -1 };

	if (argc != 5 || !read_arguments(&table, argv) || !strtoul(argv[2], NULL, 10)) {
		fprintf(stderr, "usage: fuzz-ioctl SEED SECONDS FUNCTION BAR\n"
				"FUNCTION as in 0000:03:00.0; its BAR has at least 4 MiB\n");
		return 64;
	}
	table.control = open("/dev/p2pmem", O_RDWR | O_CLOEXEC);
	if (table.control < 0) {
		perror("fuzz-ioctl: /dev/p2pmem");
		return EXIT_FAILURE;
	}
	table.shared = mmap(NULL, sizeof(*table.shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (table.shared == MAP_FAILED) {
		perror("fuzz-ioctl: mmap");
		return EXIT_FAILURE;
	}
	worker.chance.state = strtoull(argv[1], NULL, 0);
	handle_signals();
	run(&worker, (time_t)strtoul(argv[2], NULL, 10));
	fuzz_check_end(table.shared, table.control);
	report(table.shared);
	if (table.shared->failed)
		printf("FAILED: %s\n", table.shared->complaint);
	return table.shared->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
