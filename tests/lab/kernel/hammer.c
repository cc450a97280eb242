// SPDX-License-Identifier: MIT
/*
 * The word hammer: processes that allocate, map, export and free at random. No two may ever have
 * the same memory, none may see another's bytes, and all of it must be back at the end.
 */
#include "words.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PIECES    16
#define PIECE_MAX ((size_t)1 << 20)
#define PAGE      4096
#define STEPS     500 /* of one open file */

struct piece {
	uint64_t offset;
	size_t length;
	uint64_t *words; /* NULL: none allocated */
	int buffer;      /* -1: not exported */
	uint64_t tag;
};

struct worker {
	int memory;
	unsigned int random;
	uint64_t tag;
	unsigned long long done, full;
	struct piece pieces[PIECES];
};

/* The first and the last word of each page: enough to meet any overlap, and cheap. */
static bool each_mark(const struct piece *piece, uint64_t value, bool write)
{
	size_t words = PAGE / sizeof(uint64_t);

	for (size_t at = 0; at < piece->length / sizeof(uint64_t); at += words) {
		if (write)
			piece->words[at] = piece->words[at + words - 1] = value;
		else if (piece->words[at] != value || piece->words[at + words - 1] != value)
			return false;
	}
	return true;
}

static int take(struct worker *worker, struct piece *piece)
{
	struct p2pmem_alloc alloc = { 0 };
	struct p2pmem_export export = { .flags = O_RDWR | O_CLOEXEC };
	void *words;

	piece->length = ((size_t)rand_r(&worker->random) % PIECE_MAX / PAGE + 1) * PAGE;
	if (rand_r(&worker->random) % 2)
		piece->length = PAGE;
	alloc.size = piece->length;
	if (ioctl(worker->memory, P2PMEM_ALLOC, &alloc) < 0) {
		if (alloc.why != P2PMEM_WHY_FULL && alloc.why != P2PMEM_WHY_LIMIT)
			return refused("alloc", alloc.why);
		worker->full++;
		return 0;
	}
	piece->offset = alloc.offset;
	words = mmap(NULL, piece->length, PROT_READ | PROT_WRITE, MAP_SHARED, worker->memory,
		     (off_t)piece->offset);
	if (words == MAP_FAILED)
		return refused("mmap", 0);
	piece->words = words;
	if (!each_mark(piece, 0, false)) {
		printf("somebody else's bytes\n");
		return STATUS_WRONG;
	}
	piece->tag = ++worker->tag;
	each_mark(piece, piece->tag, true);
	export.offset = piece->offset;
	piece->buffer = -1;
	if (rand_r(&worker->random) % 4 == 0) {
		if (ioctl(worker->memory, P2PMEM_EXPORT, &export) < 0)
			return refused("export", 0);
		piece->buffer = export.fd;
	}
	return 0;
}

/* In any order: the last of the allocation, its mapping and its dma-buf gives the memory back. */
static int leave(struct worker *worker, struct piece *piece)
{
	struct p2pmem_free free = { .offset = piece->offset };
	bool early = rand_r(&worker->random) % 2;

	if (!each_mark(piece, piece->tag, false)) {
		printf("somebody else wrote here\n");
		return STATUS_WRONG;
	}
	if (early && ioctl(worker->memory, P2PMEM_FREE, &free) < 0)
		return refused("free", 0);
	if (!each_mark(piece, piece->tag, false)) {
		printf("freed below a mapping\n");
		return STATUS_WRONG;
	}
	if (piece->buffer >= 0)
		close(piece->buffer);
	munmap(piece->words, piece->length);
	piece->words = NULL;
	if (!early && ioctl(worker->memory, P2PMEM_FREE, &free) < 0)
		return refused("free", 0);
	return 0;
}

/* As a process that ends: nothing is freed, it is only closed and unmapped. */
static void abandon(struct worker *worker)
{
	for (size_t i = 0; i < PIECES; i++) {
		struct piece *piece = &worker->pieces[i];

		if (!piece->words)
			continue;
		if (piece->buffer >= 0)
			close(piece->buffer);
		munmap(piece->words, piece->length);
		piece->words = NULL;
	}
	close(worker->memory);
}

static int live(struct worker *worker, const char *name, time_t end)
{
	int status = 0;

	worker->memory = open_memory(name);
	if (worker->memory < 0)
		return refused("open", 0);
	for (int i = 0; i < STEPS && status == 0 && time(NULL) < end; i++) {
		struct piece *piece =
			&worker->pieces[(unsigned int)rand_r(&worker->random) % PIECES];

		status = piece->words ? leave(worker, piece) : take(worker, piece);
		worker->done++;
	}
	abandon(worker);
	return status;
}

static int work(const char *name, unsigned int seed, time_t end)
{
	struct worker worker = { .random = seed, .tag = (uint64_t)seed << 32 };
	int status = 0;

	while (status == 0 && time(NULL) < end)
		status = live(&worker, name, end);
	printf("%llu steps, %llu times full\n", worker.done, worker.full);
	return status;
}

static int work_all(const char *name, unsigned int processes, unsigned int seconds)
{
	time_t end = time(NULL) + seconds;
	int status = 0;

	for (unsigned int i = 1; i <= processes; i++) {
		pid_t child = fork();

		if (child < 0)
			return refused("fork", 0);
		if (child == 0)
			exit(work(name, i, end));
	}
	for (unsigned int i = 0; i < processes; i++) {
		int ended;

		if (wait(&ended) < 0 || !WIFEXITED(ended) || WEXITSTATUS(ended) != 0)
			status = STATUS_WRONG;
	}
	return status;
}

static uint64_t available(int memory)
{
	struct p2pmem_info info = { 0 };

	return ioctl(memory, P2PMEM_INFO, &info) == 0 ? info.available : 0;
}

int word_hammer(int argc, char **argv)
{
	int memory = argc == 3 ? open_memory(argv[0]) : -1;
	uint64_t before;
	int status;

	if (memory < 0)
		return refused("open", 0);
	before = available(memory);
	status = work_all(argv[0], (unsigned int)number(argv[1]), (unsigned int)number(argv[2]));
	/* The kernel may close a process's last files a while after its end; ten minutes: never. */
	for (int i = 0; i < 6000 && available(memory) != before; i++)
		usleep(100000);
	if (available(memory) != before) {
		printf("lost: %llu bytes\n", (unsigned long long)(before - available(memory)));
		return STATUS_WRONG;
	}
	return status;
}
