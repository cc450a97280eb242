/* SPDX-License-Identifier: MIT */
/*
 * A machine's forest folded to what people want to see of it:
 *
 *     - a port that leads to one thing is one row with it, so are chains of such ports;
 *     - functions of one device that are alike are one row;
 *     - ports that lead nowhere, chipset functions, and the minor functions beside a device of
 *       interest are only counted;
 *     - host bridges that have nothing else are only listed.
 */
#ifndef P2P_REPORTS_OUTLINE_H
#define P2P_REPORTS_OUTLINE_H

#include <p2pmem/machine.h>

#define P2P_OUTLINE_NO_ROW UINT32_MAX

/** A row stands for the chain of nodes `first`, …, `last`, each the parent of the next. */
struct p2p_outline_row {
	p2p_node first, last;
	p2p_node twin;      /**< the last of the functions like `last`, `last` itself when alone */
	uint32_t functions; /**< how many they are, itself counted */
	uint32_t parent;    /**< the row above, or P2P_OUTLINE_NO_ROW */
	uint32_t depth;     /**< 0: host bridges and off-bus devices */
	bool final;         /**< the last row below its parent */
	uint32_t minor;     /**< functions that are not shown below the chain */
	uint32_t empty;     /**< ports that lead nowhere, not shown */
};

struct p2p_outline {
	struct p2p_outline_row *rows; /**< parents before children, in order of address */
	uint32_t count;
	p2p_node *bare; /**< host bridges with nothing to show */
	uint32_t bare_count;
	uint32_t bare_functions; /**< functions below those */
};

/**
 * Makes the outline of a machine, which must outlive it.
 *
 * @param all every node has a row of its own.
 * @return 0 or -ENOMEM. `outline` is to be given to p2p_outline_free() after 0.
 */
int p2p_outline_make(const struct p2p_machine *machine, bool all, struct p2p_outline *outline);
void p2p_outline_free(struct p2p_outline *outline);

#endif
