// SPDX-License-Identifier: MIT
/*
 * p2pmem watch: which way a program's bytes go, by p2p_watch_*().
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "exit.h"
#include "progress.h"
#include "signals.h"
#include "watch.h"

#define POLL_NS   50000000
#define NOT_RUN   126 /* as shells and env(1) report a command that cannot be run ... */
#define NOT_FOUND 127 /* ... or that is not there */
#define DEVICES   64

enum {
	STATUS_FAILED = 1, /* the assertion */
	STATUS_UNKNOWN = 2,
};

struct arguments {
	unsigned int pid, interval;
	const char *devices;
	bool all, assert_p2p, json;
	uint64_t slack, buffer;
};

#define OPTION(field) offsetof(struct arguments, field)

static const struct cli_option options[] = {
	{ "pid", 'p', CLI_COUNT, OPTION(pid), "PID", "a process, and what it starts from now on",
	  NULL },
	{ "all", 'a', CLI_FLAG, OPTION(all), NULL, "all processes, and the kernel's own threads",
	  NULL },
	{ "device", 'd', CLI_TEXT, OPTION(devices), "DEVICE,...",
	  "only these: nvme0, nvme0n1, 0000:03:00.0", NULL },
	{ "interval", 'i', CLI_COUNT, OPTION(interval), "SECONDS",
	  "show figures so often (default: every second on a terminal\nif no COMMAND uses it, else "
	  "only at the end)",
	  NULL },
	{ "assert-p2p", 0, CLI_FLAG, OPTION(assert_p2p), NULL,
	  "exit 1 if COMMAND moved bytes to or from host memory,\n2 if that cannot be told", NULL },
	{ "slack", 0, CLI_SIZE, OPTION(slack), "BYTES", "which --assert-p2p allows (default: 0)",
	  NULL },
	{ "buffer", 0, CLI_SIZE, OPTION(buffer), "BYTES",
	  "of the kernel's trace buffer for each CPU (default: 4M)", NULL },
	{ "json", 'j', CLI_FLAG, OPTION(json), NULL, "one JSON object a line", NULL },
	{ .name = NULL },
};

static volatile sig_atomic_t caught;

static void catch (int signal)
{
	caught = signal;
}

struct session {
	const struct arguments *arguments;
	struct cli_watch_child child;
	struct p2p_watch *watch;
	double started, shown, cpu_before;
	int child_status;
	int process; /* a pidfd of --pid */
	bool live;   /* on a terminal that is ours */
};

static int fail_usage(const char *text)
{
	return cli_fail_with(EX_USAGE, text);
}

/* What was typed makes sense. Returns CLI_GO_ON or a status. */
static int check(const struct arguments *arguments, char **argv, int first)
{
	bool command = argv[first];

	if (command && strcmp(argv[first - 1], "--") != 0)
		return fail_usage("write -- before the command, so that its options are its own: "
				  "p2pmem watch -- COMMAND ARGUMENT...");
	if (command && arguments->pid)
		return fail_usage("--pid and a command are mutually exclusive");
	if (arguments->all && arguments->pid)
		return fail_usage("--all and --pid are mutually exclusive");
	if (!command && arguments->assert_p2p)
		return fail_usage("--assert-p2p needs a command: p2pmem watch --assert-p2p -- "
				  "COMMAND ARGUMENT...");
	if (arguments->slack && !arguments->assert_p2p)
		return fail_usage("--slack is for --assert-p2p");
	if (!command && !arguments->pid && !arguments->all && !arguments->devices)
		return fail_usage(
			"nothing to watch: give -- COMMAND, --pid, --device or --all; see "
			"p2pmem watch --help");
	return CLI_GO_ON;
}

/* Cuts "nvme0,nvme1" in place. Their number; one more than DEVICES: too many. */
static size_t split(char *text, const char *devices[DEVICES])
{
	size_t count = 0;
	char *rest = NULL;

	for (char *name = strtok_r(text, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
		if (count == DEVICES)
			return DEVICES + 1;
		devices[count++] = name;
	}
	return count;
}

static int open_watch(struct session *session, struct p2p_error *error)
{
	const struct arguments *arguments = session->arguments;
	char *names = strdup(arguments->devices ? arguments->devices : "");
	int32_t process =
		(int32_t)(session->child.pid ? session->child.pid : (pid_t)arguments->pid);
	const char *devices[DEVICES];
	struct p2p_watch_options wanted;
	int rc;

	if (!names)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	p2p_watch_options_init(&wanted, sizeof(wanted));
	wanted.devices = devices;
	wanted.device_count = split(names, devices);
	wanted.processes = &process;
	wanted.process_count = process && !arguments->all;
	wanted.buffer = arguments->buffer;
	if (wanted.device_count > DEVICES)
		rc = p2p_error_set(error, -EINVAL, "--device takes up to %d devices", DEVICES);
	else
		rc = p2p_watch_open(&wanted, &session->watch, error);
	free(names);
	return rc;
}

struct totals {
	uint64_t host, peers, unseen;
};

static struct totals add_up(const struct p2p_watch_snapshot *snapshot)
{
	struct totals totals = { .host = 0 };

	for (size_t i = 0; i < snapshot->row_count; i++) {
		const struct p2p_watch_row *row = &snapshot->rows[i];

		totals.host += row->read.host + row->written.host;
		totals.peers += row->read.peers + row->written.peers;
		totals.unseen += row->read.unseen + row->written.unseen;
	}
	return totals;
}

static void judge(struct cli_watch_result *result, uint64_t slack)
{
	struct totals totals = add_up(result->snapshot);

	result->verdict = CLI_WATCH_UNKNOWN;
	if (totals.host > slack) {
		result->verdict = CLI_WATCH_FAILED;
		snprintf(result->reason, sizeof(result->reason),
			 "not peer-to-peer: %" PRIu64 " bytes went to or from host memory, %" PRIu64
			 " are allowed (%" PRIu64 " went to or from peers)",
			 totals.host, slack, totals.peers);
	} else if (totals.host + totals.unseen > slack) {
		snprintf(result->reason, sizeof(result->reason),
			 "it cannot be told whether this was peer-to-peer: of %" PRIu64
			 " bytes it was not seen which memory they went to or came from",
			 totals.unseen);
	} else if (result->snapshot->lost) {
		snprintf(result->reason, sizeof(result->reason),
			 "it cannot be told whether this was peer-to-peer: %" PRIu64
			 " events were lost; try a larger --buffer",
			 result->snapshot->lost);
	} else if (!totals.peers) {
		snprintf(result->reason, sizeof(result->reason),
			 "it cannot be told whether this was peer-to-peer: no bytes to or from "
			 "peers "
			 "were seen");
	} else {
		result->verdict = CLI_WATCH_HELD;
	}
}

/* The status of the end: the command's own if it failed, then the assertion's. */
static void conclude(const struct session *session, struct cli_watch_result *result)
{
	result->status = session->child_status;
	if (result->status || !session->arguments->assert_p2p)
		return;
	judge(result, session->arguments->slack);
	if (result->verdict == CLI_WATCH_FAILED)
		result->status = STATUS_FAILED;
	else if (result->verdict == CLI_WATCH_UNKNOWN)
		result->status = STATUS_UNKNOWN;
}

/* What watching costs: this process's CPU time. */
static double cpu_seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Returns the status to exit with, if that is the end, or of a failure. */
static int show(struct session *session, bool ended)
{
	struct cli_watch_result result = { .seconds = cli_now() - session->started,
					   .cpu_seconds = cpu_seconds() - session->cpu_before,
					   .ended = ended };
	struct p2p_watch_snapshot *snapshot;
	struct p2p_error error;
	int status;

	if (p2p_watch_snapshot(session->watch, &snapshot, &error))
		return cli_fail(&error);
	result.snapshot = snapshot;
	if (ended)
		conclude(session, &result);
	status = session->arguments->json ? cli_watch_print_json(&result)
					  : cli_watch_print(&result, session->live);
	if (result.verdict == CLI_WATCH_FAILED || result.verdict == CLI_WATCH_UNKNOWN)
		fprintf(stderr, "p2pmem watch: %s\n", result.reason);
	p2p_watch_snapshot_free(snapshot);
	session->shown = cli_now();
	return status ? status : result.status;
}

/* Also when its parent has not noticed yet. */
static bool is_gone(int process)
{
	struct pollfd look = { .fd = process, .events = POLLIN };

	return process >= 0 && poll(&look, 1, 0) > 0;
}

/* A signal that ends this ends the command too: from a terminal it has it already. */
static bool has_ended(struct session *session)
{
	int status;

	if (!session->child.pid)
		return caught || is_gone(session->process);
	if (caught == SIGTERM || caught == SIGHUP)
		kill(session->child.pid, caught);
	caught = 0;
	if (waitpid(session->child.pid, &status, WNOHANG) != session->child.pid)
		return false;
	session->child_status =
		WIFSIGNALED(status) ? CLI_SIGNAL_STATUS + WTERMSIG(status) : WEXITSTATUS(status);
	return true;
}

static bool is_due(const struct session *session)
{
	unsigned int interval = session->arguments->interval;

	if (!interval && session->live)
		interval = 1;
	return interval && cli_now() - session->shown >= interval;
}

static int watch_on(struct session *session)
{
	const struct timespec pause = { .tv_nsec = POLL_NS };
	struct p2p_error error;
	bool ended;
	int status;

	do {
		nanosleep(&pause, NULL);
		/* First this, so that all that happened before is taken in. */
		ended = has_ended(session);
		if (p2p_watch_poll(session->watch, &error))
			return cli_fail(&error);
		if (ended || is_due(session)) {
			status = show(session, ended);
			if (ended || status)
				return status;
		}
	} while (true);
}

/* It has begun, and the command is let go. */
static int begin(struct session *session, char **argv)
{
	char text[P2P_ERROR_TEXT];
	int rc;

	session->started = session->shown = cli_now();
	session->cpu_before = cpu_seconds();
	rc = session->child.pid ? cli_watch_child_go(&session->child) : 0;
	if (!rc)
		return watch_on(session);
	snprintf(text, sizeof(text), "cannot run %.200s: %s", argv[0], strerror(-rc));
	return cli_fail_with(rc == -ENOENT ? NOT_FOUND : NOT_RUN, text);
}

/* The command has standard output for itself. */
static void step_aside(void)
{
	fflush(stdout);
	dup2(STDERR_FILENO, STDOUT_FILENO);
}

static int open_process(struct session *session, struct p2p_error *error)
{
	unsigned int pid = session->arguments->pid;

	session->process = pid ? (int)syscall(SYS_pidfd_open, (pid_t)pid, 0) : -1;
	if (!pid || session->process >= 0)
		return 0;
	return p2p_error_set(error, errno == EINVAL ? -ESRCH : -errno,
			     "cannot watch process %u: %s", pid,
			     errno == EINVAL ? "this is a thread's number" : strerror(errno));
}

static int guarded(struct session *session, char **argv)
{
	struct cli_watch_guard guard;
	struct p2p_error error = { .code = 0 };
	int status, rc = cli_watch_guard_start(&guard);

	if (rc) {
		p2p_error_set(&error, rc, "cannot start a process: %s", strerror(-rc));
		return cli_fail(&error);
	}
	if (open_watch(session, &error) || open_process(session, &error))
		status = cli_fail(&error);
	else
		status = begin(session, argv);
	if (session->process >= 0)
		close(session->process);
	if (!session->watch)
		cli_watch_child_drop(&session->child);
	p2p_watch_close(session->watch);
	cli_watch_guard_end(&guard);
	return status;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct arguments arguments = { .pid = 0 };
	struct session session = { .arguments = &arguments, .process = -1 };
	struct p2p_error error = { .code = 0 };
	int first, status, rc;

	status = cli_parse(command, &arguments, argc, argv, &first);
	if (status == CLI_GO_ON)
		status = check(&arguments, argv, first);
	if (status != CLI_GO_ON)
		return status;
	argv += first;
	if (argv[0]) {
		rc = cli_watch_child_start(&session.child, argv);
		if (rc) {
			p2p_error_set(&error, rc, "cannot start a process: %s", strerror(-rc));
			return cli_fail(&error);
		}
		step_aside();
	}
	cli_catch_ends(catch, 0);
	session.live = !argv[0] && !arguments.json && isatty(STDOUT_FILENO);
	return guarded(&session, argv);
}

const struct cli_command cli_watch_command = {
	.name = "watch",
	.summary = "Show which way any program's bytes go: host memory or peers",
	.arguments = "[-- COMMAND [ARGUMENT]...]",
	.details = "Without COMMAND until Ctrl-C, or until the process of --pid ends. With it, all "
		   "goes to standard\nerror, and the exit status is its own. Needs root.\n",
	.options = options,
	.positional = 0,
	.optional = INT_MAX,
	.json_format = 1,
	.run = run,
};
