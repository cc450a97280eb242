// SPDX-License-Identifier: MIT
/*
 * Names of models that a source does not know.
 */
#include "models.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MODEL 256

const struct p2p_pci_ids *p2p_models_list(struct p2p_machine *machine)
{
	if (machine->ids_asked)
		return machine->ids;
	machine->ids_asked = true;
	if (p2p_pci_ids_open(NULL, &machine->ids) == -ENOMEM)
		machine->out_of_memory = true;
	return machine->ids;
}

void p2p_models_done(struct p2p_machine *machine)
{
	p2p_pci_ids_free(machine->ids);
	machine->ids = NULL;
}

/* As lspci says it: "NVIDIA Corporation Device 2330". */
static bool is_nameless(const struct p2p_node_info *info, const char *model)
{
	char end[16];
	size_t length, needed;

	if (info->vendor == P2P_ID_UNKNOWN || info->device == P2P_ID_UNKNOWN)
		return false;
	if (!model)
		return true;
	length = strlen(model);
	needed = (size_t)snprintf(end, sizeof(end), "Device %04x", info->device);
	return length >= needed && !strcmp(model + length - needed, end);
}

static bool is_function(const struct p2p_node_info *info)
{
	return info->kind != P2P_KIND_HOST_BRIDGE && info->kind != P2P_KIND_OFF_BUS;
}

static void name_by(struct p2p_machine *machine, const struct p2p_pci_ids *ids)
{
	char text[MODEL];

	for (p2p_node node = 0; node < p2p_fabric_count(machine->fabric); node++) {
		const struct p2p_node_info *info = p2p_fabric_info(machine->fabric, node);
		struct p2p_device *device = &machine->devices[node];

		if (!is_function(info) || !is_nameless(info, device->model))
			continue;
		if (p2p_pci_ids_device(ids, info->vendor, info->device).text &&
		    p2p_pci_ids_model(ids, info->vendor, info->device, text, sizeof(text)))
			device->model = p2p_build_text(machine, text, strlen(text));
	}
}

void p2p_models_name(struct p2p_machine *machine, const char *list)
{
	struct p2p_pci_ids *other;

	if (!list) {
		name_by(machine, p2p_models_list(machine));
	} else if (!p2p_pci_ids_open(list, &other)) {
		name_by(machine, other);
		p2p_pci_ids_free(other);
	}
}
