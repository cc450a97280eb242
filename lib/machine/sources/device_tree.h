/* SPDX-License-Identifier: MIT */
/*
 * What a host bridge's node of the device tree says.
 */
#ifndef P2P_SOURCES_DEVICE_TREE_H
#define P2P_SOURCES_DEVICE_TREE_H

#include <p2pmem/fabric.h>

/** Called for each window; false ends it. */
typedef bool p2p_device_tree_each(void *context, const struct p2p_range *window);

/**
 * Takes the property `ranges` of a PCI host bridge apart: each of its memory windows, with both
 * addresses. `parent_words` is the property #address-cells of the node above.
 *
 * Returns 0, or -1: it is no such property, or `each` ended it; some windows may have been told.
 */
int p2p_device_tree_ranges(const void *ranges, size_t size, uint32_t parent_words,
			   p2p_device_tree_each *each, void *context);

/**
 * Takes the property `ibm,opal-m64-window` apart, by which the firmware of a POWER machine
 * (skiboot, doc/device-tree) tells of the 64-bit window that `ranges` leaves out: bus address, CPU
 * address, size. `endpoints` is the property `ibm,opal-num-pes`, or 0: Linux keeps the last two of
 * as many parts of the window for no device (pnv_ioda2_init_m64()).
 *
 * Returns 0 and the window, or -1: it is no such property.
 */
int p2p_device_tree_m64(const void *window, size_t size, uint32_t endpoints,
			struct p2p_range *range);

#endif
