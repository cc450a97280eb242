// SPDX-License-Identifier: GPL-2.0-only
/*
 * A function is published with its device lock held, and its memory goes before its driver does:
 *
 *     no driver             refused: nobody would tell us that it goes
 *     driver p2pmem         bound by driver_override; it only switches the function on
 *     another driver        what that driver has not claimed
 */
#include "publish.h"

#include "client.h"
#include "linger.h"
#include "machine.h"
#include "pages.h"
#include "stat.h"

#include <linux/pm_runtime.h>

/* Where in the function: whatever way it was asked for. */
struct place {
	struct pci_dev *pdev;
	u32 bar;
	u64 offset, size;
	phys_addr_t start;
};

static int p2pmem_refuse(u32 *why, u32 reason, int error)
{
	*why = reason;
	return error;
}

static bool p2pmem_overlaps(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a < b + b_size && b < a + a_size;
}

/* PCI 6.8.2: the table has 16 bytes for each vector, the pending bits are 64 to a word. */
static bool p2pmem_publish_overlaps_msix(const struct place *place)
{
	struct pci_dev *pdev = place->pdev;
	u32 table, pending;
	u16 control;
	unsigned int vectors;

	if (!pdev->msix_cap)
		return false;
	pci_read_config_word(pdev, pdev->msix_cap + PCI_MSIX_FLAGS, &control);
	pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_TABLE, &table);
	pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_PBA, &pending);
	vectors = (control & PCI_MSIX_FLAGS_QSIZE) + 1;
	if ((table & PCI_MSIX_TABLE_BIR) == place->bar &&
	    p2pmem_overlaps(place->offset, place->size, table & PCI_MSIX_TABLE_OFFSET,
			    vectors * PCI_MSIX_ENTRY_SIZE))
		return true;
	return (pending & PCI_MSIX_PBA_BIR) == place->bar &&
	       p2pmem_overlaps(place->offset, place->size, pending & PCI_MSIX_PBA_OFFSET,
			       DIV_ROUND_UP(vectors, 64) * 8);
}

static int p2pmem_publish_check_bar(struct place *place, u32 *why)
{
	struct pci_dev *pdev = place->pdev;
	const struct resource *bar;
	u64 length;

	if (place->bar >= PCI_STD_NUM_BARS)
		return p2pmem_refuse(why, P2PMEM_WHY_NO_BAR, -ENXIO);
	bar = &pdev->resource[place->bar];
	length = pci_resource_len(pdev, place->bar);
	if (!bar->flags || bar->flags & IORESOURCE_UNSET || !length)
		return p2pmem_refuse(why, P2PMEM_WHY_NO_BAR, -ENXIO);
	if (!(bar->flags & IORESOURCE_MEM))
		return p2pmem_refuse(why, P2PMEM_WHY_NOT_MEMORY, -EINVAL);
	if (place->offset >= length)
		return p2pmem_refuse(why, P2PMEM_WHY_RANGE, -EINVAL);
	if (!place->size)
		place->size = length - place->offset;
	if (place->size > length - place->offset ||
	    !PAGE_ALIGNED(bar->start | place->offset | place->size))
		return p2pmem_refuse(why, P2PMEM_WHY_RANGE, -EINVAL);
	place->start = bar->start + place->offset;
	return 0;
}

static bool p2pmem_publish_is_published(phys_addr_t start, u64 size)
{
	struct p2pmem *memory;
	bool published = false;

	mutex_lock(&p2pmem_list_lock);
	list_for_each_entry(memory, &p2pmem_list, entry)
		published |= p2pmem_overlaps(start, size, memory->provider.start.value,
					     memory->provider.size);
	mutex_unlock(&p2pmem_list_lock);
	return published;
}

static int p2pmem_publish_check_function(struct pci_dev *pdev, u32 *why)
{
	u16 command;

	if (!pdev->dev.driver)
		return p2pmem_refuse(why, P2PMEM_WHY_NO_DRIVER, -ENXIO);
	/* Of a virtual function the bit is always 0: SR-IOV 3.4.1.3. */
	pci_read_config_word(pdev, PCI_COMMAND, &command);
	if (command == U16_MAX || (!(command & PCI_COMMAND_MEMORY) && !pdev->is_virtfn))
		return p2pmem_refuse(why, P2PMEM_WHY_DISABLED, -EIO);
	return 0;
}

static int p2pmem_publish_claim(struct p2pmem *memory, const struct place *place, u32 *why)
{
	memory->claim = request_mem_region(place->start, place->size, "p2pmem");
	if (memory->claim)
		return 0;
	if (p2pmem_publish_is_published(place->start, place->size))
		return p2pmem_refuse(why, P2PMEM_WHY_PUBLISHED, -EEXIST);
	return p2pmem_refuse(why, P2PMEM_WHY_CLAIMED, -EBUSY);
}

static int p2pmem_publish_make_pages(struct p2pmem *memory, const struct place *place, u32 flags,
				     u32 *why)
{
	memory->no_pages =
		p2pmem_pages_why_not(place->pdev, place->bar, place->offset, place->size);
	if (!(flags & P2PMEM_PUBLISH_PAGES))
		return 0;
	memory->pages = p2pmem_pages_make(place->pdev, place->bar, place->offset, place->size,
					  &memory->pages_group, why);
	return memory->pages ? 0 : -EOPNOTSUPP;
}

/* Of a memory that was never added. */
static void p2pmem_publish_abandon(struct p2pmem *memory)
{
	p2pmem_give_back(memory);
	p2pmem_put(memory);
}

static struct p2pmem *p2pmem_publish_new_memory(const struct place *place)
{
	struct p2pmem *memory = p2pmem_new(place->start, place->size, &p2pmem_pci_ops);

	if (!memory)
		return NULL;
	memory->pdev = pci_dev_get(place->pdev);
	/* Powered down it would not answer to anybody. */
	pm_runtime_get_sync(&place->pdev->dev);
	memory->bar = place->bar;
	memory->bar_offset = place->offset;
	return memory;
}

static int p2pmem_publish_add(struct p2pmem *memory, u32 *index, u32 *why)
{
	int error = p2pmem_add(memory, &memory->pdev->dev);

	if (error == -EEXIST)
		*why = P2PMEM_WHY_PUBLISHED;
	if (error)
		p2pmem_publish_abandon(memory);
	else
		*index = p2pmem_index(memory);
	return error;
}

static int p2pmem_publish_bar(struct place *place, u32 flags, u32 *index, u32 *why)
{
	struct p2pmem *memory;
	int error = p2pmem_publish_check_bar(place, why);

	if (error)
		return error;
	if (p2pmem_publish_overlaps_msix(place))
		return p2pmem_refuse(why, P2PMEM_WHY_MSIX, -EBUSY);
	if (p2pmem_held_by_vfio(place->start, place->size))
		return p2pmem_refuse(why, P2PMEM_WHY_HELD, -EBUSY);
	memory = p2pmem_publish_new_memory(place);
	if (!memory)
		return -ENOMEM;
	error = p2pmem_publish_claim(memory, place, why);
	if (!error)
		error = p2pmem_publish_make_pages(memory, place, flags, why);
	if (error) {
		p2pmem_publish_abandon(memory);
		return error;
	}
	return p2pmem_publish_add(memory, index, why);
}

static int p2pmem_publish_find_bar(struct place *place)
{
	for (place->bar = 0; place->bar < PCI_STD_NUM_BARS; place->bar++) {
		u64 start = pci_resource_start(place->pdev, place->bar);

		place->offset = place->start - start;
		if (place->start >= start &&
		    place->offset < pci_resource_len(place->pdev, place->bar))
			return 0;
	}
	return -ENXIO;
}

/* Claimed by its driver already, and with pages. */
static int p2pmem_publish_driver_memory(struct place *place, u32 *index, u32 *why)
{
	struct p2pmem *memory;
	void *pages;

	if (place->bar || place->offset || !PAGE_ALIGNED(place->size))
		return p2pmem_refuse(why, P2PMEM_WHY_RANGE, -EINVAL);
	pages = p2pmem_pages_take(place->pdev, &place->size, &place->start, why);
	if (!pages)
		return *why == P2PMEM_WHY_NO_P2PDMA ? -EOPNOTSUPP : -ENOENT;
	memory = p2pmem_publish_find_bar(place) ? NULL : p2pmem_publish_new_memory(place);
	if (!memory) {
		p2pmem_pages_untake(place->pdev, pages, place->size);
		return -ENOMEM;
	}
	memory->pages = pages;
	return p2pmem_publish_add(memory, index, why);
}

static int p2pmem_publish_place(struct place *place, struct p2pmem_publish *wish)
{
	int error = p2pmem_publish_check_function(place->pdev, &wish->why);

	if (error)
		return error;
	if (wish->flags & P2PMEM_PUBLISH_DRIVER)
		return p2pmem_publish_driver_memory(place, &wish->index, &wish->why);
	return p2pmem_publish_bar(place, wish->flags, &wish->index, &wish->why);
}

int p2pmem_publish(struct p2pmem_publish *wish)
{
	const struct p2pmem_function *function = &wish->function;
	struct place place = { .bar = wish->bar, .offset = wish->offset, .size = wish->size };
	int error;

	wish->why = P2PMEM_WHY_NONE;
	if (wish->flags & ~(P2PMEM_PUBLISH_PAGES | P2PMEM_PUBLISH_DRIVER) || wish->reserved ||
	    function->reserved)
		return -EINVAL;
	error = p2pmem_machine_refresh();
	if (error)
		return error;
	place.pdev = pci_get_domain_bus_and_slot(function->domain, function->bus, function->devfn);
	if (!place.pdev) {
		p2pmem_stat_refused(P2PMEM_WHY_NO_FUNCTION);
		return p2pmem_refuse(&wish->why, P2PMEM_WHY_NO_FUNCTION, -ENODEV);
	}
	device_lock(&place.pdev->dev);
	error = p2pmem_publish_place(&place, wish);
	device_unlock(&place.pdev->dev);
	pci_dev_put(place.pdev);
	p2pmem_stat_refused(wish->why);
	return error;
}

static bool p2pmem_publish_is_used(struct p2pmem *memory)
{
	bool used;

	mutex_lock(&memory->lock);
	used = memory->allocated != 0;
	mutex_unlock(&memory->lock);
	return used;
}

int p2pmem_unpublish(struct p2pmem_unpublish *wish)
{
	struct p2pmem *memory;
	int error = 0;

	wish->why = P2PMEM_WHY_NONE;
	if (wish->flags & ~P2PMEM_UNPUBLISH_FORCE || wish->reserved)
		return -EINVAL;
	memory = p2pmem_by_index(wish->index);
	if (!memory || !memory->pdev) {
		if (memory)
			p2pmem_put(memory);
		return -ENODEV;
	}
	device_lock(&memory->pdev->dev);
	if (!(wish->flags & P2PMEM_UNPUBLISH_FORCE) && p2pmem_publish_is_used(memory))
		error = p2pmem_refuse(&wish->why, P2PMEM_WHY_IN_USE, -EBUSY);
	else if (!p2pmem_remove(memory))
		error = -ENODEV;
	device_unlock(&memory->pdev->dev);
	p2pmem_put(memory);
	p2pmem_stat_refused(wish->why);
	return error;
}

static struct p2pmem *p2pmem_publish_memory_of(const struct pci_dev *pdev)
{
	struct p2pmem *memory, *found = NULL;

	mutex_lock(&p2pmem_list_lock);
	list_for_each_entry(memory, &p2pmem_list, entry) {
		if (memory->pdev && (!pdev || memory->pdev == pdev)) {
			found = p2pmem_get(memory);
			break;
		}
	}
	mutex_unlock(&p2pmem_list_lock);
	return found;
}

static void p2pmem_publish_end_all(const struct pci_dev *pdev)
{
	struct p2pmem *memory;

	while ((memory = p2pmem_publish_memory_of(pdev))) {
		p2pmem_remove(memory);
		p2pmem_put(memory);
	}
}

/* Before the driver's remove(), with the device lock held. */
static int p2pmem_publish_driver_goes(struct notifier_block *block, unsigned long event, void *data)
{
	if (event == BUS_NOTIFY_UNBIND_DRIVER)
		p2pmem_publish_end_all(to_pci_dev(data));
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = p2pmem_publish_driver_goes };

static int p2pmem_publish_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return pcim_enable_device(pdev);
}

/* With no ids: bound by driver_override only. */
static struct pci_driver driver = {
	.name = "p2pmem",
	.probe = p2pmem_publish_probe,
};

int p2pmem_publishing_start(void)
{
	int error = bus_register_notifier(&pci_bus_type, &notifier);

	if (error)
		return error;
	error = pci_register_driver(&driver);
	if (error)
		bus_unregister_notifier(&pci_bus_type, &notifier);
	return error;
}

void p2pmem_publishing_stop(void)
{
	struct p2pmem *memory;

	pci_unregister_driver(&driver);
	/* Beside other drivers. */
	while ((memory = p2pmem_publish_memory_of(NULL))) {
		device_lock(&memory->pdev->dev);
		p2pmem_remove(memory);
		device_unlock(&memory->pdev->dev);
		p2pmem_put(memory);
	}
	bus_unregister_notifier(&pci_bus_type, &notifier);
}
