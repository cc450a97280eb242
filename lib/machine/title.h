/* SPDX-License-Identifier: MIT */
/*
 * What a node of a machine is called in a sentence.
 */
#ifndef P2P_REPORTS_TITLE_H
#define P2P_REPORTS_TITLE_H

#include <p2pmem/machine.h>
#include <p2pmem/route.h>

#define P2P_ADDRESS 24
#define P2P_TITLE   160

/**
 * "0000:03:00.0"; of a host bridge "pci0000:15", as sysfs calls it; of a device on no bus
 * "off-bus-7", its index. Returns `text`.
 */
const char *p2p_address(const struct p2p_fabric *fabric, p2p_node node, char text[P2P_ADDRESS]);

/**
 * Copies a name from a source, which may be hostile: what is no printable ASCII becomes "?", so
 * that it can go to a terminal and into JSON. Returns `to`, cut when longer than `size` - 1.
 */
const char *p2p_plain(const char *from, char *to, size_t size);

/**
 * A verdict as people read it: "direct", "through the host bridge", "unreachable" or "unknown".
 * JSON and CSV have the stable words of p2p_verdict_name().
 */
const char *p2p_verdict_text(enum p2p_verdict verdict);

/** "root port", "endpoint" and so on; "host bridge" too. */
const char *p2p_kind_name(enum p2p_kind kind);

/**
 * "0000:03:00.0 (nvme0)": the address, and in brackets what tells people most: the kind of a
 * bridge, else the name that the system gave, and the model where there is no telling name.
 * Returns `text`, cut when longer.
 */
const char *p2p_title(const struct p2p_machine *machine, p2p_node node, char text[P2P_TITLE]);

/**
 * "0000:03:00.0 (nvme0)", for sentences that name several: of a bridge the address alone, and
 * never a model. Returns `text`, cut when longer.
 */
const char *p2p_short_title(const struct p2p_machine *machine, p2p_node node, char text[P2P_TITLE]);

#endif
