/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/p2pmemN and /sys/class/p2pmem/p2pmemN.
 */
#ifndef P2PMEM_NODE_H
#define P2PMEM_NODE_H

#include "memory.h"

int p2pmem_nodes_start(void);
void p2pmem_nodes_stop(void);

/*
 * Gives the memory its number, the lowest that is free: one that was refused before has used up
 * none. `owner`: the device in sysfs whose memory it is, or NULL. Nobody is told of it yet. 0 or
 * a negative errno.
 */
int p2pmem_node_add(struct p2pmem *memory, struct device *owner);
void p2pmem_node_announce(struct p2pmem *memory);
void p2pmem_node_remove(struct p2pmem *memory);
/* Gives the number back: once for each memory that was added, when it is another's to have. */
void p2pmem_node_release(struct p2pmem *memory);

#endif
