/* SPDX-License-Identifier: MIT */
/*
 * What the ids of a machine's functions tell of it: whose CPU has these root buses, and whether
 * a hypervisor made them. Only ids that settle it count; everything else stays unknown.
 */
#ifndef P2P_PLATFORM_IDS_H
#define P2P_PLATFORM_IDS_H

#include <p2pmem/fabric.h>
#include <p2pmem/policy.h>

/** The CPU that root ports and host bridges belong to. */
struct p2p_ids_cpu {
	enum p2p_cpu_vendor vendor; /**< P2P_CPU_UNKNOWN: no id tells, or two contradict */
	uint16_t family;            /**< the lowest that the ids allow, 0: unknown */
	p2p_node shown_by;          /**< the first function that tells, or P2P_NO_NODE */
};

struct p2p_ids_cpu p2p_ids_cpu(const struct p2p_fabric *fabric);

/** The first function that only hypervisors make, or P2P_NO_NODE. */
p2p_node p2p_ids_guest(const struct p2p_fabric *fabric);

/** Whose such a function is: "QEMU", "VMware", …; NULL: it is none. */
const char *p2p_ids_hypervisor(const struct p2p_fabric *fabric, p2p_node node);

#endif
