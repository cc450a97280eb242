// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a pair that is let through rests on, as the core's fabric has it.
 */
#include "allow_facts.h"

#include <linux/slab.h>

static void p2pmem_allow_read_fact(const struct p2p_node_info *info, struct p2pmem_allow_fact *fact)
{
	fact->domain = info->bdf.domain;
	fact->bus = info->bdf.bus;
	fact->devfn = info->bdf.devfn;
	fact->vendor = info->vendor;
	fact->device = info->device;
	fact->subsystem_vendor = info->subsystem_vendor;
	fact->subsystem_device = info->subsystem_device;
	fact->acs_known = info->acs.known;
	fact->acs_capability = info->acs.capability;
	fact->acs_control = info->acs.control;
	for (u32 i = 0; i < P2P_BARS; i++)
		fact->bar[i] = info->bar[i].size ? info->bar[i].cpu.value : 0;
}

static bool p2pmem_allow_is_function(const struct p2p_fabric *fabric, p2p_node node)
{
	return node != P2P_NO_NODE && p2p_fabric_info(fabric, node)->kind != P2P_KIND_HOST_BRIDGE;
}

static u32 p2pmem_allow_depth(const struct p2p_fabric *fabric, p2p_node node)
{
	u32 depth = 0;

	for (; p2pmem_allow_is_function(fabric, node); node = p2p_fabric_parent(fabric, node))
		depth++;
	return depth;
}

static void p2pmem_allow_read_way(const struct p2p_fabric *fabric, p2p_node node,
				  struct p2pmem_allow_facts *facts)
{
	for (; p2pmem_allow_is_function(fabric, node); node = p2p_fabric_parent(fabric, node))
		p2pmem_allow_read_fact(p2p_fabric_info(fabric, node), &facts->fact[facts->count++]);
}

struct p2pmem_allow_facts *p2pmem_allow_read_facts(const struct p2pmem_machine *machine,
						   const struct pci_dev *client_function,
						   const struct pci_dev *provider_function)
{
	p2p_node client = p2pmem_fabric_node(machine, client_function);
	p2p_node provider = p2pmem_fabric_node(machine, provider_function);
	u32 count = p2pmem_allow_depth(machine->fabric, client) +
		    p2pmem_allow_depth(machine->fabric, provider);
	struct p2pmem_allow_facts *facts = kzalloc(struct_size(facts, fact, count), GFP_KERNEL);

	if (!facts)
		return NULL;
	p2pmem_allow_read_way(machine->fabric, client, facts);
	p2pmem_allow_read_way(machine->fabric, provider, facts);
	return facts;
}

const struct p2pmem_allow_fact *p2pmem_allow_find_change(const struct p2pmem_allow_facts *was,
							 const struct p2pmem_allow_facts *is)
{
	for (u32 i = 0; i < was->count; i++)
		if (i >= is->count || memcmp(&was->fact[i], &is->fact[i], sizeof(was->fact[i])))
			return &was->fact[i];
	return is->count > was->count ? &is->fact[was->count] : NULL;
}
