// SPDX-License-Identifier: MIT
/*
 * What is said in JSON by several commands.
 */
#include <inttypes.h>
#include <stdio.h>

#include <p2pmem/acs.h>

#include "format.h"
#include "exit.h"
#include "json.h"
#include <p2pmem/text.h>
#include <p2pmem/topology.h>

json_t *cli_json_head(json_t *fields)
{
	return cli_json_envelope(cli_running(), cli_running()->json_format, fields);
}

int cli_json_print(json_t *fields)
{
	json_t *object = cli_json_head(fields);
	int rc = object ? json_dumpf(object, stdout, JSON_INDENT(1)) : -1;

	json_decref(object);
	if (rc && !ferror(stdout))
		return cli_fail_memory();
	printf("\n");
	return cli_finish();
}

json_t *cli_json_known(enum p2p_known known)
{
	return known == P2P_UNKNOWN ? json_null() : json_boolean(known == P2P_PRESENT);
}

json_t *cli_json_natural(int64_t number)
{
	return number >= 0 ? json_integer(number) : json_null();
}

json_t *cli_json_address(const struct p2p_fabric *fabric, p2p_node node)
{
	char text[P2P_ADDRESS];

	return node == P2P_NO_NODE ? json_null() : json_string(p2p_address(fabric, node, text));
}

json_t *cli_json_names(const struct p2p_machine *machine, p2p_node node)
{
	static const char *const kinds[] = {
		[P2P_NAME_NVME] = "nvme", [P2P_NAME_BLOCK] = "block",
		[P2P_NAME_NET] = "net",   [P2P_NAME_INFINIBAND] = "infiniband",
		[P2P_NAME_DRM] = "drm",   [P2P_NAME_OTHER] = "other",
	};
	uint32_t count;
	const struct p2p_name *names = p2p_machine_names(machine, node, &count);
	json_t *array = json_array();

	for (uint32_t i = 0; i < count; i++) {
		if (!json_array_append_new(array,
					   json_pack("{s:s, s:o}", "kind", kinds[names[i].kind],
						     "name", cli_json_text(names[i].text))))
			continue;
		json_decref(array);
		return NULL;
	}
	return array;
}

const char *cli_json_type(enum p2p_kind kind)
{
	static const char *const names[] = {
		[P2P_KIND_HOST_BRIDGE] = "host-bridge",
		[P2P_KIND_ROOT_PORT] = "root-port",
		[P2P_KIND_UPSTREAM_PORT] = "upstream-port",
		[P2P_KIND_DOWNSTREAM_PORT] = "downstream-port",
		[P2P_KIND_PCI_BRIDGE] = "pci-bridge",
		[P2P_KIND_BRIDGE] = "bridge",
		[P2P_KIND_ENDPOINT] = "endpoint",
		[P2P_KIND_OFF_BUS] = "off-bus",
	};

	return names[kind];
}

json_t *cli_json_device(const struct p2p_machine *machine, p2p_node node)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	const struct p2p_node_info *info = p2p_fabric_info(fabric, node);

	return json_pack(
		"{s:o, s:s, s:s, s:o, s:o, s:o}", "address", cli_json_address(fabric, node), "type",
		info->unplaced ? "bus" : cli_json_type(info->kind), "kind",
		p2p_device_kind_name(p2p_device_kind(machine, node)), "model",
		cli_json_text(p2p_machine_device(machine, node)->model), "names",
		cli_json_names(machine, node), "numa_node", cli_json_natural(info->numa_node));
}

json_t *cli_json_acs(uint16_t bits)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < 16; i++) {
		const char *name = p2p_acs_bit_name((uint16_t)(bits & 1u << i));

		if (!name || !json_array_append_new(array, json_string(name)))
			continue;
		json_decref(array);
		return NULL;
	}
	return array;
}

json_t *cli_json_error(const struct p2p_error *error)
{
	return json_pack("{s:i, s:o}", "status", cli_exit_status(error->code), "text",
			 cli_json_text(error->text));
}

json_t *cli_json_node(int64_t index)
{
	return index < 0 ? json_null() : json_sprintf("/dev/p2pmem%" PRId64, index);
}

json_t *cli_json_kernel(const char *release, const struct p2p_kernel *kernel)
{
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o}", "kernel",
			 cli_json_text(kernel->row ? kernel->row->who : NULL), "release", release,
			 "p2pdma", cli_json_known(kernel->p2pdma), "p2pdma_from",
			 cli_json_text(kernel->p2pdma_from), "allocate",
			 cli_json_known(kernel->allocate), "dmabuf",
			 cli_json_known(kernel->dmabuf));
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
