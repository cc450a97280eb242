/* SPDX-License-Identifier: MIT */
/*
 * What the parts of `p2pmem prove` share.
 */
#ifndef P2P_CLI_PROVE_H
#define P2P_CLI_PROVE_H

#include <p2pmem/prove.h>

#include "terminal.h"

/** A trial as people read it. */
void cli_prove_show(const struct cli_terminal *terminal, const struct p2p_prove_trial *trial);

/** Its rates, and from which size on which memory is faster. */
void cli_prove_show_rates(const struct cli_terminal *terminal, const struct p2p_prove_trial *trial);

/** What rates are worth here: those of a guest say nothing about hardware. */
void cli_prove_show_where(const struct cli_terminal *terminal, const struct p2p_prove *prove);

/** All pairs, verdict and proof in one cell. */
void cli_prove_show_matrix(const struct cli_terminal *terminal, const struct p2p_prove *prove);

/** Prints the JSON object. Returns 0, or the exit status after the error was said. */
int cli_prove_print_json(const struct p2p_prove *prove, bool interrupted);

#endif
