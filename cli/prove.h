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

/** All pairs, verdict and proof in one cell. */
void cli_prove_show_matrix(const struct cli_terminal *terminal, const struct p2p_prove *prove);

/** Prints the JSON object. Returns 0, or the exit status after the error was said. */
int cli_prove_print_json(const struct p2p_prove *prove, bool interrupted);

#endif
