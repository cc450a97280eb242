// SPDX-License-Identifier: MIT
/*
 * Finds the devices that peer-to-peer is for and the ports where their ways meet, in two passes
 * over the forest, so that a file with any number of functions costs no more than its length.
 */
#include "survey.h"

#include <errno.h>
#include <stdlib.h>

#include <p2pmem/acs.h>
#include <p2pmem/topology.h>

/* Functions of one device: nobody asks for peer-to-peer between a card's two ports. */
static bool same_device(const struct p2p_fabric *fabric, p2p_node a, p2p_node b)
{
	const struct p2p_node_info *one = p2p_fabric_info(fabric, a);
	const struct p2p_node_info *two = p2p_fabric_info(fabric, b);

	return one->kind == P2P_KIND_ENDPOINT && two->kind == P2P_KIND_ENDPOINT &&
	       one->bdf.domain == two->bdf.domain && one->bdf.bus == two->bdf.bus &&
	       one->bdf.devfn >> 3 == two->bdf.devfn >> 3;
}

/* Children come last to first, so what is handed up later comes before. */
static void hand_up(const struct p2p_fabric *fabric, struct p2p_pair *above,
		    const struct p2p_pair *below)
{
	if (below->first == P2P_NO_NODE)
		return;
	if (above->first != P2P_NO_NODE && !same_device(fabric, above->first, below->first))
		above->other = above->first;
	above->first = below->first;
}

static void look_up_from_leaves(const struct p2p_fabric *fabric, const p2p_node *order,
				struct p2p_survey *survey)
{
	for (uint32_t i = p2p_fabric_count(fabric); i-- > 0;) {
		p2p_node node = order[i], parent = p2p_fabric_parent(fabric, node);

		if (survey->wanted[node])
			survey->any[node].first = survey->clear[node].first = node;
		if (p2p_acs_active(p2p_fabric_info(fabric, node), P2P_ACS_LINUX))
			survey->clear[node] = (struct p2p_pair){ P2P_NO_NODE, P2P_NO_NODE };
		if (parent == P2P_NO_NODE)
			continue;
		hand_up(fabric, &survey->any[parent], &survey->any[node]);
		hand_up(fabric, &survey->clear[parent], &survey->clear[node]);
	}
}

static void look_down_from_roots(const struct p2p_fabric *fabric, const p2p_node *order,
				 struct p2p_survey *survey)
{
	for (uint32_t i = 0; i < p2p_fabric_count(fabric); i++) {
		p2p_node node = order[i], parent = p2p_fabric_parent(fabric, node);
		p2p_node above = parent == P2P_NO_NODE ? P2P_NO_NODE : survey->meeting[parent];

		if (above != P2P_NO_NODE) {
			survey->meeting[node] = above;
			survey->branch[node] = parent == above ? node : survey->branch[parent];
		} else if (p2p_fabric_info(fabric, node)->kind != P2P_KIND_HOST_BRIDGE &&
			   survey->any[node].other != P2P_NO_NODE) {
			survey->meeting[node] = node;
		}
	}
}

static int allocate(struct p2p_survey *survey, uint32_t count)
{
	/* One more, so that an empty machine is no special case. */
	size_t room = (size_t)count + 1;

	survey->wanted = calloc(room, sizeof(*survey->wanted));
	survey->any = calloc(room, sizeof(*survey->any));
	survey->clear = calloc(room, sizeof(*survey->clear));
	survey->meeting = calloc(room, sizeof(*survey->meeting));
	survey->branch = calloc(room, sizeof(*survey->branch));
	if (!survey->wanted || !survey->any || !survey->clear || !survey->meeting ||
	    !survey->branch)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		survey->any[i] = survey->clear[i] = (struct p2p_pair){ P2P_NO_NODE, P2P_NO_NODE };
		survey->meeting[i] = survey->branch[i] = P2P_NO_NODE;
	}
	return 0;
}

int p2p_survey_new(const struct p2p_machine *machine, struct p2p_survey *survey)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	uint32_t count = p2p_fabric_count(fabric);
	const p2p_node *order = p2p_fabric_order(fabric);

	*survey = (struct p2p_survey){ .wanted_count = 0 };
	if (allocate(survey, count)) {
		p2p_survey_free(survey);
		return -ENOMEM;
	}
	for (p2p_node node = 0; node < count; node++) {
		survey->wanted[node] = p2p_device_takes_part(machine, node);
		survey->wanted_count += survey->wanted[node];
	}
	look_up_from_leaves(fabric, order, survey);
	look_down_from_roots(fabric, order, survey);
	return 0;
}

void p2p_survey_free(struct p2p_survey *survey)
{
	free(survey->wanted);
	free(survey->any);
	free(survey->clear);
	free(survey->meeting);
	free(survey->branch);
}

struct p2p_pair p2p_survey_pair(const struct p2p_survey *survey, p2p_node node)
{
	const struct p2p_pair *top = &survey->any[survey->meeting[node]];
	p2p_node here = survey->any[node].first;

	if (survey->meeting[node] == node)
		return *top;
	if (survey->branch[node] == survey->branch[top->first])
		return (struct p2p_pair){ here, top->other };
	return (struct p2p_pair){ here, top->first };
}
