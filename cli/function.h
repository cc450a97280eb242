/* SPDX-License-Identifier: MIT */
/*
 * PCI functions as people and JSON name them, where no whole machine is looked at.
 */
#ifndef P2P_CLI_FUNCTION_H
#define P2P_CLI_FUNCTION_H

#include <jansson.h>

#include <p2pmem/module.h>

/** Finds the function of the running machine that `name` means: 0 or a negative errno. */
int cli_find_function(const char *name, struct p2p_bdf *function, struct p2p_error *error);

/** The address of the function whose memory it is; null: it is on no PCI bus. */
json_t *cli_json_function(const struct p2p_module_memory *memory);

/** A count, or null for what could not be read. */
json_t *cli_json_count(uint64_t count);

#endif
