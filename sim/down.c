// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A request on its way down, from bridge to bridge by address: PCIe 7.5.1.3.
 */
#include "private.h"

void sim_go_down(struct sim_request *request, sim_node node)
{
	for (;;) {
		const struct sim_object *object = sim_object(request, node);
		unsigned int bar;
		uint64_t offset;
		sim_node next;

		if (sim_in_bars(object, request->address, &bar, &offset)) {
			sim_land(request, node, bar, offset);
			return;
		}
		next = sim_claimant(request->machine, node, request->address, SIM_NO_NODE);
		if (next == SIM_NO_NODE) {
			sim_die(request, node, SIM_UNSUPPORTED, 0,
				"nothing below takes this address");
			return;
		}
		sim_hop(request, node, SIM_DOWN, 0);
		node = next;
	}
}
