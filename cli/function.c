// SPDX-License-Identifier: MIT
/*
 * PCI functions as people and JSON name them.
 */
#include <errno.h>

#include <p2pmem/machine.h>

#include "function.h"
#include <p2pmem/text.h>

int cli_find_function(const char *name, struct p2p_bdf *function, struct p2p_error *error)
{
	const struct p2p_node_info *info;
	struct p2p_machine *machine;
	p2p_node node;
	int rc = p2p_machine_open(NULL, &machine, error);

	if (rc)
		return rc;
	rc = p2p_machine_find(machine, name, &node, error);
	if (!rc) {
		info = p2p_fabric_info(p2p_machine_fabric(machine), node);
		*function = info->bdf;
		if (info->kind == P2P_KIND_HOST_BRIDGE || info->kind == P2P_KIND_OFF_BUS)
			rc = p2p_error_set(
				error, -EINVAL,
				"%.80s: is not a PCI function, so it has no BAR: name one, "
				"as lspci does",
				name);
	}
	p2p_machine_free(machine);
	return rc;
}

json_t *cli_json_function(const struct p2p_module_memory *memory)
{
	char bdf[P2P_BDF_TEXT];

	return memory->on_pci ? json_string(p2p_bdf_text(memory->function, bdf)) : json_null();
}

json_t *cli_json_count(uint64_t count)
{
	return count == P2P_UNCOUNTED ? json_null() : json_integer((json_int_t)count);
}
