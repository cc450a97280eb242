// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of memory that is lent: from p2pmem_new() to the last reference, with its removal, which
 * may come at any time, in between.
 */
#include "memory.h"

#include "export.h"
#include "node.h"
#include "pages.h"
#include "piece.h"
#include "stat.h"

#include <linux/mm.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>

LIST_HEAD(p2pmem_list);
DEFINE_MUTEX(p2pmem_list_lock); /* of p2pmem_list */
DECLARE_WAIT_QUEUE_HEAD(p2pmem_idle);

/* How often somebody who keeps a removal waiting is named in the log. */
#define COMPLAIN_EVERY (10 * HZ)

static struct p2pmem *p2pmem_memory_from_device(struct device *dev)
{
	return container_of(dev, struct p2pmem, dev);
}

static void p2pmem_memory_release(struct device *dev)
{
	struct p2pmem *memory = p2pmem_memory_from_device(dev);

	mtree_destroy(&memory->pieces);
	p2p_pool_free(memory->pool);
	p2pmem_stat_forget(memory);
	p2pmem_node_release(memory);
	if (memory->inode)
		iput(memory->inode);
	if (memory->pdev)
		pm_runtime_put(&memory->pdev->dev);
	pci_dev_put(memory->pdev);
	kfree(memory);
}

struct p2pmem *p2pmem_new(phys_addr_t start, u64 size, const struct p2p_provider_ops *ops)
{
	struct p2pmem *memory = kzalloc(sizeof(*memory), GFP_KERNEL);
	p2p_cpu_addr first = { start };

	if (!memory)
		return NULL;
	memory->provider.start = first;
	memory->provider.size = size;
	memory->provider.node = P2P_NO_NODE;
	memory->provider.ops = ops;
	memory->limit = size;
	mutex_init(&memory->lock);
	INIT_LIST_HEAD(&memory->entry);
	mt_init(&memory->pieces);
	p2pmem_holder_init(&memory->drivers, false);
	INIT_LIST_HEAD(&memory->buffers);
	INIT_LIST_HEAD(&memory->pairs);
	device_initialize(&memory->dev);
	memory->dev.class = &p2pmem_class;
	memory->dev.release = p2pmem_memory_release;
	if (p2p_pool_new(&p2pmem_allocator, first, size, &memory->pool) ||
	    p2p_pool_open(memory->pool, &memory->owner) || p2pmem_node_init(memory)) {
		put_device(&memory->dev);
		return NULL;
	}
	return memory;
}

int p2pmem_add(struct p2pmem *memory, struct device *owner)
{
	int error = p2pmem_registry_add(&memory->provider);

	if (error)
		return error;
	mutex_lock(&p2pmem_list_lock);
	list_add_tail(&memory->entry, &p2pmem_list);
	mutex_unlock(&p2pmem_list_lock);
	error = p2pmem_node_add(memory, owner);
	if (!error)
		return 0;
	mutex_lock(&p2pmem_list_lock);
	list_del_init(&memory->entry);
	mutex_unlock(&p2pmem_list_lock);
	p2pmem_registry_remove(&memory->provider);
	return error;
}

static void p2pmem_memory_wait_for_devices(struct p2pmem *memory)
{
	while (!wait_event_timeout(p2pmem_idle, p2p_provider_mappings(&memory->provider) == 0,
				   COMPLAIN_EVERY))
		dev_warn(&memory->dev,
			 "removal waits: %u mappings for devices were not undone when asked\n",
			 p2p_provider_mappings(&memory->provider));
}

void p2pmem_give_back(struct p2pmem *memory)
{
	p2pmem_pages_give_back(memory);
	if (memory->claim)
		release_mem_region(memory->claim->start, resource_size(memory->claim));
}

bool p2pmem_remove(struct p2pmem *memory)
{
	if (atomic_xchg(&memory->removing, 1))
		return false;
	mutex_lock(&memory->lock);
	WRITE_ONCE(memory->gone, true);
	memory->stays = memory->drivers.used != 0;
	mutex_unlock(&memory->lock);
	p2pmem_node_remove(memory);
	/* They wait for faults, too, which are readers; what was mapped is found and taken away. */
	if (memory->stays)
		p2pmem_registry_touch();
	else
		p2pmem_registry_remove(&memory->provider);
	if (memory->inode)
		unmap_mapping_range(memory->inode->i_mapping, 0, 0, 1);
	p2pmem_revoke_buffers(memory);
	p2pmem_memory_wait_for_devices(memory);
	p2pmem_give_back(memory);
	if (memory->range.ops && memory->range.ops->removed)
		memory->range.ops->removed(memory->range.context);
	mutex_lock(&p2pmem_list_lock);
	list_del_init(&memory->entry);
	mutex_unlock(&p2pmem_list_lock);
	put_device(&memory->dev);
	return true;
}

struct p2pmem *p2pmem_by_index(u32 index)
{
	struct p2pmem *memory, *found = NULL;

	mutex_lock(&p2pmem_list_lock);
	list_for_each_entry(memory, &p2pmem_list, entry) {
		if (p2pmem_index(memory) == index) {
			found = p2pmem_get(memory);
			break;
		}
	}
	mutex_unlock(&p2pmem_list_lock);
	return found;
}

/**
 * p2pmem_get - keeps a memory's structure
 * @memory: what p2pmem_find() or p2pmem_register_provider() gave
 *
 * The memory itself can go nevertheless; then calls return -ENODEV.
 *
 * Return: @memory
 */
struct p2pmem *p2pmem_get(struct p2pmem *memory)
{
	get_device(&memory->dev);
	return memory;
}
EXPORT_SYMBOL_GPL(p2pmem_get);

/**
 * p2pmem_put - gives a reference back
 * @memory: what p2pmem_get() or p2pmem_find() gave
 */
void p2pmem_put(struct p2pmem *memory)
{
	put_device(&memory->dev);
}
EXPORT_SYMBOL_GPL(p2pmem_put);

/**
 * p2pmem_find - whose memory an address is
 * @address: a CPU address
 *
 * Context: any.
 * Return: the memory, with a reference for p2pmem_put(); NULL: no memory that is lent
 */
struct p2pmem *p2pmem_find(phys_addr_t address)
{
	p2p_cpu_addr at = { address };
	struct p2p_provider *provider;
	struct p2pmem *memory = NULL;
	int index;

	if (!p2p_gate_passes(p2p_registry_gate(p2pmem_registry), at))
		return NULL;
	index = srcu_read_lock(&p2pmem_srcu);
	provider = p2p_registry_find(p2pmem_registry, at);
	if (provider)
		memory = p2pmem_get(container_of(provider, struct p2pmem, provider));
	srcu_read_unlock(&p2pmem_srcu, index);
	return memory;
}
EXPORT_SYMBOL_GPL(p2pmem_find);
