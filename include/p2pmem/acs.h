/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What is known of a node's Access Control Services (ACS): what was read, and where reading is not
 * the whole truth.
 */
#ifndef P2PMEM_ACS_H
#define P2PMEM_ACS_H

#include <p2pmem/fabric.h>

P2P_BEGIN_DECLS

/**
 * The bits that Linux counts as redirect, pci_bridge_has_acs_redir() in drivers/pci/p2pdma.c, and
 * that its boot option pci=disable_acs_redir= clears.
 */
#define P2P_ACS_LINUX (P2P_ACS_RR | P2P_ACS_CR | P2P_ACS_EC)

/** Devices whose isolation does not show in their ACS registers; Linux has quirks for them. */
enum p2p_acs_quirk {
	P2P_ACS_QUIRK_NONE,
	/**
	 * The ACS Control register is not where the specification puts it, so what was read as
	 * control is something else (Intel Sunrise Point and Union Point root ports, erratum).
	 * Linux sets and clears redirect there through its own method, yet its peer-to-peer check
	 * reads the specified place.
	 */
	P2P_ACS_QUIRK_LAYOUT,
	/**
	 * No ACS capability, but chipset registers that do the same (Intel PCH root ports). Linux
	 * can switch it on; `pci=disable_acs_redir=` does not switch it off.
	 */
	P2P_ACS_QUIRK_CHIPSET,
	/** No ACS capability; the port never passes requests to its neighbours. */
	P2P_ACS_QUIRK_ISOLATED,
};

/**
 * Tells a node's quirk, from vendor, device and kind; of the port kinds only, since the quirks of
 * multi-function endpoints say nothing about the path between two devices. Source: Linux 7.3,
 * drivers/pci/quirks.c, pci_dev_acs_enabled[] and pci_dev_acs_ops[]. Returns P2P_ACS_QUIRK_NONE
 * where there is none.
 */
enum p2p_acs_quirk p2p_acs_quirk(const struct p2p_node_info *info);

/** Gives a stable word. Returns "none", "layout", "chipset" or "isolated". */
const char *p2p_acs_quirk_name(enum p2p_acs_quirk quirk);

/**
 * Names one bit of ACS Control as the PCIe specification abbreviates it. Returns "SV", "TB", "RR",
 * "CR", "UF", "EC" or "DT"; NULL: not one of these bits, or several.
 */
const char *p2p_acs_bit_name(uint16_t bit);

/**
 * Tells whether the node has ACS. Returns `info->acs.known`, but P2P_ABSENT for a device that is
 * known to have no PCI Express capability: no extended configuration space holds ACS either.
 */
enum p2p_known p2p_acs_known(const struct p2p_node_info *info);

/** Tells which ACS bits are on. Returns those of `bits`; 0 when ACS is absent or unknown. */
uint16_t p2p_acs_active(const struct p2p_node_info *info, uint16_t bits);

P2P_END_DECLS

#endif
