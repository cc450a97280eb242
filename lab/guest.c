// SPDX-License-Identifier: MIT
/* Starts QEMU and moves bytes between its sockets and where they belong. */
#include "guest.h"

#include "process.h"
#include "qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK            65536
#define QMP_PATIENCE_MS  300000
#define QUIT_PATIENCE_MS 60000

int64_t lab_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Starting. */

static int make_pair(int *ours, int *theirs, struct lab_error *error)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return lab_fail(error, "socketpair: %s", strerror(errno));
	*ours = ends[0];
	*theirs = ends[1];
	return 0;
}

static int make_pairs(struct lab_guest *guest, struct lab_qemu_fds *fds, struct lab_error *error)
{
	for (unsigned int i = 0; i < LAB_LINES; i++) {
		if (make_pair(&guest->line[i], &fds->line[i], error) < 0)
			return -1;
	}
	return make_pair(&guest->qmp, &fds->qmp, error);
}

static void close_pairs(struct lab_qemu_fds *fds)
{
	for (unsigned int i = 0; i < LAB_LINES; i++) {
		if (fds->line[i] >= 0)
			close(fds->line[i]);
	}
	if (fds->qmp >= 0)
		close(fds->qmp);
}

/* In the child: QEMU's words go to a log, and it dies when the runner does. */
static void become_qemu(const struct lab_qemu_fds *fds, const struct lab_arch *arch,
			char *const argv[], int log)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0); /* a ^C at the terminal is the runner's to handle */
	for (unsigned int i = 0; i < LAB_LINES; i++)
		fcntl(fds->line[i], F_SETFD, 0);
	fcntl(fds->qmp, F_SETFD, 0);
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
	dup2(log, 1);
	dup2(log, 2);
	execvp(argv[0], argv);
	dprintf(2, "cannot run %s: %s; install the package %s\n", arch->qemu, strerror(errno),
		arch->package);
	_exit(127);
}

static int spawn(struct lab_guest *guest, const struct lab_qemu_fds *fds, char *const argv[],
		 struct lab_error *error)
{
	char path[PATH_MAX + 32];
	int log;

	snprintf(path, sizeof(path), "%s/qemu.log", guest->config->out);
	log = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (log < 0)
		return lab_fail(error, "%s: %s", path, strerror(errno));
	dprintf(log, "%s", argv[0]);
	for (size_t i = 1; argv[i]; i++)
		dprintf(log, " %s", argv[i]);
	dprintf(log, "\n");
	guest->qemu = fork();
	if (guest->qemu == 0)
		become_qemu(fds, guest->config->machine->arch, argv, log);
	close(log);
	return guest->qemu < 0 ? lab_fail(error, "fork: %s", strerror(errno)) : 0;
}

static int watch_signals(struct lab_guest *guest, struct lab_error *error)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN); /* NOLINT(cert-err33-c): cannot fail for SIGPIPE */
	guest->signals = signalfd(-1, &set, SFD_CLOEXEC);
	return guest->signals < 0 ? lab_fail(error, "signalfd: %s", strerror(errno)) : 0;
}

static int open_files(struct lab_guest *guest, struct lab_error *error)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/output", guest->config->out);
	guest->output = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (guest->output < 0)
		return lab_fail(error, "%s: %s", path, strerror(errno));
	snprintf(path, sizeof(path), "%s/console.log", guest->config->out);
	return lab_console_open(&guest->console, path, error);
}

static int start(struct lab_guest *guest, struct lab_qemu_fds *fds, struct lab_args *args,
		 const struct lab_files *files, struct lab_error *error)
{
	if (open_files(guest, error) < 0 || watch_signals(guest, error) < 0)
		return -1;
	if (make_pairs(guest, fds, error) < 0)
		return -1;
	if (lab_qemu_args(guest->config, files, fds, args, error) < 0)
		return -1;
	return spawn(guest, fds, args->list, error);
}

static bool start_qmp(struct lab_guest *guest)
{
	json_t *reply = lab_guest_qmp(guest, json_pack("{s:s}", "execute", "qmp_capabilities"));
	bool good = reply && json_object_get(reply, "return");

	json_decref(reply);
	return good;
}

int lab_guest_start(struct lab_guest *guest, const struct lab_config *config,
		    const struct lab_files *files, struct lab_error *error)
{
	struct lab_qemu_fds fds = { .line = { -1, -1, -1 }, .qmp = -1 };
	struct lab_args args = { 0 };
	int rc;

	*guest = (struct lab_guest){
		.config = config,
		.line = { -1, -1, -1 },
		.qmp = -1,
		.signals = -1,
		.input = -1,
		.output = -1,
		.console.fd = -1,
	};
	guest->deadline = lab_now() + (int64_t)config->boot_limit * 1000;
	guest->replies = malloc(LAB_QMP_BYTES);
	if (!guest->replies)
		return lab_fail(error, "out of memory");
	rc = start(guest, &fds, &args, files, error);
	close_pairs(&fds);
	lab_args_free(&args);
	if (rc < 0)
		return -1;
	/* QEMU reports bad arguments in its log and is gone; the caller sees that as closed. */
	if (!start_qmp(guest) && !guest->closed && !guest->late && !guest->stop_signal)
		return lab_fail(error, "QEMU does not answer on QMP; see qemu.log");
	return 0;
}

/* Moving bytes. */

static bool write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t done = write(fd, bytes, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		bytes += done;
		length -= (size_t)done;
	}
	return true;
}

/* Bytes read, 0 when the other end is closed. */
static size_t take(int fd, char *buffer, size_t size)
{
	ssize_t got = read(fd, buffer, size);

	return got > 0 ? (size_t)got : 0;
}

static void pass_output(struct lab_guest *guest, const char *bytes, size_t length)
{
	if (!write_all(guest->output, bytes, length) || !write_all(1, bytes, length))
		guest->output_lost = true;
}

/* An object that came on QMP: the reply that is waited for, an event, or a late reply. */
static void take_message(struct lab_guest *guest, json_t *message)
{
	json_t *id = json_object_get(message, "id");

	if (json_is_integer(id) && json_integer_value(id) == guest->serial && !guest->reply) {
		guest->reply = json_incref(message);
		json_object_del(guest->reply, "id");
	}
	json_decref(message);
}

/* QMP sends one object on a line. */
static void read_messages(struct lab_guest *guest)
{
	char *start = guest->replies;
	size_t left = guest->replies_used;
	char *end;

	while ((end = memchr(start, '\n', left)) != NULL) {
		json_t *message = json_loadb(start, (size_t)(end - start), 0, NULL);

		if (message)
			take_message(guest, message);
		left -= (size_t)(end + 1 - start);
		start = end + 1;
	}
	/* A line that fills the buffer is not a reply this runner could use. */
	if (left == LAB_QMP_BYTES)
		left = 0;
	memmove(guest->replies, start, left);
	guest->replies_used = left;
}

static void pump_lines(struct lab_guest *guest, const struct pollfd *polls)
{
	char buffer[CHUNK];
	size_t got;

	if (polls[LAB_CONSOLE].revents) {
		got = take(guest->line[LAB_CONSOLE], buffer, sizeof(buffer));
		lab_console_feed(&guest->console, buffer, got);
		guest->closed = guest->closed || got == 0;
	}
	if (polls[LAB_TERMINAL].revents) {
		got = take(guest->line[LAB_TERMINAL], buffer, sizeof(buffer));
		pass_output(guest, buffer, got);
	}
	if (polls[LAB_CONTROL].revents) {
		/* A line that fills the buffer is not a request: drop it. */
		if (guest->control_used == sizeof(guest->control))
			guest->control_used = 0;
		guest->control_used +=
			take(guest->line[LAB_CONTROL], guest->control + guest->control_used,
			     sizeof(guest->control) - guest->control_used);
	}
}

static void pump_others(struct lab_guest *guest, const struct pollfd *polls)
{
	struct signalfd_siginfo info;
	char buffer[4096];

	if (polls[0].revents) {
		guest->replies_used += take(guest->qmp, guest->replies + guest->replies_used,
					    LAB_QMP_BYTES - guest->replies_used);
		read_messages(guest);
	}
	if (polls[1].revents && read(guest->signals, &info, sizeof(info)) == sizeof(info))
		guest->stop_signal = (int)info.ssi_signo;
	if (polls[2].revents) {
		size_t got = take(guest->input, buffer, sizeof(buffer));

		if (got == 0) { /* ^D: what the terminal's driver makes an end of file */
			guest->input = -1;
			buffer[got++] = 4;
		}
		write_all(guest->line[LAB_TERMINAL], buffer, got);
	}
}

bool lab_guest_pump(struct lab_guest *guest, int timeout)
{
	struct pollfd polls[LAB_LINES + 3];
	int64_t left = guest->deadline - lab_now();

	if (guest->closed || guest->stop_signal || guest->output_lost)
		return false;
	if (left <= 0) {
		guest->late = true;
		return false;
	}
	for (unsigned int i = 0; i < LAB_LINES; i++)
		polls[i] = (struct pollfd){ .fd = guest->line[i], .events = POLLIN };
	polls[LAB_LINES] = (struct pollfd){ .fd = guest->qmp, .events = POLLIN };
	polls[LAB_LINES + 1] = (struct pollfd){ .fd = guest->signals, .events = POLLIN };
	polls[LAB_LINES + 2] = (struct pollfd){ .fd = guest->input, .events = POLLIN };
	if (poll(polls, LAB_LINES + 3, left < timeout ? (int)left : timeout) > 0) {
		pump_lines(guest, polls);
		pump_others(guest, polls + LAB_LINES);
	}
	return true;
}

static bool send_json(struct lab_guest *guest, json_t *command)
{
	char *text = json_dumps(command, JSON_COMPACT);
	bool sent =
		text && write_all(guest->qmp, text, strlen(text)) && write_all(guest->qmp, "\n", 1);

	free(text);
	return sent;
}

json_t *lab_guest_qmp(struct lab_guest *guest, json_t *command)
{
	int64_t end = lab_now() + QMP_PATIENCE_MS;
	json_t *reply;
	bool sent;

	json_object_set_new(command, "id", json_integer(++guest->serial));
	sent = send_json(guest, command);
	json_decref(command);
	if (!sent) { /* QEMU alone has the other end, so it is gone */
		guest->closed = true;
		return NULL;
	}
	while (!guest->reply && lab_now() < end && lab_guest_pump(guest, 1000))
		;
	reply = guest->reply;
	guest->reply = NULL;
	return reply;
}

json_t *lab_guest_ask(struct lab_guest *guest, json_t *command, struct lab_error *error)
{
	json_t *reply = lab_guest_qmp(guest, command);
	json_t *value = json_incref(json_object_get(reply, "return"));
	const char *words =
		json_string_value(json_object_get(json_object_get(reply, "error"), "desc"));

	if (!value)
		lab_fail(error, "%s", words ? words : "QEMU does not answer");
	json_decref(reply);
	return value;
}

/* Ending. */

void lab_guest_quit(struct lab_guest *guest)
{
	json_t *command = json_pack("{s:s}", "execute", "quit");

	guest->deadline = lab_now() + QUIT_PATIENCE_MS;
	send_json(guest, command);
	json_decref(command);
	while (lab_guest_pump(guest, 1000))
		;
	guest->late = false; /* the script ended in time; only QEMU did not */
}

/* What is still in the sockets of a QEMU that is gone. */
static void drain(struct lab_guest *guest)
{
	char buffer[CHUNK];
	ssize_t got;

	for (unsigned int i = LAB_CONSOLE; i <= LAB_TERMINAL; i++) {
		if (guest->line[i] < 0)
			continue;
		while ((got = recv(guest->line[i], buffer, sizeof(buffer), MSG_DONTWAIT)) > 0) {
			if (i == LAB_CONSOLE)
				lab_console_feed(&guest->console, buffer, (size_t)got);
			else
				pass_output(guest, buffer, (size_t)got);
		}
	}
}

int lab_guest_stop(struct lab_guest *guest)
{
	int status = -1;

	if (guest->qemu > 0) {
		if (!guest->closed)
			kill(guest->qemu, SIGKILL);
		status = lab_process_wait(guest->qemu);
		drain(guest);
	}
	for (unsigned int i = 0; i < LAB_LINES; i++) {
		if (guest->line[i] >= 0)
			close(guest->line[i]);
	}
	if (guest->qmp >= 0)
		close(guest->qmp);
	if (guest->signals >= 0)
		close(guest->signals);
	if (guest->output >= 0)
		close(guest->output);
	lab_console_close(&guest->console);
	json_decref(guest->reply);
	free(guest->replies);
	return status;
}
