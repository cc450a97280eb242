/* SPDX-License-Identifier: MIT */
/*
 * The clients that a machine has.
 */
#ifndef P2P_LIB_PROVE_CLIENTS_H
#define P2P_LIB_PROVE_CLIENTS_H

#include <p2pmem/machine.h>

#include "prove/client.h"

/* The kinds, one file each. */
extern const struct p2p_prove_kind p2p_prove_drives;
extern const struct p2p_prove_kind p2p_prove_engines;

/**
 * Finds who is meant by `name`, a client's own or any name of its function; NULL: one of each
 * function. Returns 0, -ENODEV, or what p2p_machine_find() returns. The caller frees `list->all`.
 */
int p2p_prove_clients(const char *name, const struct p2p_machine *machine,
		      struct p2p_prove_list *list, struct p2p_error *error);

#endif
