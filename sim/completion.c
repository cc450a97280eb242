// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The data of a read on its way back, routed by requester ID (PCIe 2.2.9, 2.2.4.2).
 *
 * A host bridge that passed a read on to another one asks there in its own name, since requester
 * IDs mean nothing in another domain; the data then comes back to it, whatever buses are below.
 */
#include "private.h"

static bool takes_id(const struct sim_request *request, sim_node node)
{
	const struct sim_object *object = sim_object(request, node);
	uint8_t bus = sim_object(request, request->client)->registers.bus;

	if (request->host_owns || !object->registers.present)
		return false;
	if (node == request->client)
		return true;
	return sim_is_port(object->info.kind) && bus >= object->registers.secondary &&
	       bus <= object->registers.subordinate;
}

/* Who below `parent` but `except` the completion is for or passes through. */
static sim_node taker(const struct sim_request *request, sim_node parent, sim_node except)
{
	sim_node node = sim_object(request, parent)->first_child;

	while (node != SIM_NO_NODE && (node == except || !takes_id(request, node)))
		node = sim_object(request, node)->next_sibling;
	return node;
}

static void come_down(struct sim_request *request, sim_node node)
{
	while (node != request->client) {
		sim_node next = taker(request, node, SIM_NO_NODE);

		if (next == SIM_NO_NODE) {
			sim_die(request, node, SIM_LOST, 0,
				"the requester's bus number leads nowhere below");
			return;
		}
		sim_completion_hop(request, node, SIM_DOWN, 0);
		node = next;
	}
	sim_completion_hop(request, node, SIM_ENDS, 0);
}

/* The host has the data: hands it to a client on the CPU's bus, or down that client's bridge. */
static void from_host(struct sim_request *request)
{
	sim_node bridge = sim_host_bridge(request->machine, request->client);
	sim_node next;

	if (bridge == SIM_NO_NODE) {
		sim_completion_hop(request, request->client, SIM_ENDS, 0);
		return;
	}
	request->host_owns = false;
	next = taker(request, bridge, SIM_NO_NODE);
	if (next == SIM_NO_NODE) {
		sim_die(request, bridge, SIM_LOST, 0,
			"the requester's bus number leads nowhere below");
		return;
	}
	sim_completion_hop(request, bridge, SIM_PUTS, 0);
	come_down(request, next);
}

/* Returns whether the completion turned around at `node`, to its neighbour `peer`. */
static bool turns(struct sim_request *request, sim_node node, sim_node peer)
{
	uint16_t bits;

	if (sim_acs_completion(request, node, &bits) == SIM_PASS_PEER) {
		sim_completion_hop(request, node, SIM_TURNS, 0);
		come_down(request, peer);
		return true;
	}
	request->redirected = true;
	sim_completion_hop(request, node, SIM_REDIRECTS, bits);
	return false;
}

static void reach_host(struct sim_request *request, sim_node node, sim_node bridge)
{
	bool direct = sim_object(request, bridge)->registers.peers & SIM_PEERS_DIRECT;
	sim_node peer = taker(request, bridge, node);

	if (peer != SIM_NO_NODE && direct) {
		if (turns(request, node, peer))
			return;
	} else if (sim_is_port(sim_object(request, node)->info.kind)) {
		sim_completion_hop(request, node, SIM_UP, 0);
	}
	sim_completion_hop(request, bridge, SIM_TAKES, 0);
	from_host(request);
}

/* As requests: back where it came from only with Upstream Forwarding. True: it ended there. */
static bool own_bus(struct sim_request *request, sim_node port)
{
	if (!(sim_acs(sim_object(request, port)) & SIM_ACS_UF)) {
		sim_die(request, port, SIM_LOST, 0,
			"the requester is below the port it came from, and Upstream Forwarding is "
			"off");
		return true;
	}
	request->redirected = true;
	sim_completion_hop(request, port, SIM_REDIRECTS, SIM_ACS_UF);
	return false;
}

static bool is_back(struct sim_request *request, sim_node node)
{
	if (node != request->client)
		return false;
	sim_completion_hop(request, node, SIM_ENDS, 0);
	return true;
}

static sim_node cross_switch(struct sim_request *request, sim_node port, sim_node upstream)
{
	sim_node peer = taker(request, upstream, port);

	if (takes_id(request, port)) {
		if (own_bus(request, port))
			return SIM_NO_NODE;
	} else if (peer != SIM_NO_NODE) {
		if (turns(request, port, peer))
			return SIM_NO_NODE;
	} else {
		sim_completion_hop(request, port, SIM_UP, 0);
	}
	if (is_back(request, upstream))
		return SIM_NO_NODE;
	if (!request->redirected && takes_id(request, upstream)) {
		sim_die(request, upstream, SIM_LOST, 0,
			"the requester's bus is in its range, and none of its ports has it");
		return SIM_NO_NODE;
	}
	sim_completion_hop(request, upstream, SIM_UP, 0);
	return upstream;
}

static sim_node other_function(const struct sim_request *request, sim_node node)
{
	const struct sim_object *object = sim_object(request, node);
	sim_node peer = sim_object(request, object->info.parent)->first_child;

	for (; peer != SIM_NO_NODE; peer = sim_object(request, peer)->next_sibling)
		if (peer != node && sim_object(request, peer)->info.slot == object->info.slot &&
		    takes_id(request, peer))
			break;
	return object->info.isolated ? SIM_NO_NODE : peer;
}

static sim_node leave(struct sim_request *request, sim_node node)
{
	sim_node port = sim_object(request, node)->info.parent;
	sim_node peer = other_function(request, node);

	if (peer != SIM_NO_NODE && turns(request, node, peer))
		return SIM_NO_NODE;
	if (sim_object(request, port)->info.kind == SIM_HOST_BRIDGE) {
		reach_host(request, node, port);
		return SIM_NO_NODE;
	}
	if (is_back(request, port))
		return SIM_NO_NODE;
	if (sim_object(request, port)->info.kind == SIM_DOWNSTREAM_PORT)
		return cross_switch(request, port, sim_object(request, port)->info.parent);
	if (!takes_id(request, port) || !own_bus(request, port))
		reach_host(request, port, sim_object(request, port)->info.parent);
	return SIM_NO_NODE;
}

void sim_complete(struct sim_request *request)
{
	sim_node node = request->result->where;
	const struct sim_object *object = sim_object(request, node);

	request->redirected = false;
	if (node == request->client)
		return;
	if (object->info.memory_size) {
		from_host(request);
		return;
	}
	if (takes_id(request, node)) {
		come_down(request, node);
		return;
	}
	sim_completion_hop(request, node, SIM_SENDS, 0);
	if (object->info.kind == SIM_ROOT_PORT) {
		reach_host(request, node, object->info.parent);
		return;
	}
	if (object->info.kind == SIM_DOWNSTREAM_PORT)
		node = cross_switch(request, node, object->info.parent);
	while (node != SIM_NO_NODE)
		node = leave(request, node);
}
