/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory on no PCI bus: registered by its driver, which p2pmem.h is for.
 */
#ifndef P2PMEM_OFF_BUS_H
#define P2PMEM_OFF_BUS_H

struct p2pmem;

/* Takes it from everybody before its driver does, which then finds it gone. May sleep. */
void p2pmem_off_bus_revoke(struct p2pmem *memory);

#endif
