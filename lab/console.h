/* SPDX-License-Identifier: MIT */
/* Keeps the kernel's log and notices when the kernel complains about itself. */
#ifndef LAB_CONSOLE_H
#define LAB_CONSOLE_H

#include "error.h"

#include <stddef.h>

struct lab_console {
	int fd; /* console.log */
	char line[1024];
	size_t used;
	char complaint[256]; /* the first oops, WARNING or panic line; empty while all is well */
};

/** lab_console_open() - create the log file. */
int lab_console_open(struct lab_console *console, const char *path, struct lab_error *error);

/** lab_console_feed() - keep and look at what the kernel printed. */
void lab_console_feed(struct lab_console *console, const char *bytes, size_t length);

/** lab_console_close() - close the log file. */
void lab_console_close(struct lab_console *console);

#endif
