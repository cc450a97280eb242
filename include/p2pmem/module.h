/* SPDX-License-Identifier: MIT */
/*
 * The user-space side of the kernel module p2pmem: publishing memory of devices as /dev/p2pmemN,
 * taking it back, and asking who uses it.
 *
 *     p2p_publish()           a BAR, or part of it  ──> /dev/p2pmemN
 *     p2p_unpublish()         /dev/p2pmemN          ──> gone
 *     p2p_module_memories()   what is published
 *     p2p_module_stat()       the same, and who mapped how much of it
 *
 * What programs do with /dev/p2pmemN itself (allocate, export, map), p2pmem/uapi.h has. Functions
 * here keep no state: any number of threads may call them.
 */
#ifndef P2PMEM_MODULE_H
#define P2PMEM_MODULE_H

#include <p2pmem/error.h>
#include <p2pmem/fabric.h>

P2P_BEGIN_DECLS

/** A count that could not be read. */
#define P2P_UNCOUNTED UINT64_MAX

/** A range that p2pmem.ko publishes: /dev/p2pmemN. Sizes and offsets are bytes. */
struct p2p_module_memory {
	uint32_t index;          /**< N */
	int32_t bar;             /**< -1: unknown */
	struct p2p_bdf function; /**< whose memory it is */
	bool on_pci;             /**< `function`, `bar` and `offset` mean something */
	bool page_backed;        /**< has struct pages, so its mappings work with O_DIRECT */
	uint64_t offset;         /**< into the BAR */
	uint64_t size;
	/* From here on P2P_UNCOUNTED stands for what could not be read. */
	uint64_t available;
	uint64_t limit;       /**< what one open file may have */
	uint64_t high_water;  /**< the most that was ever allocated */
	uint64_t allocations; /**< how many were ever made */
};

enum p2p_publish_pages {
	P2P_PUBLISH_PAGES_IF_POSSIBLE,
	P2P_PUBLISH_PAGES,    /**< an error where that is impossible */
	P2P_PUBLISH_NO_PAGES, /**< never */
};

struct p2p_publish_options {
	struct p2p_bdf function;
	uint32_t bar;    /**< 0 to 5 */
	uint64_t offset; /**< into the BAR, a multiple of the page size */
	uint64_t size;   /**< a multiple of the page size; 0: to the end of the BAR */
	enum p2p_publish_pages pages;
	/**
	 * Not a BAR, but memory that the function's driver publishes through the kernel (an NVMe
	 * CMB): `bar` and `offset` are 0, `size` 0 means all that is free.
	 */
	bool driver_memory;
	/**
	 * A BAR also beside another driver than p2pmem. It may use what it has not claimed, and
	 * then loses its data; and it may reset the device, which nobody is told of.
	 */
	bool beside_driver;
};

struct p2p_publication {
	struct p2p_module_memory memory;
	bool bound; /**< the function had no driver, so p2pmem was bound to it */
	/** Why it has no struct pages though that was asked for: a word of p2p_module_stat, or NULL
	 */
	const char *no_pages;
	char text[P2P_ERROR_TEXT]; /**< the same as a sentence, or "" */
};

/**
 * Publishes memory of a device. A function without a driver gets p2pmem as its driver first, by
 * driver_override; that is undone when publishing fails. Needs root.
 *
 * Returns 0, or a negative errno with the sentence in `error`:
 * -ENODEV   the module is not loaded, or there is no such function
 * -EACCES   not root
 * -EINVAL   a range that is not in the BAR, not on pages, or no memory
 * -EBUSY    claimed by a driver; another driver is bound, without `beside_driver`, or one that uses
 * its BARs without claiming them; a device may still reach it from an earlier loan; overlaps the
 * MSI-X table or what is published -EPERM    the kernel is locked down -ENXIO, -EIO, -ENOENT,
 * -EOPNOTSUPP, -ENOMEM  as the sentence says
 */
int p2p_publish(const struct p2p_publish_options *options, struct p2p_publication *publication,
		struct p2p_error *error);

struct p2p_unpublication {
	uint32_t count; /**< ranges that are gone, also when a later one failed */
	bool unbound;   /**< p2pmem was the function's driver, and is not any more */
};

/**
 * Takes /dev/p2pmemN back. With the last range of a function that p2pmem is the driver of, the
 * function is left without a driver, as it was. Needs root.
 *
 * @param force also while in use: users get SIGBUS or ENODEV, importers of dma-bufs are told.
 * @return 0, -ENOENT (no such node), -EBUSY (in use, without `force`), -EOPNOTSUPP (on no PCI bus:
 *         its own driver lends it), -ETIMEDOUT (it is taken back, but a driver has not let go of
 * it, so that its range stays claimed until it does), -ENODEV, -EACCES.
 */
int p2p_unpublish(uint32_t index, bool force, struct p2p_unpublication *done,
		  struct p2p_error *error);

/** As p2p_unpublish(), for all that a function publishes; -ENOENT: it publishes nothing. */
int p2p_unpublish_function(struct p2p_bdf function, bool force, struct p2p_unpublication *done,
			   struct p2p_error *error);

/**
 * Lists what is published, by number. Needs no root.
 *
 * @return 0, -ENODEV (the module is not loaded) or -ENOMEM. `*memories` is the caller's to free().
 */
int p2p_module_memories(struct p2p_module_memory **memories, size_t *count,
			struct p2p_error *error);

/** The N of "p2pmemN" or "/dev/p2pmemN". Returns 0, or -EINVAL for anything else. */
int p2p_module_index(const char *text, uint32_t *index);

/** What one client did with one memory. */
struct p2p_module_pair {
	uint32_t index;  /**< of the memory */
	char client[64]; /**< a PCI address, or another device's name in sysfs */
	uint64_t direct_bytes, direct_segments;
	uint64_t via_host_bytes, via_host_segments;
	uint64_t unreachable; /**< refused mappings */
};

/** How often something was refused for one reason. */
struct p2p_module_refusal {
	/**
	 * "no-function", "no-driver", "no-bar", "not-memory", "disabled", "range", "msix",
	 * "claimed", "published", "no-p2pdma", "alignment", "no-pages", "driver-memory", "held",
	 * "in-use", "limit", "full", "vfio", "driver-bound", "driver-uses", "lockdown",
	 * "not-mappable"; others may come.
	 */
	char why[32];
	uint64_t count;
};

struct p2p_module_stat {
	struct p2p_module_memory *memories; /**< by number */
	size_t memory_count;
	/** False: the rest is empty or zero, and `missing` says why it could not be read. */
	bool counted;
	char missing[P2P_ERROR_TEXT];
	struct p2p_module_pair *pairs;
	size_t pair_count;
	struct p2p_module_refusal *refusals;
	size_t refusal_count;
	uint64_t normal_bytes, normal_segments; /**< no device memory, mapped in lists with some */
};

/**
 * Reads the module's statistics: sizes from sysfs, counts from debugfs.
 *
 * @return 0, also when only sysfs could be read; -ENODEV (the module is not loaded), -EBADMSG (the
 *         module's text is not understood) or -ENOMEM. `*stat` is the caller's to free with
 *         p2p_module_stat_free(), NULL on failure.
 */
int p2p_module_stat(struct p2p_module_stat **stat, struct p2p_error *error);

/** NULL is allowed. */
void p2p_module_stat_free(struct p2p_module_stat *stat);

P2P_END_DECLS

#endif
