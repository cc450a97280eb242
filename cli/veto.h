/* SPDX-License-Identifier: MIT */
/*
 * --veto: what other software can read, so that it keeps off pairs that bring wrong bytes.
 */
#ifndef P2P_CLI_VETO_H
#define P2P_CLI_VETO_H

#include <p2pmem/machine.h>
#include <p2pmem/proofs.h>

/**
 * Writes all pairs that are recorded as wrong, and hold: a JSON object to `path`, and to
 * `path`.env variables for a shell that keep NCCL and UCX off them, as far as they have such. Both
 * are written, and replace what is there, also when nothing is wrong. Returns 0, or the exit status
 * after the error was said.
 */
int cli_veto_write(const char *path, const struct p2p_machine *machine,
		   const struct p2p_proofs *proofs);

/** The same for the running machine and a file of results; NULL: its own. */
int cli_veto_write_live(const char *path, const char *results);

#endif
