/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DMA ops of ours around those of every PCI function that a driver is bound to, as long as there
 * are pages of device memory that a kernel without CONFIG_PCI_P2PDMA does not recognise:
 * docs/dma-ops.md.
 *
 *     first use            each function that has a driver is wrapped, then there are pages
 *     a driver is bound    its function is wrapped
 *     a driver is gone     its function is unwrapped
 *     last use             all are
 *
 * A function that cannot be wrapped: no pages; when it comes later, they are revoked.
 */
#ifndef P2PMEM_WRAP_H
#define P2PMEM_WRAP_H

#include "compat/compat.h"

#include <linux/errno.h>
#include <p2pmem/uapi.h>

struct seq_file;

#ifdef COMPAT_WRAPS

#include "bounce.h"
#include "client.h"

#include <linux/dma-map-ops.h>
#include <linux/pci.h>
#include <linux/percpu.h>

/* One function, from when its driver is bound until after nobody can be inside of its ops. */
struct p2pmem_wrap {
	const struct dma_map_ops ops; /* what dev->dma_ops points at, so that they find the rest */
	struct pci_dev twin; /* the function as it was before: who is asked for what is normal */
	struct p2pmem_client *client;          /* has references to the function */
	const struct p2p_range_filter *filter; /* the registry's */
	struct p2pmem_bounces bounces;
	/* Below an IOMMU: mapped pages and lists that bounce or have own addresses, or in part. */
	atomic_t apart;
	bool stays;                 /* until its driver is gone, and the module with it */
	struct list_head entry;     /* of those that are wrapped, or that were */
	u64 __percpu *normal_bytes; /* mapped since it was wrapped, as are these: */
	atomic64_t direct_bytes, via_host_bytes, bounced_bytes;
	unsigned long told; /* bit 0: that it bounces */
};

/* dma_ops.c: the ops of functions that no IOMMU translates for. */
extern const struct dma_map_ops p2pmem_ops;

/* iommu_ops.c: those of others. `twin`: with what it had before. */
void p2pmem_iommu_ops_fill(struct dma_map_ops *ops, struct device *twin);

/* No op is called any more by who finds them now; waits until none that began before is left. */
void p2pmem_ops_wait(void);

/* `revoke` takes back all memory whose pages need wrapping; may sleep. */
int p2pmem_wrapping_start(void (*revoke)(void));
void p2pmem_wrapping_stop(void);

/*
 * Before pages are made: from here on, until as many have called p2pmem_wrapping_end(), who is
 * handed one has ops that know it. 0; or -EOPNOTSUPP, with the reason in `*why` and the function
 * that it is about in `*culprit`; -ENOMEM, with a reason. No device lock is held.
 */
int p2pmem_wrapping_begin(u32 *why, struct p2pmem_function *culprit);
/* Once more, of somebody who has begun. */
void p2pmem_wrapping_again(void);
/* Any context. */
void p2pmem_wrapping_end(void);

void p2pmem_wrapping_show(struct seq_file *file);

#else

static inline int p2pmem_wrapping_start(void (*revoke)(void))
{
	return 0;
}

static inline void p2pmem_wrapping_stop(void)
{
}

static inline int p2pmem_wrapping_begin(u32 *why, struct p2pmem_function *culprit)
{
	*why = P2PMEM_WHY_WRAP_KERNEL;
	return -EOPNOTSUPP;
}

static inline void p2pmem_wrapping_end(void)
{
}

static inline void p2pmem_wrapping_show(struct seq_file *file)
{
}

#endif

#endif
