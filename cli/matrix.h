/* SPDX-License-Identifier: MIT */
/*
 * What the parts of `p2pmem matrix` share.
 */
#ifndef P2P_CLI_MATRIX_H
#define P2P_CLI_MATRIX_H

#include <p2pmem/topology.h>
#include "view.h"

struct cli_matrix {
	const struct cli_view *view;
	struct p2p_selection *clients, *providers;
};

/** The matrix for people. Returns 0, or the exit status after the error was said. */
int cli_matrix_show(const struct cli_matrix *matrix);

#endif
