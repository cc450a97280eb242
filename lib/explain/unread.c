// SPDX-License-Identifier: MIT
/*
 * What it takes to learn what a source does not show: nobody is told to read again what he has
 * read.
 */
#include <string.h>

#include <p2pmem/explain.h>

enum p2p_unread p2p_machine_unread(const struct p2p_machine *machine)
{
	bool root = p2p_machine_facts(machine)->root == P2P_PRESENT;

	if (p2p_machine_is_live(machine))
		return root ? P2P_UNREAD_HIDDEN : P2P_UNREAD_NEEDS_ROOT;
	return root && !strcmp(p2p_machine_source(machine), "capture") ? P2P_UNREAD_HIDDEN_THERE
								       : P2P_UNREAD_NEEDS_CAPTURE;
}
