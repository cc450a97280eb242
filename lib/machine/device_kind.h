/* SPDX-License-Identifier: MIT */
/*
 * What kind of device a function is to people who move data, and which functions they overlook.
 */
#ifndef P2P_REPORTS_DEVICE_KIND_H
#define P2P_REPORTS_DEVICE_KIND_H

#include <p2pmem/machine.h>

/** From this size on Linux can lend a BAR: struct pages come in blocks of 2 MiB. */
#define P2P_LENDABLE_SIZE (2ull << 20)

/**
 * A stable word: "host", "switch", "port", "bridge", "off-bus", or for endpoints "nvme",
 * "storage", "network", "infiniband", "gpu", "display", "accel", "nvswitch", "dma", "usb", … and
 * "other". From the class code (PCI Code and ID Assignment Specification 1.16, section 1), a few
 * drivers and, for displays, the vendor.
 */
const char *p2p_device_kind(const struct p2p_machine *machine, p2p_node node);

/**
 * Whether a function is of no interest to peer-to-peer: chipset, management and legacy functions
 * that have no name, lend no memory and have no BAR that could be lent. False for bridges.
 */
bool p2p_device_minor(const struct p2p_machine *machine, p2p_node node);

/** The largest prefetchable memory BAR of a function, or -1: it has none, or it is not known. */
int p2p_device_memory_bar(const struct p2p_node_info *info);

#endif
