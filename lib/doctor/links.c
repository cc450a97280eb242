// SPDX-License-Identifier: MIT
/*
 * Links that run slower or narrower than both their ends can.
 */
#include "checks.h"

#include <inttypes.h>

#define AREA       "Links"
#define ID         "link-downgraded"
#define LINES_SAID 16

/*
 * Whether a speed or width is what both ends can, given what each says it can (0: it does not
 * say). No link runs faster than either end, so one that runs at one end's most runs at its best.
 */
static enum p2p_known at_its_best(uint32_t now, uint32_t one, uint32_t other)
{
	if (!now || (!one && !other))
		return P2P_UNKNOWN;
	if ((one && now >= one) || (other && now >= other))
		return P2P_PRESENT;
	return one && other ? P2P_ABSENT : P2P_UNKNOWN;
}

/* ABSENT: the link above the node is downgraded. */
static enum p2p_known runs_well(const struct p2p_ward *ward, p2p_node node)
{
	const struct p2p_link *link = &p2p_fabric_info(ward->fabric, node)->link;
	const struct p2p_link *port =
		&p2p_machine_device(ward->machine, p2p_fabric_parent(ward->fabric, node))
			 ->link_below;
	enum p2p_known speed = at_its_best(link->speed, link->max_speed, port->max_speed);
	enum p2p_known width = at_its_best(link->width, link->max_width, port->max_width);

	if (speed == P2P_ABSENT || width == P2P_ABSENT)
		return P2P_ABSENT;
	return speed == P2P_PRESENT ? width : P2P_UNKNOWN;
}

/* A link of its own: not on a root bus, not inside a switch, and no conventional PCI device. */
static bool is_below_port(const struct p2p_ward *ward, p2p_node node)
{
	p2p_node above = p2p_fabric_parent(ward->fabric, node);

	if (above == P2P_NO_NODE || p2p_fabric_info(ward->fabric, node)->pcie == P2P_ABSENT)
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

static uint32_t most(uint32_t one, uint32_t other)
{
	return one && (!other || one < other) ? one : other;
}

static void say_link(const struct p2p_ward *ward, struct p2p_doctor *doctor,
		     struct p2p_finding *finding, p2p_node node)
{
	const struct p2p_link *link = &p2p_fabric_info(ward->fabric, node)->link;
	const struct p2p_link *port =
		&p2p_machine_device(ward->machine, p2p_fabric_parent(ward->fabric, node))
			 ->link_below;
	char name[P2P_TITLE];

	p2p_say_line(doctor, &finding->evidence,
		     "%s: ", p2p_short_title(ward->machine, node, name));
	say_rate(doctor, &finding->evidence, link->speed, link->width);
	p2p_say(doctor, &finding->evidence, ", both ends can do ");
	say_rate(doctor, &finding->evidence, most(link->max_speed, port->max_speed),
		 (uint8_t)most(link->max_width, port->max_width));
}

struct tally {
	uint32_t seen, read, slow;
};

static void report_slow(const struct p2p_ward *ward, struct p2p_doctor *doctor, struct tally *tally)
{
	struct p2p_finding *finding = NULL;

	for (p2p_node node = 0; node < p2p_fabric_count(ward->fabric); node++) {
		enum p2p_known well;

		if (ward->survey->any[node].first == P2P_NO_NODE || !is_below_port(ward, node))
			continue;
		well = runs_well(ward, node);
		tally->seen++;
		tally->read += well != P2P_UNKNOWN;
		if (well != P2P_ABSENT)
			continue;
		if (!finding)
			finding = p2p_find(doctor, ID, AREA, P2P_SEVERITY_WARNING);
		p2p_about(doctor, finding, node);
		if (++tally->slow <= LINES_SAID)
			say_link(ward, doctor, finding, node);
	}
	if (!finding)
		return;
	p2p_say(doctor, &finding->what,
		"%" PRIu32 " of %" PRIu32 " links %s below what both ends can do", tally->slow,
		tally->seen, tally->slow == 1 ? "runs" : "run");
	p2p_say_hands_on(
		ward, doctor, finding,
		"look again under load, since idle GPUs slow their links down; then reseat the "
		"card, check riser and cable, and the slot's setting in firmware",
		"a shutdown");
}

void p2p_doctor_links(const struct p2p_ward *ward, struct p2p_doctor *doctor)
{
	struct tally tally = { .seen = 0 };
	struct p2p_finding *finding;

	report_slow(ward, doctor, &tally);
	if (tally.read < tally.seen) {
		finding = p2p_find(doctor, ID, AREA, P2P_SEVERITY_UNKNOWN);
		p2p_say(doctor, &finding->what,
			"what links can and do could not be read for %" PRIu32 " of %" PRIu32
			" links",
			tally.seen - tally.read, tally.seen);
		p2p_say_how_to_see(doctor, ward, finding);
	} else if (!tally.slow) {
		finding = p2p_find(doctor, ID, AREA, P2P_SEVERITY_OK);
		p2p_say(doctor, &finding->what, "%s",
			tally.seen ? "all links run at what both ends can do"
				   : "no device is below a link");
		if (tally.seen)
			p2p_say(doctor, &finding->evidence, "%" PRIu32 " %s on the devices' paths",
				tally.seen, tally.seen == 1 ? "link" : "links");
	}
}
