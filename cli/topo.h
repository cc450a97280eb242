/* SPDX-License-Identifier: MIT */
/*
 * The parts of `p2pmem topo`.
 */
#ifndef P2P_CLI_TOPO_H
#define P2P_CLI_TOPO_H

#include <p2pmem/topology.h>
#include "terminal.h"
#include "view.h"

/**
 * Prints the tree as a table. Returns 0 or -ENOMEM. `*redirects`: ACS bits stand in it that want
 * to be explained.
 */
int cli_topo_table(const struct cli_view *view, const struct p2p_folded_tree *tree,
		   const struct cli_terminal *terminal, bool *redirects);

/** Prints what the machine is. */
void cli_topo_header(const struct p2p_machine *machine, const struct cli_terminal *terminal);

/** Prints what is not in the table: what ACS bits do, what was left out, what is unknown. */
void cli_topo_footer(const struct p2p_machine *machine, const struct p2p_folded_tree *tree,
		     const struct cli_terminal *terminal, bool redirects);

/** Prints everything as one JSON object. Returns an exit status. */
int cli_topo_json(const struct cli_view *view);

#endif
