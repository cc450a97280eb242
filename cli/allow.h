/* SPDX-License-Identifier: MIT */
/*
 * What the parts of `p2pmem allow` share.
 */
#ifndef P2P_CLI_ALLOW_H
#define P2P_CLI_ALLOW_H

#include <stdbool.h>

#include <p2pmem/allow.h>

/** The running machine, and the pairs that were allowed on it: for cli_allowed_close(). */
struct cli_allowed {
	struct p2p_machine *machine;
	struct p2p_proofs *proofs;
	struct p2p_allowed_pair *pairs;
	size_t count;
};

/** Opens `path`, or where that is NULL the machine's own. Returns 0, or the exit status. */
int cli_allowed_open(struct cli_allowed *allowed, const char *path);
void cli_allowed_close(struct cli_allowed *allowed);

/** "allowed", "on trial" or "not allowed": a stable word, and what it is now. */
const char *cli_allowed_word(const struct p2p_allowed_pair *pair);

/** Prints all of them, for people or as JSON. Returns the exit status. */
int cli_allowed_show(const struct cli_allowed *allowed, bool json);

#endif
