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
static enum p2p_known runs_well(const struct p2p_doctor_context *context, p2p_node node)
{
	const struct p2p_link *link = &p2p_fabric_info(context->fabric, node)->link;
	const struct p2p_link *port =
		&p2p_machine_device(context->machine, p2p_fabric_parent(context->fabric, node))
			 ->link_below;
	enum p2p_known speed = at_its_best(link->speed, link->max_speed, port->max_speed);
	enum p2p_known width = at_its_best(link->width, link->max_width, port->max_width);

	if (speed == P2P_ABSENT || width == P2P_ABSENT)
		return P2P_ABSENT;
	return speed == P2P_PRESENT ? width : P2P_UNKNOWN;
}

/* A link of its own: not on a root bus, not inside a switch, and no conventional PCI device. */
static bool is_below_port(const struct p2p_doctor_context *context, p2p_node node)
{
	p2p_node above = p2p_fabric_parent(context->fabric, node);

	if (above == P2P_NO_NODE || p2p_fabric_info(context->fabric, node)->pcie == P2P_ABSENT)
		return false;
	switch (p2p_fabric_info(context->fabric, above)->kind) {
	case P2P_KIND_ROOT_PORT:
	case P2P_KIND_DOWNSTREAM_PORT:
	case P2P_KIND_BRIDGE:
		return true;
	default:
		return false;
	}
}

static void say_rate(struct p2p_text_builder *text, uint32_t speed, uint8_t width)
{
	p2p_text_add(text, "%" PRIu32 "%s GT/s x%u", speed / 1000, speed % 1000 ? ".5" : "", width);
}

static uint32_t most(uint32_t one, uint32_t other)
{
	return one && (!other || one < other) ? one : other;
}

static void say_link(struct p2p_doctor_context *context, struct p2p_draft *finding, p2p_node node)
{
	const struct p2p_link *link = &p2p_fabric_info(context->fabric, node)->link;
	const struct p2p_link *port =
		&p2p_machine_device(context->machine, p2p_fabric_parent(context->fabric, node))
			 ->link_below;
	char name[P2P_TITLE];

	p2p_text_line(&finding->evidence, "%s: ", p2p_short_title(context->machine, node, name));
	say_rate(&finding->evidence, link->speed, link->width);
	p2p_text_add(&finding->evidence, ", both ends can do ");
	say_rate(&finding->evidence, most(link->max_speed, port->max_speed),
		 (uint8_t)most(link->max_width, port->max_width));
}

struct tally {
	uint32_t seen, read, slow;
};

static void report_slow(struct p2p_doctor_context *context, struct tally *tally)
{
	struct p2p_draft *finding = NULL;

	for (p2p_node node = 0; node < p2p_fabric_count(context->fabric); node++) {
		enum p2p_known well;

		if (context->survey.any[node].first == P2P_NO_NODE || !is_below_port(context, node))
			continue;
		well = runs_well(context, node);
		tally->seen++;
		tally->read += well != P2P_UNKNOWN;
		if (well != P2P_ABSENT)
			continue;
		if (!finding)
			finding = p2p_find(context, ID, AREA, P2P_SEVERITY_WARNING);
		p2p_about(finding, node);
		if (++tally->slow <= LINES_SAID)
			say_link(context, finding, node);
	}
	if (!finding)
		return;
	p2p_text_add(&finding->text,
		     "%" PRIu32 " of %" PRIu32 " links %s below what both ends can do", tally->slow,
		     tally->seen, tally->slow == 1 ? "runs" : "run");
	p2p_advise_hands_on(
		context, finding,
		"look again under load, since idle GPUs slow their links down; then reseat the "
		"card, check riser and cable, and the slot's setting in firmware",
		"a shutdown");
}

void p2p_doctor_links(struct p2p_doctor_context *context)
{
	struct tally tally = { .seen = 0 };
	struct p2p_draft *finding;

	report_slow(context, &tally);
	if (tally.read < tally.seen) {
		finding = p2p_find(context, ID, AREA, P2P_SEVERITY_UNKNOWN);
		p2p_text_add(&finding->text,
			     "what links can and do could not be read for %" PRIu32 " of %" PRIu32
			     " links",
			     tally.seen - tally.read, tally.seen);
		p2p_advise_seeing(context, finding);
	} else if (!tally.slow) {
		finding = p2p_find(context, ID, AREA, P2P_SEVERITY_OK);
		p2p_text_add(&finding->text, "%s",
			     tally.seen ? "all links run at what both ends can do"
					: "no device is below a link");
		if (tally.seen)
			p2p_text_add(&finding->evidence, "%" PRIu32 " %s on the devices' paths",
				     tally.seen, tally.seen == 1 ? "link" : "links");
	}
}
