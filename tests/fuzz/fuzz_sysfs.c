// SPDX-License-Identifier: MIT
/*
 * Fuzzes the sysfs source with trees of the fuzzer's making, where tar's checksums would stop it.
 * Entries are separated by "\n@": F, L or D for the kind, a path up to the next newline, then the
 * contents.
 */
#include "read_any.h"

#include "sources/text.h"
#include "sources/tree_memory.h"

static void add_entry(struct p2p_memory_tree *memory, struct p2p_span text)
{
	enum p2p_entry_kind kind = P2P_ENTRY_FILE;
	char path[P2P_TREE_PATH];
	struct p2p_span line;

	if (p2p_span_skip(&text, "L"))
		kind = P2P_ENTRY_LINK;
	else if (p2p_span_skip(&text, "D"))
		kind = P2P_ENTRY_FOLDER;
	else
		p2p_span_skip(&text, "F");
	if (!p2p_span_line(&text, &line, NULL) || line.length >= sizeof(path) ||
	    memchr(line.text, '\0', line.length))
		return;
	memcpy(path, line.text, line.length);
	path[line.length] = '\0';
	p2p_memory_tree_add(memory, kind, path, text.text, text.length);
}

static struct p2p_memory_tree *parse(const uint8_t *data, size_t size)
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
	return memory;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct p2p_memory_tree *memory = parse(data, size);
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;
	struct p2p_tree tree;
	int status;

	if (!memory || p2p_build_new("sysfs", &machine)) {
		p2p_memory_tree_free(memory);
		return 0;
	}
	p2p_memory_tree_seal(memory);
	tree = p2p_memory_tree_open(memory);
	status = p2p_sysfs_read("input", &tree, false, machine, &error);
	if (!status)
		status = p2p_build_finish(machine, &error);
	if (!status)
		use_machine(machine);
	else if (!error.text[0])
		abort();
	p2p_machine_free(machine);
	p2p_tree_close(&tree);
	return 0;
}
