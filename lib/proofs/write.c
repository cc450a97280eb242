// SPDX-License-Identifier: MIT
/*
 * Puts results into their file. Who writes holds a lock on the file that is there; since it is
 * replaced, who gets a lock looks whether that file still is.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/sources/file.h"
#include "record.h"
#include "replace.h"

static int make_directory(const char *path)
{
	char copy[PATH_MAX];

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return -ENAMETOOLONG;
	return mkdir(dirname(copy), 0755) && errno != EEXIST ? -errno : 0;
}

static int open_file(const char *path)
{
	const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int file = open(path, flags, 0666), rc;

	if (file >= 0 || errno != ENOENT)
		return file < 0 ? -errno : file;
	rc = make_directory(path);
	if (rc)
		return rc;
	file = open(path, flags, 0666);
	return file < 0 ? -errno : file;
}

static bool is_at(int file, const char *path)
{
	struct stat open, named;

	return !fstat(file, &open) && !stat(path, &named) && open.st_dev == named.st_dev &&
	       open.st_ino == named.st_ino;
}

/* Returns a descriptor that holds the lock, or -errno. */
static int lock(const char *path)
{
	struct stat about;

	for (;;) {
		int file = open_file(path), rc;

		if (file < 0)
			return file;
		if (!fstat(file, &about) && !S_ISREG(about.st_mode)) {
			close(file);
			return -EINVAL;
		}
		do
			rc = flock(file, LOCK_EX) ? -errno : 0;
		while (rc == -EINTR);
		if (!rc && is_at(file, path))
			return file;
		close(file);
		if (rc)
			return rc;
	}
}

static int write_all(int file, const char *text, size_t size)
{
	while (size) {
		ssize_t count = write(file, text, size);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		text += count;
		size -= (size_t)count;
	}
	return 0;
}

static int replace(const char *path, const char *text, size_t size)
{
	char name[PATH_MAX];
	int file = p2p_replace_begin(path, name), rc;

	if (file < 0)
		return file;
	rc = write_all(file, text, size);
	if (!rc)
		rc = p2p_replace_commit(file, name, path);
	close(file);
	if (rc)
		unlink(name);
	return rc;
}

static int merge(struct p2p_proof_records *all, const struct p2p_proof_records *fresh)
{
	struct p2p_proof_record copy;

	for (uint32_t i = 0; i < fresh->count; i++)
		if (!p2p_proof_record_copy(&copy, &fresh->record[i]) ||
		    p2p_proof_records_add(all, &copy))
			return -ENOMEM;
	p2p_proof_records_tidy(all);
	return 0;
}

static int write_records(const char *path, const struct p2p_proof_records *records,
			 struct p2p_error *error)
{
	size_t size;
	char *text = p2p_proofs_format(records, &size);
	int rc;

	if (!text)
		return p2p_error_set(error, -ENOMEM, "%s: out of memory", path);
	if (size > P2P_PROOFS_FILE_MAX)
		rc = p2p_error_set(error, -EFBIG,
				   "%s: more than %u bytes of results; name another file", path,
				   P2P_PROOFS_FILE_MAX);
	else
		rc = replace(path, text, size);
	free(text);
	if (rc && rc != -EFBIG)
		p2p_error_set(error, rc, "%s: cannot write results there: %s", path, strerror(-rc));
	return rc;
}

/* What others have written since they were read counts. */
static int update(const char *path, const struct p2p_proof_records *forgotten,
		  const struct p2p_proof_records *fresh, struct p2p_error *error)
{
	struct p2p_proof_records all = { .record = NULL };
	struct p2p_blob blob;
	int rc = p2p_file_read(path, P2P_PROOFS_FILE_MAX, &blob, error);

	if (rc)
		return rc;
	rc = p2p_proofs_parse(path, (struct p2p_span){ blob.data, blob.size }, &all, error);
	free(blob.data);
	for (uint32_t i = 0; !rc && i < forgotten->count; i++)
		p2p_proof_records_remove(&all, &forgotten->record[i]);
	if (!rc && merge(&all, fresh))
		rc = p2p_error_set(error, -ENOMEM, "%s: out of memory", path);
	if (!rc)
		rc = write_records(path, &all, error);
	p2p_proof_records_free(&all);
	return rc;
}

int p2p_proofs_write(const char *path, const struct p2p_proof_records *forgotten,
		     const struct p2p_proof_records *fresh, struct p2p_error *error)
{
	int file = lock(path), rc;

	if (file == -EINVAL)
		return p2p_error_set(error, file, "%s: is not a regular file; name one", path);
	if (file < 0)
		return p2p_error_set(error, file, "%s: cannot write results there: %s", path,
				     strerror(-file));
	rc = update(path, forgotten, fresh, error);
	close(file);
	return rc;
}
