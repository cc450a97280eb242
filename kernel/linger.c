// SPDX-License-Identifier: GPL-2.0-only
/*
 * A direct I/O transfer holds a page's reference count, and leaves without a word. While it runs,
 * the piece is lent to nobody.
 */
#include "linger.h"

#include <linux/workqueue.h>

#define P2PMEM_LINGER_LOOK_EVERY (HZ / 5)

static LIST_HEAD(p2pmem_lingering);
static DEFINE_MUTEX(p2pmem_lingering_lock);

static void p2pmem_linger_look(struct work_struct *work)
{
	struct p2pmem_piece *piece, *next;
	bool again;

	mutex_lock(&p2pmem_lingering_lock);
	list_for_each_entry_safe(piece, next, &p2pmem_lingering, lingering) {
		/* Freed or not, what is on a list must not be freed. */
		list_del(&piece->lingering);
		if (p2pmem_piece_try_free(piece))
			module_put(THIS_MODULE);
		else
			list_add(&piece->lingering, &p2pmem_lingering);
	}
	again = !list_empty(&p2pmem_lingering);
	mutex_unlock(&p2pmem_lingering_lock);
	if (again)
		queue_delayed_work(p2pmem_work, to_delayed_work(work), P2PMEM_LINGER_LOOK_EVERY);
}

static DECLARE_DELAYED_WORK(p2pmem_linger_looking, p2pmem_linger_look);

void p2pmem_linger(struct p2pmem_piece *piece)
{
	__module_get(THIS_MODULE);
	mutex_lock(&p2pmem_lingering_lock);
	list_add_tail(&piece->lingering, &p2pmem_lingering);
	mutex_unlock(&p2pmem_lingering_lock);
	queue_delayed_work(p2pmem_work, &p2pmem_linger_looking, 0);
}

void p2pmem_linger_stop(void)
{
	cancel_delayed_work_sync(&p2pmem_linger_looking);
}
