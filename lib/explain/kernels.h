/* SPDX-License-Identifier: MIT */
/*
 * What is known of kernels by their release alone: whose rules they judge by, whether whoever
 * builds them switches peer-to-peer support on, and what programs can do with it.
 */
#ifndef P2P_REPORTS_KERNELS_H
#define P2P_REPORTS_KERNELS_H

#include <stdio.h>

#include <p2pmem/machine.h>
#include <p2pmem/policy.h>

/** A distribution's series. */
struct p2p_kernel_row {
	const char *who;         /**< "Debian 12" */
	const char *releases;    /**< a pattern of fnmatch(3) over `uname -r` */
	const char *example;     /**< a release that fits it */
	enum p2p_known p2pdma;   /**< CONFIG_PCI_P2PDMA */
	const char *p2pdma_from; /**< where that was read, or NULL */
};

const struct p2p_kernel_row *p2p_kernel_rows(uint32_t *count);

struct p2p_kernel {
	const struct p2p_policy *policy;
	enum p2p_policy_fit fit;
	const struct p2p_kernel_row *row; /**< NULL: in no row */
	enum p2p_known p2pdma;            /**< CONFIG_PCI_P2PDMA */
	const char *p2pdma_from;          /**< where that was read, or NULL */
	enum p2p_known allocate;          /**< sysfs p2pmem/allocate: programs get memory */
	enum p2p_known dmabuf;            /**< VFIO exports BARs as dma-bufs */
};

/** Returns 0, or -EINVAL: no kernel release. */
int p2p_kernel_find(const char *release, struct p2p_kernel *kernel);

/**
 * The same of a kernel that a machine is judged by: where it is the machine's own, the
 * configuration that was read there counts.
 */
int p2p_kernel_of(const struct p2p_machine *machine, const char *release,
		  struct p2p_kernel *kernel);

/** Writes "has P2PDMA; lacks p2pmem/allocate (from 6.2); not known: VFIO dma-bufs (from 6.19)". */
void p2p_kernel_write(FILE *file, const struct p2p_kernel *kernel);

#endif
