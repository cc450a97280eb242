/* SPDX-License-Identifier: MIT */
/*
 * PCI configuration space: raw bytes into the fabric's terms, and the bytes that a capture keeps.
 */
#ifndef P2P_SOURCES_CONFIG_SPACE_H
#define P2P_SOURCES_CONFIG_SPACE_H

#include <p2pmem/fabric.h>

#define P2P_CONFIG_HEADER 64u
#define P2P_CONFIG_PCI    256u
#define P2P_CONFIG_PCIE   4096u

/**
 * Fills `info` with what `size` bytes of a function's configuration space say: ids, class, kind,
 * bus numbers, BARs and windows (bus addresses; a BAR's size is not in it), PCI Express and ACS
 * capability, link. What lies beyond `size` stays as it was in `info`, and so unknown.
 *
 * @param link_below set for root and downstream ports, whose link registers tell of the link
 *                   below them; `info->link` is of the link above.
 * @return 0, or -ENODEV: too short for a header, or all ones (nothing answered).
 */
int p2p_config_decode(const uint8_t *config, size_t size, struct p2p_node_info *info,
		      struct p2p_link *link_below);

/**
 * Sets in `bar_max` the largest size of each BAR that the Resizable BAR capability names (the
 * physical function's own; not virtual functions' BARs). Others stay as they were.
 */
void p2p_config_resizable(const uint8_t *config, size_t size, uint64_t bar_max[P2P_BARS]);

/**
 * Blanks everything that the functions above do not use, so that no serial number (extended
 * capability 0003h, vital product data, vendor-specific capabilities) is left. What it decodes
 * to stays the same.
 */
void p2p_config_blank(uint8_t *config, size_t size);

/** The kind of a bridge by its PCIe device/port type (PCIe 7.5.3.2), which was read. */
enum p2p_kind p2p_config_port_kind(uint8_t port_type);

#endif
