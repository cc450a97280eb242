// SPDX-License-Identifier: MIT
/* After the storm: all memory is free again, and nobody is in the way of unpublishing it. */
#include "fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* -1: there is no such file. */
static long long read_number(unsigned int index, const char *name)
{
	char path[64];
	long long number = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/p2pmem/p2pmem%u/%s", index, name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%lli", &number) != 1)
		number = -1;
	fclose(file);
	return number;
}

/* What processes had is given back when they have gone, but not at that very moment. */
static bool becomes_free(unsigned int index)
{
	for (unsigned int tries = 0; tries < 100; tries++) {
		if (read_number(index, "available") == read_number(index, "size"))
			return true;
		usleep(100000);
	}
	return false;
}

static void check_memory(struct fuzz_shared *shared, int control, unsigned int index)
{
	struct p2pmem_unpublish unpublish = { .index = index };

	if (!becomes_free(index))
		fuzz_fail(shared, "p2pmem%u: %lld of %lld bytes free", index,
			  read_number(index, "available"), read_number(index, "size"));
	else if (ioctl(control, P2PMEM_UNPUBLISH, &unpublish) < 0)
		fuzz_fail(shared, "p2pmem%u: cannot be unpublished: %s, why %u", index,
			  strerror(errno), unpublish.why);
}

void fuzz_check_end(struct fuzz_shared *shared, int control)
{
	unsigned int found = 0;

	for (unsigned int index = 0; index < FUZZ_NODES_MAX; index++) {
		if (read_number(index, "size") < 0)
			continue;
		check_memory(shared, control, index);
		found++;
	}
	if (found == 0)
		fuzz_fail(shared, "there is no memory to look at");
}
