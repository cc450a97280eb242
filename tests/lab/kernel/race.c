// SPDX-License-Identifier: MIT
/*
 * The word race: threads of one open file, some of which allocate, and some of which free what the
 * others have just got, by the offset that it must have. What is read by the offset must be a
 * piece's.
 */
#include "words.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#define ALLOCATING 2
#define FREEING    2

struct race {
	int memory;
	time_t end;
	unsigned long allocated[ALLOCATING], wrong[ALLOCATING];
};

struct runner {
	struct race *race;
	unsigned int number;
};

/* The memory has room for one piece: another offset than 0 is something that was read elsewhere. */
static void *allocate(void *argument)
{
	const struct runner *runner = argument;
	struct race *race = runner->race;

	while (time(NULL) < race->end) {
		struct p2pmem_alloc alloc = { .size = 4096, .flags = P2PMEM_ALLOC_UNCACHED };

		if (ioctl(race->memory, P2PMEM_ALLOC, &alloc) < 0)
			continue;
		race->allocated[runner->number]++;
		race->wrong[runner->number] += alloc.offset != 0;
	}
	return NULL;
}

static void *release(void *argument)
{
	const struct race *race = ((struct runner *)argument)->race;

	while (time(NULL) < race->end) {
		struct p2pmem_free free = { .offset = 0 };

		ioctl(race->memory, P2PMEM_FREE, &free);
	}
	return NULL;
}

int word_race(int argc, char **argv)
{
	struct race race = { .memory = argc == 2 ? open_memory(argv[0]) : -1 };
	struct runner runners[ALLOCATING + FREEING];
	pthread_t threads[ALLOCATING + FREEING];
	unsigned long allocated = 0, wrong = 0;

	if (race.memory < 0)
		return refused("open", 0);
	race.end = time(NULL) + (time_t)number(argv[1]);
	for (unsigned int i = 0; i < ALLOCATING + FREEING; i++) {
		runners[i] = (struct runner){ &race, i };
		errno = pthread_create(&threads[i], NULL, i < ALLOCATING ? allocate : release,
				       &runners[i]);
		if (errno)
			return refused("thread", 0);
	}
	for (unsigned int i = 0; i < ALLOCATING + FREEING; i++)
		pthread_join(threads[i], NULL);
	for (unsigned int i = 0; i < ALLOCATING; i++) {
		allocated += race.allocated[i];
		wrong += race.wrong[i];
	}
	printf("%lu allocated, %lu at offsets that nobody has\n", allocated, wrong);
	return wrong || !allocated ? STATUS_WRONG : 0;
}
