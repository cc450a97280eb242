// SPDX-License-Identifier: MIT
/*
 * The path of a request in words, and what its narrowest link carries.
 */
#include <inttypes.h>

#include <p2pmem/acs.h>
#include <p2pmem/topology.h>

#include "parts.h"

void p2p_acs_bits_add(struct p2p_text_builder *out, uint16_t bits)
{
	const char *between = "";

	for (unsigned int i = 0; i < 16; i++) {
		const char *name = p2p_acs_bit_name((uint16_t)(bits & 1u << i));

		if (!name)
			continue;
		p2p_text_add(out, "%s%s", between, name);
		between = ", ";
	}
}

static const char *action_text(enum p2p_hop_action action)
{
	switch (action) {
	case P2P_HOP_START:
		return "sends the request";
	case P2P_HOP_UP:
		return "forwards it up";
	case P2P_HOP_REDIRECT:
		return "redirects it up to the host bridge";
	case P2P_HOP_TURN:
		return "turns it around, by its bus address";
	case P2P_HOP_HOST:
		return "takes it in and sends it back down";
	case P2P_HOP_CROSS:
		return "hands it over to the other host bridge";
	case P2P_HOP_REFUSED:
		return "would pass it on, but these rules refuse";
	case P2P_HOP_UNSURE:
		return "what it does depends on what could not be read";
	case P2P_HOP_DOWN:
		return "forwards it down";
	case P2P_HOP_END:
		break;
	}
	return "receives it";
}

static bool is_refused_before(const struct p2p_explanation *explanation, uint32_t index)
{
	for (uint32_t i = 0; i < index; i++)
		if (explanation->hops[i].hop.action == P2P_HOP_REFUSED)
			return true;
	return false;
}

char *p2p_hop_text(const struct p2p_explanation *explanation, uint32_t index)
{
	const struct p2p_hop *hop = &explanation->hops[index].hop;
	struct p2p_text_builder out = { .length = 0 };

	if (hop->action != P2P_HOP_REFUSED && is_refused_before(explanation, index)) {
		p2p_text_add(&out, "is not reached");
		return p2p_text_take(&out);
	}
	p2p_text_add(&out, "%s", action_text(hop->action));
	if (hop->bits) {
		p2p_text_add(&out, "%s",
			     hop->action == P2P_HOP_REDIRECT ? ": ACS "
							     : "; its ACS counts, too: ");
		p2p_acs_bits_add(&out, hop->bits);
	}
	return p2p_text_take(&out);
}

char *p2p_ceiling_text(const struct p2p_explanation *explanation)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(explanation->machine);
	const struct p2p_ceiling *ceiling = &explanation->ceiling;
	struct p2p_text_builder out = { .length = 0 };
	const struct p2p_link *link;
	char title[P2P_TITLE];

	if (!ceiling->links) {
		p2p_text_add(&out, "it crosses no PCIe link that limits it");
		return p2p_text_take(&out);
	}
	p2p_title(explanation->machine, ceiling->node, title);
	if (!ceiling->bandwidth) {
		p2p_text_add(&out, "speed and width of the link above %s are not known", title);
		return p2p_text_take(&out);
	}
	p2p_text_add(&out, "at most %" PRIu32 ".%" PRIu32 " GB/s: ", ceiling->bandwidth / 1000,
		     ceiling->bandwidth % 1000 / 100);
	link = &p2p_fabric_info(fabric, ceiling->node)->link;
	/* A virtual function shares its sibling's link, and shows none. */
	if (p2p_link_bandwidth(link))
		p2p_text_add(&out, "%g GT/s x%u, ", link->speed / 1000.0, link->width);
	p2p_text_add(&out, "the link above %s", title);
	return p2p_text_take(&out);
}
