// SPDX-License-Identifier: MIT
/*
 * Fuzzes the sysfs source with trees of the fuzzer's making, see entries.h.
 */
#include "read_any.h"

#include "entries.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct p2p_memory_tree *memory = read_entries(data, size);
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;
	struct p2p_tree tree;
	int status;

	if (!memory || p2p_build_new("sysfs", &machine)) {
		p2p_memory_tree_free(memory);
		return 0;
	}
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
