/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device memory that a function cannot reach, moved for it by the CPU, through host memory.
 */
#ifndef P2PMEM_BOUNCE_H
#define P2PMEM_BOUNCE_H

#include <linux/dma-direction.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct device;

/* What of one function is bounced now, by the address that its device has. */
struct p2pmem_bounces {
	spinlock_t lock; /* of the rest */
	struct rb_root tree;
	unsigned int count; /* changed under the lock; whoever unmaps one has seen it mapped */
};

void p2pmem_bounces_init(struct p2pmem_bounces *bounces);

/*
 * Some host memory to bounce through where none can be allocated. Once, before the first. -ENOMEM:
 * there is none in a piece that is large enough. May sleep.
 */
int p2pmem_bounce_start(void);
void p2pmem_bounce_stop(void);

/*
 * Copies all of it to host memory, as the device need not write all, and maps that for `dev`: its
 * address has the same offset in a page. `narrow`: no access may be wider than 32 bits.
 * DMA_MAPPING_ERROR: no memory now. Does not sleep.
 */
dma_addr_t p2pmem_bounce_map(struct p2pmem_bounces *bounces, struct device *dev, phys_addr_t start,
			     size_t size, bool narrow, enum dma_data_direction direction,
			     unsigned long attrs);

/* False: the address is none of ours. `*start`: what was bounced. */
bool p2pmem_bounce_unmap(struct p2pmem_bounces *bounces, struct device *dev, dma_addr_t dma,
			 enum dma_data_direction direction, unsigned long attrs, phys_addr_t *start,
			 size_t *size);

/* Whether p2pmem_bounce_unmap() would be true. */
bool p2pmem_bounces_have(struct p2pmem_bounces *bounces, dma_addr_t dma);

/* The same for a part of a mapping that stays. */
bool p2pmem_bounce_sync_for_cpu(struct p2pmem_bounces *bounces, struct device *dev, dma_addr_t dma,
				size_t size, enum dma_data_direction direction);
bool p2pmem_bounce_sync_for_device(struct p2pmem_bounces *bounces, struct device *dev,
				   dma_addr_t dma, size_t size, enum dma_data_direction direction);

/* The usual case, in the callers' code. */
static inline bool p2pmem_bounces_any(const struct p2pmem_bounces *bounces)
{
	return READ_ONCE(bounces->count);
}

#endif
