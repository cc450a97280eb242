// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dma-buf exporter. Each importer gets the address that is right for its device. The memory
 * can go at any time, so only importers that can be told are taken.
 */
#include "export.h"

#include "allocation.h"
#include "client.h"
#include "compat/compat.h"
#include "importer.h"
#include "machine.h"
#include "mapping.h"

#include <linux/delay.h>
#include <linux/dma-resv.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/slab.h>

/* Host bridge windows are contiguous, or few. */
#define STRETCHES 8

struct buffer {
	struct p2pmem_allocation *allocation; /* a reference */
	struct dma_buf *dmabuf;
	struct list_head entry; /* of memory->buffers, under memory->lock */
	bool revoked;           /* set under the reservation lock */
	u64 round;              /* when its mappings were looked at last; under memory->lock */
};

static atomic64_t p2pmem_export_rounds; /* of looking at all buffers of a memory */

/* What map_dma_buf() returns, and what undoes it. */
struct table {
	struct sg_table sg;
	unsigned int entries;
	struct p2p_mapping mapping;
	struct p2p_mapped mapped[STRETCHES];
};

static bool p2pmem_export_is_gone(const struct buffer *buffer)
{
	return READ_ONCE(buffer->allocation->memory->gone);
}

static int p2pmem_export_attach(struct dma_buf *dmabuf, struct dma_buf_attachment *attachment)
{
	struct p2pmem_client *client;

	if (!p2pmem_importer_lets_go(attachment))
		return -EOPNOTSUPP;
	if (p2pmem_export_is_gone(dmabuf->priv))
		return -ENODEV;
	client = p2pmem_client_new_for(attachment->dev, dmabuf->resv);
	if (IS_ERR(client))
		return PTR_ERR(client);
	attachment->priv = client;
	return 0;
}

static void p2pmem_export_detach(struct dma_buf *dmabuf, struct dma_buf_attachment *attachment)
{
	p2pmem_client_free(attachment->priv);
}

/*
 * Without CONFIG_DMABUF_MOVE_NOTIFY every mapping is pinned. Memory of a device does not move, and
 * attach() has seen to it that an importer that pins it can be told that it is gone.
 */
static int p2pmem_export_pin(struct dma_buf_attachment *attachment)
{
	struct buffer *buffer = attachment->dmabuf->priv;

	return buffer->revoked ? -ENODEV : 0;
}

static void p2pmem_export_unpin(struct dma_buf_attachment *attachment)
{
}

static u64 p2pmem_export_longest_entry(struct device *dev)
{
	return ALIGN_DOWN(min_t(u64, dma_get_max_seg_size(dev), UINT_MAX), PAGE_SIZE);
}

static unsigned int p2pmem_export_count_entries(const struct p2p_mapping *mapping, u64 longest)
{
	unsigned int entries = 0;

	for (u32 i = 0; i < mapping->count; i++)
		entries += DIV_ROUND_UP_ULL(mapping->mapped[i].length, longest);
	return entries;
}

/* Addresses for the device only: who wants pages was refused when it attached. */
static int p2pmem_export_fill_table(struct table *table, struct device *dev)
{
	const struct p2p_mapping *mapping = &table->mapping;
	u64 longest = max_t(u64, p2pmem_export_longest_entry(dev), PAGE_SIZE);
	struct scatterlist *entry;
	int error = sg_alloc_table(&table->sg, p2pmem_export_count_entries(mapping, longest),
				   GFP_KERNEL);

	if (error)
		return error;
	entry = table->sg.sgl;
	for (u32 i = 0; i < mapping->count; i++) {
		u64 dma = mapping->mapped[i].start.value, left = mapping->mapped[i].length;

		for (u64 part; left; left -= part, dma += part, entry = sg_next(entry)) {
			part = min(left, longest);
			sg_set_page(entry, NULL, 0, 0);
			sg_dma_address(entry) = dma;
			sg_dma_len(entry) = part;
		}
	}
	/* Nothing for the CPU, so that others can see it: as dma_buf_phys_vec_to_sgt(). */
	table->entries = table->sg.orig_nents;
	table->sg.orig_nents = 0;
	return 0;
}

/*
 * A mapping past the host depends on ACS bits, which may change; one through it perhaps on leave
 * that root has given (allow.c).
 */
static void p2pmem_export_note(struct p2pmem_client *client, const struct p2p_mapping *mapping,
			       bool made)
{
	if (mapping->via_host_bytes)
		client->via_host += made ? 1 : -1;
	if (!mapping->direct_bytes)
		return;
	client->direct += made ? 1 : -1;
	if (made)
		p2pmem_machine_use();
	else
		p2pmem_machine_unuse();
}

static void p2pmem_export_unmap(struct dma_buf_attachment *attachment, struct sg_table *sg,
				enum dma_data_direction direction)
{
	struct table *table = container_of(sg, struct table, sg);

	p2pmem_export_note(attachment->priv, &table->mapping, false);
	p2pmem_client_unmap(attachment->priv, direction, 0, &table->mapping);
	table->sg.orig_nents = table->entries;
	sg_free_table(&table->sg);
	kfree(table);
}

/* Not by what was so when it attached, long ago perhaps. */
static int p2pmem_export_refresh(const struct p2pmem_client *client, const struct p2pmem *memory)
{
	return memory->pdev ? p2pmem_machine_refresh(client->function, memory->pdev) : 0;
}

static struct sg_table *p2pmem_export_map(struct dma_buf_attachment *attachment,
					  enum dma_data_direction direction)
{
	struct buffer *buffer = attachment->dmabuf->priv;
	struct p2p_segment segment = { { buffer->allocation->start }, buffer->allocation->size };
	struct table *table;
	int error;

	dma_resv_assert_held(attachment->dmabuf->resv);
	if (buffer->revoked || p2pmem_export_is_gone(buffer))
		return ERR_PTR(-ENODEV);
	table = kzalloc(sizeof(*table), GFP_KERNEL);
	if (!table)
		return ERR_PTR(-ENOMEM);
	table->mapping.mapped = table->mapped;
	table->mapping.room = STRETCHES;
	error = p2pmem_export_refresh(attachment->priv, buffer->allocation->memory);
	if (!error)
		error = p2pmem_client_map(attachment->priv, &segment, 1, direction, 0,
					  &table->mapping);
	if (error) {
		kfree(table);
		return ERR_PTR(error);
	}
	p2pmem_export_note(attachment->priv, &table->mapping, true);
	error = p2pmem_export_fill_table(table, attachment->dev);
	if (!error)
		return &table->sg;
	p2pmem_export_unmap(attachment, &table->sg, direction);
	return ERR_PTR(error);
}

static int p2pmem_export_map_for_cpu(struct dma_buf *dmabuf, struct vm_area_struct *vma)
{
	struct buffer *buffer = dmabuf->priv;

	if (p2pmem_export_is_gone(buffer))
		return -ENODEV;
	vma->vm_pgoff += p2pmem_offset(buffer->allocation) >> PAGE_SHIFT;
	return p2pmem_map_cpu(buffer->allocation, vma);
}

static void p2pmem_export_release(struct dma_buf *dmabuf)
{
	struct buffer *buffer = dmabuf->priv;
	struct p2pmem *memory = buffer->allocation->memory;

	/* What revokes has the list under this lock, and then a reference to the file. */
	mutex_lock(&memory->lock);
	list_del(&buffer->entry);
	mutex_unlock(&memory->lock);
	p2pmem_allocation_put(buffer->allocation);
	kfree(buffer);
}

static const struct dma_buf_ops operations = {
	.attach = p2pmem_export_attach,
	.detach = p2pmem_export_detach,
	.pin = p2pmem_export_pin,
	.unpin = p2pmem_export_unpin,
	.map_dma_buf = p2pmem_export_map,
	.unmap_dma_buf = p2pmem_export_unmap,
	.mmap = p2pmem_export_map_for_cpu,
	.release = p2pmem_export_release,
};

static struct dma_buf *p2pmem_export_new(struct p2pmem_allocation *allocation, u32 flags)
{
	struct p2pmem *memory = allocation->memory;
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct buffer *buffer = kzalloc(sizeof(*buffer), GFP_KERNEL_ACCOUNT);

	if (!buffer)
		return ERR_PTR(-ENOMEM);
	info.ops = &operations;
	info.size = allocation->size;
	info.flags = flags & O_ACCMODE;
	info.priv = buffer;
	mutex_lock(&memory->lock);
	buffer->dmabuf = memory->gone ? ERR_PTR(-ENODEV) : dma_buf_export(&info);
	if (IS_ERR(buffer->dmabuf)) {
		struct dma_buf *error = buffer->dmabuf;

		mutex_unlock(&memory->lock);
		kfree(buffer);
		return error;
	}
	buffer->allocation = p2pmem_allocation_get(allocation);
	/* So that a removal finds its mappings, too. */
	buffer->dmabuf->file->f_mapping = memory->inode->i_mapping;
	list_add_tail(&buffer->entry, &memory->buffers);
	mutex_unlock(&memory->lock);
	return buffer->dmabuf;
}

int p2pmem_export_fd(struct p2pmem_allocation *allocation, u32 flags, s32 __user *user)
{
	struct dma_buf *dmabuf = p2pmem_export_new(allocation, flags);
	int fd;

	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	fd = get_unused_fd_flags(flags & O_CLOEXEC);
	if (fd < 0 || put_user(fd, user)) {
		if (fd >= 0)
			put_unused_fd(fd);
		dma_buf_put(dmabuf);
		return fd < 0 ? fd : -EFAULT;
	}
	fd_install(fd, dmabuf->file);
	return 0;
}

/*
 * One that this round has not come to yet and that is neither revoked nor being released, with a
 * reference to its file.
 */
static struct buffer *p2pmem_export_next(struct p2pmem *memory, u64 round)
{
	struct buffer *buffer, *found = NULL;

	mutex_lock(&memory->lock);
	list_for_each_entry(buffer, &memory->buffers, entry) {
		if (buffer->round != round && !READ_ONCE(buffer->revoked) &&
		    compat_get_file(buffer->dmabuf->file)) {
			buffer->round = round;
			found = buffer;
			break;
		}
	}
	mutex_unlock(&memory->lock);
	return found;
}

/*
 * What dma_buf_invalidate_mappings() asks an exporter for, but for the second wait, for the unmap,
 * which is one for all buffers. An importer that lets go after a fence may need the reservation
 * lock for it.
 */
static void p2pmem_export_revoke(struct buffer *buffer, unsigned long deadline)
{
	struct dma_resv *resv = buffer->dmabuf->resv;

	dma_resv_lock(resv, NULL);
	WRITE_ONCE(buffer->revoked, true);
	compat_tell_importers(buffer->dmabuf);
	dma_resv_unlock(resv);
	dma_resv_wait_timeout(resv, DMA_RESV_USAGE_BOOKKEEP, false, p2pmem_time_left(deadline));
}

/* memory->lock is not held over a reservation lock, which is held while an engine runs. */
void p2pmem_revoke_buffers(struct p2pmem *memory, unsigned long deadline)
{
	u64 round = atomic64_inc_return(&p2pmem_export_rounds);
	struct buffer *buffer;

	while ((buffer = p2pmem_export_next(memory, round))) {
		p2pmem_export_revoke(buffer, deadline);
		fput(buffer->dmabuf->file);
	}
}

/* A client has mapped it in a way that it would not be allowed any more. */
static bool p2pmem_export_is_outdated_for(struct p2pmem_client *client, p2p_cpu_addr start)
{
	enum p2p_reach reach;

	if (!client->direct && !client->via_host)
		return false;
	reach = p2pmem_client_ask(client, start);
	return (client->direct && reach != P2P_DIRECT) ||
	       (client->via_host && reach == P2P_UNREACHABLE);
}

/* One of its importers has. */
static bool p2pmem_export_is_outdated(const struct buffer *buffer)
{
	p2p_cpu_addr start = { buffer->allocation->start };
	struct dma_buf_attachment *attachment;

	dma_resv_assert_held(buffer->dmabuf->resv);
	list_for_each_entry(attachment, &buffer->dmabuf->attachments, node)
		if (p2pmem_export_is_outdated_for(attachment->priv, start))
			return true;
	return false;
}

/* They unmap then, and map anew, which is decided by what is so now. */
static void p2pmem_export_recheck(struct buffer *buffer)
{
	struct dma_resv *resv = buffer->dmabuf->resv;

	dma_resv_lock(resv, NULL);
	if (!buffer->revoked && p2pmem_export_is_outdated(buffer))
		compat_tell_importers(buffer->dmabuf);
	dma_resv_unlock(resv);
}

static void p2pmem_export_recheck_memory(struct p2pmem *memory, u64 round)
{
	struct buffer *buffer;

	while ((buffer = p2pmem_export_next(memory, round))) {
		p2pmem_export_recheck(buffer);
		fput(buffer->dmabuf->file);
	}
}

/* Index by index: the list must not be locked over a reservation lock. */
void p2pmem_recheck_all(void)
{
	u64 round = atomic64_inc_return(&p2pmem_export_rounds);
	struct p2pmem *memory = NULL;

	while ((memory = p2pmem_next(memory)))
		p2pmem_export_recheck_memory(memory, round);
}

bool p2pmem_buffers_are_idle(struct p2pmem *memory)
{
	struct buffer *buffer;
	bool idle = true;

	mutex_lock(&memory->lock);
	list_for_each_entry(buffer, &memory->buffers, entry)
		idle &= dma_resv_test_signaled(buffer->dmabuf->resv, DMA_RESV_USAGE_BOOKKEEP);
	mutex_unlock(&memory->lock);
	return idle;
}

/* An importer that hangs with the lock would make us hang, too. */
static bool p2pmem_export_try_lock(struct dma_resv *resv)
{
	for (unsigned int tries = 0; tries < 50; tries++) {
		if (dma_resv_trylock(resv))
			return true;
		msleep(20);
	}
	return false;
}

static void p2pmem_export_name_importers(struct p2pmem *memory, struct dma_buf *dmabuf)
{
	struct dma_buf_attachment *attachment;

	if (!p2pmem_export_try_lock(dmabuf->resv))
		return;
	list_for_each_entry(attachment, &dmabuf->attachments, node)
		dev_warn(&memory->dev, "%s has a dma-buf of it\n", dev_name(attachment->dev));
	dma_resv_unlock(dmabuf->resv);
}

void p2pmem_name_importers(struct p2pmem *memory)
{
	struct buffer *buffer;

	mutex_lock(&memory->lock);
	list_for_each_entry(buffer, &memory->buffers, entry)
		p2pmem_export_name_importers(memory, buffer->dmabuf);
	mutex_unlock(&memory->lock);
}
