/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/p2pmemN and /sys/class/p2pmem/p2pmemN.
 */
#ifndef P2PMEM_CHARDEV_H
#define P2PMEM_CHARDEV_H

#include "memory.h"

extern struct class p2pmem_class;

int p2pmem_chardevs_start(void);
void p2pmem_chardevs_stop(void);

/*
 * Gives the memory its number, the lowest that is free: one that was refused before has used up
 * none. `parent`: the device in sysfs whose memory it is, or NULL. Nobody is told of it yet. 0 or
 * a negative errno.
 */
int p2pmem_chardev_add(struct p2pmem *memory, struct device *parent);
void p2pmem_chardev_announce(struct p2pmem *memory);
void p2pmem_chardev_remove(struct p2pmem *memory);
/* Gives the number back: once for each memory that was added, when it is another's to have. */
void p2pmem_chardev_release(struct p2pmem *memory);

#endif
