/* SPDX-License-Identifier: MIT */
/*
 * What is said in JSON by several commands. All return NULL when memory is lacking, which
 * jansson's functions pass on.
 */
#ifndef P2P_CLI_JSON_H
#define P2P_CLI_JSON_H

#include <jansson.h>

#include <p2pmem/machine.h>

/** A string: line ends stay, what else is not printable UTF-8 is "?"; null for NULL. */
json_t *cli_json_text(const char *text);

/** true or false; null for unknown. */
json_t *cli_json_known(enum p2p_known known);

/** null when negative: unknown. */
json_t *cli_json_natural(int64_t number);

/** A node's address, as p2p_address() has it; null for P2P_NO_NODE. */
json_t *cli_json_address(const struct p2p_fabric *fabric, p2p_node node);

/** The names that the system gave a node. */
json_t *cli_json_names(const struct p2p_machine *machine, p2p_node node);

#endif
