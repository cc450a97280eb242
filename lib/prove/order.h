/* SPDX-License-Identifier: MIT */
/*
 * Whether data are there when a flag is that was written after them: programs poll such flags.
 */
#ifndef P2P_LIB_PROVE_ORDER_H
#define P2P_LIB_PROVE_ORDER_H

#include "prove/batch.h"

/**
 * Has a client write data and then, when it has said that they are written, a flag; meanwhile the
 * CPU looks for the flag, and when it is there at the data's last bytes. For clients that work in
 * the background. `*watched`: how many times the flag was seen to come.
 */
void p2p_prove_order_run(struct p2p_prove_pair *pair, struct p2p_prove_seen *seen,
			 uint32_t *watched);

#endif
