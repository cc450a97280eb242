// SPDX-License-Identifier: MIT
/* Runs a helper program and takes what it prints. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int lab_process_wait(int pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void read_all(int fd, char *output, size_t size)
{
	char rest[4096];
	size_t used = 0;

	for (;;) {
		size_t room = size - 1 - used;
		/* What does not fit is read too, as the program would block. */
		ssize_t got =
			room > 0 ? read(fd, output + used, room) : read(fd, rest, sizeof(rest));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		if (room > 0)
			used += (size_t)got;
	}
	output[used] = '\0';
}

int lab_process_output(char *const argv[], char *output, size_t size, struct lab_error *error)
{
	int ends[2];
	int status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return lab_fail(error, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return lab_fail(error, "fork: %s", strerror(errno));
	}
	read_all(ends[0], output, size);
	close(ends[0]);
	status = lab_process_wait(pid);
	if (status == 127)
		return lab_fail(error, "cannot run %s", argv[0]);
	if (status > 127 || status < 0)
		return lab_fail(error, "%s was ended by signal %d", argv[0], status - 128);
	return status;
}
