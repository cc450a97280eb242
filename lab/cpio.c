// SPDX-License-Identifier: MIT
/* The newc archive format: a header of 8-digit hex fields, name and data padded to 4 bytes. */
#include "cpio.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

static int write_error(struct lab_error *error)
{
	return lab_fail(error, "cannot write the guest's initramfs: %s", strerror(errno));
}

static void pad(FILE *file, unsigned int unit)
{
	while (ftell(file) % unit != 0)
		fputc(0, file);
}

static void header(struct lab_cpio *cpio, const char *name, unsigned int mode, unsigned int size)
{
	unsigned int links = S_ISDIR(mode) ? 2 : 1;

	fprintf(cpio->file, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s%c",
		++cpio->entries, mode, 0, 0, links, 0, size, 0, 0, 0, 0,
		(unsigned int)strlen(name) + 1, 0, name, 0);
	pad(cpio->file, 4);
}

/* A directory that is already there keeps what is in it, so adding it twice does no harm. */
static int add_directories(struct lab_cpio *cpio, const char *name, struct lab_error *error)
{
	char directory[4096];

	if (strlen(name) >= sizeof(directory))
		return lab_fail(error, "%.80s...: name too long", name);
	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(directory, sizeof(directory), "%.*s", (int)(slash - name), name);
		header(cpio, directory, S_IFDIR | 0755, 0);
	}
	return 0;
}

static const char *relative(const char *name)
{
	return name + strspn(name, "/");
}

int lab_cpio_text(struct lab_cpio *cpio, const char *name, unsigned int mode, const char *text,
		  struct lab_error *error)
{
	name = relative(name);
	if (add_directories(cpio, name, error) < 0)
		return -1;
	header(cpio, name, S_IFREG | mode, (unsigned int)strlen(text));
	fputs(text, cpio->file);
	pad(cpio->file, 4);
	return ferror(cpio->file) ? write_error(error) : 0;
}

/* Exactly size bytes, as the header has promised; fewer is an error. */
static int copy_bytes(FILE *to, FILE *from, uint64_t size, const char *path,
		      struct lab_error *error)
{
	char buffer[65536];

	while (size > 0) {
		size_t want = size < sizeof(buffer) ? (size_t)size : sizeof(buffer);
		size_t got = fread(buffer, 1, want, from);

		if (got == 0)
			return lab_fail(error, "%s: %s", path,
					ferror(from) ? strerror(errno) : "it became shorter");
		if (fwrite(buffer, 1, got, to) != got)
			return write_error(error);
		size -= got;
	}
	return 0;
}

static FILE *open_regular(const char *path, struct stat *status, struct lab_error *error)
{
	FILE *file = fopen(path, "re");

	if (!file || fstat(fileno(file), status) < 0) {
		lab_fail(error, "%s: %s", path, strerror(errno));
		goto fail;
	}
	if (!S_ISREG(status->st_mode) || status->st_size > INT32_MAX) {
		lab_fail(error, "%s: not a regular file below 2 GiB; the guest cannot hold it",
			 path);
		goto fail;
	}
	return file;
fail:
	if (file)
		fclose(file);
	return NULL;
}

int lab_cpio_copy(struct lab_cpio *cpio, const char *name, unsigned int mode, const char *path,
		  struct lab_error *error)
{
	struct stat status;
	FILE *file = open_regular(path, &status, error);
	int rc = -1;

	if (!file)
		return -1;
	name = relative(name);
	if (add_directories(cpio, name, error) == 0) {
		header(cpio, name, S_IFREG | (mode ? mode : status.st_mode & 0777),
		       (unsigned int)status.st_size);
		rc = copy_bytes(cpio->file, file, (uint64_t)status.st_size, path, error);
		pad(cpio->file, 4);
	}
	fclose(file);
	return rc;
}

int lab_cpio_append(struct lab_cpio *cpio, const char *path, struct lab_error *error)
{
	struct stat status;
	FILE *file = open_regular(path, &status, error);
	int rc;

	if (!file)
		return -1;
	rc = copy_bytes(cpio->file, file, (uint64_t)status.st_size, path, error);
	fclose(file);
	pad(cpio->file, 512);
	return rc;
}

int lab_cpio_end(struct lab_cpio *cpio, struct lab_error *error)
{
	header(cpio, "TRAILER!!!", 0, 0);
	pad(cpio->file, 512);
	if (fflush(cpio->file) != 0 || ferror(cpio->file))
		return write_error(error);
	return 0;
}
