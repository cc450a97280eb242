// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver that is refused a mapping may try again for ever: nvme_setup_prp_simple() makes a "busy"
 * of every error. So what a function cannot reach is copied by the CPU, and that must not fail for
 * ever either: where memory cannot be allocated, a reserve serves one list after the other.
 */
#include "bounce.h"

#include "compat/compat.h"

#ifdef COMPAT_WRAPS

#include "cpu.h"

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/slab.h>

struct bounce {
	struct rb_node node; /* of the tree, by `dma` */
	dma_addr_t dma;
	size_t size;
	phys_addr_t start;
	void *buffer; /* at the same offset in a page as `start` */
	bool narrow, reserved;
};

/*
 * Both are larger than block layers ask for unless root says so (1280 KiB). An entry is one piece
 * for its device, so what is bounced must be one piece of memory, and so must the reserve. The
 * larger is as large as the page allocator gives; where none is left, the smaller is what it can
 * still make, by moving what lies in between.
 */
#define LARGE_ORDER get_order(SZ_4M)
#define SMALL_ORDER get_order(SZ_2M)

/* Taken piece by piece from its beginning, and whole again with the last piece that comes back. */
static struct {
	spinlock_t lock; /* of the rest */
	void *pages;
	unsigned int order;
	size_t used;
	unsigned int pieces;
} reserve = { .lock = __SPIN_LOCK_UNLOCKED(reserve.lock) };

static bool p2pmem_bounce_get_reserve(unsigned int order, gfp_t gfp)
{
	reserve.order = order;
	reserve.pages = (void *)__get_free_pages(GFP_KERNEL | __GFP_NOWARN | gfp, order);
	return reserve.pages;
}

int p2pmem_bounce_start(void)
{
	reserve.used = 0;
	if (p2pmem_bounce_get_reserve(LARGE_ORDER, __GFP_NORETRY))
		return 0;
	return p2pmem_bounce_get_reserve(SMALL_ORDER, __GFP_RETRY_MAYFAIL) ? 0 : -ENOMEM;
}

void p2pmem_bounce_stop(void)
{
	free_pages((unsigned long)reserve.pages, reserve.order);
	reserve.pages = NULL;
}

void p2pmem_bounces_init(struct p2pmem_bounces *bounces)
{
	spin_lock_init(&bounces->lock);
	bounces->tree = RB_ROOT;
	bounces->count = 0;
}

static void *p2pmem_bounce_take_reserve(size_t size)
{
	void *taken = NULL;
	unsigned long flags;

	spin_lock_irqsave(&reserve.lock, flags);
	if (size <= (PAGE_SIZE << reserve.order) - reserve.used) {
		taken = reserve.pages + reserve.used;
		reserve.used += size;
		reserve.pieces++;
	}
	spin_unlock_irqrestore(&reserve.lock, flags);
	return taken;
}

static void p2pmem_bounce_give_reserve(void)
{
	unsigned long flags;

	spin_lock_irqsave(&reserve.lock, flags);
	if (!--reserve.pieces)
		reserve.used = 0;
	spin_unlock_irqrestore(&reserve.lock, flags);
}

static size_t p2pmem_bounce_room(const struct bounce *bounce)
{
	return PAGE_ALIGN(offset_in_page(bounce->start) + bounce->size);
}

static struct bounce *p2pmem_bounce_new(phys_addr_t start, size_t size, bool narrow)
{
	struct bounce *bounce = kmalloc(sizeof(*bounce), GFP_ATOMIC | __GFP_NOWARN);
	void *pages = NULL;
	unsigned int order;

	if (!bounce)
		return NULL;
	*bounce = (struct bounce){ .start = start, .size = size, .narrow = narrow };
	order = get_order(p2pmem_bounce_room(bounce));
	if (order <= LARGE_ORDER)
		pages = (void *)__get_free_pages(GFP_ATOMIC | __GFP_NOWARN, order);
	if (!pages) {
		pages = p2pmem_bounce_take_reserve(p2pmem_bounce_room(bounce));
		bounce->reserved = true;
	}
	if (!pages) {
		kfree(bounce);
		return NULL;
	}
	bounce->buffer = pages + offset_in_page(start);
	return bounce;
}

static void p2pmem_bounce_free(struct bounce *bounce)
{
	if (bounce->reserved)
		p2pmem_bounce_give_reserve();
	else
		free_pages((unsigned long)bounce->buffer & PAGE_MASK,
			   get_order(p2pmem_bounce_room(bounce)));
	kfree(bounce);
}

/* Pages of device memory are in the kernel's linear map, uncached. */
static void __iomem *p2pmem_bounce_memory(const struct bounce *bounce, size_t skipped)
{
	return (__force void __iomem *)__va(bounce->start + skipped);
}

static void p2pmem_bounce_fetch(const struct bounce *bounce, size_t skipped, size_t size)
{
	p2pmem_cpu_read_io(bounce->buffer + skipped, p2pmem_bounce_memory(bounce, skipped), size,
			   bounce->narrow);
}

/* And it has arrived before anybody is told: a read pushes what was posted before it. */
static void p2pmem_bounce_deliver(const struct bounce *bounce, size_t skipped, size_t size)
{
	p2pmem_cpu_write_io(p2pmem_bounce_memory(bounce, skipped), bounce->buffer + skipped, size,
			    bounce->narrow);
	__raw_readb(p2pmem_bounce_memory(bounce, skipped + size - 1));
	/* The read is done by then, too. */
	mb();
}

static void p2pmem_bounce_insert(struct p2pmem_bounces *bounces, struct bounce *bounce)
{
	struct rb_node **at = &bounces->tree.rb_node, *parent = NULL;
	unsigned long flags;

	spin_lock_irqsave(&bounces->lock, flags);
	while (*at) {
		parent = *at;
		at = bounce->dma < rb_entry(parent, struct bounce, node)->dma ? &parent->rb_left
									      : &parent->rb_right;
	}
	rb_link_node(&bounce->node, parent, at);
	rb_insert_color(&bounce->node, &bounces->tree);
	WRITE_ONCE(bounces->count, bounces->count + 1);
	spin_unlock_irqrestore(&bounces->lock, flags);
}

/* The one that the address is in, or NULL. */
static struct bounce *p2pmem_bounce_find(const struct p2pmem_bounces *bounces, dma_addr_t dma)
{
	struct rb_node *node = bounces->tree.rb_node;

	lockdep_assert_held(&bounces->lock);
	while (node) {
		struct bounce *bounce = rb_entry(node, struct bounce, node);

		if (dma < bounce->dma)
			node = node->rb_left;
		else if (dma - bounce->dma >= bounce->size)
			node = node->rb_right;
		else
			return bounce;
	}
	return NULL;
}

static struct bounce *p2pmem_bounce_remove(struct p2pmem_bounces *bounces, dma_addr_t dma)
{
	struct bounce *bounce;
	unsigned long flags;

	spin_lock_irqsave(&bounces->lock, flags);
	bounce = p2pmem_bounce_find(bounces, dma);
	if (bounce) {
		rb_erase(&bounce->node, &bounces->tree);
		WRITE_ONCE(bounces->count, bounces->count - 1);
	}
	spin_unlock_irqrestore(&bounces->lock, flags);
	return bounce;
}

dma_addr_t p2pmem_bounce_map(struct p2pmem_bounces *bounces, struct device *dev, phys_addr_t start,
			     size_t size, bool narrow, enum dma_data_direction direction,
			     unsigned long attrs)
{
	struct bounce *bounce = p2pmem_bounce_new(start, size, narrow);

	if (!bounce)
		return DMA_MAPPING_ERROR;
	p2pmem_bounce_fetch(bounce, 0, size);
	bounce->dma = dma_map_page_attrs(dev, virt_to_page(bounce->buffer),
					 offset_in_page(bounce->buffer), size, direction,
					 attrs & ~DMA_ATTR_SKIP_CPU_SYNC);
	if (dma_mapping_error(dev, bounce->dma)) {
		p2pmem_bounce_free(bounce);
		return DMA_MAPPING_ERROR;
	}
	p2pmem_bounce_insert(bounces, bounce);
	return bounce->dma;
}

bool p2pmem_bounce_unmap(struct p2pmem_bounces *bounces, struct device *dev, dma_addr_t dma,
			 enum dma_data_direction direction, unsigned long attrs, phys_addr_t *start,
			 size_t *size)
{
	struct bounce *bounce = p2pmem_bounce_remove(bounces, dma);

	if (!bounce)
		return false;
	dma_unmap_page_attrs(dev, bounce->dma, bounce->size, direction, attrs);
	if (direction != DMA_TO_DEVICE && !(attrs & DMA_ATTR_SKIP_CPU_SYNC))
		p2pmem_bounce_deliver(bounce, 0, bounce->size);
	*start = bounce->start;
	*size = bounce->size;
	p2pmem_bounce_free(bounce);
	return true;
}

/* Who syncs has it mapped, so that it stays. */
static const struct bounce *p2pmem_bounce_at(struct p2pmem_bounces *bounces, dma_addr_t dma)
{
	const struct bounce *bounce;
	unsigned long flags;

	spin_lock_irqsave(&bounces->lock, flags);
	bounce = p2pmem_bounce_find(bounces, dma);
	spin_unlock_irqrestore(&bounces->lock, flags);
	return bounce;
}

bool p2pmem_bounces_have(struct p2pmem_bounces *bounces, dma_addr_t dma)
{
	return p2pmem_bounces_any(bounces) && p2pmem_bounce_at(bounces, dma);
}

bool p2pmem_bounce_sync_for_cpu(struct p2pmem_bounces *bounces, struct device *dev, dma_addr_t dma,
				size_t size, enum dma_data_direction direction)
{
	const struct bounce *bounce = p2pmem_bounce_at(bounces, dma);

	if (!bounce)
		return false;
	dma_sync_single_for_cpu(dev, dma, size, direction);
	if (direction != DMA_TO_DEVICE)
		p2pmem_bounce_deliver(bounce, dma - bounce->dma, size);
	return true;
}

bool p2pmem_bounce_sync_for_device(struct p2pmem_bounces *bounces, struct device *dev,
				   dma_addr_t dma, size_t size, enum dma_data_direction direction)
{
	const struct bounce *bounce = p2pmem_bounce_at(bounces, dma);

	if (!bounce)
		return false;
	if (direction != DMA_FROM_DEVICE)
		p2pmem_bounce_fetch(bounce, dma - bounce->dma, size);
	dma_sync_single_for_device(dev, dma, size, direction);
	return true;
}

#endif
