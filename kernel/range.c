// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory on no PCI bus, lent by its driver.
 */
#include "client.h"

#include <linux/mm.h>
#include <linux/module.h>

/**
 * p2pmem_register_provider - lends memory
 * @range: what and how; copied
 *
 * It becomes /dev/p2pmemN, as a BAR that was published does.
 *
 * Context: may sleep.
 * Return: the memory, for p2pmem_unregister_provider(); or -EINVAL: an impossible range or ops
 * missing; -EEXIST: it overlaps what is lent already; -ENOMEM
 */
struct p2pmem *p2pmem_register_provider(const struct p2pmem_range *range)
{
	struct p2pmem *memory;
	int error;

	if (!range->size || !PAGE_ALIGNED(range->start | range->size) || !range->ops ||
	    !range->ops->answer || !range->ops->map || !range->ops->unmap ||
	    range->size - 1 > PHYS_ADDR_MAX - range->start)
		return ERR_PTR(-EINVAL);
	memory = p2pmem_new(range->start, range->size, &p2pmem_range_ops);
	if (!memory)
		return ERR_PTR(-ENOMEM);
	memory->range = *range;
	memory->no_pages = P2PMEM_WHY_NO_PAGES;
	error = p2pmem_add(memory, range->parent);
	if (!error)
		return memory;
	p2pmem_put(memory);
	return ERR_PTR(error);
}
EXPORT_SYMBOL_GPL(p2pmem_register_provider);

/**
 * p2pmem_unregister_provider - takes lent memory back
 * @memory: what p2pmem_register_provider() gave
 *
 * Mappings of the CPU are gone when it returns, and those of devices have been undone: it waits.
 * Its ops are not called after @removed.
 *
 * Context: may sleep.
 */
void p2pmem_unregister_provider(struct p2pmem *memory)
{
	p2pmem_remove(memory);
}
EXPORT_SYMBOL_GPL(p2pmem_unregister_provider);
