// SPDX-License-Identifier: MIT
/*
 * By what a machine was taken for a virtual one.
 */
#include <p2pmem/topology.h>

#include "hypervisor.h"
#include "machine/platform_ids.h"

void p2p_hypervisor_add(struct p2p_text_builder *out, const struct p2p_machine *machine)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	p2p_node node = p2p_machine_facts(machine)->guest_shown_by;
	const struct p2p_node_info *info = p2p_fabric_info(fabric, node);
	char address[P2P_ADDRESS];

	if (!info)
		p2p_text_add(out, "the CPU's hypervisor flag");
	else
		p2p_text_add(out, "%s [%04x:%04x] is %s's", p2p_address(fabric, node, address),
			     info->vendor, info->device, p2p_ids_hypervisor(fabric, node));
}
