// SPDX-License-Identifier: MIT
/* Chooses what to try next, and how to spoil it. */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void fuzz_fail(struct fuzz_shared *shared, const char *format, ...)
{
	va_list arguments;

	if (atomic_exchange(&shared->failed, true))
		return;
	va_start(arguments, format);
	vsnprintf(shared->complaint, sizeof(shared->complaint), format, arguments);
	va_end(arguments);
	shared->calm = true;
	shared->stop = true;
}

int fuzz_result(struct fuzz_worker *worker, const char *what, long result)
{
	if (result >= 0)
		return 0;
	if (errno > FUZZ_ERRNO_MAX)
		fuzz_fail(worker->table->shared, "%s: errno %d is not for user space", what, errno);
	return -errno;
}

unsigned int fuzz_index(struct fuzz_worker *worker)
{
	return worker->table->shared->indexes[chance_below(&worker->chance, FUZZ_MEMORIES)];
}

int fuzz_memory(struct fuzz_worker *worker)
{
	struct fuzz_table *table = worker->table;

	if (chance_one_in(&worker->chance, 32))
		return chance_one_in(&worker->chance, 2) ? table->control : table->buffers[0];
	for (unsigned int tries = 0; tries < FUZZ_MEMORIES; tries++) {
		int fd = table->memories[chance_below(&worker->chance, FUZZ_MEMORIES)];

		if (fd >= 0)
			return fd;
	}
	return -1;
}

struct fuzz_piece *fuzz_piece(struct fuzz_worker *worker)
{
	struct fuzz_piece *piece = NULL;

	for (unsigned int tries = 0; tries < FUZZ_PIECES; tries++) {
		piece = &worker->table->pieces[chance_below(&worker->chance, FUZZ_PIECES)];
		if (piece->memory >= 0)
			break;
	}
	return piece;
}

int fuzz_piece_used(struct fuzz_worker *worker, struct fuzz_piece *piece, int error)
{
	bool dead = error == -ENODEV || error == -EBADF || error == -ENXIO || error == -ENOENT;

	if (dead && !chance_one_in(&worker->chance, 8))
		atomic_store(&piece->memory, -1);
	return error;
}

char *fuzz_mapping(struct fuzz_worker *worker)
{
	return worker->table->mappings + chance_below(&worker->chance, FUZZ_MAPPINGS) * FUZZ_ROOM;
}

void *fuzz_data(struct fuzz_worker *worker)
{
	bool plain = chance_one_in(&worker->chance, 2);

	return fuzz_pointer(worker, plain ? worker->table->plain : fuzz_mapping(worker));
}

void *fuzz_pointer(struct fuzz_worker *worker, void *right)
{
	struct chance *chance = &worker->chance;

	switch (chance_below(chance, 32)) {
	case 0:
		return worker->table->nothing;
	case 1: /* begins in memory, ends in none */
		return worker->table->nothing - chance_below(chance, 64);
	case 2:
		return worker->table->read_only;
	case 3:
		return fuzz_mapping(worker);
	case 4:
		return NULL;
	case 5:
		return (void *)(uintptr_t)(UINT64_C(0xffffffff) << 32 | chance_bits(chance));
	default:
		return right;
	}
}

int fuzz_touch(struct fuzz_worker *worker, char *at, size_t length, bool write)
{
	static char sink[65536];

	if (sigsetjmp(worker->guard, 1) != 0)
		return -EFAULT;
	worker->guarded = true;
	if (write)
		memset(at, (int)length, length);
	else
		memcpy(sink, at, length);
	worker->guarded = false;
	return 0;
}

int fuzz_write_file(struct fuzz_worker *worker, const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t written;

	if (fd < 0)
		return fuzz_result(worker, path, fd);
	written = write(fd, text, strlen(text));
	if (written < 0)
		written = fuzz_result(worker, path, -1);
	close(fd);
	return written < 0 ? (int)written : 0;
}

/* The n-th allocation from here on fails (Documentation/fault-injection); 0: none does. */
static void fail_allocation(struct fuzz_worker *worker, uint64_t n)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%llu", (unsigned long long)n);

	if (worker->fail_nth >= 0 && pwrite(worker->fail_nth, text, (size_t)length, 0) < 0)
		worker->fail_nth = -1;
}

static void run(struct fuzz_worker *worker, const struct fuzz_action *action, size_t number)
{
	struct fuzz_shared *shared = worker->table->shared;
	bool failing = worker->fail_nth >= 0 && chance_one_in(&worker->chance, 8);
	int status;

	shared->tried[number]++;
	if (failing)
		fail_allocation(worker, chance_below(&worker->chance, 20) + 1);
	status = action->run(worker);
	if (failing)
		fail_allocation(worker, 0);
	if (status >= 0)
		shared->done[number]++;
}

const struct fuzz_action *const fuzz_lists[FUZZ_LISTS] = {
	fuzz_node_actions,    fuzz_map_actions,    fuzz_buffer_actions,
	fuzz_publish_actions, fuzz_driver_actions, fuzz_race_actions,
};

void fuzz_work(struct fuzz_worker *worker, unsigned int lists)
{
	const struct fuzz_action *all[FUZZ_ACTIONS];
	unsigned int weights[FUZZ_ACTIONS], sum = 0, count = 0;

	for (unsigned int i = 0; i < FUZZ_LISTS; i++) {
		for (const struct fuzz_action *action = fuzz_lists[i]; action->name; action++) {
			weights[count] = lists & 1u << i ? action->weight : 0;
			sum += weights[count];
			all[count++] = action;
		}
	}
	while (!*worker->stop) {
		uint64_t left = chance_below(&worker->chance, sum);
		size_t number = 0;

		while (left >= weights[number])
			left -= weights[number++];
		run(worker, all[number], number);
	}
}
