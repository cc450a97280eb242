// SPDX-License-Identifier: MIT
/*
 * By what a machine was taken for a virtual one.
 */
#include "guest.h"

#include "machine/platform_ids.h"
#include <p2pmem/topology.h>

void p2p_guest_write(FILE *file, const struct p2p_machine *machine)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	p2p_node node = p2p_machine_facts(machine)->guest_shown_by;
	const struct p2p_node_info *info = p2p_fabric_info(fabric, node);
	char address[P2P_ADDRESS];

	if (!info) {
		fprintf(file, "the CPU's hypervisor flag");
		return;
	}
	fprintf(file, "%s [%04x:%04x] is %s's", p2p_address(fabric, node, address), info->vendor,
		info->device, p2p_ids_hypervisor(fabric, node));
}
