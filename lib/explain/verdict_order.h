/* SPDX-License-Identifier: MIT */
/*
 * Which of two routes to prefer, before their distances count.
 */
#ifndef P2P_LIB_VERDICT_ORDER_H
#define P2P_LIB_VERDICT_ORDER_H

#include <p2pmem/route.h>

/** Less is better: direct, through the host, unknown, unreachable. */
static inline unsigned int p2p_verdict_order(enum p2p_verdict verdict)
{
	switch (verdict) {
	case P2P_VERDICT_DIRECT:
		return 0;
	case P2P_VERDICT_VIA_HOST:
		return 1;
	case P2P_VERDICT_UNKNOWN:
		return 2;
	case P2P_VERDICT_UNREACHABLE:
		break;
	}
	return 3;
}

#endif
