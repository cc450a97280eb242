// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What is put on record about a request, and the words for it.
 */
#include "private.h"

static void record(const struct sim_request *request, const struct sim_hop *hop)
{
	struct sim_result *result = request->result;

	if (result->hop_count < SIM_HOPS_MAX)
		result->hop[result->hop_count] = *hop;
	result->hop_count++;
}

void sim_hop(const struct sim_request *request, sim_node node, enum sim_action action,
	     uint16_t bits)
{
	const struct sim_hop hop = {
		.node = node,
		.action = action,
		.bits = bits,
		.address = request->address,
	};

	record(request, &hop);
}

void sim_completion_hop(const struct sim_request *request, sim_node node, enum sim_action action,
			uint16_t bits)
{
	const struct sim_hop hop = {
		.node = node,
		.action = action,
		.bits = bits,
		.completion = true,
	};

	record(request, &hop);
}

void sim_land(const struct sim_request *request, sim_node node, unsigned int bar, uint64_t offset)
{
	struct sim_result *result = request->result;

	sim_hop(request, node, SIM_ENDS, 0);
	result->outcome = SIM_LANDED;
	result->where = node;
	result->bar = bar;
	result->offset = offset;
	result->why = "it is memory of this node";
}

void sim_die(const struct sim_request *request, sim_node node, enum sim_outcome outcome,
	     uint16_t bits, const char *why)
{
	struct sim_result *result = request->result;

	if (outcome == SIM_LOST)
		sim_completion_hop(request, node, SIM_DIES, bits);
	else
		sim_hop(request, node, SIM_DIES, bits);
	result->outcome = outcome;
	result->where = node;
	result->bits = bits;
	result->why = why;
}

const char *sim_outcome_name(enum sim_outcome outcome)
{
	switch (outcome) {
	case SIM_LANDED:
		return "landed";
	case SIM_NOT_SENT:
		return "not-sent";
	case SIM_UNSUPPORTED:
		return "unsupported";
	case SIM_BLOCKED:
		return "acs";
	case SIM_FAULT:
		return "iommu";
	case SIM_ABORT:
		return "abort";
	case SIM_LOST:
		return "lost";
	}
	return "?";
}

const char *sim_action_name(enum sim_action action)
{
	switch (action) {
	case SIM_SENDS:
		return "sends";
	case SIM_UP:
		return "up";
	case SIM_REDIRECTS:
		return "redirects";
	case SIM_TURNS:
		return "turns";
	case SIM_TAKES:
		return "takes";
	case SIM_TRANSLATES:
		return "translates";
	case SIM_PUTS:
		return "puts";
	case SIM_DOWN:
		return "down";
	case SIM_ENDS:
		return "ends";
	case SIM_DIES:
		return "dies";
	}
	return "?";
}
