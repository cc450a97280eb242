// SPDX-License-Identifier: MIT
/*
 * Fuzzes the unpacking of one gzip file: the input as it is, and the same bytes packed first, so
 * that whatever comes out of a file is also seen. A limit cuts, and never is exceeded.
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#include "machine/sources/platform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LIMIT ((size_t)64 << 10)

/* Unpacks with a limit; the text must end with a NUL behind what was counted. */
static void unpack(const struct p2p_blob *packed, size_t limit, struct p2p_blob *text)
{
	if (p2p_gunzip(packed, limit, text)) {
		if (text->data)
			abort();
		return;
	}
	if (text->size > limit || text->data[text->size])
		abort();
}

/* By a half of the limit comes the first half of what the whole limit gives, or nothing. */
static void unpack_cut(const struct p2p_blob *packed)
{
	struct p2p_blob all, some;

	unpack(packed, LIMIT, &all);
	if (all.data) {
		unpack(packed, all.size / 2, &some);
		if (!some.data || some.size != all.size / 2 ||
		    memcmp(some.data, all.data, some.size) != 0)
			abort();
		free(some.data);
	}
	free(all.data);
}

static void pack(const uint8_t *data, size_t size, struct p2p_blob *packed)
{
	struct archive_entry *entry = archive_entry_new();
	struct archive *archive = archive_write_new();

	packed->data = malloc(2 * LIMIT);
	if (!entry || !archive || !packed->data)
		abort();
	archive_write_set_format_raw(archive);
	archive_write_add_filter_gzip(archive);
	archive_entry_set_pathname(entry, "input");
	archive_entry_set_filetype(entry, AE_IFREG);
	if (archive_write_open_memory(archive, packed->data, 2 * LIMIT, &packed->size) ||
	    archive_write_header(archive, entry) ||
	    archive_write_data(archive, data, size) != (la_ssize_t)size ||
	    archive_write_close(archive))
		abort();
	archive_write_free(archive);
	archive_entry_free(entry);
}

static bool is_packed(const uint8_t *data, size_t size)
{
	return size >= 2 && data[0] == 0x1f && data[1] == 0x8b;
}

static void come_back(const uint8_t *data, size_t size)
{
	struct p2p_blob packed, text;

	pack(data, size, &packed);
	unpack(&packed, LIMIT, &text);
	if (!text.data || text.size != size || memcmp(text.data, data, size) != 0)
		abort();
	free(text.data);
	free(packed.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + !size);
	const struct p2p_blob packed = { .data = copy, .size = size };

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	unpack_cut(&packed);
	/* libarchive takes no file of nothing for one, and unpacks what was packed twice twice. */
	if (size && size <= LIMIT && !is_packed(data, size))
		come_back(data, size);
	free(copy);
	return 0;
}
