/* SPDX-License-Identifier: MIT */
/*
 * What is said in JSON by several commands. All return NULL when memory is lacking, which
 * jansson's functions pass on.
 */
#ifndef P2P_CLI_JSON_H
#define P2P_CLI_JSON_H

#include <jansson.h>

#include <p2pmem/kernels.h>
#include <p2pmem/machine.h>
#include <p2pmem/module.h>

#include "envelope.h"

/**
 * The head of the running command's JSON: command, format and version, then `fields`, which is
 * given up.
 */
json_t *cli_json_head(json_t *fields);

/** Prints that head in a stable layout. Returns 0, or the exit status after the error was said. */
int cli_json_print(json_t *fields);

/** true or false; null for unknown. */
json_t *cli_json_known(enum p2p_known known);

/** null when negative: unknown. */
json_t *cli_json_natural(int64_t number);

/** A node's address, as p2p_address() has it; null for P2P_NO_NODE. */
json_t *cli_json_address(const struct p2p_fabric *fabric, p2p_node node);

/** The names that the system gave a node: objects of `kind` and `name`. */
json_t *cli_json_names(const struct p2p_machine *machine, p2p_node node);

/** What every command says of a device: "address", "type", "kind", "model", "names", "numa_node".
 */
json_t *cli_json_device(const struct p2p_machine *machine, p2p_node node);

/** "host-bridge", "root-port", "endpoint" and so on. */
const char *cli_json_type(enum p2p_kind kind);

/** ACS bits as an array of their names. */
json_t *cli_json_acs(uint16_t bits);

/** An error: "status", as the command exits with, and "text". */
json_t *cli_json_error(const struct p2p_error *error);

/** A kernel: "kernel" (whose it is), "release", "p2pdma", "p2pdma_from", "allocate", "dmabuf". */
json_t *cli_json_kernel(const char *release, const struct p2p_kernel *kernel);

/** A memory's node, "/dev/p2pmem0"; null where `index` is negative. */
json_t *cli_json_node(int64_t index);

/** The address of the function whose memory it is; null: it is on no PCI bus. */
json_t *cli_json_function(const struct p2p_module_memory *memory);

/** A count, or null for what could not be read. */
json_t *cli_json_count(uint64_t count);

#endif
