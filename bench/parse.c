// SPDX-License-Identifier: MIT
/*
 * How long a machine takes to read: the best of many rounds, in milliseconds, from the file's
 * first byte to the finished fabric.
 *
 *     parse FILE [ROUNDS]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <p2pmem/machine.h>

static double now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int read_once(const char *path, double *milliseconds, uint32_t *nodes)
{
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;
	double start = now_ms();

	if (p2p_machine_open(path, &machine, &error)) {
		fprintf(stderr, "parse: %s\n", error.text);
		return 1;
	}
	*milliseconds = now_ms() - start;
	*nodes = p2p_fabric_count(p2p_machine_fabric(machine));
	p2p_machine_free(machine);
	return 0;
}

int main(int argc, char **argv)
{
	long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 50;
	double best = 0, milliseconds;
	uint32_t nodes = 0;

	if (argc < 2 || rounds < 1) {
		fprintf(stderr, "parse: give a file, and how many rounds\n");
		return 64;
	}
	for (long round = 0; round < rounds; round++) {
		if (read_once(argv[1], &milliseconds, &nodes))
			return 65;
		if (!round || milliseconds < best)
			best = milliseconds;
	}
	printf("parse: %u nodes in %.2f ms (best of %ld)\n", nodes, best, rounds);
	return 0;
}
