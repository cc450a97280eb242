/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* What user space says to p2pmem_edu.ko: /dev/p2pmem_eduN moves bytes with a DMA engine. */
#ifndef P2PMEM_EDU_H
#define P2PMEM_EDU_H

#include <linux/ioctl.h>
#include <linux/types.h>

enum p2pmem_edu_kind {
	P2PMEM_EDU_HOST = 0, /**< the caller's own memory */
	P2PMEM_EDU_DMABUF,   /**< a dma-buf */
};

struct p2pmem_edu_end {
	__u32 kind; /**< enum p2pmem_edu_kind */
	__s32 fd;   /**< the dma-buf; -1 with P2PMEM_EDU_HOST */
	__u64 at;   /**< bytes into the dma-buf, or an address */
};

#define P2PMEM_EDU_LENGTH_MAX 0x100000u

/**
 * Moves `length` bytes, a few KiB at a time; returns when the last ones have arrived. Ends that
 * overlap leave undefined bytes there.
 *
 * EINVAL: a reserved field or flag that is not 0, a length that is 0 or too large, a range that is
 * not within its dma-buf; EACCES: a destination open for reading only; EREMOTE and others: the
 * exporter's answer, why this engine cannot reach its memory; ERANGE: the engine's address lines do
 * not reach it; ENODEV: the engine, or the device whose memory an end is, went away; EINTR: a
 * signal; EBUSY: the exporter does not get its memory ready; EIO: the engine hung. After an error,
 * `copied` bytes at the beginning are in place.
 */
struct p2pmem_edu_copy {
	struct p2pmem_edu_end source;
	struct p2pmem_edu_end destination;
	__u64 length; /**< bytes, 1 to P2PMEM_EDU_LENGTH_MAX */
	__u64 copied; /**< set, also on failure: bytes that have arrived */
	__u64 flags;  /**< 0 */
	__u64 reserved;
};

#define P2PMEM_EDU_COPY _IOWR(0xb7, 0x40, struct p2pmem_edu_copy)

#endif
