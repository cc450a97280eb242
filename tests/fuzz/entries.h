/* SPDX-License-Identifier: MIT */
/*
 * A tree as a fuzzer can make it, where tar's checksums would stop it. Entries are separated by
 * "\n@": F, L or D for the kind, a path up to the next newline, then the contents.
 */
#ifndef P2P_TESTS_FUZZ_ENTRIES_H
#define P2P_TESTS_FUZZ_ENTRIES_H

#include <string.h>

#include "span.h"
#include "machine/sources/tree_memory.h"

static inline void add_entry(struct p2p_memory_tree *memory, struct p2p_span text)
{
	enum p2p_entry_kind kind = P2P_ENTRY_FILE;
	char path[P2P_TREE_PATH];
	struct p2p_span line;

	if (p2p_span_skip(&text, "L"))
		kind = P2P_ENTRY_LINK;
	else if (p2p_span_skip(&text, "D"))
		kind = P2P_ENTRY_DIRECTORY;
	else
		p2p_span_skip(&text, "F");
	if (!p2p_span_line(&text, &line, NULL) || line.length >= sizeof(path) ||
	    memchr(line.text, '\0', line.length))
		return;
	memcpy(path, line.text, line.length);
	path[line.length] = '\0';
	p2p_memory_tree_add(memory, kind, path, text.text, text.length);
}

/* Sealed; the caller's to free. NULL: out of memory. */
static inline struct p2p_memory_tree *read_entries(const uint8_t *data, size_t size)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	struct p2p_span rest = { (const char *)data, size };

	while (memory && rest.length) {
		struct p2p_span next = p2p_span_after(rest, "\n@");
		struct p2p_span entry = rest;

		if (next.text)
			entry.length = (size_t)(next.text - rest.text) - 2;
		add_entry(memory, entry);
		rest = next;
	}
	if (memory)
		p2p_memory_tree_seal(memory);
	return memory;
}

#endif
