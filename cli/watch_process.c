// SPDX-License-Identifier: MIT
/*
 * The processes around p2pmem watch: the command under watch, and the guard.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "watch.h"

static void await(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Returns when the other end was closed, or has sent something: then true. */
static bool receive(int from, void *data, size_t size)
{
	ssize_t got;

	do
		got = read(from, data, size);
	while (got < 0 && errno == EINTR);
	return got == (ssize_t)size;
}

/* In the child: waits to be let go, and becomes the command. */
static void become(char **argv, int go, int failed)
{
	char byte;
	int code;

	if (!receive(go, &byte, sizeof(byte)))
		_exit(0);
	execvp(argv[0], argv);
	code = errno;
	if (write(failed, &code, sizeof(code)) < 0)
		_exit(1);
	_exit(0);
}

int cli_watch_child_start(struct cli_watch_child *child, char **argv)
{
	int go[2], failed[2], code;

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (!pipe2(failed, O_CLOEXEC)) {
		child->pid = fork();
		if (!child->pid) {
			close(go[1]);
			close(failed[0]);
			become(argv, go[0], failed[1]);
		}
		code = -errno;
		close(go[0]);
		close(failed[1]);
		child->go = go[1];
		child->failed = failed[0];
		if (child->pid > 0)
			return 0;
		close(child->go);
		close(child->failed);
	} else {
		code = -errno;
		close(go[0]);
		close(go[1]);
	}
	child->pid = 0;
	return code;
}

int cli_watch_child_go(struct cli_watch_child *child)
{
	int code = 0;

	if (write(child->go, "", 1) != 1)
		code = errno;
	close(child->go);
	/* Closed by the exec: nothing comes. */
	if (!code && !receive(child->failed, &code, sizeof(code)))
		code = 0;
	close(child->failed);
	if (code) {
		await(child->pid);
		child->pid = 0;
	}
	return -code;
}

void cli_watch_child_drop(struct cli_watch_child *child)
{
	if (!child->pid)
		return;
	close(child->go);
	close(child->failed);
	await(child->pid);
	child->pid = 0;
}

/*
 * Nobody is to wait for what it has open, the command that is held back among them, and what ends
 * the others does not end it. Leaves `kept` open, which is standard input then.
 */
static void withdraw(int kept)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(kept, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
}

int cli_watch_guard_start(struct cli_watch_guard *guard)
{
	pid_t owner = getpid();
	int ends[2];
	char byte;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	guard->pid = fork();
	if (!guard->pid) {
		withdraw(ends[0]);
		receive(STDIN_FILENO, &byte, sizeof(byte));
		p2p_watch_clean((int32_t)owner, NULL);
		_exit(0);
	}
	close(ends[0]);
	guard->held = ends[1];
	if (guard->pid > 0)
		return 0;
	close(guard->held);
	return -EAGAIN;
}

void cli_watch_guard_end(struct cli_watch_guard *guard)
{
	close(guard->held);
	await(guard->pid);
}
