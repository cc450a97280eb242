/* SPDX-License-Identifier: MIT */
/*
 * The JSON lines of `p2pmem copy`; p2pmem-copy(1) describes them.
 */
#ifndef P2P_CLI_COPY_JSON_H
#define P2P_CLI_COPY_JSON_H

#include "copy_state.h"

void cli_copy_json_start(const struct p2p_copy_options *options);

void cli_copy_json_event(const struct cli_copy_output *output, enum p2p_copy_event event,
			 const char *text, const struct p2p_copy_report *report);

void cli_copy_json_end(const struct cli_copy_output *output, const struct p2p_error *error,
		       bool interrupted, int status);

#endif
