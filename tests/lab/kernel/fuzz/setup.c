// SPDX-License-Identifier: MIT
/* How a fuzzer begins: signals, a process's table, arguments; and the report at its end. */
#include "fuzz.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

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
void fuzz_fill_table(struct fuzz_table *table)
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

void fuzz_start_worker(struct fuzz_worker *worker)
{
	this_worker = worker;
	worker->fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
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

struct fuzz_table *fuzz_begin(const char *program, int argc, char **argv)
{
	static struct fuzz_table table;

	if (argc != 5 || !read_arguments(&table, argv) || !strtoul(argv[2], NULL, 10)) {
		fprintf(stderr,
			"usage: %s SEED SECONDS FUNCTION BAR\n"
			"FUNCTION as in 0000:03:00.0; its BAR has at least 4 MiB\n",
			program);
		exit(64);
	}
	table.control = open("/dev/p2pmem", O_RDWR | O_CLOEXEC);
	if (table.control < 0) {
		perror("/dev/p2pmem");
		exit(EXIT_FAILURE);
	}
	table.shared = mmap(NULL, sizeof(*table.shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (table.shared == MAP_FAILED) {
		perror("mmap");
		exit(EXIT_FAILURE);
	}
	handle_signals();
	return &table;
}

int fuzz_finish(struct fuzz_table *table)
{
	fuzz_check_end(table->shared, table->control);
	report(table->shared);
	if (table->shared->failed)
		printf("FAILED: %s\n", table->shared->complaint);
	return table->shared->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
