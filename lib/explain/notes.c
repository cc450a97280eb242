// SPDX-License-Identifier: MIT
/*
 * What to know beside the reasons.
 */
#include <inttypes.h>

#include "notes.h"
#include <p2pmem/text.h>
#include <p2pmem/topology.h>

/* As many devices below a bridge as a note names. */
#define NAMED_MAX 8

static bool is_below(const struct p2p_fabric *fabric, p2p_node node, p2p_node bridge)
{
	while (node != P2P_NO_NODE && node != bridge)
		node = p2p_fabric_parent(fabric, node);
	return node == bridge;
}

/* The devices below a bridge, or that there are none to name. */
static void write_below(FILE *file, const struct p2p_machine *machine, p2p_node bridge)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	char title[P2P_TITLE];
	uint32_t count = 0;

	for (p2p_node node = p2p_fabric_next(fabric, bridge);
	     node != P2P_NO_NODE && is_below(fabric, node, bridge);
	     node = p2p_fabric_next(fabric, node)) {
		if (p2p_fabric_info(fabric, node)->kind != P2P_KIND_ENDPOINT)
			continue;
		if (count++ < NAMED_MAX)
			fprintf(file, "%s%s", count > 1 ? ", " : "; the devices below it: ",
				p2p_title(machine, node, title));
	}
	if (count > NAMED_MAX)
		fprintf(file, " and %" PRIu32 " more", count - NAMED_MAX);
	if (!count)
		fprintf(file, "; no device is below it");
}

bool p2p_end_note_write(FILE *file, const struct p2p_answer *answer, bool provider)
{
	p2p_node node = provider ? answer->provider : answer->client;
	char title[P2P_TITLE];

	if (!p2p_kind_is_bridge(p2p_fabric_info(p2p_machine_fabric(answer->machine), node)->kind))
		return false;
	fprintf(file, "%s carries others' requests; the answer is about the bridge itself as %s",
		p2p_title(answer->machine, node, title), provider ? "provider" : "client");
	write_below(file, answer->machine, node);
	return true;
}

static const char *difference(const struct p2p_answer *answer)
{
	enum p2p_verdict rules = answer->route.verdict, wires = answer->hardware_route.verdict;

	if (wires == P2P_VERDICT_UNKNOWN)
		return "what the wires alone would do depends on what is not known";
	if (rules == P2P_VERDICT_UNKNOWN)
		return "the wires alone would try it, whatever is not known here";
	if (wires == P2P_VERDICT_DIRECT)
		return "the wires alone would carry it directly: ACS bits that Linux counts do "
		       "nothing on this path";
	if (rules == P2P_VERDICT_UNREACHABLE)
		return "the wires alone would try it, and nothing promises that it arrives: that "
		       "is why Linux refuses";
	return "what the wires do is less direct than these rules expect: prove it with data "
	       "before trusting it";
}

static int32_t numa_node(const struct p2p_answer *answer, p2p_node node)
{
	return p2p_fabric_info(p2p_machine_fabric(answer->machine), node)->numa_node;
}

bool p2p_places_known(const struct p2p_answer *answer)
{
	return numa_node(answer, answer->client) != P2P_NUMA_UNKNOWN &&
	       numa_node(answer, answer->provider) != P2P_NUMA_UNKNOWN;
}

void p2p_places_write(FILE *file, const struct p2p_answer *answer)
{
	int32_t client = numa_node(answer, answer->client);
	int32_t provider = numa_node(answer, answer->provider);

	if (client == provider) {
		fprintf(file, "both on %" PRId32, client);
		return;
	}
	fprintf(file, "%" PRId32 " and %" PRId32, client, provider);
	if (answer->route.verdict != P2P_VERDICT_DIRECT)
		fprintf(file, ": the request crosses from one to the other, which may be a link "
			      "between sockets and is not in the ceiling below");
}

void p2p_hardware_write(FILE *file, const struct p2p_answer *answer)
{
	fprintf(file, "%s", p2p_verdict_text(answer->hardware_route.verdict));
	if (p2p_answer_differs(answer))
		fprintf(file, ": %s", difference(answer));
}
