// SPDX-License-Identifier: MIT
/*
 * One gzip file in memory (/proc/config.gz), by the library that unpacks archives anyway.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

#include "platform.h"

static int unpack(struct archive *archive, const struct p2p_blob *packed, size_t limit,
		  struct p2p_blob *blob)
{
	struct archive_entry *entry;
	la_ssize_t got;

	archive_read_support_filter_gzip(archive);
	archive_read_support_format_raw(archive);
	if (archive_read_open_memory(archive, packed->data, packed->size) ||
	    archive_read_next_header(archive, &entry) != ARCHIVE_OK)
		return -EBADMSG;
	while (blob->size < limit) {
		got = archive_read_data(archive, blob->data + blob->size, limit - blob->size);
		if (got < 0)
			return -EBADMSG;
		if (!got)
			break;
		blob->size += (size_t)got;
	}
	blob->data[blob->size] = '\0';
	return 0;
}

int p2p_gunzip(const struct p2p_blob *packed, size_t limit, struct p2p_blob *blob)
{
	struct archive *archive = archive_read_new();
	int rc = -ENOMEM;

	blob->size = 0;
	blob->data = malloc(limit + 1);
	if (archive && blob->data)
		rc = unpack(archive, packed, limit, blob);
	if (archive)
		archive_read_free(archive);
	if (rc) {
		free(blob->data);
		blob->data = NULL;
	}
	return rc;
}
