/* SPDX-License-Identifier: MIT */
/*
 * By what a machine was taken for a virtual one.
 */
#ifndef P2P_EXPLAIN_HYPERVISOR_H
#define P2P_EXPLAIN_HYPERVISOR_H

#include <p2pmem/machine.h>

#include "text_builder.h"

/**
 * Adds the evidence: "0000:00:02.0 [1b36:000c] is QEMU's", or "the CPU's hypervisor flag". For
 * machines whose facts say that they are virtual.
 */
void p2p_hypervisor_add(struct p2p_text_builder *out, const struct p2p_machine *machine);

#endif
