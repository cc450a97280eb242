// SPDX-License-Identifier: MIT
/* Watches the kernel's log line by line. */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How kernels begin the lines that mean a bug (kernel/panic.c, lib/bug.c, mm/, arch/.../traps.c).
 */
static const char *const complaints[] = {
	"Kernel panic",
	"BUG: ",
	"kernel BUG at",
	"WARNING: ",
	"Oops: ",
	"Oops - ",
	"general protection fault",
	"Internal error: ",
	"Unable to handle kernel",
	"INFO: task ",
	"list_add corruption",
	"list_del corruption",
	"BUG ", /* mm/slub.c: BUG kmalloc-64 (Not tainted): ... */
	"UBSAN: ",
	"INFO: trying to register non-static key",
};

/* What follows "[    1.234567] " or "[    1.234567][ T12] ". */
static const char *message(const char *line)
{
	while (*line == '[') {
		const char *end = strchr(line, ']');

		if (!end)
			break;
		line = end + 1;
		line += strspn(line, " ");
	}
	return line;
}

static void look_at(struct lab_console *console)
{
	const char *text = message(console->line);

	if (console->complaint[0] != '\0')
		return;
	for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++) {
		if (strncmp(text, complaints[i], strlen(complaints[i])) == 0)
			snprintf(console->complaint, sizeof(console->complaint), "%.255s", text);
	}
}

int lab_console_open(struct lab_console *console, const char *path, struct lab_error *error)
{
	console->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	return console->fd < 0 ? lab_fail(error, "%s: %s", path, strerror(errno)) : 0;
}

void lab_console_feed(struct lab_console *console, const char *bytes, size_t length)
{
	/* A full disk loses the log, not the run. */
	if (write(console->fd, bytes, length) < 0)
		errno = 0;
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '\r')
			continue;
		if (bytes[i] == '\n') {
			console->line[console->used] = '\0';
			look_at(console);
			console->used = 0;
		} else if (console->used < sizeof(console->line) - 1) {
			console->line[console->used++] = bytes[i];
		}
	}
}

void lab_console_close(struct lab_console *console)
{
	if (console->fd >= 0)
		close(console->fd);
	console->fd = -1;
}
