/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* What user space says to p2pmem_wrong.ko: dma-bufs of /dev/p2pmem_wrong have wrong addresses. */
#ifndef P2PMEM_WRONG_H
#define P2PMEM_WRONG_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Where an importer's byte N really is; the CPU finds it at N, but for the last one. */
enum p2pmem_wrong_how {
	P2PMEM_WRONG_RIGHT = 0, /**< at N */
	P2PMEM_WRONG_SHIFTED,   /**< at N + by */
	P2PMEM_WRONG_STALE,     /**< behind the dma-buf, where nobody looks */
	P2PMEM_WRONG_RAW,       /**< the CPU's address in place of the importer's */
	P2PMEM_WRONG_SWAPPED,   /**< each page where its neighbour should be */
	P2PMEM_WRONG_MIRRORED,  /**< at N modulo by */
	P2PMEM_WRONG_SMALL,     /**< at N modulo by, for the CPU too: there is no more memory */
};

/**
 * Makes a dma-buf of bytes [offset, offset + size) of the BAR. It is nobody's alone: who wants
 * pieces that do not overlap chooses them so.
 *
 * EINVAL: an unknown `how`, a size or offset that is not of whole pages, `by` that does not go with
 * `how`; ERANGE: bytes that the BAR does not have, the wrong ones included.
 */
struct p2pmem_wrong_export {
	__u64 offset; /**< bytes into the BAR */
	__u64 size;   /**< bytes, of whole pages; of pairs of pages with SWAPPED */
	__u64 by;     /**< bytes; SHIFTED: 1 or more, MIRRORED and SMALL: whole pages, else 0 */
	__u32 how;    /**< enum p2pmem_wrong_how */
	__s32 fd;     /**< set: the dma-buf, with O_CLOEXEC and O_RDWR */
};

#define P2PMEM_WRONG_EXPORT _IOWR(0xb7, 0x50, struct p2pmem_wrong_export)

#endif
