// SPDX-License-Identifier: GPL-2.0-only
/*
 * A direct I/O transfer holds a page's reference count, and leaves without a word. While it runs,
 * nobody else is given the memory.
 */
#include "deferred_free.h"

#include <linux/workqueue.h>

#define P2PMEM_DEFERRED_LOOK_EVERY (HZ / 5)

static LIST_HEAD(p2pmem_deferred);
static DEFINE_MUTEX(p2pmem_deferred_lock);

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

void p2pmem_defer_free(struct p2pmem_allocation *allocation)
{
	__module_get(THIS_MODULE);
	mutex_lock(&p2pmem_deferred_lock);
	list_add_tail(&allocation->deferred, &p2pmem_deferred);
	mutex_unlock(&p2pmem_deferred_lock);
	queue_delayed_work(p2pmem_work, &p2pmem_deferred_free_looking, 0);
}

void p2pmem_deferred_frees_stop(void)
{
	cancel_delayed_work_sync(&p2pmem_deferred_free_looking);
}
