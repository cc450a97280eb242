/* SPDX-License-Identifier: MIT */
/*
 * Functions that answer alike: what makes a matrix of 500 functions readable.
 */
#ifndef P2P_REPORTS_TWINS_H
#define P2P_REPORTS_TWINS_H

#include <p2pmem/route.h>

#include "select.h"

/* More is no table that a person reads, and the search takes the third power. */
#define P2P_TWINS_MAX  4096u
#define P2P_GROUPS_MAX 200u

/**
 * Groups: two functions are in one when each other function has the same verdicts with both, as
 * client and as provider, by both routers, and they have the same with each other both ways. So
 * one verdict stands for every pair of two groups, and one for every pair within a group.
 */
struct p2p_twins {
	uint32_t *member; /**< positions in the selection, group by group, each in order */
	uint32_t *start;  /**< where each group starts in `member`; one more is the end */
	uint32_t count;
};

/**
 * Groups in the order of their first members. Returns 0, -ENOMEM, or -E2BIG: more than
 * P2P_TWINS_MAX functions, or more than P2P_GROUPS_MAX groups.
 */
int p2p_twins_find(const struct p2p_router *router, const struct p2p_router *hardware,
		   const struct p2p_selection *selection, struct p2p_twins *twins);

void p2p_twins_free(struct p2p_twins *twins);

#endif
