// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The host: from a PCI domain through the IOMMU onto the CPU's bus, and from there to memory or
 * out again through a host bridge.
 */
#include "private.h"

/* Address Type 10b: the device had it translated before (PCIe 10.2). */
static bool vouched(struct sim_request *request, sim_node bridge)
{
	if (sim_object(request, bridge)->registers.iommu == SIM_IOMMU_OFF) {
		sim_die(request, bridge, SIM_UNSUPPORTED, 0,
			"the request says it is translated, and no IOMMU has done that");
		return false;
	}
	if (!sim_object(request, request->client)->registers.ats) {
		sim_die(request, bridge, SIM_FAULT, 0,
			"the request says it is translated, and ATS is off for that device");
		return false;
	}
	return true;
}

static bool translate(struct sim_request *request, sim_node bridge, p2p_cpu_addr *cpu)
{
	const struct sim_object *object = sim_object(request, bridge);

	if (request->translated) {
		cpu->value = request->address;
		return vouched(request, bridge);
	}
	if (object->registers.iommu == SIM_IOMMU_TRANSLATE) {
		if (sim_iommu_find(request->machine, request->client,
				   (p2p_dma_addr){ request->address }, request->write, cpu))
			return true;
		sim_die(request, bridge, SIM_FAULT, 0,
			"the device's table has no such translation");
		return false;
	}
	if (sim_inbound_to_cpu(&object->info, (p2p_bus_addr){ request->address }, cpu))
		return true;
	sim_die(request, bridge, SIM_ABORT, 0, "no inbound window of the host takes this address");
	return false;
}

void sim_go_host(struct sim_request *request, sim_node bridge)
{
	bool translating = sim_object(request, bridge)->registers.iommu == SIM_IOMMU_TRANSLATE &&
			   !request->translated;
	p2p_cpu_addr cpu;

	if (!translate(request, bridge, &cpu))
		return;
	request->address = cpu.value;
	sim_hop(request, bridge, translating ? SIM_TRANSLATES : SIM_TAKES, 0);
	sim_go_cpu(request, bridge);
}

static const char *refusal(const struct sim_request *request, sim_node from, sim_node to)
{
	uint32_t peers = sim_object(request, to)->registers.peers;

	if (from == SIM_NO_NODE) {
		if (sim_object(request, request->client)->info.no_mmio)
			return "the coherent link does not reach PCI devices";
		return NULL;
	}
	if (from == to)
		return peers & SIM_PEERS_SAME
			       ? NULL
			       : "the host bridge does not send back out what came in (PCIe 1.3.1)";
	if (peers & sim_object(request, from)->registers.peers & SIM_PEERS_CROSS)
		return NULL;
	return "the host does not forward between these host bridges (PCIe 1.3.1)";
}

static void leave_host(struct sim_request *request, sim_node from, sim_node bridge,
		       p2p_bus_addr bus)
{
	const char *why = refusal(request, from, bridge);
	sim_node next;

	if (why) {
		sim_die(request, bridge, SIM_ABORT, 0, why);
		return;
	}
	request->address = bus.value;
	request->host_owns = from != bridge;
	next = sim_claimant(request->machine, bridge, bus.value, SIM_NO_NODE);
	if (next == SIM_NO_NODE) {
		sim_die(request, bridge, SIM_UNSUPPORTED, 0,
			"nothing on its root bus takes this address");
		return;
	}
	sim_hop(request, bridge, SIM_PUTS, 0);
	sim_go_down(request, next);
}

void sim_go_cpu(struct sim_request *request, sim_node from)
{
	const p2p_cpu_addr cpu = { request->address };

	for (sim_node node = 0; node < request->machine->count; node++) {
		const struct sim_object *object = sim_object(request, node);
		p2p_bus_addr bus;

		if (!object->registers.present)
			continue;
		if (object->info.kind == SIM_HOST_BRIDGE) {
			if (sim_window_to_bus(&object->info, cpu, &bus)) {
				leave_host(request, from, node, bus);
				return;
			}
		} else if (cpu.value >= object->info.memory.value &&
			   cpu.value - object->info.memory.value < object->info.memory_size) {
			sim_land(request, node, 0, cpu.value - object->info.memory.value);
			return;
		}
	}
	sim_die(request, from == SIM_NO_NODE ? request->client : from, SIM_ABORT, 0,
		"nothing is at this CPU address");
}
