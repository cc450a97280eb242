/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a pair that is let through rests on: each function from either end up to the host bridge.
 */
#ifndef P2PMEM_KERNEL_ALLOW_FACTS_H
#define P2PMEM_KERNEL_ALLOW_FACTS_H

#include "machine.h"

/* What is looked at of one function on the way. Without holes: memcmp(). */
struct p2pmem_allow_fact {
	u32 domain;
	u16 bus, devfn;
	u16 vendor, device, subsystem_vendor, subsystem_device;
	u16 acs_capability, acs_control;
	u32 acs_known; /* enum p2p_known */
	u64 bar[P2P_BARS];
};

struct p2pmem_allow_facts {
	u32 count;
	struct p2pmem_allow_fact fact[];
};

/* Of two functions in a state of the machine. For kfree(); NULL: without memory. */
struct p2pmem_allow_facts *p2pmem_allow_read_facts(const struct p2pmem_machine *machine,
						   const struct pci_dev *client,
						   const struct pci_dev *provider);

/* A function that is not what it was, or is on the way now; NULL: all are the same. */
const struct p2pmem_allow_fact *p2pmem_allow_find_change(const struct p2pmem_allow_facts *was,
							 const struct p2pmem_allow_facts *is);

#endif
