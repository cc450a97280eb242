// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of provider memory: from p2pmem_new() to the last reference, with its removal, which may
 * come at any time, in between.
 */
#include "lifecycle.h"

#include "chardev.h"
#include "deferred_free.h"
#include "export.h"
#include "inode.h"
#include "pages.h"
#include "stat.h"

#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>

static LIST_HEAD(p2pmem_left);

/*
 * How long a removal waits for devices. It runs under the device lock and perhaps under that of all
 * PCI hotplug, and those waited for may need just these to let go.
 */
#define P2PMEM_PATIENCE   (10 * HZ)
#define P2PMEM_LOOK_AGAIN HZ

static void p2pmem_memory_free(struct work_struct *work)
{
	struct p2pmem *memory = container_of(work, struct p2pmem, free);

	mtree_destroy(&memory->allocations);
	p2p_pool_free(memory->pool);
	p2pmem_stat_forget(memory);
	iput(memory->inode);
	pci_dev_put(memory->pdev);
	kfree(memory);
}

static void p2pmem_memory_release(struct device *dev)
{
	queue_work(p2pmem_work, &container_of(dev, struct p2pmem, dev)->free);
}

static int p2pmem_memory_fill(struct p2pmem *memory)
{
	int error = p2p_pool_new(&p2pmem_allocator, memory->provider.start, memory->provider.size,
				 &memory->pool);

	/* The range has been checked: what the pool finds wrong with it is its size. */
	if (error)
		return error == -EINVAL ? -EFBIG : error;
	error = p2p_pool_open(memory->pool, &memory->pool_owner);
	if (error)
		return error;
	memory->inode = p2pmem_inode_new();
	if (IS_ERR(memory->inode)) {
		error = PTR_ERR(memory->inode);
		memory->inode = NULL;
	}
	return error;
}

struct p2pmem *p2pmem_new(phys_addr_t start, u64 size, const struct p2p_provider_ops *ops)
{
	struct p2pmem *memory = kzalloc(sizeof(*memory), GFP_KERNEL);
	int error;

	if (!memory)
		return ERR_PTR(-ENOMEM);
	memory->provider.start.value = start;
	memory->provider.size = size;
	memory->provider.node = P2P_NO_NODE;
	memory->provider.ops = ops;
	memory->limit = size;
	mutex_init(&memory->lock);
	INIT_LIST_HEAD(&memory->entry);
	INIT_WORK(&memory->free, p2pmem_memory_free);
	INIT_WORK(&memory->forget, p2pmem_forget);
	mt_init_flags(&memory->allocations, MT_FLAGS_USE_RCU);
	p2pmem_owner_init(&memory->drivers, false);
	INIT_LIST_HEAD(&memory->buffers);
	INIT_LIST_HEAD(&memory->pairs);
	device_initialize(&memory->dev);
	memory->dev.class = &p2pmem_class;
	memory->dev.release = p2pmem_memory_release;
	error = p2pmem_memory_fill(memory);
	if (!error)
		return memory;
	p2pmem_memory_put(memory);
	return ERR_PTR(error);
}

static void p2pmem_memory_enlist(struct p2pmem *memory)
{
	mutex_lock(&p2pmem_list_lock);
	list_add_tail(&memory->entry, &p2pmem_list);
	mutex_unlock(&p2pmem_list_lock);
}

static void p2pmem_memory_delist(struct p2pmem *memory)
{
	mutex_lock(&p2pmem_list_lock);
	list_del_init(&memory->entry);
	mutex_unlock(&p2pmem_list_lock);
}

static void p2pmem_memory_set_ready(struct p2pmem *memory)
{
	mutex_lock(&memory->lock);
	WRITE_ONCE(memory->ready, true);
	mutex_unlock(&memory->lock);
}

/* Who has found it before it was complete gets nothing of it, now or later. */
static void p2pmem_memory_set_gone(struct p2pmem *memory)
{
	mutex_lock(&memory->lock);
	WRITE_ONCE(memory->gone, true);
	mutex_unlock(&memory->lock);
}

/*
 * Others see it from the first step on, and use it from the last: what opens or finds it in between
 * is told that there is nothing, and a step that fails leaves nobody with anything.
 */
int p2pmem_add(struct p2pmem *memory, struct device *parent)
{
	int error = p2pmem_registry_add(&memory->provider);

	if (error)
		return error;
	error = p2pmem_chardev_add(memory, parent);
	if (error) {
		p2pmem_memory_set_gone(memory);
		p2pmem_registry_remove(&memory->provider);
		return error;
	}
	p2pmem_memory_enlist(memory);
	p2pmem_memory_set_ready(memory);
	p2pmem_chardev_announce(memory);
	return 0;
}

static void p2pmem_memory_unclaim(struct p2pmem *memory)
{
	struct resource *claim = memory->claim;

	memory->claim = NULL;
	/* The function was unplugged: its BAR has left the tree, and our claim with it. */
	if (claim && claim->parent && !claim->parent->parent) {
		release_resource(claim);
		kfree(claim);
	} else if (claim) {
		release_mem_region(claim->start, resource_size(claim));
	}
	if (memory->shield.parent)
		remove_resource(&memory->shield);
}

/* Also when the function is unplugged next, no other BAR gets these addresses. */
static void p2pmem_memory_raise_shield(struct p2pmem *memory)
{
	const struct resource *bar;

	if (!memory->pdev)
		return;
	bar = &memory->pdev->resource[memory->bar];
	memory->shield = (struct resource){
		.name = "p2pmem, not let go of",
		.start = bar->start,
		.end = bar->end,
		.flags = IORESOURCE_MEM,
	};
	if (!bar->parent || insert_resource(bar->parent, &memory->shield))
		dev_warn(&memory->dev, "another device may get its address when it is unplugged\n");
}

void p2pmem_give_back(struct p2pmem *memory)
{
	p2pmem_pages_give_back(memory);
	p2pmem_memory_unclaim(memory);
	if (memory->awake)
		pm_runtime_put(&memory->pdev->dev);
	memory->awake = false;
}

/* From here on nobody allocates, maps or opens. */
static int p2pmem_memory_close(struct p2pmem *memory, enum p2pmem_removal how)
{
	int error = 0;

	mutex_lock(&memory->lock);
	if (memory->gone)
		error = -ENODEV;
	else if (how == P2PMEM_IF_UNUSED && memory->allocated)
		error = -EBUSY;
	else
		WRITE_ONCE(memory->gone, true);
	mutex_unlock(&memory->lock);
	return error;
}

/*
 * It leaves the registry, unless a driver may ask for an address of it: that must not be taken for
 * host memory. Once the readers of before have been waited for, nobody finds it anew.
 */
static void p2pmem_memory_unregister(struct p2pmem *memory)
{
	bool stays;

	p2pmem_registry_touch();
	mutex_lock(&memory->lock);
	stays = memory->drivers.used || atomic_read(&memory->found) || memory->pagemap;
	memory->stays = stays;
	mutex_unlock(&memory->lock);
	if (!stays)
		p2pmem_registry_remove(&memory->provider);
	else
		p2pmem_forget_later(memory); /* perhaps they have let go just now */
}

static bool p2pmem_memory_is_unmapped(struct p2pmem *memory)
{
	return p2p_provider_mappings(&memory->provider) == 0;
}

static bool p2pmem_memory_is_free(struct p2pmem *memory)
{
	return p2pmem_memory_is_unmapped(memory) && p2pmem_buffers_are_idle(memory) &&
	       !atomic_read(&memory->bounced) &&
	       !p2pmem_pages_busy(memory, memory->provider.start.value, memory->provider.size);
}

static void p2pmem_memory_finish(struct p2pmem *memory)
{
	p2pmem_give_back(memory);
	/* Pages of our own have kept it in the registry. */
	if (READ_ONCE(memory->stays))
		p2pmem_forget_later(memory);
	p2pmem_chardev_release(memory);
	p2pmem_memory_put(memory);
}

/* Who unmaps wakes us; a fence or a transfer that ends does not. */
static bool p2pmem_memory_wait(struct p2pmem *memory, unsigned long deadline)
{
	wait_event_timeout(p2pmem_idle, p2pmem_memory_is_unmapped(memory),
			   p2pmem_time_left(deadline));
	while (!p2pmem_memory_is_free(memory)) {
		if (!p2pmem_time_left(deadline))
			return false;
		msleep(20);
	}
	return true;
}

static void p2pmem_left_look(struct work_struct *work);
static DECLARE_DELAYED_WORK(p2pmem_left_looking, p2pmem_left_look);

static struct p2pmem *p2pmem_left_take_free(void)
{
	struct p2pmem *memory;

	lockdep_assert_held(&p2pmem_list_lock);
	list_for_each_entry(memory, &p2pmem_left, entry) {
		if (p2pmem_memory_is_free(memory)) {
			list_del_init(&memory->entry);
			return memory;
		}
	}
	return NULL;
}

/* The list lock stays held, so that p2pmem_left_unbound() finds a memory, or it has no pages. */
static void p2pmem_left_look(struct work_struct *work)
{
	struct p2pmem *memory;

	mutex_lock(&p2pmem_list_lock);
	while ((memory = p2pmem_left_take_free())) {
		dev_notice(&memory->dev, "the last device has let go; the range is free\n");
		p2pmem_memory_finish(memory);
		module_put(THIS_MODULE);
	}
	if (!list_empty(&p2pmem_left))
		queue_delayed_work(p2pmem_work, &p2pmem_left_looking, P2PMEM_LOOK_AGAIN);
	mutex_unlock(&p2pmem_list_lock);
}

/* Keeps the claim, the structure and the module, which undoes the mappings. */
static void p2pmem_memory_leave(struct p2pmem *memory)
{
	dev_crit(&memory->dev, "removed, but devices have not let go of it: it stays claimed\n");
	dev_warn(&memory->dev, "%u mappings of devices are left\n",
		 p2p_provider_mappings(&memory->provider));
	p2pmem_name_importers(memory);
	p2pmem_memory_raise_shield(memory);
	__module_get(THIS_MODULE);
	mutex_lock(&p2pmem_list_lock);
	list_add_tail(&memory->entry, &p2pmem_left);
	mutex_unlock(&p2pmem_list_lock);
	queue_delayed_work(p2pmem_work, &p2pmem_left_looking, P2PMEM_LOOK_AGAIN);
}

bool p2pmem_is_left(phys_addr_t start, u64 size)
{
	struct p2pmem *memory;
	bool left = false;

	mutex_lock(&p2pmem_list_lock);
	list_for_each_entry(memory, &p2pmem_left, entry)
		left |= p2pmem_overlaps(memory, start, size);
	mutex_unlock(&p2pmem_list_lock);
	return left;
}

void p2pmem_left_unbound(const struct pci_dev *pdev)
{
	struct p2pmem *memory;

	mutex_lock(&p2pmem_list_lock);
	list_for_each_entry(memory, &p2pmem_left, entry)
		if (memory->pdev == pdev && !memory->pagemap)
			p2pmem_pages_give_back(memory);
	mutex_unlock(&p2pmem_list_lock);
}

/* Once this returns, the range can be published again. */
static void p2pmem_memory_end(struct p2pmem *memory)
{
	p2pmem_give_back(memory);
	p2pmem_forget_now(memory);
	p2pmem_memory_finish(memory);
}

int p2pmem_remove(struct p2pmem *memory, enum p2pmem_removal how)
{
	unsigned long deadline;
	bool left;
	int error;

	if (memory->pdev)
		device_lock_assert(&memory->pdev->dev);
	error = p2pmem_memory_close(memory, how);
	if (error)
		return error;
	p2pmem_chardev_remove(memory);
	p2pmem_memory_delist(memory);
	p2pmem_memory_unregister(memory);
	/* No fault makes an entry any more, so all are found. */
	unmap_mapping_range(memory->inode->i_mapping, 0, 0, 1);
	p2pmem_release_memtypes(memory);
	deadline = jiffies + P2PMEM_PATIENCE;
	p2pmem_revoke_buffers(memory, deadline);
	left = !p2pmem_memory_wait(memory, deadline);
	if (left)
		p2pmem_memory_leave(memory);
	else
		p2pmem_memory_end(memory);
	return left ? -ETIMEDOUT : 0;
}

void p2pmem_left_stop(void)
{
	/* Nothing is left, or the module would still be in use: but it may have become so just now.
	 */
	cancel_delayed_work_sync(&p2pmem_left_looking);
}
