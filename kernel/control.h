/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/p2pmem.
 */
#ifndef P2PMEM_CONTROL_H
#define P2PMEM_CONTROL_H

int p2pmem_control_start(void);
void p2pmem_control_stop(void);

#endif
