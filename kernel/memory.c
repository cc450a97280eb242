// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which memories there are, references to them, and what is done about them later.
 */
#include "memory.h"

#include <linux/slab.h>

LIST_HEAD(p2pmem_list);
DEFINE_MUTEX(p2pmem_list_lock); /* of p2pmem_list and of what is left */
DEFINE_MUTEX(p2pmem_publish_lock);
DECLARE_WAIT_QUEUE_HEAD(p2pmem_idle);
struct workqueue_struct *p2pmem_work;

void p2pmem_owner_init(struct p2pmem_owner *owner, bool limited)
{
	kref_init(&owner->users);
	owner->limited = limited;
	owner->used = 0;
}

static void p2pmem_owner_free(struct kref *users)
{
	kfree(container_of(users, struct p2pmem_owner, users));
}

void p2pmem_owner_put(struct p2pmem_owner *owner)
{
	kref_put(&owner->users, p2pmem_owner_free);
}

/* Nobody has anything of what is gone any more: addresses of it cannot be asked for. */
void p2pmem_forget_now(struct p2pmem *memory)
{
	bool last;

	mutex_lock(&memory->lock);
	last = memory->stays && !memory->drivers.used && !atomic_read(&memory->found) &&
	       !memory->pagemap;
	memory->stays &= !last;
	mutex_unlock(&memory->lock);
	if (last)
		p2pmem_registry_remove(&memory->provider);
}

void p2pmem_forget(struct work_struct *work)
{
	struct p2pmem *memory = container_of(work, struct p2pmem, forget);

	p2pmem_forget_now(memory);
	p2pmem_memory_put(memory);
}

void p2pmem_forget_later(struct p2pmem *memory)
{
	p2pmem_memory_get(memory);
	if (!queue_work(p2pmem_work, &memory->forget))
		p2pmem_memory_put(memory);
}

struct p2pmem *p2pmem_by_index(u32 index)
{
	struct p2pmem *memory, *found = NULL;

	mutex_lock(&p2pmem_list_lock);
	list_for_each_entry(memory, &p2pmem_list, entry) {
		if (p2pmem_index(memory) == index) {
			found = p2pmem_memory_get(memory);
			break;
		}
	}
	mutex_unlock(&p2pmem_list_lock);
	return found;
}

struct p2pmem *p2pmem_next(struct p2pmem *before)
{
	struct p2pmem *memory, *found = NULL;

	/* By number, since the one before may have left the list. */
	mutex_lock(&p2pmem_list_lock);
	list_for_each_entry(memory, &p2pmem_list, entry)
		if ((!before || p2pmem_index(memory) > p2pmem_index(before)) &&
		    (!found || p2pmem_index(memory) < p2pmem_index(found)))
			found = memory;
	if (found)
		p2pmem_memory_get(found);
	mutex_unlock(&p2pmem_list_lock);
	if (before)
		p2pmem_memory_put(before);
	return found;
}

int p2pmem_memories_start(void)
{
	p2pmem_work = alloc_workqueue("p2pmem", WQ_UNBOUND, 0);
	return p2pmem_work ? 0 : -ENOMEM;
}

void p2pmem_memories_stop(void)
{
	destroy_workqueue(p2pmem_work);
}

/**
 * p2pmem_get - keeps a memory's structure
 * @memory: what p2pmem_find() or p2pmem_register_provider() gave
 *
 * The memory itself can go nevertheless; then calls return -ENODEV.
 *
 * Context: any.
 * Return: @memory
 */
struct p2pmem *p2pmem_get(struct p2pmem *memory)
{
	atomic_inc(&memory->found);
	return p2pmem_memory_get(memory);
}
EXPORT_SYMBOL_GPL(p2pmem_get);

/**
 * p2pmem_put - gives a reference back
 * @memory: what p2pmem_get() or p2pmem_find() gave; NULL is allowed
 *
 * No address of the memory may be mapped by its caller any more: once the memory is gone, it could
 * be anybody's.
 *
 * Context: any. What has to sleep is done later.
 */
void p2pmem_put(struct p2pmem *memory)
{
	if (!memory)
		return;
	if (atomic_dec_and_test(&memory->found) && READ_ONCE(memory->gone))
		p2pmem_forget_later(memory);
	p2pmem_memory_put(memory);
}
EXPORT_SYMBOL_GPL(p2pmem_put);

/**
 * p2pmem_find - whose memory an address is
 * @address: a CPU address
 *
 * As long as the caller has the reference, no address of the memory is taken for host memory, also
 * when the memory goes: mapping it is -EREMOTE then.
 *
 * Context: any.
 * Return: the memory, with a reference for p2pmem_put(); NULL: no provider memory
 */
struct p2pmem *p2pmem_find(phys_addr_t address)
{
	p2p_cpu_addr at = { address };
	struct p2p_provider *provider;
	struct p2pmem *memory = NULL;
	int index;

	if (!p2p_range_filter_passes(p2p_registry_filter(p2pmem_registry), at))
		return NULL;
	index = srcu_read_lock(&p2pmem_srcu);
	provider = p2p_registry_find(p2pmem_registry, at);
	if (provider)
		memory = p2pmem_from_provider(provider);
	/* A removal counts those who found it when it has waited for readers. */
	if (memory)
		memory = READ_ONCE(memory->gone) ? NULL : p2pmem_get(memory);
	srcu_read_unlock(&p2pmem_srcu, index);
	return memory;
}
EXPORT_SYMBOL_GPL(p2pmem_find);
