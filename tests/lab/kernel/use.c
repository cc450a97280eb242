// SPDX-License-Identifier: MIT
/*
 * The word use: one process uses a memory in every way that the CPU can, until its device goes
 * away; then each way must have told it so, and none may hang.
 */
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define LENGTH   ((size_t)64 * 1024)
#define PATIENCE 1800 /* seconds: for hangs */

struct use {
	int memory;
	int buffer; /* the dma-buf of the allocation */
	uint64_t offset;
};

static sigjmp_buf told;

static void on_bus_error(int signal)
{
	(void)signal;
	siglongjmp(told, 1);
}

static void __attribute__((noreturn)) on_alarm(int signal)
{
	static const char text[] = "nobody told it\n";
	ssize_t ignored = write(1, text, sizeof(text) - 1);

	(void)signal;
	(void)ignored;
	_exit(STATUS_WRONG);
}

static int open_all(struct use *use, const char *name)
{
	struct p2pmem_alloc alloc = { .size = LENGTH };
	struct p2pmem_export export = { .flags = O_RDWR | O_CLOEXEC };

	use->memory = open_memory(name);
	if (use->memory < 0)
		return refused("open", 0);
	if (ioctl(use->memory, P2PMEM_ALLOC, &alloc) < 0)
		return refused("alloc", alloc.why);
	use->offset = alloc.offset;
	export.offset = alloc.offset;
	if (ioctl(use->memory, P2PMEM_EXPORT, &export) < 0)
		return refused("export", 0);
	use->buffer = export.fd;
	return 0;
}

static void touch_until_told(volatile unsigned char *bytes)
{
	if (sigsetjmp(told, 1) != 0)
		return;
	signal(SIGBUS, on_bus_error);
	for (;; usleep(1000)) /* an emulated CPU is one of few */
		for (size_t at = 0; at < LENGTH; at += 4096)
			bytes[at]++;
}

static bool expect_nodev(const char *what, long result)
{
	if (result < 0 && errno == ENODEV)
		return true;
	if (result < 0)
		refused(what, 0);
	else
		printf("%s: still works\n", what);
	return false;
}

static bool all_refused(const struct use *use)
{
	struct p2pmem_alloc alloc = { .size = LENGTH };
	struct p2pmem_export export = { .offset = use->offset, .flags = O_CLOEXEC };
	struct p2pmem_verdict verdict = { 0 };
	struct p2pmem_info info;
	char byte = 0;
	bool good;

	good = expect_nodev("alloc", ioctl(use->memory, P2PMEM_ALLOC, &alloc));
	good &= expect_nodev("export", ioctl(use->memory, P2PMEM_EXPORT, &export));
	good &= expect_nodev("verdict", ioctl(use->memory, P2PMEM_VERDICT, &verdict));
	good &= expect_nodev("info", ioctl(use->memory, P2PMEM_INFO, &info));
	good &= expect_nodev("pread", pread(use->memory, &byte, 1, (off_t)use->offset));
	good &= expect_nodev("pwrite", pwrite(use->memory, &byte, 1, (off_t)use->offset));
	return good;
}

int word_use(int argc, char **argv)
{
	struct use use = { .memory = -1, .buffer = -1 };
	void *bytes;
	int status = argc == 1 ? open_all(&use, argv[0]) : STATUS_USAGE;

	if (status)
		return status;
	bytes = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, use.memory,
		     (off_t)use.offset);
	if (bytes == MAP_FAILED)
		return refused("mmap", 0);
	signal(SIGALRM, on_alarm);
	alarm(PATIENCE);
	printf("ready\n");
	touch_until_told(bytes);
	if (!all_refused(&use))
		return STATUS_WRONG;
	printf("told\n");
	return 0;
}
