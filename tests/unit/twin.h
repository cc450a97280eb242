/* SPDX-License-Identifier: MIT */
/*
 * The naive twin: judges one pair of a machine of which everything is known, by walking parents
 * as the kernel does, or as the wires would. What is unknown is tried out, value by value.
 */
#ifndef P2P_TESTS_UNIT_TWIN_H
#define P2P_TESTS_UNIT_TWIN_H

#include "machine.h"

#include <p2pmem/route.h>

/* P2P_POSSIBLE() of all verdicts over all values of what is unknown; the hops in `*distance`. */
unsigned int twin_linux(struct machine *machine, int client, int provider, bool newest,
			int *distance);
unsigned int twin_hardware(const struct machine *machine, int client, int provider, int *distance);

#endif
