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
	uint64_t reserved[4]; /**< 0: room for later */
};

enum p2p_publish_pages {
	P2P_PUBLISH_PAGES_IF_POSSIBLE,
	P2P_PUBLISH_PAGES,    /**< an error where that is impossible */
	P2P_PUBLISH_NO_PAGES, /**< never */
};

/** What to publish, and how: starts from p2p_publish_options_init(). */
struct p2p_publish_options {
	size_t size; /**< of this struct, as the program that fills it in was compiled */
	struct p2p_bdf function;
	uint32_t bar;    /**< 0 to 5 */
	uint64_t offset; /**< into the BAR, a multiple of the page size */
	uint64_t length; /**< a multiple of the page size; 0: to the end of the BAR */
	enum p2p_publish_pages pages;
	/**
	 * Not a BAR, but memory that the function's driver publishes through the kernel (an NVMe
	 * CMB): `bar` and `offset` are 0, `length` 0 means all that is free.
	 */
	bool driver_memory;
	/**
	 * A BAR also beside another driver than p2pmem. It may use what it has not claimed, and
	 * then loses its data; and it may reset the device, which nobody is told of.
	 */
	bool beside_driver;
};

/** Fills in the defaults: all of BAR 0, with pages if possible. `size` is sizeof(*options). */
void p2p_publish_options_init(struct p2p_publish_options *options, size_t size);

/** What was published: starts from p2p_publication_init(). */
struct p2p_publication {
	size_t size; /**< of this struct, as the program was compiled */
	struct p2p_module_memory memory;
	bool bound; /**< the function had no driver, so p2pmem was bound to it */
	/** Why it has no struct pages though that was asked for: a word of p2p_module_stat, or NULL
	 */
	const char *no_pages;
	enum p2p_hint hint;        /**< what the next step in `text` concerns */
	char text[P2P_ERROR_TEXT]; /**< the same as a sentence, or "" */
};

/** Clears a publication; `size` is sizeof(*publication). */
void p2p_publication_init(struct p2p_publication *publication, size_t size);

/**
 * Publishes memory of a device. A function without a driver gets p2pmem as its driver first, by
 * driver_override; that is undone when publishing fails. Needs root.
 *
 * Returns 0, or a negative errno with the sentence in `error`:
 * -ENODEV   the module is not loaded, or there is no such function
 * -EACCES   not root
 * -EINVAL   a range that is not in the BAR, not on pages, or no memory; options or a publication
 *           that were not initialized
 * -EBUSY    claimed by a driver; another driver is bound, without `beside_driver`, or one that uses
 *           its BARs without claiming them; a device may still reach it from an earlier use;
 *           overlaps the MSI-X table or what is published
 * -EPERM    the kernel is locked down
 * -ENXIO, -EIO, -ENOENT, -EOPNOTSUPP, -ENOMEM  as the sentence says
 */
int p2p_publish(const struct p2p_publish_options *options, struct p2p_publication *publication,
		struct p2p_error *error);

/** What was taken back: starts from p2p_unpublication_init(). */
struct p2p_unpublication {
	size_t size;    /**< of this struct, as the program was compiled */
	uint32_t count; /**< ranges that are gone, also when a later one failed */
	bool unbound;   /**< p2pmem was the function's driver, and is not any more */
};

/** Clears an account of what was taken back; `size` is sizeof(*done). */
void p2p_unpublication_init(struct p2p_unpublication *done, size_t size);

/**
 * Takes /dev/p2pmemN back. With the last range of a function that p2pmem is the driver of, the
 * function is left without a driver, as it was. With `force` also while it is in use: users get
 * SIGBUS or ENODEV, importers of dma-bufs are told. Needs root.
 *
 * Returns 0; -ENOENT: there is no such node; -EBUSY: it is in use, without `force`; -EOPNOTSUPP: it
 * is on no PCI bus, its own driver provides it; -ETIMEDOUT: it is taken back, but a driver has not
 * let go of it, so that its range stays claimed until it does; -EINVAL: `done` was not initialized;
 * -ENODEV, -EACCES.
 */
int p2p_unpublish(uint32_t index, bool force, struct p2p_unpublication *done,
		  struct p2p_error *error);

/**
 * Takes back all that a function publishes. Returns as p2p_unpublish() does; -ENOENT: it publishes
 * nothing.
 */
int p2p_unpublish_function(struct p2p_bdf function, bool force, struct p2p_unpublication *done,
			   struct p2p_error *error);

/**
 * Lists what is published, by number. Needs no root.
 *
 * Returns 0, -ENODEV (the module is not loaded) or -ENOMEM. `*memories` is the caller's to free(),
 * and NULL on failure.
 */
int p2p_module_memories(struct p2p_module_memory **memories, size_t *count,
			struct p2p_error *error);

/** Reads the N of "p2pmemN" or "/dev/p2pmemN". Returns 0, or -EINVAL for anything else. */
int p2p_module_index(const char *text, uint32_t *index);

/** What one client did with one memory. */
struct p2p_module_pair {
	uint32_t index;  /**< of the memory */
	char client[64]; /**< a PCI address, or another device's name in sysfs */
	uint64_t direct_bytes, direct_segments;
	uint64_t via_host_bytes, via_host_segments;
	uint64_t unreachable; /**< refused mappings */
	/** What the client does not reach, and the CPU moved for it through host memory. */
	uint64_t bounced_bytes, bounced_segments;
};

/** A PCI function whose DMA operations the module has wrapped, and what it mapped since. */
struct p2p_module_wrapped {
	struct p2p_bdf function;
	uint64_t normal_bytes, direct_bytes, via_host_bytes, bounced_bytes;
};

/** How often something was refused for one reason. */
struct p2p_module_refusal {
	/**
	 * "no-function", "no-driver", "no-bar", "not-memory", "disabled", "range", "msix",
	 * "claimed", "published", "no-p2pdma", "alignment", "no-pages", "driver-memory", "held",
	 * "in-use", "limit", "full", "vfio", "driver-bound", "driver-uses", "lockdown",
	 * "not-mappable", "wrap-kernel", "wrap-vfio", "wrap-untrusted", "wrap-virtio", "wrap-ops",
	 * "wrap-master", "wrap-bound", "reaches", "no-list", "untrusted", "allowed", "no-trial",
	 * "unproven"; others may come.
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
	struct p2p_module_wrapped *wrapped;     /**< as long as there is memory that needs it */
	size_t wrapped_count;
};

/**
 * Reads the module's statistics: sizes from sysfs, counts from debugfs.
 *
 * Returns 0, also when only sysfs could be read; -ENODEV (the module is not loaded), -EBADMSG (the
 * module's text is not understood) or -ENOMEM. `*stat` is the caller's to free with
 * p2p_module_stat_free(), NULL on failure.
 */
int p2p_module_stat(struct p2p_module_stat **stat, struct p2p_error *error);

/** Frees statistics. NULL is allowed. */
void p2p_module_stat_free(struct p2p_module_stat *stat);

P2P_END_DECLS

#endif
