// SPDX-License-Identifier: GPL-2.0-only
/*
 * Through a small mapping that moves along, so that the largest BAR costs no more page tables than
 * the smallest; and through a buffer in host memory, because user space may fault, for as long as
 * it likes, and no mapping may be left when the memory goes: with it would be its memory type.
 */
#include "cpu.h"

#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>

#define P2PMEM_VIEW_MAX   SZ_4M
#define P2PMEM_BUFFER_MAX SZ_128K

/* A stretch of an allocation as the kernel sees it. */
struct p2pmem_view {
	const struct p2pmem *memory;
	void __iomem *at;
};

static void __iomem *p2pmem_cpu_map(const struct p2pmem_allocation *allocation, u64 start,
				    size_t size)
{
	const struct p2pmem *memory = allocation->memory;
	u64 offset = p2pmem_offset(allocation) + start;

	if (memory->pages)
		return (__force void __iomem *)(memory->pages + offset);
	if (memory->cached)
		return (__force void __iomem *)(memory->cached + offset);
	/* The same type as in every other mapping of the allocation. */
	return p2pmem_allocation_combines(allocation) ? ioremap_wc(allocation->start + start, size)
						      : ioremap(allocation->start + start, size);
}

/* From opening to closing inside one read-side section, for which a removal waits. */
static int p2pmem_cpu_open(struct p2pmem_view *view, const struct p2pmem_allocation *allocation,
			   u64 start, size_t size)
{
	view->memory = allocation->memory;
	if (READ_ONCE(view->memory->gone))
		return -ENODEV;
	view->at = p2pmem_cpu_map(allocation, start, size);
	return view->at ? 0 : -ENOMEM;
}

static void p2pmem_cpu_close(struct p2pmem_view *view)
{
	if (!view->memory->pages && !view->memory->cached)
		iounmap(view->at);
}

/* What is left from `at` on begins with a whole register. */
static bool p2pmem_cpu_is_word(const void __iomem *at, size_t size)
{
	return size >= sizeof(u32) && IS_ALIGNED((__force uintptr_t)at, sizeof(u32));
}

/* A BAR that is not prefetchable may take no access that is wider than its registers. */
static void p2pmem_cpu_write_narrow(void __iomem *to, const u8 *from, size_t size)
{
	u32 word;

	for (size_t step; size; size -= step, to += step, from += step) {
		step = p2pmem_cpu_is_word(to, size) ? sizeof(word) : 1;
		if (step == 1) {
			__raw_writeb(*from, to);
			continue;
		}
		memcpy(&word, from, step);
		__raw_writel(word, to);
	}
}

static void p2pmem_cpu_read_narrow(u8 *to, const void __iomem *from, size_t size)
{
	u32 word;

	for (size_t step; size; size -= step, to += step, from += step) {
		step = p2pmem_cpu_is_word(from, size) ? sizeof(word) : 1;
		if (step == 1) {
			*to = __raw_readb(from);
			continue;
		}
		word = __raw_readl(from);
		memcpy(to, &word, step);
	}
}

static void p2pmem_cpu_zero(const struct p2pmem_view *view, size_t size)
{
	if (!view->memory->narrow) {
		memset_io(view->at, 0, size);
		return;
	}
	for (size_t at = 0; at < size; at += sizeof(u32))
		__raw_writel(0, view->at + at);
}

static void p2pmem_cpu_flush(void)
{
	/* Stores have left the CPU, combined or not, before anybody is told of them. */
	wmb();
}

/* And have arrived: a read pushes what was posted before it, PCIe 2.4.1. */
static void p2pmem_cpu_push(const struct p2pmem_view *view, size_t size)
{
	p2pmem_cpu_flush();
	if (!view->memory->narrow)
		__raw_readl(view->at + size - sizeof(u32));
	/* The read is done before anybody is told, too. */
	mb();
}

void p2pmem_cpu_read_io(void *to, const void __iomem *from, size_t size, bool narrow)
{
	if (narrow)
		p2pmem_cpu_read_narrow(to, from, size);
	else
		memcpy_fromio(to, from, size);
}

void p2pmem_cpu_write_io(void __iomem *to, const void *from, size_t size, bool narrow)
{
	if (narrow)
		p2pmem_cpu_write_narrow(to, from, size);
	else
		memcpy_toio(to, from, size);
	p2pmem_cpu_flush();
}

static int p2pmem_cpu_clear_part(const struct p2pmem_allocation *allocation, u64 start, size_t size)
{
	int index = srcu_read_lock(&p2pmem_srcu);
	struct p2pmem_view view;
	int error = p2pmem_cpu_open(&view, allocation, start, size);

	if (!error) {
		p2pmem_cpu_zero(&view, size);
		p2pmem_cpu_push(&view, size);
		p2pmem_cpu_close(&view);
	}
	srcu_read_unlock(&p2pmem_srcu, index);
	return error;
}

int p2pmem_cpu_clear(struct p2pmem_allocation *allocation)
{
	int error = 0;
	size_t size;

	for (u64 start = 0; !error && start < allocation->size; start += size) {
		size = min_t(u64, allocation->size - start, P2PMEM_VIEW_MAX);
		error = fatal_signal_pending(current)
				? -EINTR
				: p2pmem_cpu_clear_part(allocation, start, size);
		cond_resched();
	}
	return error;
}

/* Between the allocation and a buffer of the kernel's. */
static int p2pmem_cpu_move(const struct p2pmem_allocation *allocation, u64 start, void *buffer,
			   size_t size, bool write)
{
	int index = srcu_read_lock(&p2pmem_srcu);
	struct p2pmem_view view;
	int error = p2pmem_cpu_open(&view, allocation, start, size);

	if (!error && write)
		p2pmem_cpu_write_io(view.at, buffer, size, view.memory->narrow);
	else if (!error)
		p2pmem_cpu_read_io(buffer, view.at, size, view.memory->narrow);
	if (!error)
		p2pmem_cpu_close(&view);
	srcu_read_unlock(&p2pmem_srcu, index);
	return error;
}

/* Sets `*copied` to less than `size` where user space faults. */
static int p2pmem_cpu_copy_part(const struct p2pmem_allocation *allocation, u64 start, void *buffer,
				size_t size, struct iov_iter *user, bool write, size_t *copied)
{
	int error;

	*copied = 0;
	if (!write) {
		error = p2pmem_cpu_move(allocation, start, buffer, size, false);
		if (!error)
			*copied = copy_to_iter(buffer, size, user);
		return error;
	}
	size = copy_from_iter(buffer, size, user);
	error = size ? p2pmem_cpu_move(allocation, start, buffer, size, true) : 0;
	if (!error)
		*copied = size;
	return error;
}

ssize_t p2pmem_cpu_copy(struct p2pmem_allocation *allocation, u64 start, size_t size,
			struct iov_iter *user, bool write)
{
	size_t room = min_t(size_t, size, P2PMEM_BUFFER_MAX), done, part, copied;
	void *buffer = kvmalloc(room, GFP_KERNEL_ACCOUNT);
	int error = buffer ? 0 : -ENOMEM;

	for (done = 0; !error && done < size; done += copied) {
		part = min(size - done, room);
		copied = 0;
		error = fatal_signal_pending(current)
				? -EINTR
				: p2pmem_cpu_copy_part(allocation, start + done, buffer, part, user,
						       write, &copied);
		if (!error && copied < part)
			error = -EFAULT;
		cond_resched();
	}
	kvfree(buffer);
	return done && error != -ENODEV ? done : error;
}
