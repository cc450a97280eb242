// SPDX-License-Identifier: GPL-2.0-only
/*
 * A direct I/O transfer holds a page's reference count, and leaves without a word. While it runs,
 * nobody else is given the memory.
 */
#include "deferred_free.h"

#include "pages.h"

#include <linux/io.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#define P2PMEM_DEFERRED_LOOK_EVERY (HZ / 5)

static LIST_HEAD(p2pmem_deferred);
static DEFINE_MUTEX(p2pmem_deferred_lock);

void p2pmem_allocation_destroy(struct p2pmem_allocation *allocation)
{
	p2pmem_owner_put(allocation->owner);
	p2pmem_memory_put(allocation->memory);
	kfree(allocation);
}

static void p2pmem_allocation_release_type(struct p2pmem_allocation *allocation)
{
	lockdep_assert_held(&allocation->memory->lock);
	if (allocation->combined)
		arch_io_free_memtype_wc(allocation->start, allocation->size);
	allocation->combined = false;
}

void p2pmem_release_memtypes(struct p2pmem *memory)
{
	struct p2pmem_allocation *allocation;
	unsigned long page = 0;

	mutex_lock(&memory->lock);
	mt_for_each(&memory->allocations, allocation, page, ULONG_MAX)
		p2pmem_allocation_release_type(allocation);
	mutex_unlock(&memory->lock);
}

/* False: a transfer still holds its pages. */
static bool p2pmem_allocation_try_free(struct p2pmem_allocation *allocation)
{
	struct p2pmem *memory = allocation->memory;
	p2p_cpu_addr start = { allocation->start };
	bool last;

	mutex_lock(&memory->lock);
	if (!memory->gone && p2pmem_pages_busy(memory, allocation->start, allocation->size)) {
		mutex_unlock(&memory->lock);
		return false;
	}
	/* mtree_erase() leaves it there when it finds no memory. */
	mtree_store_range(&memory->allocations, p2pmem_first_page(allocation),
			  p2pmem_last_page(allocation), NULL, GFP_KERNEL | __GFP_NOFAIL);
	allocation->owner->used -= allocation->size;
	last = memory->stays && memory->drivers.used == 0;
	memory->allocated -= allocation->size;
	p2pmem_allocation_release_type(allocation);
	p2p_pool_give(memory->pool, memory->pool_owner, start);
	mutex_unlock(&memory->lock);
	if (last)
		p2pmem_forget_later(memory);
	p2pmem_allocation_destroy(allocation);
	return true;
}

static void p2pmem_deferred_free_look(struct work_struct *work)
{
	struct p2pmem_allocation *allocation, *next;
	bool again;

	mutex_lock(&p2pmem_deferred_lock);
	list_for_each_entry_safe(allocation, next, &p2pmem_deferred, deferred) {
		/* Freed or not, what is on a list must not be freed. */
		list_del(&allocation->deferred);
		if (p2pmem_allocation_try_free(allocation))
			module_put(THIS_MODULE);
		else
			list_add(&allocation->deferred, &p2pmem_deferred);
	}
	again = !list_empty(&p2pmem_deferred);
	mutex_unlock(&p2pmem_deferred_lock);
	if (again)
		queue_delayed_work(p2pmem_work, to_delayed_work(work), P2PMEM_DEFERRED_LOOK_EVERY);
}

static DECLARE_DELAYED_WORK(p2pmem_deferred_free_looking, p2pmem_deferred_free_look);

static void p2pmem_defer_free(struct p2pmem_allocation *allocation)
{
	__module_get(THIS_MODULE);
	mutex_lock(&p2pmem_deferred_lock);
	list_add_tail(&allocation->deferred, &p2pmem_deferred);
	mutex_unlock(&p2pmem_deferred_lock);
	queue_delayed_work(p2pmem_work, &p2pmem_deferred_free_looking, 0);
}

void p2pmem_allocation_free(struct p2pmem_allocation *allocation)
{
	if (!p2pmem_allocation_try_free(allocation))
		p2pmem_defer_free(allocation);
}

void p2pmem_deferred_frees_stop(void)
{
	cancel_delayed_work_sync(&p2pmem_deferred_free_looking);
}
