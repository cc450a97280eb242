// SPDX-License-Identifier: MIT
/*
 * The text in a packed file: an attachment of a mail, or a report that some tool gathered
 * (sosreport, supportconfig, nvidia-bug-report), of which the name of a file tells what it is.
 */
#include "unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "span.h"

#define CHUNK ((size_t)64 << 10)

/* What a name promises, the best last. */
enum promise {
	PROMISE_NOTHING,
	PROMISE_TEXT,
	PROMISE_XML,
	PROMISE_LSPCI,
};

struct gathering {
	struct p2p_packed packed;
	struct p2p_blob text;
	enum promise promise;
	bool is_tree;
};

static bool ends_in(const char *path, const char *end)
{
	size_t length = strlen(path), wanted = strlen(end);

	return length >= wanted && !strcasecmp(path + length - wanted, end);
}

static enum promise promise_of(const char *path)
{
	const char *name = strrchr(path, '/');

	name = name ? name + 1 : path;
	if (strcasestr(name, "lspci"))
		return PROMISE_LSPCI;
	if (ends_in(name, ".xml"))
		return PROMISE_XML;
	if (ends_in(name, ".txt") || ends_in(name, ".log") || ends_in(name, ".out") ||
	    strcasestr(name, "pci") || !strcmp(name, "data"))
		return PROMISE_TEXT;
	return PROMISE_NOTHING;
}

static bool is_of_tree(const char *path)
{
	return strstr(path, "sys/bus/pci/devices") || ends_in(path, "p2pmem-capture");
}

static int grow(struct gathering *gathering, size_t room)
{
	struct p2p_blob *text = &gathering->text;
	char *larger = realloc(text->data, text->size + room + 1);

	if (!larger)
		return p2p_error_set(gathering->packed.error, -ENOMEM, "%s: out of memory",
				     gathering->packed.path);
	text->data = larger;
	return 0;
}

static int gather_data(struct gathering *gathering)
{
	struct p2p_blob *text = &gathering->text;
	size_t got;
	int rc;

	do {
		rc = grow(gathering, CHUNK);
		if (!rc)
			rc = p2p_packed_data(&gathering->packed, text->data + text->size, CHUNK,
					     &got);
		if (rc)
			return rc;
		text->size += got;
		gathering->packed.kept += got;
	} while (got);
	text->data[text->size] = '\0';
	return 0;
}

/* Several files of lspci's are of one machine: -vvv and -t, as one would paste them. */
static int gather(struct gathering *gathering, enum promise promise)
{
	static const char boundary[] = "\n$ lspci\n";
	struct p2p_blob *text = &gathering->text;
	size_t before;
	int rc;

	if (promise > gathering->promise)
		text->size = 0;
	before = text->size;
	rc = grow(gathering, sizeof(boundary));
	if (rc)
		return rc;
	if (before) {
		memcpy(text->data + before, boundary, sizeof(boundary) - 1);
		text->size += sizeof(boundary) - 1;
	}
	gathering->promise = promise;
	return gather_data(gathering);
}

static int gather_entry(struct gathering *gathering, struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);
	enum promise promise;

	if (!path || archive_entry_hardlink(entry) || archive_entry_filetype(entry) != AE_IFREG)
		return 0;
	gathering->is_tree |= is_of_tree(path);
	promise = promise_of(path);
	/* Of XML files the first; lspci's are all put together, and so are texts of any name. */
	if (gathering->is_tree || promise < gathering->promise || promise == PROMISE_NOTHING ||
	    (promise == PROMISE_XML && gathering->promise == PROMISE_XML))
		return 0;
	return gather(gathering, promise);
}

static int gather_all(struct gathering *gathering)
{
	struct archive_entry *entry;
	int rc;

	while (!gathering->is_tree) {
		rc = p2p_packed_next(&gathering->packed, &entry);
		if (rc || !entry)
			return rc;
		rc = gather_entry(gathering, entry);
		if (rc)
			return rc;
	}
	return 0;
}

int p2p_packed_text(const struct p2p_input *input, struct p2p_blob *text, struct p2p_error *error)
{
	struct gathering gathering = { .packed = { .path = input->path, .error = error } };
	int rc = p2p_packed_open(&gathering.packed, input->data, input->size, true);

	if (!rc)
		rc = gather_all(&gathering);
	p2p_packed_close(&gathering.packed);
	if (rc || gathering.is_tree || !gathering.text.size) {
		free(gathering.text.data);
		gathering.text = (struct p2p_blob){ NULL, 0 };
	}
	*text = gathering.text;
	return rc;
}
