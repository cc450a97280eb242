/* SPDX-License-Identifier: MIT */
/*
 * What the parts of `p2pmem matrix` share.
 */
#ifndef P2P_CLI_MATRIX_H
#define P2P_CLI_MATRIX_H

#include <p2pmem/proofs.h>
#include <p2pmem/topology.h>
#include "view.h"

struct cli_matrix {
	const struct cli_view *view;
	struct p2p_selection *clients, *providers;
	struct p2p_proofs *proofs; /**< or NULL: none bear on it */
};

/** What is recorded of a pair each way, by enum p2p_proof_direction: NOT_TRIED without results. */
void cli_matrix_states(const struct cli_matrix *matrix, p2p_node client, p2p_node provider,
		       enum p2p_proof_state states[P2P_PROOF_DIRECTIONS]);

/** The matrix for people. Returns 0, or the exit status after the error was said. */
int cli_matrix_show(const struct cli_matrix *matrix);

#endif
