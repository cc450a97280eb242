// SPDX-License-Identifier: MIT
/*
 * How to learn what a source does not show.
 */
#include "reading.h"

#include <string.h>

enum p2p_reading p2p_reading_of(const struct p2p_machine *machine)
{
	const char *source = p2p_machine_source(machine);
	bool root = p2p_machine_facts(machine)->root == P2P_PRESENT;

	if (!strcmp(source, "live"))
		return root ? P2P_READING_NO_MORE : P2P_READING_AS_ROOT;
	return root && !strcmp(source, "capture") ? P2P_READING_CAPTURED_ALL : P2P_READING_CAPTURE;
}
