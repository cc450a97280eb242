/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies by the CPU to and from provider memory: it is I/O memory, however much it looks like RAM.
 */
#ifndef P2PMEM_CPU_H
#define P2PMEM_CPU_H

#include "memory.h"

#include <linux/uio.h>

/* Fills with zeros. 0, -ENOMEM, -ENODEV, or -EINTR: a fatal signal. May sleep. */
int p2pmem_cpu_clear(struct p2pmem_allocation *allocation);

/*
 * Copies from (or, to `write`, to) the allocation, and moves the iterator on. Returns the bytes
 * copied, fewer than `size` if user space faults or a fatal signal comes; -EFAULT or -EINTR if none
 * were; -ENOMEM; -ENODEV: it is gone. May sleep.
 */
ssize_t p2pmem_cpu_copy(struct p2pmem_allocation *allocation, u64 start, size_t size,
			struct iov_iter *user, bool write);

/*
 * Between host memory and what the kernel has mapped of a BAR. `narrow`: of one that is not
 * prefetchable. What was written has left the CPU. Do not sleep.
 */
void p2pmem_cpu_read_io(void *to, const void __iomem *from, size_t size, bool narrow);
void p2pmem_cpu_write_io(void __iomem *to, const void *from, size_t size, bool narrow);

#endif
