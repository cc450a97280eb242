// SPDX-License-Identifier: MIT
/* The end of a process. */
#include "fuzz.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENT 600 /* seconds that a process may take to end: then it hangs */

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

void fuzz_end(struct fuzz_table *table, unsigned int role, pid_t process)
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
