// SPDX-License-Identifier: MIT
/* Asks QEMU for its PCI functions. */
#include "query.h"

#include "arch.h"
#include "pci.h"

/* Linux numbers domains of ppc64le machines by the host bridges' indices (get_phb_number()). */
static unsigned int domain_of(const struct lab_machine *machine, const struct lab_node *node)
{
	if (machine->arch->host_bridge != LAB_BRIDGE_SPAPR &&
	    machine->arch->host_bridge != LAB_BRIDGE_PHB)
		return 0;
	while (node && node->kind != LAB_HOST_BRIDGE)
		node = node->parent;
	return node ? (unsigned int)node->bus : 0;
}

json_t *lab_query_pci(struct lab_guest *guest, struct lab_error *error)
{
	const struct lab_machine *machine = guest->config->machine;
	json_t *buses = lab_guest_ask(guest, json_pack("{s:s}", "execute", "query-pci"), error);

	for (unsigned int i = 1; buses && i < machine->count; i++)
		lab_pci_set_domain(buses, machine->nodes[i].id,
				   domain_of(machine, &machine->nodes[i]));
	return buses;
}
