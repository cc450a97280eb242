/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * P2PMEM_VERDICT: whether a function can reach a memory, and why.
 */
#ifndef P2PMEM_VERDICT_H
#define P2PMEM_VERDICT_H

#include "memory.h"

/* 0 or a negative errno. May sleep. */
long p2pmem_ask_verdict(struct p2pmem *memory, struct p2pmem_verdict __user *user);

#endif
