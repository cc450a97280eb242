// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory on no PCI bus, registered by its driver.
 */
#include "client.h"
#include "lifecycle.h"

#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>

/*
 * For as long as it is registered: by what the kernel has mapped, x86 chooses how a page of what is
 * no RAM is cached for user space, lookup_memtype().
 */
static int p2pmem_off_bus_map(struct p2pmem *memory)
{
	if (!memory->range.cached)
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
		synchronize_srcu(&p2pmem_srcu);
	}
	p2pmem_off_bus_unmap(memory);
	if (memory->range.ops->removed)
		memory->range.ops->removed(memory->range.context);
}

/**
 * p2pmem_register_provider - publishes memory that is on no PCI bus
 * @range: what and how; copied
 *
 * It becomes /dev/p2pmemN, as a BAR that was published does.
 *
 * Context: may sleep.
 * Return: the memory, for p2pmem_unregister_provider(); or -EINVAL: an impossible range or ops
 * missing; -EEXIST: it overlaps what is published already; -EBUSY: it was once, and a device may
 * still reach it; -EFBIG; -ENOMEM
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
		error = p2pmem_add(memory, range->parent);
	if (!error)
		return memory;
	p2pmem_off_bus_unmap(memory);
	p2pmem_memory_put(memory);
	return ERR_PTR(error);
}
EXPORT_SYMBOL_GPL(p2pmem_register_provider);

/**
 * p2pmem_unregister_provider - undoes p2pmem_register_provider()
 * @memory: what p2pmem_register_provider() gave
 *
 * Mappings of the CPU are gone when it returns, and those of devices have been undone: it waits for
 * them, for ten seconds. No op is called after @removed, which is called before this returns.
 *
 * Context: may sleep.
 * Return: 0; -ETIMEDOUT: a driver has not let go, and its device may still reach the memory by the
 * address that @map gave: as long as p2pmem_register_provider() refuses the range, nothing else may
 * be found there
 */
int p2pmem_unregister_provider(struct p2pmem *memory)
{
	int error;

	p2pmem_memory_get(memory);
	error = p2pmem_remove(memory, P2PMEM_FORCE);
	if (error != -ENODEV)
		p2pmem_off_bus_end(memory, error == -ETIMEDOUT);
	p2pmem_memory_put(memory);
	return error;
}
EXPORT_SYMBOL_GPL(p2pmem_unregister_provider);
