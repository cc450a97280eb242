/* SPDX-License-Identifier: MIT */
/*
 * Which functions of a machine a question is about: by class, by name, or those that matter.
 */
#ifndef P2P_REPORTS_SELECT_H
#define P2P_REPORTS_SELECT_H

#include <stdio.h>

#include <p2pmem/machine.h>

enum p2p_role {
	P2P_ROLE_CLIENT,
	P2P_ROLE_PROVIDER,
};

/** Nodes in the order of the tree, each once. */
struct p2p_selection {
	p2p_node *nodes; /**< to be freed by p2p_selection_free() */
	uint32_t count;
};

/**
 * Selects functions.
 *
 * @param words a list with commas of classes ("gpu", "nvme", "storage", "net", "accelerator",
 *              each as p2p_device_kind() tells it, and "bridge"), "all" and devices as
 * p2p_machine_find() knows them. NULL: those that matter in that role. Clients: the functions below
 * a port, and integrated ones that are GPU, NVMe, network or accelerator; no bridges, no virtual
 * functions. Providers: those of them with a memory BAR of 2 MiB or more (Linux publishes less to
 * nobody) or published memory; all, when the source tells no BAR at all.
 * @return 0, -ENOMEM, or what p2p_machine_find() returns, with its sentence. An empty class
 *         is no error: `count` is 0.
 */
int p2p_select(const struct p2p_machine *machine, const char *words, enum p2p_role role,
	       struct p2p_selection *selection, struct p2p_error *error);

/** Writes how many functions each class has: "8 gpu, 10 net, 4 nvme", or "none of a class". */
void p2p_select_write_classes(FILE *file, const struct p2p_machine *machine);

void p2p_selection_free(struct p2p_selection *selection);

/** Whether a bridge is meant: any kind of it, also where the kind is not known. */
bool p2p_is_bridge(const struct p2p_node_info *info);

#endif
