// SPDX-License-Identifier: GPL-2.0-only
/*
 * The buffers of a copy. A dma-buf is imported dynamically: Linux'
 * Documentation/driver-api/dma-buf.rst and the comment at dma_buf_invalidate_mappings()
 * (drivers/dma-buf/dma-buf.c, 7.3). The engine runs only while the reservation lock is held, and
 * the exporter holds it when it takes memory back. So there is no DMA to stop at that moment, and
 * unmapping at once keeps the promise of never touching the memory afterwards.
 */
#include "buffer.h"

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

static int edu_open_dmabuf(struct edu_buffer *buffer, const struct p2pmem_edu_end *what, u64 length)
{
	buffer->start = what->at;
	buffer->dmabuf = dma_buf_get(what->fd);
	if (IS_ERR(buffer->dmabuf)) {
		int error = PTR_ERR(buffer->dmabuf);

		buffer->dmabuf = NULL;
		return error;
	}
	if (buffer->direction == DMA_FROM_DEVICE && !(buffer->dmabuf->file->f_mode & FMODE_WRITE))
		return -EACCES;
	if (what->at > buffer->dmabuf->size || length > buffer->dmabuf->size - what->at)
		return -EINVAL;
	return 0;
}

/* Pinned before anything of the device is held: a fault may take as long as it likes. */
static int edu_open_host(struct edu_buffer *buffer, const struct p2pmem_edu_end *what, u64 length)
{
	unsigned int count = PAGE_ALIGN(offset_in_page(what->at) + length) >> PAGE_SHIFT;
	int pinned;

	if (what->fd != -1 || what->at != (unsigned long)what->at)
		return -EINVAL;
	if (!access_ok(u64_to_user_ptr(what->at), length))
		return -EFAULT;
	buffer->start = 0;
	buffer->pages = kcalloc(count, sizeof(*buffer->pages), GFP_KERNEL);
	if (!buffer->pages)
		return -ENOMEM;
	pinned = pin_user_pages_fast(what->at & PAGE_MASK, count,
				     buffer->direction == DMA_FROM_DEVICE ? FOLL_WRITE : 0,
				     buffer->pages);
	if (pinned < 0)
		return pinned;
	buffer->page_count = pinned;
	if (buffer->page_count < count)
		return -EFAULT;
	return sg_alloc_table_from_pages(&buffer->own, buffer->pages, count,
					 offset_in_page(what->at), length, GFP_KERNEL);
}

/**
 * edu_buffer_open - takes hold of a buffer
 * @buffer: zeroed; to be closed even when this fails
 * @what: from user space, unchecked
 * @length: bytes, 1 to P2PMEM_EDU_LENGTH_MAX
 * @direction: DMA_TO_DEVICE for a source, DMA_FROM_DEVICE for a destination
 *
 * Return: 0 or a negative errno, as struct p2pmem_edu_copy has them.
 */
int edu_buffer_open(struct edu_buffer *buffer, const struct p2pmem_edu_end *what, u64 length,
		    enum dma_data_direction direction)
{
	buffer->direction = direction;
	switch (what->kind) {
	case P2PMEM_EDU_HOST:
		return edu_open_host(buffer, what, length);
	case P2PMEM_EDU_DMABUF:
		return edu_open_dmabuf(buffer, what, length);
	default:
		return -EINVAL;
	}
}

/**
 * edu_buffer_close - lets go of it; detached, or never attached
 * @buffer: the buffer
 */
void edu_buffer_close(struct edu_buffer *buffer)
{
	if (buffer->dmabuf)
		dma_buf_put(buffer->dmabuf);
	if (buffer->own.sgl)
		sg_free_table(&buffer->own);
	if (buffer->page_count)
		unpin_user_pages_dirty_lock(buffer->pages, buffer->page_count,
					    buffer->direction == DMA_FROM_DEVICE);
	kfree(buffer->pages);
}

/* The reservation lock is held. */
static void edu_unmap(struct edu_buffer *buffer, struct dma_buf_attachment *attachment)
{
	if (!buffer->table)
		return;
	dma_buf_unmap_attachment(attachment, buffer->table, buffer->direction);
	buffer->table = NULL;
}

/* May come before edu_buffer_attach() has stored the attachment; then nothing is mapped. */
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
 * edu_buffer_cling - where that is wanted, keeps what is mapped until a signal comes
 */
void edu_buffer_cling(void)
{
	while (clings && !signal_pending(current))
		schedule_timeout_interruptible(HZ);
}

/*
 * Programs may have the same memory written by two copies at once, as direct I/O lets them. The DMA
 * API does not: with CONFIG_DMA_API_DEBUG it warns of two mappings that are both synced with the
 * CPU's caches as they come and go. So that is done apart.
 */
static int edu_map_own(struct edu_buffer *buffer)
{
	int error = dma_map_sgtable(buffer->dev, &buffer->own, buffer->direction,
				    DMA_ATTR_SKIP_CPU_SYNC);

	if (error)
		return error;
	dma_sync_sgtable_for_device(buffer->dev, &buffer->own, buffer->direction);
	buffer->table = &buffer->own;
	return 0;
}

static void edu_unmap_own(struct edu_buffer *buffer)
{
	dma_sync_sgtable_for_cpu(buffer->dev, buffer->table, buffer->direction);
	dma_unmap_sgtable(buffer->dev, buffer->table, buffer->direction, DMA_ATTR_SKIP_CPU_SYNC);
	buffer->table = NULL;
}

/**
 * edu_buffer_attach - makes a buffer usable for a device
 * @buffer: opened; to be detached, unless this fails
 * @dev: the device, whose DMA masks are set
 *
 * Return: 0 or a negative errno.
 */
int edu_buffer_attach(struct edu_buffer *buffer, struct device *dev)
{
	struct dma_buf_attachment *attachment;

	buffer->dev = dev;
	if (!buffer->dmabuf)
		return edu_map_own(buffer);
	attachment = dma_buf_dynamic_attach(buffer->dmabuf, dev,
					    clings ? &edu_clinging_ops : &edu_attach_ops, buffer);
	if (IS_ERR(attachment))
		return PTR_ERR(attachment);
	buffer->attachment = attachment;
	return 0;
}

/**
 * edu_buffer_detach - undoes edu_buffer_attach()
 * @buffer: attached and not locked
 */
void edu_buffer_detach(struct edu_buffer *buffer)
{
	if (!buffer->dmabuf) {
		edu_unmap_own(buffer);
		return;
	}
	dma_resv_lock(buffer->dmabuf->resv, NULL);
	edu_unmap(buffer, buffer->attachment);
	dma_resv_unlock(buffer->dmabuf->resv);
	dma_buf_detach(buffer->dmabuf, buffer->attachment);
}

static int edu_map(struct edu_buffer *buffer)
{
	struct sg_table *table = dma_buf_map_attachment(buffer->attachment, buffer->direction);
	long left;

	if (IS_ERR(table))
		return PTR_ERR(table);
	buffer->table = table;
	left = dma_resv_wait_timeout(buffer->dmabuf->resv, DMA_RESV_USAGE_KERNEL, true,
				     FENCE_SECONDS * HZ);
	if (left > 0)
		return 0;
	edu_unmap(buffer, buffer->attachment);
	return left ? -EINTR : -EBUSY;
}

/**
 * edu_buffer_lock - keeps a buffer where it is, and maps it if it is not
 * @buffer: attached
 *
 * Return: 0, -EINTR on a signal, or the exporter's errno: -ENODEV when its device is gone.
 */
int edu_buffer_lock(struct edu_buffer *buffer)
{
	int error;

	if (!buffer->dmabuf)
		return 0;
	error = dma_resv_lock_interruptible(buffer->dmabuf->resv, NULL);
	if (error)
		return error;
	if (!buffer->table)
		error = edu_map(buffer);
	if (error)
		dma_resv_unlock(buffer->dmabuf->resv);
	return error;
}

/**
 * edu_buffer_unlock - lets the exporter move it again
 * @buffer: locked
 */
void edu_buffer_unlock(struct edu_buffer *buffer)
{
	if (buffer->dmabuf)
		dma_resv_unlock(buffer->dmabuf->resv);
}

/**
 * edu_buffer_run - where some of a buffer is
 * @buffer: locked
 * @position: bytes from the beginning of the copy
 * @address: set: as the device sees it
 * @length: at most so many bytes are of use; set: so many are contiguous there
 *
 * Return: 0; -ERANGE: above the device's address lines, which would be cut off; -EFAULT: the
 * exporter mapped less than its dma-buf's size.
 */
int edu_buffer_run(const struct edu_buffer *buffer, u64 position, dma_addr_t *address, u64 *length)
{
	u64 skip = buffer->start + position;
	struct scatterlist *entry;
	int i;

	for_each_sgtable_dma_sg(buffer->table, entry, i) {
		if (skip >= sg_dma_len(entry)) {
			skip -= sg_dma_len(entry);
			continue;
		}
		*address = sg_dma_address(entry) + skip;
		*length = min_t(u64, *length, sg_dma_len(entry) - skip);
		return *address + *length - 1 > dma_get_mask(buffer->dev) ? -ERANGE : 0;
	}
	return -EFAULT;
}
