/* SPDX-License-Identifier: MIT */
/*
 * All that is known of one client and one provider: verdicts, way, reasons.
 */
#ifndef P2P_REPORTS_ANSWER_H
#define P2P_REPORTS_ANSWER_H

#include <p2pmem/machine.h>
#include <p2pmem/route.h>

struct p2p_answer {
	const struct p2p_machine *machine;
	const struct p2p_router *router;   /**< whose rules decide */
	const struct p2p_router *hardware; /**< what the wires alone would do */
	p2p_node client, provider;
	struct p2p_route route, hardware_route;
	struct p2p_route back; /**< by `router`, from the provider to the client */
	struct p2p_ceiling ceiling;
	struct p2p_hop *hops;
	uint32_t hop_count;
	struct p2p_reason *reasons;
	uint32_t reason_count;
	struct p2p_reason *hardware_reasons;
	uint32_t hardware_reason_count;
};

/**
 * Asks both routers, which are of the machine's fabric; all must outlive the answer. Returns 0,
 * -EINVAL as p2p_route_check() does, or -ENOMEM. `*answer` is to be freed by p2p_answer_free() in
 * every case.
 */
int p2p_answer_find(const struct p2p_machine *machine, const struct p2p_router *router,
		    const struct p2p_router *hardware, p2p_node client, p2p_node provider,
		    struct p2p_answer *answer);

void p2p_answer_free(struct p2p_answer *answer);

/** Whether the two routers' verdicts differ. */
bool p2p_answer_differs(const struct p2p_answer *answer);

/** The first reason with that code, or NULL. */
const struct p2p_reason *p2p_answer_reason(const struct p2p_answer *answer,
					   enum p2p_reason_code code);

#endif
