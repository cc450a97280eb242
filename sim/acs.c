// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Access Control Services at one port or function, as PCIe 6.12 has them.
 */
#include "private.h"

/* PCIe 6.12.1.1, Source Validation: the requester's bus number must be one of those below. */
static bool source_is_below(const struct sim_request *request, const struct sim_object *port)
{
	uint8_t bus = sim_object(request, request->client)->registers.bus;

	return bus >= port->registers.secondary && bus <= port->registers.subordinate;
}

bool sim_acs_admits(const struct sim_request *request, sim_node port, uint16_t *bits)
{
	const struct sim_object *object = sim_object(request, port);
	uint16_t acs = sim_acs(object);

	*bits = 0;
	if (acs & SIM_ACS_SV && !source_is_below(request, object))
		*bits = SIM_ACS_SV;
	else if (acs & SIM_ACS_TB && request->translated)
		*bits = SIM_ACS_TB;
	return !*bits;
}

/* The Egress Control Vector counts ports by number, functions by function number: 7.7.11.4. */
static bool in_vector(const struct sim_object *object, const struct sim_object *peer)
{
	unsigned int index = sim_is_port(peer->info.kind) ? peer->info.slot : peer->info.function;

	return object->registers.acs_egress >> index & 1;
}

/*
 * PCIe 6.12.3, how the services interact. A translated request with Direct Translated P2P goes to
 * its peer whatever the others say. Egress Control picks peers by its vector: those picked are
 * redirected if Request Redirect is on too and blocked if not, all others go through. Request
 * Redirect alone redirects all.
 */
enum sim_pass sim_acs_request(const struct sim_request *request, sim_node node, sim_node peer,
			      uint16_t *bits)
{
	const struct sim_object *object = sim_object(request, node);
	uint16_t acs = sim_acs(object);

	*bits = 0;
	if (request->translated && acs & SIM_ACS_DT) {
		*bits = SIM_ACS_DT;
		return SIM_PASS_PEER;
	}
	if (acs & SIM_ACS_EC && !in_vector(object, sim_object(request, peer)))
		return SIM_PASS_PEER;
	*bits = acs & (SIM_ACS_RR | SIM_ACS_EC);
	if (acs & SIM_ACS_RR)
		return SIM_PASS_UP;
	return acs & SIM_ACS_EC ? SIM_PASS_NOT : SIM_PASS_PEER;
}

/* PCIe 6.12.1.1: only completions without Relaxed Ordering are redirected. */
enum sim_pass sim_acs_completion(const struct sim_request *request, sim_node node, uint16_t *bits)
{
	*bits = sim_acs(sim_object(request, node)) & SIM_ACS_CR;
	return *bits && !request->relaxed ? SIM_PASS_UP : SIM_PASS_PEER;
}
