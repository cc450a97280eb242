/* SPDX-License-Identifier: MIT */
/*
 * Letting pairs through, on the running machine or what a test puts in its place.
 */
#ifndef P2P_LIB_MODULE_ALLOW_H
#define P2P_LIB_MODULE_ALLOW_H

#include <p2pmem/allow.h>

#include "module/system.h"

int p2p_allowed_pairs_on(const struct p2p_system *system, struct p2p_allowed **pairs, size_t *count,
			 struct p2p_error *error);
int p2p_allow_try_on(const struct p2p_system *system, struct p2p_bdf client,
		     struct p2p_bdf provider, struct p2p_allow **trial, struct p2p_error *error);
int p2p_allow_withdraw_on(const struct p2p_system *system, struct p2p_bdf client,
			  struct p2p_bdf provider, struct p2p_error *error);

#endif
