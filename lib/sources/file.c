// SPDX-License-Identifier: MIT
/*
 * Whole files into memory.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that grows while it is read gives what it had when it was opened. */
static int read_size(int file, struct p2p_blob *blob)
{
	size_t got = 0;

	while (got < blob->size) {
		ssize_t count = read(file, blob->data + got, blob->size - got);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (!count)
			break;
		got += (size_t)count;
	}
	blob->size = got;
	blob->data[got] = '\0';
	return 0;
}

int p2p_file_read(const char *path, size_t limit, struct p2p_blob *blob, struct p2p_error *error)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat about;
	int status;

	*blob = (struct p2p_blob){ NULL, 0 };
	if (file < 0)
		return p2p_error_set(error, -errno, "%s: cannot open it: %s", path,
				     strerror(errno));
	if (fstat(file, &about)) {
		status = p2p_error_set(error, -errno, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(about.st_mode)) {
		status = p2p_error_set(error, -EINVAL, "%s: no regular file; give a file", path);
	} else if ((uint64_t)about.st_size > limit) {
		status = p2p_error_set(error, -EFBIG,
				       "%s: %lld bytes, more than the %zu that any machine needs",
				       path, (long long)about.st_size, limit);
	} else {
		blob->size = (size_t)about.st_size;
		blob->data = malloc(blob->size + 1);
		status = blob->data ? read_size(file, blob) : -ENOMEM;
		if (status)
			p2p_error_set(error, status, "%s: cannot read it: %s", path,
				      strerror(-status));
	}
	close(file);
	if (status) {
		free(blob->data);
		*blob = (struct p2p_blob){ NULL, 0 };
	}
	return status;
}
