/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of PCI functions: published by root, taken back by root, by unbinding or by unplugging.
 */
#ifndef P2PMEM_PUBLISH_H
#define P2PMEM_PUBLISH_H

#include "memory.h"

int p2pmem_publishing_start(void);
void p2pmem_publishing_stop(void);

/* Sets `index` and `why`. 0 or a negative errno. May sleep. */
int p2pmem_publish(struct p2pmem_publish *wish);

/* Sets `why`. 0, -ENODEV: no such memory, -EBUSY: in use. May sleep, as p2pmem_remove(). */
int p2pmem_unpublish(struct p2pmem_unpublish *wish);

#endif
