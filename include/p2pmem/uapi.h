/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * What p2pmem.ko and user space say to each other.
 *
 *     /dev/p2pmem      P2PMEM_PUBLISH ──> N ──> P2PMEM_UNPUBLISH          (root)
 *                      P2PMEM_ALLOW: trial ─ transfers both ways ─> kept ─> withdrawn
 *     /dev/p2pmemN     P2PMEM_ALLOC ──> offset ─┬─> mmap(), pread(), pwrite()
 *                                               ├─> P2PMEM_EXPORT ──> dma-buf
 *                                               └─> P2PMEM_FREE, or close()
 *
 * Reserved fields and unknown flags must be zero (else EINVAL). Structures keep their size; the
 * ABI number of P2PMEM_INFO grows when something is added. A device that is gone: ENODEV.
 */
#ifndef P2PMEM_UAPI_H
#define P2PMEM_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define P2PMEM_ABI 4

/** A PCI function. */
struct p2pmem_function {
	__u32 domain;
	__u8 bus;
	__u8 devfn; /**< device << 3 | function */
	__u16 reserved;
};

/** Why something was refused: what goes with an errno to make a sentence. */
enum p2pmem_why {
	P2PMEM_WHY_NONE = 0,
	P2PMEM_WHY_NO_FUNCTION,   /**< ENODEV: no such PCI function */
	P2PMEM_WHY_NO_DRIVER,     /**< ENXIO: no driver is bound; bind p2pmem to it */
	P2PMEM_WHY_NO_BAR,        /**< ENXIO: no such BAR, or it has no address */
	P2PMEM_WHY_NOT_MEMORY,    /**< EINVAL: an I/O port BAR */
	P2PMEM_WHY_DISABLED,      /**< EIO: the function does not answer to memory addresses */
	P2PMEM_WHY_RANGE,         /**< EINVAL: not on pages, or not within the BAR */
	P2PMEM_WHY_MSIX,          /**< EBUSY: overlaps the MSI-X table or pending bits */
	P2PMEM_WHY_CLAIMED,       /**< EBUSY: a driver has claimed (part of) the range */
	P2PMEM_WHY_PUBLISHED,     /**< EEXIST: overlaps what is published already */
	P2PMEM_WHY_NO_P2PDMA,     /**< EOPNOTSUPP: the kernel has no CONFIG_PCI_P2PDMA */
	P2PMEM_WHY_ALIGNMENT,     /**< EOPNOTSUPP: pages need multiples of 2 MiB */
	P2PMEM_WHY_NO_PAGES,      /**< the kernel would not make pages for the range */
	P2PMEM_WHY_DRIVER_MEMORY, /**< ENOENT: its driver publishes no (so much free) memory */
	P2PMEM_WHY_HELD,          /**< EBUSY, ETIMEDOUT: a device may still reach the range */
	P2PMEM_WHY_IN_USE,        /**< EBUSY: somebody has memory of it */
	P2PMEM_WHY_LIMIT,         /**< EDQUOT: more than one open file may have */
	P2PMEM_WHY_FULL,          /**< ENOSPC: no range of that size is free */
	/* From ABI 2 on: */
	P2PMEM_WHY_VFIO,         /**< EOPNOTSUPP: VFIO would not say when it lets go of memory */
	P2PMEM_WHY_DRIVER_BOUND, /**< EBUSY: another driver is bound; P2PMEM_PUBLISH_BESIDE */
	P2PMEM_WHY_DRIVER_USES,  /**< EBUSY: another driver is bound that uses BARs unclaimed */
	P2PMEM_WHY_LOCKDOWN,     /**< EPERM: the kernel is locked down */
	P2PMEM_WHY_NOT_MAPPABLE, /**< EOPNOTSUPP: this device's BARs cannot be mapped */
	/* From ABI 3 on: why DMA ops cannot be wrapped (P2PMEM_PUBLISH_WRAP), all EOPNOTSUPP. */
	P2PMEM_WHY_WRAP_KERNEL,    /**< not on this kernel, or not as it is configured */
	P2PMEM_WHY_WRAP_VFIO,      /**< `culprit` is VFIO's, or in an IOMMU domain of a driver's */
	P2PMEM_WHY_WRAP_UNTRUSTED, /**< the firmware calls the port above `culprit` external */
	P2PMEM_WHY_WRAP_VIRTIO,    /**< `culprit` is virtio that does not use the DMA API */
	P2PMEM_WHY_WRAP_OPS,       /**< `culprit` has DMA ops of its own */
	P2PMEM_WHY_WRAP_MASTER,    /**< a device on no PCI bus moves bytes; the log names it */
	P2PMEM_WHY_WRAP_BOUND, /**< not while `culprit`'s driver is bound; later it may be again */
	/* From ABI 4 on, of P2PMEM_ALLOW: */
	P2PMEM_WHY_REACHES,   /**< EALREADY: the rules keep the two from nothing */
	P2PMEM_WHY_NO_LIST,   /**< EOPNOTSUPP: it is not a list alone that keeps them apart */
	P2PMEM_WHY_UNTRUSTED, /**< EOPNOTSUPP: the firmware calls a port above them external */
	P2PMEM_WHY_ALLOWED,   /**< EEXIST: they are allowed already */
	P2PMEM_WHY_NO_TRIAL,  /**< ENOENT: this open file has no trial of them, or it was ended */
	P2PMEM_WHY_UNPROVEN,  /**< ENODATA: nothing was mapped for them one of the two ways */
	/* And of P2PMEM_PUBLISH_WRAP: */
	P2PMEM_WHY_WRAP_MEMORY, /**< ENOMEM: no host memory in one piece to copy through */
	/* And of P2PMEM_ALLOW: */
	P2PMEM_WHY_NO_PROBE, /**< EOPNOTSUPP: the kernel's own P2PDMA cannot be told; see the log */
	P2PMEM_WHY_COUNT,    /* how many there are; grows */
};

/** "no-function" for P2PMEM_WHY_NO_FUNCTION and so on: the words of statistics and JSON. */
static inline const char *p2pmem_why_name(__u32 why)
{
	switch (why) {
	case P2PMEM_WHY_NONE:
		return "none";
	case P2PMEM_WHY_NO_FUNCTION:
		return "no-function";
	case P2PMEM_WHY_NO_DRIVER:
		return "no-driver";
	case P2PMEM_WHY_NO_BAR:
		return "no-bar";
	case P2PMEM_WHY_NOT_MEMORY:
		return "not-memory";
	case P2PMEM_WHY_DISABLED:
		return "disabled";
	case P2PMEM_WHY_RANGE:
		return "range";
	case P2PMEM_WHY_MSIX:
		return "msix";
	case P2PMEM_WHY_CLAIMED:
		return "claimed";
	case P2PMEM_WHY_PUBLISHED:
		return "published";
	case P2PMEM_WHY_NO_P2PDMA:
		return "no-p2pdma";
	case P2PMEM_WHY_ALIGNMENT:
		return "alignment";
	case P2PMEM_WHY_NO_PAGES:
		return "no-pages";
	case P2PMEM_WHY_DRIVER_MEMORY:
		return "driver-memory";
	case P2PMEM_WHY_HELD:
		return "held";
	case P2PMEM_WHY_IN_USE:
		return "in-use";
	case P2PMEM_WHY_LIMIT:
		return "limit";
	case P2PMEM_WHY_FULL:
		return "full";
	case P2PMEM_WHY_VFIO:
		return "vfio";
	case P2PMEM_WHY_DRIVER_BOUND:
		return "driver-bound";
	case P2PMEM_WHY_DRIVER_USES:
		return "driver-uses";
	case P2PMEM_WHY_LOCKDOWN:
		return "lockdown";
	case P2PMEM_WHY_NOT_MAPPABLE:
		return "not-mappable";
	case P2PMEM_WHY_WRAP_KERNEL:
		return "wrap-kernel";
	case P2PMEM_WHY_WRAP_VFIO:
		return "wrap-vfio";
	case P2PMEM_WHY_WRAP_UNTRUSTED:
		return "wrap-untrusted";
	case P2PMEM_WHY_WRAP_VIRTIO:
		return "wrap-virtio";
	case P2PMEM_WHY_WRAP_OPS:
		return "wrap-ops";
	case P2PMEM_WHY_WRAP_MASTER:
		return "wrap-master";
	case P2PMEM_WHY_WRAP_BOUND:
		return "wrap-bound";
	case P2PMEM_WHY_REACHES:
		return "reaches";
	case P2PMEM_WHY_NO_LIST:
		return "no-list";
	case P2PMEM_WHY_UNTRUSTED:
		return "untrusted";
	case P2PMEM_WHY_ALLOWED:
		return "allowed";
	case P2PMEM_WHY_NO_TRIAL:
		return "no-trial";
	case P2PMEM_WHY_UNPROVEN:
		return "unproven";
	case P2PMEM_WHY_WRAP_MEMORY:
		return "wrap-memory";
	case P2PMEM_WHY_NO_PROBE:
		return "no-probe";
	default:
		return "unknown";
	}
}

/* Flags of P2PMEM_PUBLISH. */
#define P2PMEM_PUBLISH_PAGES  0x1u /**< with struct pages, for O_DIRECT; else without */
#define P2PMEM_PUBLISH_DRIVER 0x2u /**< not a BAR: memory that the function's driver publishes */
/**
 * Of a BAR also if another driver than p2pmem is bound, from ABI 2 on. What it has not claimed it
 * may use nevertheless, and then its data is overwritten; and nobody is told when it resets the
 * function: the CPU then reads ones, and what is written is lost.
 */
#define P2PMEM_PUBLISH_BESIDE 0x4u
/**
 * With P2PMEM_PUBLISH_PAGES, from ABI 3 on: also on a kernel without CONFIG_PCI_P2PDMA, by DMA ops
 * around those of every PCI function that a driver is bound to, for as long as such memory is
 * published. Elsewhere it changes nothing.
 */
#define P2PMEM_PUBLISH_WRAP 0x8u

/** Publishes a BAR or a part of it as /dev/p2pmemN. */
struct p2pmem_publish {
	struct p2pmem_function function;
	__u32 bar;    /**< 0 to 5; 0 with P2PMEM_PUBLISH_DRIVER */
	__u32 flags;  /**< P2PMEM_PUBLISH_* */
	__u64 offset; /**< bytes into the BAR, a multiple of the page size; 0 with _DRIVER */
	__u64 size;   /**< bytes, a multiple of the page size; 0: to the end, not with _DRIVER */
	__u32 index;  /**< set: N */
	__u32 why;    /**< set, also on failure: enum p2pmem_why */
	/** Zero; set with some of P2PMEM_WHY_WRAP_*, from ABI 3 on. */
	struct p2pmem_function culprit;
};

#define P2PMEM_UNPUBLISH_FORCE 0x1u /**< also in use: users get SIGBUS, ENODEV, revocation */

/**
 * Takes it back. ETIMEDOUT with P2PMEM_WHY_HELD: it is gone for everybody, but some device's driver
 * has not let go in time (the log names it), and until it does, the range cannot be published
 * again.
 */
struct p2pmem_unpublish {
	__u32 index;
	__u32 flags; /**< P2PMEM_UNPUBLISH_* */
	__u32 why;   /**< set: enum p2pmem_why */
	__u32 reserved;
};

/* Flags of P2PMEM_ALLOW, one of them. */
/**
 * Lets the pair through for as long as this open file is open, or until it is kept or withdrawn: so
 * that it can be proven with data. EBUSY with P2PMEM_WHY_IN_USE: it is another file's.
 */
#define P2PMEM_ALLOW_TRIAL 0x1u
/**
 * Keeps this file's trial, in which the client wrote and read the provider's memory, until it is
 * withdrawn, the module is unloaded, or the machine is not any more what it was in the trial: a
 * function on the way from either to its host bridge is another, has other addresses, or other ACS
 * bits; or the client is in a domain of another type. The log says that.
 */
#define P2PMEM_ALLOW_KEEP 0x2u
/** Ends what this file tries, or what was kept. */
#define P2PMEM_ALLOW_WITHDRAW 0x4u

/**
 * Lets a client reach all memory that a function provides, although the kernel's rules refuse the
 * two: because neither the CPU nor their host bridges are on its list of those that somebody has
 * vouched for. Whatever else is in the way stays so. /sys/module/p2pmem/parameters/allowed has the
 * pairs that are let through. From ABI 4 on.
 */
struct p2pmem_allow {
	struct p2pmem_function client, provider;
	__u32 flags; /**< P2PMEM_ALLOW_* */
	__u32 why;   /**< set: enum p2pmem_why */
	/** Set: bytes that were mapped since the trial began, to be written and read by the client
	 */
	__u64 to_provider, from_provider;
	__u64 reserved[2];
};

/* Flags of P2PMEM_INFO. */
#define P2PMEM_INFO_PCI   0x1u /**< `function`, `bar` and `bar_offset` mean something */
#define P2PMEM_INFO_PAGES 0x2u /**< its mappings work with O_DIRECT */

struct p2pmem_info {
	__u32 abi;
	__u32 flags;
	struct p2pmem_function function;
	__u32 bar;
	__u32 no_pages; /**< enum p2pmem_why: why not page-backed; 0: it is, or nobody asked */
	__u64 bar_offset;
	__u64 cpu_address; /**< of its first byte; 0 for those without CAP_SYS_ADMIN */
	__u64 size;
	__u64 available;
	__u64 limit; /**< bytes that one open file may have */
	__u64 used;  /**< bytes that this open file has */
	/**
	 * Bytes of it, of all users, that the CPU has copied through host memory in place of
	 * devices that do not reach it: P2PMEM_PUBLISH_WRAP. From ABI 3 on.
	 */
	__u64 bounced;
	__u64 reserved[3];
};

enum p2pmem_verdict_code {
	P2PMEM_UNKNOWN = 0,
	P2PMEM_DIRECT,
	P2PMEM_VIA_HOST,
	P2PMEM_UNREACHABLE,
};

#define P2PMEM_NAME 32

/** One reason, as `p2pmem check --json` names them. */
struct p2pmem_reason {
	char name[P2PMEM_NAME]; /**< "acs-redirect" and so on */
	struct p2pmem_function node, other;
	__u16 has_node; /**< 0: `node` means nothing */
	__u16 has_other;
	__u16 node_is_host_bridge; /**< then only domain and bus mean something */
	__u16 bits;                /**< ACS bits, or a quirk's number */
};

/** Whether a function can reach this memory, and why. */
struct p2pmem_verdict {
	struct p2pmem_function client;
	__u32 verdict;  /**< set: enum p2pmem_verdict_code */
	__s32 distance; /**< set: as Linux counts hops, -1: unreachable */
	__u64 reasons;  /**< pointer to an array of struct p2pmem_reason; may be 0 with room 0 */
	__u32 room;     /**< entries of it */
	__u32 count;    /**< set: how many reasons there are */
	char policy[P2PMEM_NAME]; /**< set: whose rules, "7.3" */
	__u64 reserved[2];
};

/* Flags of P2PMEM_ALLOC. */
/**
 * The CPU's mapping; else it is write-combined where that is possible: not if the memory has struct
 * pages, and not if the BAR is not prefetchable.
 */
#define P2PMEM_ALLOC_UNCACHED 0x1u
/**
 * Asked mmap() for a mapping that VFIO type 1 accepts. It is refused from ABI 2 on, with
 * P2PMEM_WHY_VFIO: VFIO tells nobody when a device can no longer reach the memory, so that it could
 * never be published again.
 */
#define P2PMEM_ALLOC_VFIO 0x2u

struct p2pmem_alloc {
	__u64 size;      /**< bytes; rounded up to pages */
	__u64 alignment; /**< a power of two, or 0 */
	__u32 flags;     /**< P2PMEM_ALLOC_* */
	__u32 why;       /**< set: enum p2pmem_why */
	__u64 offset;    /**< set: names the allocation; for mmap(), pread(), pwrite() */
	__u64 reserved;
};

struct p2pmem_free {
	__u64 offset;
	__u64 reserved;
};

struct p2pmem_export {
	__u64 offset;
	__u32 flags; /**< O_CLOEXEC, O_RDWR, O_RDONLY */
	__s32 fd;    /**< set: the dma-buf; it keeps the allocation after close() */
	__u64 reserved;
};

#define P2PMEM_IOCTL 0xb7

/* On /dev/p2pmem. */
#define P2PMEM_PUBLISH   _IOWR(P2PMEM_IOCTL, 0x00, struct p2pmem_publish)
#define P2PMEM_UNPUBLISH _IOWR(P2PMEM_IOCTL, 0x01, struct p2pmem_unpublish)
#define P2PMEM_ALLOW     _IOWR(P2PMEM_IOCTL, 0x02, struct p2pmem_allow)

/* On /dev/p2pmemN. All but P2PMEM_INFO and P2PMEM_VERDICT want it open for writing, else EBADF. */
#define P2PMEM_INFO    _IOR(P2PMEM_IOCTL, 0x10, struct p2pmem_info)
#define P2PMEM_VERDICT _IOWR(P2PMEM_IOCTL, 0x11, struct p2pmem_verdict)
#define P2PMEM_ALLOC   _IOWR(P2PMEM_IOCTL, 0x12, struct p2pmem_alloc)
#define P2PMEM_FREE    _IOW(P2PMEM_IOCTL, 0x13, struct p2pmem_free)
#define P2PMEM_EXPORT  _IOWR(P2PMEM_IOCTL, 0x14, struct p2pmem_export)

#endif
