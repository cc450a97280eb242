/* SPDX-License-Identifier: MIT */
/*
 * What the parts of `p2pmem check` share.
 */
#ifndef P2P_CLI_CHECK_H
#define P2P_CLI_CHECK_H

#include <p2pmem/explain.h>
#include <p2pmem/kernels.h>

#include "terminal.h"
#include "view.h"

struct cli_check {
	const struct cli_view *view;
	struct p2p_explanation *explanation;
	struct p2p_proofs *proofs;    /**< what the explanation has of proofs; or NULL */
	struct p2p_proofs *allowed;   /**< or NULL, likewise */
	int status;                   /**< the exit status that the answer makes */
	struct cli_terminal terminal; /**< for cli_check_show() */
};

/** What is known of the kernel that was asked for, or is the machine's. False: there is none. */
bool cli_check_kernel(const struct cli_check *check, struct p2p_kernel *kernel);

/** The answer as one JSON object. NULL: out of memory. */
json_t *cli_check_json(const struct cli_check *check);

/** The answer for people. */
void cli_check_show(const struct cli_check *check);

#endif
