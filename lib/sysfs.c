// SPDX-License-Identifier: MIT
/*
 * Small reads from sysfs and procfs.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <p2pmem/text.h>

#include "sysfs.h"

static int read_line(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return -errno;
	got = read(fd, text, size - 1);
	if (got < 0)
		got = -errno;
	close(fd);
	if (got < 0)
		return (int)got;

	text[got] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

int p2p_sysfs_text(char *text, size_t size, const char *format, ...)
{
	char path[PATH_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(path, sizeof(path), format, arguments);
	va_end(arguments);
	return read_line(path, text, size);
}

int p2p_sysfs_u64(uint64_t *value, const char *format, ...)
{
	char path[PATH_MAX], text[64];
	va_list arguments;
	char *end;
	int rc;

	va_start(arguments, format);
	vsnprintf(path, sizeof(path), format, arguments);
	va_end(arguments);

	rc = read_line(path, text, sizeof(text));
	if (rc)
		return rc;
	errno = 0;
	*value = strtoull(text, &end, 0);
	return errno || end == text || *end ? -EINVAL : 0;
}

bool p2p_sysfs_function(char *path, struct p2p_bdf *found)
{
	char *rest = path, *part;
	struct p2p_bdf bdf;
	bool any = false;

	while ((part = strsep(&rest, "/"))) {
		if (p2p_bdf_parse(part, &bdf))
			continue;
		*found = bdf;
		any = true;
	}
	return any;
}
