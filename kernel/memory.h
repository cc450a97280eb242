/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that is lent, and pieces of it that somebody has.
 *
 *     struct p2pmem --< struct p2pmem_piece >-- file handle, CPU mappings, dma-bufs, drivers
 *
 * A piece lives as long as anything uses it, and only then can somebody else get its bytes. The
 * memory's structure lives as long as a piece, an open file or a caller of p2pmem_get() does; the
 * memory itself may go at any time: then `gone` is set, and nobody maps or allocates any more.
 */
#ifndef P2PMEM_MEMORY_H
#define P2PMEM_MEMORY_H

#include "p2pmem.h"

#include <linux/cdev.h>
#include <linux/kref.h>
#include <linux/maple_tree.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/srcu.h>
#include <linux/wait.h>
#include <p2pmem/device.h>
#include <p2pmem/pool.h>
#include <p2pmem/registry.h>

/*
 * Who has pieces: an open file, or all drivers together. What it let go of counts as its until the
 * last other user has left, too.
 */
struct p2pmem_holder {
	struct kref users;
	bool limited;
	u64 used; /* bytes; under memory->lock */
};

struct p2pmem {
	struct p2p_provider provider;
	struct device dev; /* its release frees all this */
	struct cdev cdev;
	struct list_head entry; /* of the list of all; under p2pmem_list_lock */
	atomic_t removing;

	/* On a PCI bus. */
	struct pci_dev *pdev;
	u32 bar;
	u64 bar_offset;
	struct resource *claim;
	void *pages; /* in the kernel's linear map, NULL: no struct pages */
	void *pages_group;
	u32 no_pages; /* enum p2pmem_why */

	/* On none. */
	struct p2pmem_range range;

	/* Of the file that was opened first: where the CPU's mappings of all files are found. */
	struct inode *inode;

	struct mutex lock; /* for what follows */
	bool gone;
	bool stays; /* in the registry, gone as it is: drivers have pieces, and may try to map them
		     */
	struct p2p_pool *pool;
	p2p_pool_owner owner;
	struct maple_tree pieces;     /* by page; it has a lock of its own for look-ups */
	struct p2pmem_holder drivers; /* embedded: its first reference is never put */
	struct list_head buffers;     /* exported */
	u64 limit, allocated, high_water, allocations;

	struct list_head pairs; /* statistics, under their own lock */
};

extern struct list_head p2pmem_list;
extern struct mutex p2pmem_list_lock;
extern struct class p2pmem_class;

/* What faults, look-ups and mappings are inside of. */
extern struct srcu_struct p2pmem_srcu;
extern struct p2p_registry *p2pmem_registry;
extern const struct p2p_allocator p2pmem_allocator;
/* Where those wait who need a mapping to end. */
extern wait_queue_head_t p2pmem_idle;

int p2pmem_registry_start(void);
void p2pmem_registry_stop(void);
int p2pmem_registry_add(struct p2p_provider *provider);
void p2pmem_registry_remove(struct p2p_provider *provider);
/* What was decided is decided again, and nobody goes by the old when it returns. */
void p2pmem_registry_touch(void);

/* A new memory that nobody sees yet; given up with p2pmem_put(). NULL: no host memory. */
struct p2pmem *p2pmem_new(phys_addr_t start, u64 size, const struct p2p_provider_ops *ops);

/*
 * Makes it known, as /dev/p2pmemN; `owner`: whose it is in sysfs, or NULL. 0 or a negative errno;
 * then it is still the caller's.
 */
int p2pmem_add(struct p2pmem *memory, struct device *owner);

/* Gives back what it has of its function, pages and the claim; when nobody uses it any more. */
void p2pmem_give_back(struct p2pmem *memory);

/*
 * Takes it from everybody: once this returns, no CPU and no device that goes by the rules reaches
 * it. Sleeps until the last mapping of a device has been undone. The first caller does it and drops
 * the reference that p2pmem_new() gave, others get false.
 */
bool p2pmem_remove(struct p2pmem *memory);

/* With a reference, or NULL. */
struct p2pmem *p2pmem_by_index(u32 index);

static inline u32 p2pmem_index(const struct p2pmem *memory)
{
	return MINOR(memory->dev.devt);
}

#endif
