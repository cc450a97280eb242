/* SPDX-License-Identifier: MIT */
/*
 * The boot option that keeps Linux from setting ACS redirect on some ports.
 */
#ifndef P2P_EXPLAIN_BOOT_OPTION_H
#define P2P_EXPLAIN_BOOT_OPTION_H

#include <p2pmem/machine.h>

/**
 * "pci=disable_acs_redir=BDF;BDF" with every port, whatever its length. What the machine was booted
 * with is repeated in it, because Linux takes the last such option only. Returns a string for
 * free(), or NULL without memory.
 */
char *p2p_acs_boot_option(const struct p2p_machine *machine, const p2p_node *ports, uint32_t count);

/** Whether the machine was booted with such an option. */
bool p2p_acs_booted_with(const struct p2p_machine *machine);

#endif
