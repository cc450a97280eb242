// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A request on its way up: what functions, ports and root buses do with it until it turns around,
 * reaches the host or dies.
 */
#include "private.h"

static void turn(struct sim_request *request, sim_node node, sim_node peer, uint16_t bits)
{
	sim_hop(request, node, SIM_TURNS, bits);
	sim_go_down(request, peer);
}

/*
 * A neighbour takes the address: passes the request there, blocks it, or has it go on up.
 * Returns whether that was the end of its way up.
 */
static bool meets_peer(struct sim_request *request, sim_node node, sim_node peer)
{
	uint16_t bits;

	switch (sim_acs_request(request, node, peer, &bits)) {
	case SIM_PASS_PEER:
		turn(request, node, peer, bits);
		return true;
	case SIM_PASS_NOT:
		sim_die(request, node, SIM_BLOCKED, bits,
			"Egress Control blocks requests to that neighbour");
		return true;
	case SIM_PASS_UP:
		break;
	}
	request->redirected = true;
	sim_hop(request, node, SIM_REDIRECTS, bits);
	return false;
}

/* Another function of the same device that takes the address. */
static sim_node other_function(const struct sim_request *request, sim_node node)
{
	const struct sim_object *object = sim_object(request, node);
	sim_node peer = sim_object(request, object->info.parent)->first_child;

	for (; peer != SIM_NO_NODE; peer = sim_object(request, peer)->next_sibling) {
		const struct sim_object *other = sim_object(request, peer);

		if (peer != node && other->info.slot == object->info.slot &&
		    sim_claims(other, request->address))
			break;
	}
	return object->info.isolated ? SIM_NO_NODE : peer;
}

/*
 * On a root bus: root ports and integrated functions next to `node`, then the host. Going straight
 * to a neighbour is the root complex's choice (PCIe 1.3.1); where it does not, all goes to the
 * host, but for what Egress Control blocks.
 */
static void leave_root_bus(struct sim_request *request, sim_node node, sim_node bridge)
{
	sim_node peer = sim_claimant(request->machine, bridge, request->address, node);
	bool direct = sim_object(request, bridge)->registers.peers & SIM_PEERS_DIRECT;
	uint16_t bits;

	if (peer != SIM_NO_NODE &&
	    (direct || sim_acs_request(request, node, peer, &bits) != SIM_PASS_PEER)) {
		if (meets_peer(request, node, peer))
			return;
	} else if (sim_is_port(sim_object(request, node)->info.kind)) {
		sim_hop(request, node, SIM_UP, 0);
	}
	sim_go_host(request, bridge);
}

/* What a root or downstream port asks of all that comes from below; false: it died there. */
static bool port_admits(struct sim_request *request, sim_node port)
{
	uint16_t bits;

	if (!sim_object(request, port)->registers.bus_master) {
		/* PCIe 7.5.1.1.3: such requests are handled as Unsupported Requests. */
		sim_die(request, port, SIM_UNSUPPORTED, 0,
			"its bus master bit is clear, so it forwards no requests up");
		return false;
	}
	if (sim_acs_admits(request, port, &bits))
		return true;
	sim_die(request, port, SIM_BLOCKED, bits,
		bits & SIM_ACS_SV ? "Source Validation: the requester's bus is not below this port"
				  : "Translation Blocking: the request says it is translated");
	return false;
}

/*
 * A port whose own window holds the address would send the request back where it came from.
 * It does not: it is an Unsupported Request, unless Upstream Forwarding sends it on up, for
 * those that something below redirected (PCIe 6.12.1.1).
 */
static bool own_window(struct sim_request *request, sim_node port)
{
	if (!(sim_acs(sim_object(request, port)) & SIM_ACS_UF)) {
		sim_die(request, port, SIM_UNSUPPORTED, 0,
			"the address is below the port it came from, and Upstream Forwarding is "
			"off");
		return true;
	}
	request->redirected = true;
	sim_hop(request, port, SIM_REDIRECTS, SIM_ACS_UF);
	return false;
}

static bool lands_in(struct sim_request *request, sim_node node)
{
	const struct sim_object *object = sim_object(request, node);
	unsigned int bar;
	uint64_t offset;

	if (!object->registers.memory_enable ||
	    !sim_in_bars(object, request->address, &bar, &offset))
		return false;
	sim_land(request, node, bar, offset);
	return true;
}

/* A switch: neighbours below the same upstream port, the upstream port itself, then its link. */
static sim_node cross_switch(struct sim_request *request, sim_node port, sim_node upstream)
{
	const struct sim_object *object = sim_object(request, upstream);
	sim_node peer = sim_claimant(request->machine, upstream, request->address, port);

	if (sim_in_limits(sim_object(request, port), request->address)) {
		if (own_window(request, port))
			return SIM_NO_NODE;
	} else if (peer != SIM_NO_NODE) {
		if (meets_peer(request, port, peer))
			return SIM_NO_NODE;
	} else {
		sim_hop(request, port, SIM_UP, 0);
	}
	if (lands_in(request, upstream))
		return SIM_NO_NODE;
	if (!object->registers.bus_master) {
		sim_die(request, upstream, SIM_UNSUPPORTED, 0,
			"its bus master bit is clear, so it forwards no requests up");
		return SIM_NO_NODE;
	}
	/* A bridge forwards up what its windows do not hold (PCIe 7.5.1.3). */
	if (!request->redirected && sim_in_limits(object, request->address)) {
		sim_die(request, upstream, SIM_UNSUPPORTED, 0,
			"the address is in its window, and none of its ports takes it");
		return SIM_NO_NODE;
	}
	sim_hop(request, upstream, SIM_UP, 0);
	return upstream;
}

static void cross_root_port(struct sim_request *request, sim_node port)
{
	sim_node bridge = sim_object(request, port)->info.parent;

	if (!sim_in_limits(sim_object(request, port), request->address))
		leave_root_bus(request, port, bridge);
	else if (!own_window(request, port))
		sim_go_host(request, bridge);
}

/* The next node whose link it goes up, or SIM_NO_NODE when its way up has ended. */
static sim_node leave(struct sim_request *request, sim_node node)
{
	sim_node parent = sim_object(request, node)->info.parent;
	sim_node peer = other_function(request, node);

	if (peer != SIM_NO_NODE && meets_peer(request, node, peer))
		return SIM_NO_NODE;
	if (sim_object(request, parent)->info.kind == SIM_HOST_BRIDGE) {
		if (request->redirected)
			sim_go_host(request, parent);
		else
			leave_root_bus(request, node, parent);
		return SIM_NO_NODE;
	}
	if (!port_admits(request, parent) || lands_in(request, parent))
		return SIM_NO_NODE;
	if (sim_object(request, parent)->info.kind == SIM_DOWNSTREAM_PORT)
		return cross_switch(request, parent, sim_object(request, parent)->info.parent);
	cross_root_port(request, parent);
	return SIM_NO_NODE;
}

void sim_go_up(struct sim_request *request, sim_node node)
{
	enum sim_kind kind = sim_object(request, node)->info.kind;

	if (lands_in(request, node))
		return;
	if (sim_is_port(kind) && sim_in_limits(sim_object(request, node), request->address)) {
		sim_go_down(request, node);
		return;
	}
	/* A downstream or root port's own DMA is on the bus above it at once. */
	if (kind == SIM_ROOT_PORT) {
		leave_root_bus(request, node, sim_object(request, node)->info.parent);
		return;
	}
	if (kind == SIM_DOWNSTREAM_PORT)
		node = cross_switch(request, node, sim_object(request, node)->info.parent);
	while (node != SIM_NO_NODE)
		node = leave(request, node);
}
