// SPDX-License-Identifier: MIT
/*
 * What may be overwritten. It is opened as a copy's destination is: a device with O_EXCL, refused
 * while it is mounted or in use under any name; a file only if it does not exist yet.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "blockdev/user.h"
#include "copy/buffered.h"
#include "memories/full_io.h"
#include "memories/ops.h"
#include "prove/scratch.h"

#define FILE_LENGTH (UINT64_C(64) << 20)
#define LOOK_LENGTH (UINT64_C(4) << 20) /* p2p_buffered_look() sees little in less */

static int check_device(struct p2p_prove_scratch *scratch, struct p2p_error *error)
{
	struct p2p_file *file = &scratch->file;

	if (!scratch->length)
		return p2p_error_set_hint(error, -EINVAL, P2P_HINT_SCRATCH,
					  "%s is a device: name the range of it that may be "
					  "overwritten",
					  file->path);
	if (scratch->offset > file->size || scratch->length > file->size - scratch->offset)
		return p2p_error_set_hint(error, -EINVAL, P2P_HINT_SCRATCH,
					  "the range passes the end of %s, which has %" PRIu64
					  " bytes: name one within",
					  file->path, file->size);
	if (scratch->offset % file->align || scratch->length % file->align)
		return p2p_error_set_hint(
			error, -EINVAL, P2P_HINT_SCRATCH,
			"%s moves whole sectors of %u bytes: name a range of such", file->path,
			file->align);
	file->touched = true; /* so that its other names forget what was there */
	return 0;
}

int p2p_prove_scratch_look(const struct p2p_prove_scratch *scratch, struct p2p_error *error)
{
	const struct p2p_file *file = &scratch->file;
	struct p2p_moved_block block = { .source = file->fd, .destination = file->fd };
	struct p2p_memory *memory;
	int rc;

	block.length = scratch->length < LOOK_LENGTH ? scratch->length : LOOK_LENGTH;
	rc = p2p_host_memory_open(block.length, &memory, error);
	if (rc)
		return rc;
	block.memory = memory->base;
	rc = p2p_write_full(file->fd, block.memory, block.length, 0);
	/* Pages that are dirty already are neither taken out nor counted again. */
	if (!rc && fdatasync(file->fd))
		rc = -errno;
	if (rc)
		p2p_error_set(error, rc, "writing scratch %s failed: %s", file->path,
			      strerror(-rc));
	else if (p2p_buffered_look(&block) != P2P_BUFFERED_NOT_SEEN)
		rc = p2p_error_set_hint(error, -EOPNOTSUPP, P2P_HINT_SCRATCH,
					"nothing can be proven with %s: its direct I/O goes "
					"through the page cache, and so no device's DMA would "
					"touch a provider's memory; name another",
					file->path);
	p2p_memory_close(memory);
	return rc;
}

/* Without a name, so that whatever ends this program also removes the file. */
static int make_file(struct p2p_prove_scratch *scratch, struct p2p_error *error)
{
	struct p2p_file *file = &scratch->file;
	int rc;

	if (!file->created)
		return p2p_error_set_hint(error, -EEXIST, P2P_HINT_SCRATCH,
					  "%s exists, and a scratch file is made and removed: name "
					  "one that does not exist",
					  file->path);
	p2p_file_remove(file);
	if (scratch->offset)
		return p2p_error_set_hint(
			error, -EINVAL, P2P_HINT_SCRATCH,
			"%s is a file, of which all is used: leave the offset out", file->path);
	scratch->length =
		(scratch->length ? scratch->length : FILE_LENGTH) / file->align * file->align;
	rc = posix_fallocate(file->fd, 0, (off_t)scratch->length);
	if (rc)
		return p2p_error_set(error, -rc,
				     "cannot make a scratch file of %" PRIu64 " bytes at %s: %s: "
				     "name another place, or fewer bytes",
				     scratch->length, file->path, strerror(rc));
	return p2p_prove_scratch_look(scratch, error);
}

static int check_path(struct p2p_prove_scratch *scratch, struct p2p_error *error)
{
	const struct p2p_file *file = &scratch->file;
	const char *why = file->no_peer;

	if (!why && !file->direct)
		why = "it takes no direct I/O";
	if (!why && file->functions.count > 1)
		why = "several PCI functions move its bytes, any of which may take the next";
	if (!why && !file->functions.count)
		why = "no PCI device moves its bytes";
	if (why)
		return p2p_error_set_hint(error, -EINVAL, P2P_HINT_SCRATCH,
					  "nothing can be proven with %s: %s; name another",
					  file->path, why);
	scratch->function = file->functions.bdf[0];
	return 0;
}

/* A copy may be forced onto what is in use, and says so. */
static int say_busy(const struct p2p_file *file, struct p2p_error *error)
{
	char user[PATH_MAX + 32];

	if (!p2p_blockdev_user(file->stat.st_rdev, user, sizeof(user)))
		snprintf(user, sizeof(user), "in use by another program");
	return p2p_error_set(error, -EBUSY,
			     "scratch %s is %s, and would be overwritten: name another place",
			     file->path, user);
}

int p2p_prove_scratch_open(struct p2p_prove_scratch *scratch,
			   const struct p2p_prove_options *options, struct p2p_error *error)
{
	/* What it would be called in a directory; and who may read it. */
	char name[] = "p2pmem-scratch";
	const struct p2p_file like = { .path = name, .fd = -1, .stat.st_mode = 0600 };
	int rc = p2p_file_open_destination(&scratch->file, options->scratch, &like, false, error);

	scratch->offset = options->scratch_offset;
	scratch->length = options->scratch_length;
	if (rc == -EBUSY)
		return say_busy(&scratch->file, error);
	if (!rc)
		rc = check_path(scratch, error);
	if (rc)
		return rc;
	return scratch->file.is_block ? check_device(scratch, error) : make_file(scratch, error);
}

void p2p_prove_scratch_close(struct p2p_prove_scratch *scratch)
{
	p2p_file_close(&scratch->file);
}
