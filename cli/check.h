/* SPDX-License-Identifier: MIT */
/*
 * What the parts of `p2pmem check` share.
 */
#ifndef P2P_CLI_CHECK_H
#define P2P_CLI_CHECK_H

#include "reports/answer.h"
#include "reports/remedies.h"
#include "view.h"

struct cli_check {
	const struct cli_view *view;
	struct p2p_answer answer;
	struct p2p_remedies remedies;
};

/** The answer as one JSON object. NULL: out of memory. */
json_t *cli_check_json(const struct cli_check *check);

/** The answer for people. */
void cli_check_show(const struct cli_check *check);

/**
 * What one should know of the two ends: a bridge was named, with the devices below it, or both are
 * one. `which` is 0 for the client, 1 for the provider. A string to be freed, or NULL: nothing.
 */
char *cli_check_note(const struct cli_check *check, int which);

/** The hardware's verdict beside the policy's, as a sentence to be freed; NULL: no memory. */
char *cli_check_hardware(const struct cli_check *check);

#endif
