// SPDX-License-Identifier: GPL-2.0-only
/*
 * A function is published with its device lock held, and its memory goes before its driver does:
 *
 *     no driver             refused: nobody would tell us that it goes
 *     driver p2pmem         bound by driver_override; it only switches the function on
 *     another driver        what that driver has not claimed, and only who accepts the risk
 *
 * Memory is unpublished, too, before the function is reset, suspended, or has failed: its contents
 * are lost then, and until it answers again reads get ones.
 */
#include "publish.h"

#include "client.h"
#include "compat/compat.h"
#include "lifecycle.h"
#include "machine.h"
#include "off_bus.h"
#include "pages.h"
#include "stat.h"
#include "wrap.h"

#include <linux/mutex.h>
#include <linux/pm_runtime.h>
#include <linux/security.h>
#include <linux/suspend.h>

/* Where in the function: whatever way it was asked for. */
struct place {
	struct pci_dev *pdev;
	u32 bar;
	u64 offset, size;
	phys_addr_t start;
	bool wrapped; /* DMA ops are, so there can be pages of our own */
};

static struct pci_driver p2pmem_publish_driver;

static int p2pmem_refuse(u32 *why, u32 reason, int error)
{
	*why = reason;
	return error;
}

static bool p2pmem_publish_overlaps(u64 a, u64 a_size, u64 b, u64 b_size)
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
	    p2pmem_publish_overlaps(place->offset, place->size, table & PCI_MSIX_TABLE_OFFSET,
				    vectors * PCI_MSIX_ENTRY_SIZE))
		return true;
	return (pending & PCI_MSIX_PBA_BIR) == place->bar &&
	       p2pmem_publish_overlaps(place->offset, place->size, pending & PCI_MSIX_PBA_OFFSET,
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
		published |= p2pmem_overlaps(memory, start, size);
	mutex_unlock(&p2pmem_list_lock);
	return published;
}

/* These use their BARs, and have claimed nothing of them. */
static bool p2pmem_publish_driver_uses(const struct pci_dev *pdev)
{
	static const char *const names[] = { "amdgpu", "nouveau", "xe" };

	/* All who drive displays, whatever their names are. */
	if (pdev->class >> 16 == PCI_BASE_CLASS_DISPLAY)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(pdev->dev.driver->name, names[i]))
			return true;
	return false;
}

static int p2pmem_publish_check_driver(struct pci_dev *pdev, u32 flags, u32 *why)
{
	device_lock_assert(&pdev->dev);
	if (!pdev->dev.driver)
		return p2pmem_refuse(why, P2PMEM_WHY_NO_DRIVER, -ENXIO);
	/* Ours, or published by the driver itself, by upstream's means. */
	if (pdev->dev.driver == &p2pmem_publish_driver.driver || flags & P2PMEM_PUBLISH_DRIVER)
		return 0;
	if (p2pmem_publish_driver_uses(pdev))
		return p2pmem_refuse(why, P2PMEM_WHY_DRIVER_USES, -EBUSY);
	if (!(flags & P2PMEM_PUBLISH_BESIDE))
		return p2pmem_refuse(why, P2PMEM_WHY_DRIVER_BOUND, -EBUSY);
	return 0;
}

/* As it is for all other ways to a BAR: pci_mmap_resource(). */
static int p2pmem_publish_check_policy(const struct pci_dev *pdev, u32 *why)
{
	if (security_locked_down(LOCKDOWN_PCI_ACCESS))
		return p2pmem_refuse(why, P2PMEM_WHY_LOCKDOWN, -EPERM);
	if (!compat_bars_are_mappable(pdev))
		return p2pmem_refuse(why, P2PMEM_WHY_NOT_MAPPABLE, -EOPNOTSUPP);
	return 0;
}

/* The function is awake. */
static int p2pmem_publish_check_answers(struct pci_dev *pdev, u32 *why)
{
	u16 command;

	/* Of a virtual function the bit is always 0: SR-IOV 3.4.1.3. */
	pci_read_config_word(pdev, PCI_COMMAND, &command);
	if (command == U16_MAX || (!(command & PCI_COMMAND_MEMORY) && !pdev->is_virtfn))
		return p2pmem_refuse(why, P2PMEM_WHY_DISABLED, -EIO);
	return 0;
}

/*
 * Exclusively: /dev/mem and resource files of sysfs have no business there while it is published,
 * and who has mapped it by them loses that. Where iomem_is_exclusive(), which is not for modules,
 * says yes, there is somebody else's claim, which does not allow ours.
 */
static int p2pmem_publish_claim(struct p2pmem *memory, const struct place *place, u32 *why)
{
	memory->claim = request_mem_region_exclusive(place->start, place->size, "p2pmem");
	if (memory->claim)
		return 0;
	if (p2pmem_is_left(place->start, place->size))
		return p2pmem_refuse(why, P2PMEM_WHY_HELD, -EBUSY);
	if (p2pmem_publish_is_published(place->start, place->size))
		return p2pmem_refuse(why, P2PMEM_WHY_PUBLISHED, -EEXIST);
	return p2pmem_refuse(why, P2PMEM_WHY_CLAIMED, -EBUSY);
}

static int p2pmem_publish_make_pages(struct p2pmem *memory, const struct place *place, u32 flags,
				     u32 *why)
{
	memory->no_pages = p2pmem_pages_why_not(memory);
	if (!(flags & P2PMEM_PUBLISH_PAGES))
		return 0;
	memory->pages = p2pmem_pages_make(memory, place->wrapped, why);
	if (!memory->pages)
		return -EOPNOTSUPP;
	memory->no_pages = P2PMEM_WHY_NONE;
	return 0;
}

/* Of a memory that was never added. */
static void p2pmem_publish_abandon(struct p2pmem *memory)
{
	p2pmem_give_back(memory);
	p2pmem_memory_put(memory);
}

/* Or an ERR_PTR(). The function is awake, and is kept so until it is unpublished. */
static struct p2pmem *p2pmem_publish_new_memory(const struct place *place)
{
	struct p2pmem *memory = p2pmem_new(place->start, place->size, &p2pmem_pci_ops);

	if (IS_ERR(memory))
		return memory;
	memory->pdev = pci_dev_get(place->pdev);
	pm_runtime_get_noresume(&place->pdev->dev);
	memory->awake = true;
	memory->bar = place->bar;
	memory->bar_offset = place->offset;
	memory->narrow = !(pci_resource_flags(place->pdev, place->bar) & IORESOURCE_PREFETCH);
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
	memory = p2pmem_publish_new_memory(place);
	if (IS_ERR(memory))
		return PTR_ERR(memory);
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
	int error;

	if (place->bar || place->offset || !place->size || !PAGE_ALIGNED(place->size))
		return p2pmem_refuse(why, P2PMEM_WHY_RANGE, -EINVAL);
	pages = p2pmem_pages_take(place->pdev, place->size, &place->start, why);
	if (!pages)
		return *why == P2PMEM_WHY_NO_P2PDMA ? -EOPNOTSUPP : -ENOENT;
	error = p2pmem_publish_find_bar(place);
	memory = error ? ERR_PTR(error) : p2pmem_publish_new_memory(place);
	if (IS_ERR(memory)) {
		p2pmem_pages_untake(place->pdev, pages, place->size);
		return PTR_ERR(memory);
	}
	memory->pages = pages;
	return p2pmem_publish_add(memory, index, why);
}

static int p2pmem_publish_awake(struct place *place, struct p2pmem_publish *wish)
{
	int error = p2pmem_publish_check_answers(place->pdev, &wish->why);

	if (error)
		return error;
	if (wish->flags & P2PMEM_PUBLISH_DRIVER)
		return p2pmem_publish_driver_memory(place, &wish->index, &wish->why);
	return p2pmem_publish_bar(place, wish->flags, &wish->index, &wish->why);
}

static int p2pmem_publish_place(struct place *place, struct p2pmem_publish *wish)
{
	struct device *dev = &place->pdev->dev;
	int error = p2pmem_publish_check_driver(place->pdev, wish->flags, &wish->why);

	if (!error)
		error = p2pmem_publish_check_policy(place->pdev, &wish->why);
	if (error)
		return error;
	if (pm_runtime_resume_and_get(dev) < 0)
		return p2pmem_refuse(&wish->why, P2PMEM_WHY_DISABLED, -EIO);
	error = p2pmem_publish_awake(place, wish);
	pm_runtime_put(dev);
	return error;
}

/* While the machine is going to sleep, nothing is published. */
static bool p2pmem_publish_sleeping;

static int p2pmem_publish_locked(struct place *place, struct p2pmem_publish *wish)
{
	int error;

	lockdep_assert_held(&p2pmem_publish_lock);
	device_lock(&place->pdev->dev);
	if (p2pmem_publish_sleeping)
		error = p2pmem_refuse(&wish->why, P2PMEM_WHY_DISABLED, -EIO);
	else
		error = p2pmem_publish_place(place, wish);
	device_unlock(&place->pdev->dev);
	return error;
}

/*
 * Where pages would be taken for host memory by everybody, DMA ops are wrapped before there are
 * any; what is published with some keeps that up. Under no device lock, as it takes all of them.
 */
static int p2pmem_publish_wrapped(struct place *place, struct p2pmem_publish *wish)
{
	int error = p2pmem_wrapping_begin(&wish->why, &wish->culprit);

	if (error)
		return error;
	place->wrapped = true;
	error = p2pmem_publish_locked(place, wish);
	p2pmem_wrapping_end();
	return error;
}

static bool p2pmem_publish_wraps(const struct p2pmem_publish *wish)
{
	return !IS_ENABLED(CONFIG_PCI_P2PDMA) && wish->flags & P2PMEM_PUBLISH_PAGES &&
	       wish->flags & P2PMEM_PUBLISH_WRAP;
}

static int p2pmem_publish_on(struct place *place, struct p2pmem_publish *wish)
{
	int error;

	mutex_lock(&p2pmem_publish_lock);
	error = p2pmem_publish_wraps(wish) ? p2pmem_publish_wrapped(place, wish)
					   : p2pmem_publish_locked(place, wish);
	mutex_unlock(&p2pmem_publish_lock);
	return error;
}

/* Structures are compared whole, and these have no gaps. */
static bool p2pmem_publish_is_function(const struct p2pmem_function *function)
{
	static const struct p2pmem_function none;

	return memcmp(function, &none, sizeof(none)) != 0;
}

int p2pmem_publish(struct p2pmem_publish *wish)
{
	const struct p2pmem_function *function = &wish->function;
	struct place place = { .bar = wish->bar, .offset = wish->offset, .size = wish->size };
	int error;

	wish->why = P2PMEM_WHY_NONE;
	if (wish->flags & ~(P2PMEM_PUBLISH_PAGES | P2PMEM_PUBLISH_DRIVER | P2PMEM_PUBLISH_BESIDE |
			    P2PMEM_PUBLISH_WRAP) ||
	    p2pmem_publish_is_function(&wish->culprit) || function->reserved)
		return -EINVAL;
	place.pdev = pci_get_domain_bus_and_slot(function->domain, function->bus, function->devfn);
	if (!place.pdev) {
		p2pmem_stat_refused(P2PMEM_WHY_NO_FUNCTION);
		return p2pmem_refuse(&wish->why, P2PMEM_WHY_NO_FUNCTION, -ENODEV);
	}
	error = p2pmem_machine_refresh(NULL, place.pdev);
	if (!error)
		error = p2pmem_publish_on(&place, wish);
	pci_dev_put(place.pdev);
	p2pmem_stat_refused(wish->why);
	return error;
}

/* Of a BAR; others are taken back by their own driver. With a reference, or NULL. */
static struct p2pmem *p2pmem_publish_by_index(u32 index)
{
	struct p2pmem *memory = p2pmem_by_index(index);

	if (!memory || memory->pdev)
		return memory;
	p2pmem_memory_put(memory);
	return NULL;
}

int p2pmem_unpublish(struct p2pmem_unpublish *wish)
{
	struct p2pmem *memory;
	int error;

	wish->why = P2PMEM_WHY_NONE;
	if (wish->flags & ~P2PMEM_UNPUBLISH_FORCE || wish->reserved)
		return -EINVAL;
	memory = p2pmem_publish_by_index(wish->index);
	if (!memory)
		return -ENODEV;
	device_lock(&memory->pdev->dev);
	error = p2pmem_remove(memory, wish->flags & P2PMEM_UNPUBLISH_FORCE ? P2PMEM_FORCE
									   : P2PMEM_IF_UNUSED);
	device_unlock(&memory->pdev->dev);
	p2pmem_memory_put(memory);
	if (error == -EBUSY)
		wish->why = P2PMEM_WHY_IN_USE;
	if (error == -ETIMEDOUT)
		wish->why = P2PMEM_WHY_HELD;
	p2pmem_stat_refused(wish->why);
	return error;
}

static bool p2pmem_publish_is_of(const struct p2pmem *memory, const struct pci_dev *pdev)
{
	return memory->pdev && (!pdev || memory->pdev == pdev);
}

/* Nobody but DMA ops of ours knows its pages. */
static bool p2pmem_publish_needs_wrapping(const struct p2pmem *memory, const struct pci_dev *unused)
{
	return memory->pagemap;
}

/* One that is; with a reference, or NULL. */
static struct p2pmem *p2pmem_publish_find(bool (*is)(const struct p2pmem *memory,
						     const struct pci_dev *pdev),
					  const struct pci_dev *pdev)
{
	struct p2pmem *memory, *found = NULL;

	mutex_lock(&p2pmem_list_lock);
	list_for_each_entry(memory, &p2pmem_list, entry) {
		if (is(memory, pdev)) {
			found = p2pmem_memory_get(memory);
			break;
		}
	}
	mutex_unlock(&p2pmem_list_lock);
	return found;
}

/* All memory of a function. */
static void p2pmem_publish_end(struct pci_dev *pdev)
{
	struct p2pmem *memory;

	device_lock_assert(&pdev->dev);
	while ((memory = p2pmem_publish_find(p2pmem_publish_is_of, pdev))) {
		p2pmem_remove(memory, P2PMEM_FORCE);
		p2pmem_memory_put(memory);
	}
}

/* With all memory of its function, if it has one. */
static void p2pmem_publish_end_one(struct p2pmem *memory)
{
	if (!memory->pdev) {
		p2pmem_off_bus_revoke(memory);
		return;
	}
	device_lock(&memory->pdev->dev);
	p2pmem_publish_end(memory->pdev);
	device_unlock(&memory->pdev->dev);
}

/* All memory that is, and of the functions that have some. */
static void p2pmem_publish_end_those(bool (*is)(const struct p2pmem *memory,
						const struct pci_dev *pdev))
{
	struct p2pmem *memory;

	while ((memory = p2pmem_publish_find(is, NULL))) {
		p2pmem_publish_end_one(memory);
		p2pmem_memory_put(memory);
	}
}

static void p2pmem_publish_end_all(void)
{
	p2pmem_publish_end_those(p2pmem_publish_is_of);
}

/* Before the driver's remove(), with the device lock held. */
static int p2pmem_publish_driver_goes(struct notifier_block *block, unsigned long event, void *data)
{
	if (event != BUS_NOTIFY_UNBIND_DRIVER)
		return NOTIFY_DONE;
	p2pmem_publish_end(to_pci_dev(data));
	p2pmem_left_unbound(to_pci_dev(data));
	return NOTIFY_DONE;
}

static struct notifier_block p2pmem_publish_bus = { .notifier_call = p2pmem_publish_driver_goes };

static void p2pmem_publish_set_sleeping(bool sleeping)
{
	mutex_lock(&p2pmem_publish_lock);
	p2pmem_publish_sleeping = sleeping;
	mutex_unlock(&p2pmem_publish_lock);
}

/* Before programs are frozen and drivers asked to stop. */
static int p2pmem_publish_sleeps(struct notifier_block *block, unsigned long event, void *data)
{
	switch (event) {
	case PM_HIBERNATION_PREPARE:
	case PM_SUSPEND_PREPARE:
		p2pmem_publish_set_sleeping(true);
		p2pmem_publish_end_all();
		break;
	case PM_POST_HIBERNATION:
	case PM_POST_SUSPEND:
		p2pmem_publish_set_sleeping(false);
		break;
	}
	return NOTIFY_DONE;
}

/*
 * Somebody has come who would be handed its pages, and whose ops cannot be wrapped. What is being
 * published just now has looked before he came: that is waited for.
 */
static void p2pmem_publish_end_wrapped(void)
{
	mutex_lock(&p2pmem_publish_lock);
	p2pmem_publish_end_those(p2pmem_publish_needs_wrapping);
	mutex_unlock(&p2pmem_publish_lock);
}

static struct notifier_block p2pmem_publish_power = { .notifier_call = p2pmem_publish_sleeps };

static int p2pmem_publish_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int error = pcim_enable_device(pdev);

	/* What p2pmem_publish_slot_reset() restores. */
	return error ? error : pci_save_state(pdev);
}

static pci_ers_result_t p2pmem_publish_error(struct pci_dev *pdev, pci_channel_state_t state)
{
	p2pmem_publish_end(pdev);
	return state == pci_channel_io_perm_failure ? PCI_ERS_RESULT_DISCONNECT
						    : PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t p2pmem_publish_slot_reset(struct pci_dev *pdev)
{
	pci_restore_state(pdev);
	pci_save_state(pdev);
	return PCI_ERS_RESULT_RECOVERED;
}

static void p2pmem_publish_reset_prepare(struct pci_dev *pdev)
{
	p2pmem_publish_end(pdev);
}

static const struct pci_error_handlers p2pmem_publish_errors = {
	.error_detected = p2pmem_publish_error,
	.slot_reset = p2pmem_publish_slot_reset,
	.reset_prepare = p2pmem_publish_reset_prepare,
};

/* With no ids: bound by driver_override only. */
static struct pci_driver p2pmem_publish_driver = {
	.name = "p2pmem",
	.probe = p2pmem_publish_probe,
	.err_handler = &p2pmem_publish_errors,
};

int p2pmem_publishing_start(void)
{
	int error = bus_register_notifier(&pci_bus_type, &p2pmem_publish_bus);

	if (error)
		return error;
	error = register_pm_notifier(&p2pmem_publish_power);
	if (error)
		goto no_power;
	error = p2pmem_wrapping_start(p2pmem_publish_end_wrapped);
	if (error)
		goto no_wrapping;
	error = pci_register_driver(&p2pmem_publish_driver);
	if (!error)
		return 0;
	p2pmem_wrapping_stop();
no_wrapping:
	unregister_pm_notifier(&p2pmem_publish_power);
no_power:
	bus_unregister_notifier(&pci_bus_type, &p2pmem_publish_bus);
	return error;
}

void p2pmem_publishing_stop(void)
{
	pci_unregister_driver(&p2pmem_publish_driver);
	/* Beside other drivers. */
	p2pmem_publish_end_all();
	p2pmem_wrapping_stop();
	unregister_pm_notifier(&p2pmem_publish_power);
	bus_unregister_notifier(&pci_bus_type, &p2pmem_publish_bus);
}
