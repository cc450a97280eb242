// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory on no PCI bus, registered by its driver.
 */
#include "off_bus.h"

#include "client.h"
#include "lifecycle.h"
#include "pages.h"
#include "wrap.h"

#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>

/* One removal at a time, so that a driver does not leave while another one of its memory runs. */
static DEFINE_MUTEX(p2pmem_off_bus_removal);

/*
 * For as long as it is registered: by what the kernel has mapped, x86 chooses how a page of what is
 * no RAM is cached for user space, lookup_memtype(). Pages are such a mapping.
 */
static int p2pmem_off_bus_map(struct p2pmem *memory)
{
	if (!memory->range.cached || memory->range.pages)
		return 0;
	memory->cached = memremap(memory->range.start, memory->range.size, MEMREMAP_WB);
	return memory->cached ? 0 : -ENOMEM;
}

static void p2pmem_off_bus_unmap(struct p2pmem *memory)
{
	if (memory->cached)
		memunmap(memory->cached);
	memory->cached = NULL;
}

/* Its driver may be unloaded next; an op that runs is waited for. `left`: devices have not let go.
 */
static void p2pmem_off_bus_end(struct p2pmem *memory, bool left)
{
	if (left) {
		WRITE_ONCE(memory->detached, true);
		p2pmem_registry_touch();
	}
	p2pmem_off_bus_unmap(memory);
	if (memory->range.ops->removed)
		memory->range.ops->removed(memory->range.context);
}

static void p2pmem_off_bus_tell(const struct p2pmem *memory, u32 why,
				const struct p2pmem_function *culprit)
{
	pr_info("p2pmem: no pages at %#llx: %s (%04x:%02x:%02x.%x)\n", memory->provider.start.value,
		p2pmem_why_name(why), culprit->domain, culprit->bus, PCI_SLOT(culprit->devfn),
		PCI_FUNC(culprit->devfn));
}

/* DMA ops are wrapped. */
static int p2pmem_off_bus_add_pages(struct p2pmem *memory)
{
	int error;

	memory->pages = p2pmem_pages_make(memory, true, &memory->no_pages);
	if (!memory->pages)
		return memory->no_pages == P2PMEM_WHY_ALIGNMENT ? -EINVAL : -EOPNOTSUPP;
	error = p2pmem_add(memory, memory->range.parent);
	if (error)
		p2pmem_pages_give_back(memory);
	return error;
}

/* Whoever comes and cannot be wrapped finds it added, or has been looked at. */
static int p2pmem_off_bus_add_wrapped(struct p2pmem *memory)
{
	struct p2pmem_function culprit = { 0 };
	u32 why = P2PMEM_WHY_NONE;
	int error;

	mutex_lock(&p2pmem_publish_lock);
	error = p2pmem_wrapping_begin(&why, &culprit);
	if (!error) {
		error = p2pmem_off_bus_add_pages(memory);
		p2pmem_wrapping_end();
	}
	mutex_unlock(&p2pmem_publish_lock);
	if (why)
		p2pmem_off_bus_tell(memory, why, &culprit);
	return error;
}

static int p2pmem_off_bus_add(struct p2pmem *memory)
{
	return memory->range.pages ? p2pmem_off_bus_add_wrapped(memory)
				   : p2pmem_add(memory, memory->range.parent);
}

/**
 * p2pmem_register_provider - publishes memory that is on no PCI bus
 * @range: what and how; copied
 *
 * It becomes /dev/p2pmemN, as a BAR that was published does.
 *
 * With @pages the DMA operations of all PCI functions are wrapped, until it has been unregistered.
 * When somebody comes whose operations cannot be, the memory is taken from everybody, and is still
 * to be unregistered.
 *
 * Context: may sleep; with @pages under no device lock of a PCI function, so not from the probe()
 * of a driver for one.
 * Return: the memory, for p2pmem_unregister_provider(); or -EINVAL: an impossible range or ops
 * missing; -EEXIST: it overlaps what is published already; -EBUSY: it was once, and a device may
 * still reach it; -EOPNOTSUPP: it cannot have pages, and the log says why; -EFBIG; -ENOMEM
 */
struct p2pmem *p2pmem_register_provider(const struct p2pmem_range *range)
{
	struct p2pmem *memory;
	int error;

	if (!range->size || !PAGE_ALIGNED(range->start | range->size) || !range->ops ||
	    !range->ops->answer || !range->ops->map || !range->ops->unmap ||
	    range->size - 1 > PHYS_ADDR_MAX - range->start)
		return ERR_PTR(-EINVAL);
	if (p2pmem_is_left(range->start, range->size))
		return ERR_PTR(-EBUSY);
	memory = p2pmem_new(range->start, range->size, &p2pmem_range_ops);
	if (IS_ERR(memory))
		return memory;
	memory->range = *range;
	memory->no_pages = P2PMEM_WHY_NO_PAGES;
	error = p2pmem_off_bus_map(memory);
	if (!error)
		error = p2pmem_off_bus_add(memory);
	/* Its driver's own reference: it may be gone when that unregisters it. */
	if (!error)
		return p2pmem_memory_get(memory);
	p2pmem_off_bus_unmap(memory);
	p2pmem_memory_put(memory);
	return ERR_PTR(error);
}
EXPORT_SYMBOL_GPL(p2pmem_register_provider);

void p2pmem_off_bus_revoke(struct p2pmem *memory)
{
	mutex_lock(&p2pmem_off_bus_removal);
	/* Unless it is gone already. */
	p2pmem_remove(memory, P2PMEM_FORCE);
	mutex_unlock(&p2pmem_off_bus_removal);
}

/**
 * p2pmem_unregister_provider - undoes p2pmem_register_provider()
 * @memory: what p2pmem_register_provider() gave
 *
 * Mappings of the CPU are gone when it returns, and those of devices have been undone, also those
 * of pages: it waits for them, for ten seconds. No op is called after @removed, which is called
 * before this returns.
 *
 * Context: may sleep.
 * Return: 0; -ETIMEDOUT: a driver has not let go, and its device may still reach the memory by the
 * address that @map gave: as long as p2pmem_register_provider() refuses the range, nothing else may
 * be found there
 */
int p2pmem_unregister_provider(struct p2pmem *memory)
{
	bool left;

	p2pmem_off_bus_revoke(memory);
	left = p2pmem_is_left(memory->range.start, memory->range.size);
	p2pmem_off_bus_end(memory, left);
	p2pmem_memory_put(memory);
	return left ? -ETIMEDOUT : 0;
}
EXPORT_SYMBOL_GPL(p2pmem_unregister_provider);
