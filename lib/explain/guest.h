/* SPDX-License-Identifier: MIT */
/*
 * By what a machine was taken for a virtual one.
 */
#ifndef P2P_REPORTS_GUEST_H
#define P2P_REPORTS_GUEST_H

#include <stdio.h>

#include <p2pmem/machine.h>

/**
 * Writes the evidence: "0000:00:02.0 [1b36:000c] is QEMU's", or "the CPU's hypervisor flag". For
 * machines whose facts say that they are virtual.
 */
void p2p_guest_write(FILE *file, const struct p2p_machine *machine);

#endif
