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

/* Pipes have no size beforehand. */
static int read_pipe(int file, size_t limit, struct p2p_blob *blob)
{
	size_t room = 0;

	fcntl(file, F_SETFL, fcntl(file, F_GETFL) & ~O_NONBLOCK);
	for (;;) {
		ssize_t count;

		if (room - blob->size < 2) {
			char *larger;

			room = room ? room * 2 : 1u << 16;
			larger = realloc(blob->data, room);
			if (!larger)
				return -ENOMEM;
			blob->data = larger;
		}
		count = read(file, blob->data + blob->size, room - blob->size - 1);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (!count)
			break;
		blob->size += (size_t)count;
		if (blob->size > limit)
			return -EFBIG;
	}
	blob->data[blob->size] = '\0';
	return 0;
}

static bool is_pipe(int file, const struct stat *about)
{
	return S_ISFIFO(about->st_mode) || S_ISSOCK(about->st_mode) || isatty(file);
}

static int open_file(const char *path)
{
	struct stat about;

	if (!strcmp(path, "-"))
		return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	/* A FIFO's writer is waited for: until it comes, the FIFO reads as if it were empty. */
	if (!stat(path, &about) && S_ISFIFO(about.st_mode))
		return open(path, O_RDONLY | O_CLOEXEC);
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

int p2p_file_read(const char *path, size_t limit, struct p2p_blob *blob, struct p2p_error *error)
{
	int file = open_file(path);
	struct stat about;
	int rc;

	*blob = (struct p2p_blob){ NULL, 0 };
	if (file < 0)
		return p2p_error_set(error, -errno, "%s: cannot open it: %s", path,
				     strerror(errno));
	if (fstat(file, &about)) {
		rc = p2p_error_set(error, -errno, "%s: %s", path, strerror(errno));
	} else if (is_pipe(file, &about)) {
		rc = read_pipe(file, limit, blob);
		if (rc)
			p2p_error_set(error, rc, "%s: cannot read it: %s", path, strerror(-rc));
	} else if (!S_ISREG(about.st_mode)) {
		rc = p2p_error_set(error, -EINVAL, "%s: is not a regular file; give one", path);
	} else if ((uint64_t)about.st_size > limit) {
		rc = p2p_error_set(error, -EFBIG,
				   "%s: %lld bytes, more than the %zu that any machine needs", path,
				   (long long)about.st_size, limit);
	} else {
		blob->size = (size_t)about.st_size;
		blob->data = malloc(blob->size + 1);
		rc = blob->data ? read_size(file, blob) : -ENOMEM;
		if (rc)
			p2p_error_set(error, rc, "%s: cannot read it: %s", path, strerror(-rc));
	}
	close(file);
	if (rc) {
		free(blob->data);
		*blob = (struct p2p_blob){ NULL, 0 };
	}
	return rc;
}
