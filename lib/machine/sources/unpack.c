// SPDX-License-Identifier: MIT
/*
 * Packed files in memory.
 *
 * No archive_read_support_filter_all(): some of its filters start other programs.
 */
#include "unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#include "span.h"

/* Magic numbers of what p2p_packed_open() unpacks; a plain tar has its own at byte 257. */
bool p2p_is_packed(const struct p2p_input *input)
{
	struct p2p_span head = { input->data, input->size };

	if (p2p_span_starts(head, "\x1f\x8b") || p2p_span_starts(head, "BZh") ||
	    p2p_span_starts(head, "\xfd"
				  "7zXZ") ||
	    p2p_span_starts(head, "\x28\xb5\x2f\xfd") || p2p_span_starts(head, "PK\x03\x04"))
		return true;
	return input->size > 262 && !memcmp(input->data + 257, "ustar", 5);
}

int p2p_packed_open(struct p2p_packed *packed, const void *bytes, size_t size, bool raw)
{
	struct archive *archive = archive_read_new();

	packed->archive = archive;
	if (!archive)
		return p2p_error_set(packed->error, -ENOMEM, "%s: out of memory", packed->path);
	archive_read_support_format_tar(archive);
	archive_read_support_format_zip(archive);
	if (raw)
		archive_read_support_format_raw(archive);
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_zstd(archive);
	if (archive_read_open_memory(archive, bytes, size))
		return p2p_error_set(packed->error, -EBADMSG,
				     "%s: not an archive that can be read: %s", packed->path,
				     archive_error_string(archive));
	return 0;
}

void p2p_packed_close(struct p2p_packed *packed)
{
	if (packed->archive)
		archive_read_free(packed->archive);
}

static int too_much(const struct p2p_packed *packed)
{
	return p2p_error_set(packed->error, -EFBIG,
			     "%s: an archive of more files or bytes than any machine's sysfs has; "
			     "give one of sys/ only",
			     packed->path);
}

static bool is_too_much(const struct p2p_packed *packed)
{
	return packed->kept > P2P_ARCHIVE_KEPT_MAX ||
	       archive_filter_bytes(packed->archive, 0) > P2P_ARCHIVE_READ_MAX;
}

static int damaged(const struct p2p_packed *packed)
{
	return p2p_error_set(packed->error, -EBADMSG,
			     "%s: damaged archive at byte %lld of its contents: %s; copy it again",
			     packed->path, (long long)archive_filter_bytes(packed->archive, 0),
			     archive_error_string(packed->archive));
}

/* What libarchive would skip in one go, however much it unpacks to. */
static int skip_rest(struct p2p_packed *packed)
{
	const void *block;
	la_int64_t offset;
	size_t size;
	int rc;

	do {
		rc = archive_read_data_block(packed->archive, &block, &size, &offset);
		if (is_too_much(packed))
			return too_much(packed);
	} while (rc == ARCHIVE_OK);
	return rc == ARCHIVE_EOF || rc == ARCHIVE_WARN ? 0 : damaged(packed);
}

int p2p_packed_next(struct p2p_packed *packed, struct archive_entry **entry)
{
	int rc;

	*entry = NULL;
	if (packed->entries) {
		rc = skip_rest(packed);
		if (rc)
			return rc;
	}
	rc = archive_read_next_header(packed->archive, entry);
	if (rc == ARCHIVE_EOF) {
		*entry = NULL;
		return 0;
	}
	if (rc < ARCHIVE_WARN)
		return damaged(packed);
	if (packed->entries++ == P2P_ARCHIVE_FILES_MAX || is_too_much(packed))
		return too_much(packed);
	return 0;
}

int p2p_packed_data(struct p2p_packed *packed, void *data, size_t size, size_t *got)
{
	la_ssize_t count = archive_read_data(packed->archive, data, size);

	*got = 0;
	if (count < 0)
		return damaged(packed);
	*got = (size_t)count;
	return is_too_much(packed) ? too_much(packed) : 0;
}
