/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Three kinds of address that the compiler keeps apart.
 *
 *     CPU load/store          the wires of one PCI domain        one client's programming
 *     p2p_cpu_addr  --window-->  p2p_bus_addr   --IOMMU/ops-->   p2p_dma_addr
 *
 * On x86 the three are usually equal, which is how everybody else's bugs begin. Only a host
 * bridge's window, an IOMMU mapping or a provider's ops may turn one kind into another.
 */
#ifndef P2PMEM_ADDRESS_H
#define P2PMEM_ADDRESS_H

#include <p2pmem/types.h>

/** What a CPU load uses: `/proc/iomem`, sysfs `resource`. */
typedef struct {
	uint64_t value;
} p2p_cpu_addr;

/** What one PCI domain's wires carry: BAR and bridge window registers. */
typedef struct {
	uint64_t value;
} p2p_bus_addr;

/** What one given client is programmed with. */
typedef struct {
	uint64_t value;
} p2p_dma_addr;

#endif
