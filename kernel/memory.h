/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Provider memory, and the allocations that are made from it.
 *
 *     struct p2pmem --< struct p2pmem_allocation >-- file handle, CPU mappings, dma-bufs, drivers
 *
 * An allocation lives as long as anything uses it, and only then can somebody else get its bytes.
 * The memory's structure lives as long as an allocation, an open file or a caller of p2pmem_get()
 * does; the memory itself may go at any time: then `gone` is set, and nobody maps or allocates any
 * more. docs/module-locking.md has the locks, their order, and what each of these is for.
 */
#ifndef P2PMEM_MEMORY_H
#define P2PMEM_MEMORY_H

#include "p2pmem.h"

#include <linux/cdev.h>
#include <linux/kref.h>
#include <linux/maple_tree.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <p2pmem/uapi.h>
#include "map/pool.h"
#include "registry.h"

/*
 * Who has allocations: an open file, or all drivers together. What it let go of counts as its until
 * the last other user has left, too.
 */
struct p2pmem_owner {
	struct kref users;
	bool limited;
	u64 used; /* bytes; under memory->lock */
};

struct dev_pagemap;

struct p2pmem {
	struct p2p_provider provider;
	struct device dev; /* its release frees all this */
	struct cdev cdev;
	struct list_head entry;    /* of the list of all, or of what is left; p2pmem_list_lock */
	struct work_struct free;   /* the last put may come where nobody may sleep */
	struct work_struct forget; /* and so may that of the last driver */

	/* On a PCI bus. */
	struct pci_dev *pdev;
	u32 bar;
	u64 bar_offset;
	struct resource *claim;
	struct resource shield; /* over the whole BAR, while a device may still reach it */
	void *pages;            /* in the kernel's linear map, NULL: no struct pages */
	void *pages_group;
	struct dev_pagemap *pagemap; /* the pages are ours, not upstream's: own_pages.c */
	const void *host_bridge;     /* then: above it, and its windows hold it; never followed */
	atomic_t bounced;            /* mappings of devices that go through host memory */
	atomic64_t bounced_bytes;    /* that went so */
	u32 no_pages;                /* enum p2pmem_why */
	bool narrow; /* the BAR is not prefetchable: no wide and no combined accesses */
	bool awake;  /* a reference of ours keeps the function so */

	/* On none. */
	struct p2pmem_range range;
	void *cached;  /* all of it in the kernel, if the CPU caches it: so all mappings do */
	bool detached; /* its driver is gone: no op is called any more */

	struct inode *inode; /* of nobody else: where the CPU's mappings of all files are found */
	atomic_t found;      /* what drivers have of p2pmem_find() and p2pmem_get() */

	struct mutex lock; /* for what follows */
	bool ready;        /* to be allocated: all of it is there */
	bool gone;
	bool stays; /* in the registry though gone: drivers have allocations and may try to map
		     * them, or there are pages of our own
		     */
	struct p2p_pool *pool;
	p2p_pool_owner pool_owner;
	struct maple_tree allocations; /* by page; looked up without the lock too, under RCU */
	struct p2pmem_owner drivers;   /* embedded: its first reference is never put */
	struct list_head buffers;      /* exported */
	u64 limit, allocated, high_water, total_allocations;

	struct list_head pairs; /* statistics, under their own lock */
};

struct p2pmem_allocation {
	struct kref users;
	struct p2pmem *memory;      /* a reference */
	struct p2pmem_owner *owner; /* a reference */
	bool owned;                 /* by it, with a reference; under memory->lock */
	phys_addr_t start;
	u64 size;
	u32 flags;     /* P2PMEM_ALLOC_* */
	bool combined; /* the CPU's memory type is set for it; under memory->lock */
	struct list_head deferred;
};

extern struct list_head p2pmem_list;
extern struct mutex p2pmem_list_lock;
/* One memory at a time is published, or comes with pages that DMA ops are wrapped for. */
extern struct mutex p2pmem_publish_lock;

/* Where those wait who need a mapping to end. */
extern wait_queue_head_t p2pmem_idle;
/* Of all that is done later; ends with the module. */
extern struct workqueue_struct *p2pmem_work;

int p2pmem_memories_start(void);
void p2pmem_memories_stop(void);

/* With a reference, or NULL. */
struct p2pmem *p2pmem_by_index(u32 index);

/* The one after it, or the first of all; puts the one before. NULL: none is left. */
struct p2pmem *p2pmem_next(struct p2pmem *before);

/* References of our own: p2pmem_get() and p2pmem_put() are those of drivers. Any context. */
static inline struct p2pmem *p2pmem_memory_get(struct p2pmem *memory)
{
	get_device(&memory->dev);
	return memory;
}

static inline void p2pmem_memory_put(struct p2pmem *memory)
{
	put_device(&memory->dev);
}

/* Once drivers have let go of what is gone. Any context. */
void p2pmem_forget_later(struct p2pmem *memory);
/* The same in a context that may sleep, with no lock of ours but the device's. */
void p2pmem_forget_now(struct p2pmem *memory);
/* memory->forget does this. */
void p2pmem_forget(struct work_struct *work);

/* Of what comes from kmalloc(), the last put frees it. */
void p2pmem_owner_init(struct p2pmem_owner *owner, bool limited);
void p2pmem_owner_put(struct p2pmem_owner *owner);

/* Jiffies until then, 0: it is over. */
static inline unsigned long p2pmem_time_left(unsigned long deadline)
{
	unsigned long now = jiffies;

	return time_before(now, deadline) ? deadline - now : 0;
}

static inline bool p2pmem_overlaps(const struct p2pmem *memory, phys_addr_t start, u64 size)
{
	u64 other = memory->provider.start.value;

	return start < other + memory->provider.size && other < start + size;
}

static inline struct p2pmem *p2pmem_from_provider(const struct p2p_provider *provider)
{
	return container_of(provider, struct p2pmem, provider);
}

/* Of a BAR: whether its bus address is its CPU address. */
static inline bool p2pmem_has_one_address(const struct p2pmem *memory)
{
	return pci_bus_address(memory->pdev, memory->bar) ==
	       pci_resource_start(memory->pdev, memory->bar);
}

static inline u32 p2pmem_index(const struct p2pmem *memory)
{
	return MINOR(memory->dev.devt);
}

static inline u64 p2pmem_offset(const struct p2pmem_allocation *allocation)
{
	return allocation->start - allocation->memory->provider.start.value;
}

static inline unsigned long p2pmem_first_page(const struct p2pmem_allocation *allocation)
{
	return p2pmem_offset(allocation) >> PAGE_SHIFT;
}

static inline unsigned long p2pmem_last_page(const struct p2pmem_allocation *allocation)
{
	return p2pmem_first_page(allocation) + (allocation->size >> PAGE_SHIFT) - 1;
}

/*
 * Whether the CPU's stores are combined. Else it caches the memory, or does neither: so where it
 * was asked for, where the kernel has mapped it so already (pages), and where a BAR takes no such
 * stores.
 */
static inline bool p2pmem_allocation_combines(const struct p2pmem_allocation *allocation)
{
	const struct p2pmem *memory = allocation->memory;

	return !(allocation->flags & P2PMEM_ALLOC_UNCACHED) && !memory->range.cached &&
	       !memory->pages && !memory->narrow;
}

#endif
