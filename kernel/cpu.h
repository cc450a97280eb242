/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies by the CPU to and from lent memory: it is I/O memory, however much it looks like RAM.
 */
#ifndef P2PMEM_CPU_H
#define P2PMEM_CPU_H

#include "memory.h"

#include <linux/uio.h>

/* Fills with zeros. 0, -ENOMEM or -ENODEV. May sleep. */
int p2pmem_cpu_clear(struct p2pmem *memory, phys_addr_t start, u64 size);

/*
 * Copies from (or, to `write`, to) the memory, and moves the iterator on. Returns the bytes copied,
 * fewer than `size` if user space faults; -EFAULT if none were; -ENOMEM; -ENODEV: it is gone. May
 * sleep.
 */
ssize_t p2pmem_cpu_copy(struct p2pmem *memory, phys_addr_t start, size_t size,
			struct iov_iter *user, bool write);

#endif
