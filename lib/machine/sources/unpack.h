/* SPDX-License-Identifier: MIT */
/*
 * Packed files in memory, by libarchive, within limits: an archive may be a bomb.
 */
#ifndef P2P_SOURCES_UNPACK_H
#define P2P_SOURCES_UNPACK_H

#include "source.h"

struct archive;
struct archive_entry;

struct p2p_packed {
	const char *path; /* for messages */
	struct p2p_error *error;
	struct archive *archive;
	unsigned int entries;
	size_t kept; /* by the reader, which counts it up */
};

/** Whether bytes are packed in a way that these functions undo. */
bool p2p_is_packed(const struct p2p_input *input);

/** Opens an archive (tar, zip), packed or not; with `raw` one packed file, too. 0 or -errno. */
int p2p_packed_open(struct p2p_packed *packed, const void *bytes, size_t size, bool raw);
void p2p_packed_close(struct p2p_packed *packed);

/** The next entry; NULL behind the last. 0, or -EBADMSG or -EFBIG with the error set. */
int p2p_packed_next(struct p2p_packed *packed, struct archive_entry **entry);

/** Up to `size` bytes of the entry's contents, in order; `*got` is 0 at their end. As above. */
int p2p_packed_data(struct p2p_packed *packed, void *data, size_t size, size_t *got);

/**
 * The text in a packed file: of an archive what lspci printed, by the entries' names, else
 * the first topology XML or text with functions in it. `text->data` is NULL where there is a sysfs
 * tree instead, or nothing of the kind. The blob is the caller's to free. 0 or -errno.
 */
int p2p_packed_text(const struct p2p_input *input, struct p2p_blob *text, struct p2p_error *error);

#endif
