/* SPDX-License-Identifier: MIT */
/*
 * Which devices matter, and to which question.
 */
#ifndef P2P_MACHINE_INTEREST_H
#define P2P_MACHINE_INTEREST_H

#include <p2pmem/topology.h>

/**
 * Whether people overlook such functions, as their driver says (`*by_driver`), or else their
 * class.
 */
bool p2p_device_overlooked(const struct p2p_machine *machine, p2p_node node, bool *by_driver);

/** Who is a client of whom nobody was named: see p2p_select(). */
bool p2p_device_likely_client(const struct p2p_machine *machine, p2p_node node);

/** The same of providers. `bars_told`: the source tells the size of any BAR. */
bool p2p_device_likely_provider(const struct p2p_machine *machine, p2p_node node, bool bars_told);

/** The largest BAR that may be memory, in bytes; 0: none, or not known. */
uint64_t p2p_device_largest_bar(const struct p2p_node_info *info);

#endif
