// SPDX-License-Identifier: MIT
/*
 * Whom a port bears on: the devices below it, and those that meet theirs in the switch above.
 */
#include "checks.h"

#include <stdlib.h>
#include <string.h>

struct search {
	const struct p2p_doctor_context *context;
	struct p2p_draft *finding;
};

/* The wanted device at or below `top` that comes after `node`; P2P_NO_NODE begins and ends. */
static p2p_node next_below(const struct search *search, p2p_node top, p2p_node node)
{
	const struct p2p_fabric *fabric = search->context->fabric;

	node = node == P2P_NO_NODE ? top : p2p_fabric_next(fabric, node);
	for (; node != P2P_NO_NODE; node = p2p_fabric_next(fabric, node)) {
		p2p_node above = node;

		while (above != P2P_NO_NODE && above != top)
			above = p2p_fabric_parent(fabric, above);
		if (above == P2P_NO_NODE)
			return P2P_NO_NODE;
		if (search->context->survey.wanted[node])
			return node;
	}
	return P2P_NO_NODE;
}

static bool is_known(const struct p2p_draft *finding, p2p_node one, p2p_node other)
{
	for (uint32_t i = 0; i < finding->pair_count; i++)
		if ((finding->pairs[i].client == one && finding->pairs[i].provider == other) ||
		    (finding->pairs[i].client == other && finding->pairs[i].provider == one))
			return true;
	return false;
}

/* Functions of one device: nobody asks for peer-to-peer between a card's two ports. */
static bool is_pair(const struct search *search, p2p_node one, p2p_node other)
{
	struct p2p_bdf a = p2p_fabric_info(search->context->fabric, one)->bdf;
	struct p2p_bdf b = p2p_fabric_info(search->context->fabric, other)->bdf;
	struct p2p_route route;

	if (a.domain == b.domain && a.bus == b.bus && a.devfn >> 3 == b.devfn >> 3)
		return false;
	return !p2p_route_find(search->context->router, one, other, &route) &&
	       route.verdict != P2P_VERDICT_DIRECT;
}

/* False when there is no room for more. */
static bool add(struct search *search, p2p_node one, p2p_node other)
{
	struct p2p_draft *finding = search->finding;

	if (is_known(finding, one, other))
		return true;
	if (finding->pair_count == P2P_AFFECTED_MAX) {
		finding->more_pairs = true;
		return false;
	}
	finding->pairs[finding->pair_count++] = (struct p2p_affected){ one, other };
	return true;
}

/* Devices below the port with those elsewhere below the switch; of the switch itself with all. */
static bool find_pairs(struct search *search, p2p_node port)
{
	const struct p2p_survey *survey = &search->context->survey;
	p2p_node one = P2P_NO_NODE;

	while ((one = next_below(search, port, one)) != P2P_NO_NODE) {
		p2p_node other = P2P_NO_NODE;

		while ((other = next_below(search, survey->meeting[port], other)) != P2P_NO_NODE)
			if (other != one && is_pair(search, one, other) && !add(search, one, other))
				return false;
	}
	return true;
}

static void say(const struct search *search)
{
	const struct p2p_machine *machine = search->context->machine;
	struct p2p_draft *finding = search->finding;
	char one[P2P_TITLE], other[P2P_TITLE];

	for (uint32_t i = 0; i < finding->pair_count && i < P2P_AFFECTED_SAID; i++) {
		p2p_node client = finding->pairs[i].client, provider = finding->pairs[i].provider;

		p2p_text_line(&finding->affected, "%s %s <-> %s %s",
			      p2p_device_kind_name(p2p_device_kind(machine, client)),
			      p2p_short_title(machine, client, one),
			      p2p_device_kind_name(p2p_device_kind(machine, provider)),
			      p2p_short_title(machine, provider, other));
	}
	if (finding->pair_count > P2P_AFFECTED_SAID)
		p2p_text_line(&finding->affected, "and %s%u other pairs",
			      finding->more_pairs ? "more than " : "",
			      finding->pair_count - P2P_AFFECTED_SAID);
}

void p2p_say_pairs(const struct p2p_doctor_context *context, struct p2p_draft *finding)
{
	struct search search = { context, finding };

	finding->pairs = calloc(P2P_AFFECTED_MAX, sizeof(*finding->pairs));
	if (!finding->pairs) {
		finding->failed = true;
		return;
	}
	for (uint32_t i = 0; i < finding->node_count; i++)
		if (!find_pairs(&search, finding->nodes[i]))
			break;
	say(&search);
}
