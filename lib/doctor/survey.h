/* SPDX-License-Identifier: MIT */
/*
 * Where in a fabric the devices are that peer-to-peer is for, and where their ways can meet.
 */
#ifndef P2P_REPORTS_DOCTOR_SURVEY_H
#define P2P_REPORTS_DOCTOR_SURVEY_H

#include <p2pmem/machine.h>

/** Two devices below one node, on different branches, or one, or none: P2P_NO_NODE. */
struct p2p_pair {
	p2p_node first, other;
};

struct p2p_survey {
	bool *wanted;           /**< by node: a device that peer-to-peer is for */
	struct p2p_pair *any;   /**< by node: of the wanted devices at or below it */
	struct p2p_pair *clear; /**< the same, of those without ACS redirect on the way up to it */
	p2p_node *meeting;      /**< by node: the highest port at or above it where two meet */
	p2p_node *branch;       /**< by node: the child of `meeting` that it is at or below */
	uint32_t wanted_count;
};

/** Surveys a machine; the caller frees it. Returns 0 or -ENOMEM. */
int p2p_survey_new(const struct p2p_machine *machine, struct p2p_survey *survey);
void p2p_survey_free(struct p2p_survey *survey);

/** Two devices between which a request passes `node`, which is at or below a meeting. */
struct p2p_pair p2p_survey_pair(const struct p2p_survey *survey, p2p_node node);

#endif
