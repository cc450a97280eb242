// SPDX-License-Identifier: GPL-2.0-only
/*
 * Through a small mapping that moves along, so that the largest BAR costs no more page tables than
 * the smallest; and through a page of host memory, because user space may fault, for as long as it
 * likes, and the memory may go meanwhile.
 */
#include "cpu.h"

#include <linux/io.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#define VIEW_SIZE SZ_4M

/* A stretch of the memory as the kernel sees it. */
struct view {
	struct p2pmem *memory;
	void __iomem *at;
	size_t size;
};

static int p2pmem_cpu_view_open(struct view *view, struct p2pmem *memory, phys_addr_t start,
				u64 size)
{
	view->memory = memory;
	view->size = min_t(u64, size, VIEW_SIZE);
	if (memory->pages)
		view->at = (__force void __iomem *)(memory->pages +
						    (start - memory->provider.start.value));
	else if (memory->range.cached)
		view->at = (__force void __iomem *)memremap(start, view->size, MEMREMAP_WB);
	else
		view->at = ioremap_wc(start, view->size);
	return view->at ? 0 : -ENOMEM;
}

static void p2pmem_cpu_view_close(struct view *view)
{
	if (view->memory->pages)
		return;
	if (view->memory->range.cached)
		memunmap((__force void *)view->at);
	else
		iounmap(view->at);
}

/* Under srcu_read_lock(): what is done before the unlock, the removal of the memory waits for. */
static int p2pmem_cpu_check_there(const struct view *view)
{
	return READ_ONCE(view->memory->gone) ? -ENODEV : 0;
}

static void p2pmem_cpu_flush(void)
{
	/* Write-combined stores have left the CPU before anybody is told of them. */
	wmb();
}

int p2pmem_cpu_clear(struct p2pmem *memory, phys_addr_t start, u64 size)
{
	struct view view;
	int error, index;

	for (; size; start += view.size, size -= view.size) {
		error = p2pmem_cpu_view_open(&view, memory, start, size);
		if (error)
			return error;
		index = srcu_read_lock(&p2pmem_srcu);
		error = p2pmem_cpu_check_there(&view);
		if (!error) {
			memset_io(view.at, 0, view.size);
			p2pmem_cpu_flush();
		}
		srcu_read_unlock(&p2pmem_srcu, index);
		p2pmem_cpu_view_close(&view);
		if (error)
			return error;
		cond_resched();
	}
	return 0;
}

/* One page at most; `*copied` is less than `size` where user space faults. */
static int p2pmem_cpu_copy_out(const struct view *view, size_t at, void *page, size_t size,
			       struct iov_iter *user, size_t *copied)
{
	int index = srcu_read_lock(&p2pmem_srcu), error = p2pmem_cpu_check_there(view);

	if (!error)
		memcpy_fromio(page, view->at + at, size);
	srcu_read_unlock(&p2pmem_srcu, index);
	if (!error)
		*copied = copy_to_iter(page, size, user);
	return error;
}

static int p2pmem_cpu_copy_in(const struct view *view, size_t at, void *page, size_t size,
			      struct iov_iter *user, size_t *copied)
{
	int index, error;

	*copied = copy_from_iter(page, size, user);
	index = srcu_read_lock(&p2pmem_srcu);
	error = p2pmem_cpu_check_there(view);
	if (!error) {
		memcpy_toio(view->at + at, page, *copied);
		p2pmem_cpu_flush();
	}
	srcu_read_unlock(&p2pmem_srcu, index);
	return error;
}

/* Sets `*done` to the bytes copied, less than the view if user space faults. */
static int p2pmem_cpu_copy_view(const struct view *view, void *page, struct iov_iter *user,
				bool write, size_t *done)
{
	size_t size, copied;
	int error;

	for (*done = 0; *done < view->size; *done += copied) {
		size = min_t(size_t, view->size - *done, PAGE_SIZE);
		copied = 0;
		error = write ? p2pmem_cpu_copy_in(view, *done, page, size, user, &copied)
			      : p2pmem_cpu_copy_out(view, *done, page, size, user, &copied);
		if (error)
			return error;
		if (copied < size) {
			*done += copied;
			return -EFAULT;
		}
		cond_resched();
	}
	return 0;
}

ssize_t p2pmem_cpu_copy(struct p2pmem *memory, phys_addr_t start, size_t size,
			struct iov_iter *user, bool write)
{
	void *page = (void *)__get_free_page(GFP_KERNEL);
	size_t done = 0, copied;
	struct view view;
	int error = page ? 0 : -ENOMEM;

	while (!error && done < size) {
		error = p2pmem_cpu_view_open(&view, memory, start + done, size - done);
		if (error)
			break;
		error = p2pmem_cpu_copy_view(&view, page, user, write, &copied);
		p2pmem_cpu_view_close(&view);
		done += copied;
	}
	free_page((unsigned long)page);
	return done && error != -ENODEV ? done : error;
}
