// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ends of a copy. A dma-buf is imported dynamically: Linux' Documentation/driver-api/dma-buf.rst
 * and the comment at dma_buf_invalidate_mappings() (drivers/dma-buf/dma-buf.c, 7.3). The engine
 * runs only while the reservation lock is held, and the exporter holds it when it takes memory
 * back. So there is no DMA to stop at that moment, and unmapping at once keeps the promise of never
 * touching the memory afterwards.
 */
#include "end.h"

#include "../../../kernel/compat/compat.h"

#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

/* An exporter may still be moving the contents when it has mapped a dma-buf. */
#define FENCE_SECONDS 10

static int edu_open_buffer(struct edu_end *end, const struct p2pmem_edu_end *what, u64 length)
{
	end->start = what->at;
	end->buffer = dma_buf_get(what->fd);
	if (IS_ERR(end->buffer)) {
		int error = PTR_ERR(end->buffer);

		end->buffer = NULL;
		return error;
	}
	if (end->direction == DMA_FROM_DEVICE && !(end->buffer->file->f_mode & FMODE_WRITE))
		return -EACCES;
	if (what->at > end->buffer->size || length > end->buffer->size - what->at)
		return -EINVAL;
	return 0;
}

/* Pinned before anything of the device is held: a fault may take as long as it likes. */
static int edu_open_host(struct edu_end *end, const struct p2pmem_edu_end *what, u64 length)
{
	unsigned int count = PAGE_ALIGN(offset_in_page(what->at) + length) >> PAGE_SHIFT;
	int pinned;

	if (what->fd != -1 || what->at != (unsigned long)what->at)
		return -EINVAL;
	if (!access_ok(u64_to_user_ptr(what->at), length))
		return -EFAULT;
	end->start = 0;
	end->pages = kcalloc(count, sizeof(*end->pages), GFP_KERNEL);
	if (!end->pages)
		return -ENOMEM;
	pinned =
		pin_user_pages_fast(what->at & PAGE_MASK, count,
				    end->direction == DMA_FROM_DEVICE ? FOLL_WRITE : 0, end->pages);
	if (pinned < 0)
		return pinned;
	end->page_count = pinned;
	if (end->page_count < count)
		return -EFAULT;
	return sg_alloc_table_from_pages(&end->own, end->pages, count, offset_in_page(what->at),
					 length, GFP_KERNEL);
}

/**
 * edu_end_open - takes hold of what an end is
 * @end: zeroed; to be closed even when this fails
 * @what: from user space, unchecked
 * @length: bytes, 1 to P2PMEM_EDU_LENGTH_MAX
 * @direction: DMA_TO_DEVICE for a source, DMA_FROM_DEVICE for a destination
 *
 * Return: 0 or a negative errno, as struct p2pmem_edu_copy has them.
 */
int edu_end_open(struct edu_end *end, const struct p2pmem_edu_end *what, u64 length,
		 enum dma_data_direction direction)
{
	end->direction = direction;
	switch (what->kind) {
	case P2PMEM_EDU_HOST:
		return edu_open_host(end, what, length);
	case P2PMEM_EDU_DMABUF:
		return edu_open_buffer(end, what, length);
	default:
		return -EINVAL;
	}
}

/**
 * edu_end_close - lets go of it; detached, or never attached
 * @end: the end
 */
void edu_end_close(struct edu_end *end)
{
	if (end->buffer)
		dma_buf_put(end->buffer);
	if (end->own.sgl)
		sg_free_table(&end->own);
	if (end->page_count)
		unpin_user_pages_dirty_lock(end->pages, end->page_count,
					    end->direction == DMA_FROM_DEVICE);
	kfree(end->pages);
}

/* The reservation lock is held. */
static void edu_unmap(struct edu_end *end, struct dma_buf_attachment *attachment)
{
	if (!end->table)
		return;
	dma_buf_unmap_attachment(attachment, end->table, end->direction);
	end->table = NULL;
}

/* May come before edu_end_attach() has stored the attachment; then nothing is mapped. */
static void edu_moved(struct dma_buf_attachment *attachment)
{
	edu_unmap(attachment->importer_priv, attachment);
}

static const struct dma_buf_attach_ops edu_attach_ops = {
	.allow_peer2peer = true,
	.compat_move_notify = edu_moved,
};

/* For tests: an importer that goes on with what it has, as RDMA's pinned ones did before 6.12. */
static bool clings;
module_param(clings, bool, 0644);
MODULE_PARM_DESC(clings,
		 "keep what a copy has mapped until a signal comes, whatever one is told (N)");

static void edu_clings(struct dma_buf_attachment *attachment)
{
}

static const struct dma_buf_attach_ops edu_clinging_ops = {
	.allow_peer2peer = true,
	.compat_move_notify = edu_clings,
};

/**
 * edu_end_cling - where that is wanted, keeps what is mapped until a signal comes
 */
void edu_end_cling(void)
{
	while (clings && !signal_pending(current))
		schedule_timeout_interruptible(HZ);
}

/**
 * edu_end_attach - makes an end usable for a device
 * @end: opened; to be detached, unless this fails
 * @dev: the device, whose DMA masks are set
 *
 * Return: 0 or a negative errno.
 */
int edu_end_attach(struct edu_end *end, struct device *dev)
{
	struct dma_buf_attachment *attachment;
	int error;

	end->dev = dev;
	if (!end->buffer) {
		error = dma_map_sgtable(dev, &end->own, end->direction, 0);
		if (!error)
			end->table = &end->own;
		return error;
	}
	attachment = dma_buf_dynamic_attach(end->buffer, dev,
					    clings ? &edu_clinging_ops : &edu_attach_ops, end);
	if (IS_ERR(attachment))
		return PTR_ERR(attachment);
	end->attachment = attachment;
	return 0;
}

/**
 * edu_end_detach - undoes edu_end_attach()
 * @end: attached and not locked
 */
void edu_end_detach(struct edu_end *end)
{
	if (!end->buffer) {
		dma_unmap_sgtable(end->dev, end->table, end->direction, 0);
		end->table = NULL;
		return;
	}
	dma_resv_lock(end->buffer->resv, NULL);
	edu_unmap(end, end->attachment);
	dma_resv_unlock(end->buffer->resv);
	dma_buf_detach(end->buffer, end->attachment);
}

static int edu_map(struct edu_end *end)
{
	struct sg_table *table = dma_buf_map_attachment(end->attachment, end->direction);
	long left;

	if (IS_ERR(table))
		return PTR_ERR(table);
	end->table = table;
	left = dma_resv_wait_timeout(end->buffer->resv, DMA_RESV_USAGE_KERNEL, true,
				     FENCE_SECONDS * HZ);
	if (left > 0)
		return 0;
	edu_unmap(end, end->attachment);
	return left ? -EINTR : -EBUSY;
}

/**
 * edu_end_lock - keeps an end where it is, and maps it if it is not
 * @end: attached
 *
 * Return: 0, -EINTR on a signal, or the exporter's errno: -ENODEV when its device is gone.
 */
int edu_end_lock(struct edu_end *end)
{
	int error;

	if (!end->buffer)
		return 0;
	error = dma_resv_lock_interruptible(end->buffer->resv, NULL);
	if (error)
		return error;
	if (!end->table)
		error = edu_map(end);
	if (error)
		dma_resv_unlock(end->buffer->resv);
	return error;
}

/**
 * edu_end_unlock - lets the exporter move it again
 * @end: locked
 */
void edu_end_unlock(struct edu_end *end)
{
	if (end->buffer)
		dma_resv_unlock(end->buffer->resv);
}

/**
 * edu_end_run - where some of an end is
 * @end: locked
 * @position: bytes from the beginning of the copy
 * @address: set: as the device sees it
 * @length: at most so many bytes are of use; set: so many are contiguous there
 *
 * Return: 0; -ERANGE: above the device's address lines, which would be cut off; -EFAULT: the
 * exporter mapped less than its dma-buf's size.
 */
int edu_end_run(const struct edu_end *end, u64 position, dma_addr_t *address, u64 *length)
{
	u64 skip = end->start + position;
	struct scatterlist *entry;
	int i;

	for_each_sgtable_dma_sg(end->table, entry, i) {
		if (skip >= sg_dma_len(entry)) {
			skip -= sg_dma_len(entry);
			continue;
		}
		*address = sg_dma_address(entry) + skip;
		*length = min_t(u64, *length, sg_dma_len(entry) - skip);
		return *address + *length - 1 > dma_get_mask(end->dev) ? -ERANGE : 0;
	}
	return -EFAULT;
}
