/* SPDX-License-Identifier: MIT */
/*
 * What is known of kernels by their release alone: whose rules they judge by, whether they
 * are built with peer-to-peer support, and what programs can do with it.
 *
 * All of it is constant tables; any number of threads may ask at once.
 */
#ifndef P2PMEM_KERNELS_H
#define P2PMEM_KERNELS_H

#include <p2pmem/machine.h>
#include <p2pmem/policy.h>

P2P_BEGIN_DECLS

/** A distribution's series. */
struct p2p_kernel_row {
	const char *who;         /**< "Debian 12" */
	const char *releases;    /**< a pattern of fnmatch(3) over `uname -r` */
	const char *example;     /**< a release that fits it */
	enum p2p_known p2pdma;   /**< CONFIG_PCI_P2PDMA */
	const char *p2pdma_from; /**< where that was read, or NULL */
};

/** Gives the table of series. Returns its first row; `*count` is set. */
const struct p2p_kernel_row *p2p_kernel_rows(uint32_t *count);

/** A kernel; everything in it is a constant. */
struct p2p_kernel {
	const struct p2p_policy *policy;
	enum p2p_policy_fit fit;
	const struct p2p_kernel_row *row; /**< NULL: in no row */
	enum p2p_known p2pdma;            /**< CONFIG_PCI_P2PDMA */
	const char *p2pdma_from;          /**< where that was read, or NULL */
	enum p2p_known allocate;          /**< sysfs p2pmem/allocate: programs get memory */
	enum p2p_known dmabuf;            /**< VFIO exports BARs as dma-bufs */
};

/** Looks a kernel up by what `uname -r` prints. Returns 0, or -EINVAL: not a kernel release. */
int p2p_kernel_find(const char *release, struct p2p_kernel *kernel);

/**
 * Looks up a kernel that a machine is judged by: where it is the machine's own, the configuration
 * that was read there counts. Returns what p2p_kernel_find() returns.
 */
int p2p_kernel_of(const struct p2p_machine *machine, const char *release,
		  struct p2p_kernel *kernel);

#define P2P_KERNEL_TEXT 128

/**
 * Says what a kernel has: "has P2PDMA; lacks p2pmem/allocate (from 6.2); not known: VFIO dma-bufs
 * (from 6.19)". Returns `text`.
 */
const char *p2p_kernel_text(const struct p2p_kernel *kernel, char text[P2P_KERNEL_TEXT]);

#define P2P_POLICY_TEXT 64

/**
 * Says whose rules a policy is: "Linux 6.12", "one of Linux 6.8 to 7.3" or "the hardware". Returns
 * `text`.
 */
const char *p2p_policy_text(const struct p2p_policy *policy, char text[P2P_POLICY_TEXT]);

/** Linux releases that follow each other and judge alike: "5.9" to "5.17". */
struct p2p_release_range {
	const struct p2p_policy *first, *last;
};

#define P2P_RELEASE_RANGES 16

/** Fills in all Linux releases that are known, old to new. Returns how many ranges they make. */
uint32_t p2p_release_ranges(struct p2p_release_range ranges[P2P_RELEASE_RANGES]);

/**
 * Says which releases, from the first of one range to the last of another: "Linux 6.1", or
 * "Linux 5.18 to 7.3". Returns `text`.
 */
const char *p2p_release_range_text(const struct p2p_release_range *from,
				   const struct p2p_release_range *to, char text[P2P_POLICY_TEXT]);

P2P_END_DECLS

#endif
