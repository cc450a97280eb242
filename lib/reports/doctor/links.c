// SPDX-License-Identifier: MIT
/*
 * Links that run slower or narrower than both their ends can.
 */
#include "reports/doctor/checks.h"

#include <inttypes.h>

#define AREA       "Links"
#define LINES_SAID 16

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The link above a node: what it is, and what both ends can. False: an end was not read. */
static bool link_above(const struct p2p_ward *ward, p2p_node node, struct p2p_link *link)
{
	p2p_node above = p2p_fabric_parent(ward->fabric, node);
	const struct p2p_link *port;

	*link = p2p_fabric_info(ward->fabric, node)->link;
	if (above == P2P_NO_NODE)
		return false;
	port = &p2p_machine_device(ward->machine, above)->link_below;
	if (!link->speed || !link->width || !link->max_speed || !link->max_width ||
	    !port->max_speed || !port->max_width)
		return false;
	link->max_speed = smaller(link->max_speed, port->max_speed);
	link->max_width = (uint8_t)smaller(link->max_width, port->max_width);
	return true;
}

/* A link of its own: not on a root bus, and not inside a switch. */
static bool is_below_port(const struct p2p_ward *ward, p2p_node node)
{
	p2p_node above = p2p_fabric_parent(ward->fabric, node);

	if (above == P2P_NO_NODE)
		return false;
	switch (p2p_fabric_info(ward->fabric, above)->kind) {
	case P2P_KIND_ROOT_PORT:
	case P2P_KIND_DOWNSTREAM_PORT:
	case P2P_KIND_BRIDGE:
		return true;
	default:
		return false;
	}
}

static void say_rate(struct p2p_doctor *doctor, char **text, uint32_t speed, uint8_t width)
{
	p2p_say(doctor, text, "%" PRIu32 "%s GT/s x%u", speed / 1000, speed % 1000 ? ".5" : "",
		width);
}

static void say_link(const struct p2p_ward *ward, struct p2p_doctor *doctor,
		     struct p2p_finding *finding, p2p_node node, const struct p2p_link *link)
{
	char name[P2P_NODE_TEXT];

	p2p_say_line(doctor, &finding->evidence, "%s: ", p2p_node_text(name, ward->machine, node));
	say_rate(doctor, &finding->evidence, link->speed, link->width);
	p2p_say(doctor, &finding->evidence, ", both ends can ");
	say_rate(doctor, &finding->evidence, link->max_speed, link->max_width);
}

void p2p_doctor_links(const struct p2p_ward *ward, struct p2p_doctor *doctor)
{
	struct p2p_finding *finding = NULL;
	uint32_t read = 0, seen = 0;

	for (p2p_node node = 0; node < p2p_fabric_count(ward->fabric); node++) {
		struct p2p_link link;

		if (ward->survey->any[node].first == P2P_NO_NODE || !is_below_port(ward, node))
			continue;
		seen++;
		if (!link_above(ward, node, &link))
			continue;
		read++;
		if (link.speed >= link.max_speed && link.width >= link.max_width)
			continue;
		if (!finding)
			finding = p2p_find(doctor, "link-downgraded", AREA, P2P_SEVERITY_WARNING);
		p2p_about(doctor, finding, node);
		if (finding->node_count <= LINES_SAID)
			say_link(ward, doctor, finding, node, &link);
	}
	if (finding) {
		p2p_say(doctor, &finding->what,
			"%" PRIu32 " of %" PRIu32 " links run below what both their ends can",
			finding->node_count, read);
		p2p_say(doctor, &finding->remedy,
			"look again under load, since idle GPUs slow their links down; then reseat "
			"the card, check riser and cable, and the slot's setting in firmware");
		p2p_say(doctor, &finding->cost, "a shutdown");
		return;
	}
	finding = p2p_find(doctor, "link-downgraded", AREA,
			   seen == read ? P2P_SEVERITY_OK : P2P_SEVERITY_UNKNOWN);
	if (!seen) {
		p2p_say(doctor, &finding->what, "no device is below a link");
		return;
	}
	if (seen == read) {
		p2p_say(doctor, &finding->what, "all links run as both their ends can");
		p2p_say(doctor, &finding->evidence, "%" PRIu32 " links on the devices' ways", read);
		return;
	}
	p2p_say(doctor, &finding->what,
		"what links can and do was read at both ends for %" PRIu32 " of %" PRIu32
		" links only",
		read, seen);
	p2p_say(doctor, &finding->remedy,
		"sudo p2pmem doctor, or as root on the machine: p2pmem capture FILE");
}
