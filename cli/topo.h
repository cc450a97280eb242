/* SPDX-License-Identifier: MIT */
/*
 * The parts of `p2pmem topo`.
 */
#ifndef P2P_CLI_TOPO_H
#define P2P_CLI_TOPO_H

#include "reports/outline.h"
#include "terminal.h"
#include "view.h"

/** Prints the outline as a table. Returns 0 or -ENOMEM. */
int cli_topo_table(const struct cli_view *view, const struct p2p_outline *outline,
		   const struct cli_terminal *terminal);

/** Prints what the machine is. */
void cli_topo_header(const struct p2p_machine *machine, const struct cli_terminal *terminal);

/** Prints what is not in the table: what was left out, what stands in the way, what is unknown. */
void cli_topo_footer(const struct p2p_machine *machine, const struct p2p_outline *outline,
		     const struct cli_terminal *terminal);

/** Prints everything as one JSON object. Returns an exit status. */
int cli_topo_json(const struct cli_view *view);

#endif
