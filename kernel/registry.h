/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registry of all provider memory.
 */
#ifndef P2PMEM_KERNEL_REGISTRY_H
#define P2PMEM_KERNEL_REGISTRY_H

#include <linux/srcu.h>
#include "map/registry.h"

/* What faults, look-ups and mappings are inside of. */
extern struct srcu_struct p2pmem_srcu;
extern struct p2p_registry *p2pmem_registry;
extern const struct p2p_allocator p2pmem_allocator;

int p2pmem_registry_start(void);
void p2pmem_registry_stop(void);
int p2pmem_registry_add(struct p2p_provider *provider);
void p2pmem_registry_remove(struct p2p_provider *provider);
/* What was decided is decided again, and nobody goes by the old when it returns. */
void p2pmem_registry_touch(void);

#endif
