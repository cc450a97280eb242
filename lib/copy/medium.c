// SPDX-License-Identifier: MIT
/*
 * The destination's medium: what has to be on it before anything is called good or copied.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "copy/private.h"
#include "copy/io_error.h"

static int sync_data(int fd)
{
	while (fdatasync(fd))
		if (errno != EINTR)
			return -errno;
	return 0;
}

static int sync_all(int fd)
{
	while (fsync(fd))
		if (errno != EINTR)
			return -errno;
	return 0;
}

/*
 * Linux tells an open file once of what it could not write, and forgets it: the next flush of the
 * same bytes succeeds (fs/open: errseq_t). So the first failure is remembered.
 */
static int outcome(struct p2p_copy *copy, int rc, struct p2p_error *error)
{
	if (rc && !copy->flush_failure)
		copy->flush_failure = rc;
	if (!copy->flush_failure)
		return 0;
	return p2p_error_set(error, copy->flush_failure, "flushing %s failed: %s",
			     copy->destination.path, p2p_io_error_text(copy->flush_failure));
}

int p2p_copy_flush(struct p2p_copy *copy, struct p2p_error *error)
{
	bool needed = copy->destination.touched && !copy->flush_failure;

	return outcome(copy, needed ? sync_data(copy->destination_fd) : 0, error);
}

int p2p_copy_sync_size(struct p2p_copy *copy, struct p2p_error *error)
{
	bool needed =
		!copy->destination.is_block && copy->destination.touched && !copy->flush_failure;

	return outcome(copy, needed ? sync_all(copy->destination.fd) : 0, error);
}

static int sync_directory(const char *path)
{
	char *name = strdup(path);
	int fd, rc;

	if (!name)
		return -ENOMEM;
	fd = open(dirname(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = fd < 0 ? -errno : sync_all(fd);
	if (fd >= 0)
		close(fd);
	free(name);
	return rc;
}

/* A directory that may be searched and not read, or a file system that cannot: all of it, then. */
static int sync_name(const struct p2p_file *destination)
{
	int rc = sync_directory(destination->path);

	if (rc == -EACCES || rc == -EPERM || rc == -EINVAL)
		rc = syncfs(destination->fd) ? -errno : 0;
	return rc;
}

int p2p_copy_finish(struct p2p_copy *copy, struct p2p_error *error)
{
	const struct p2p_file *destination = &copy->destination;
	int rc;

	if (destination->is_block || !destination->touched)
		return p2p_copy_flush(copy, error);
	rc = p2p_copy_cut(copy, error);
	if (!rc)
		rc = p2p_copy_sync_size(copy, error);
	if (!rc && destination->created)
		rc = outcome(copy, sync_name(destination), error);
	return rc;
}
