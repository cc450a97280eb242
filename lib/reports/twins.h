/* SPDX-License-Identifier: MIT */
/*
 * Functions that answer alike: what makes a matrix of 500 functions readable.
 */
#ifndef P2P_REPORTS_TWINS_H
#define P2P_REPORTS_TWINS_H

#include <p2pmem/route.h>

#include "select.h"

#define P2P_NO_GROUP UINT32_MAX

/**
 * Groups: two functions are in one when each other function has the same verdicts with both, as
 * client and as provider, by both routers, and they have the same with each other both ways. So
 * one verdict stands for every pair of two groups, and one for every pair within a group.
 */
struct p2p_twins {
	uint32_t *group; /**< by position in the selection */
	uint32_t *first; /**< of each group, its first member's position */
	uint32_t count;
};

/** Groups in the order of their first members. Returns 0 or -ENOMEM. */
int p2p_twins_find(const struct p2p_router *router, const struct p2p_router *hardware,
		   const struct p2p_selection *selection, struct p2p_twins *twins);

void p2p_twins_free(struct p2p_twins *twins);

#endif
