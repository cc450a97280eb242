// SPDX-License-Identifier: MIT
/*
 * Why the module refuses to publish or unpublish.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "module/binding.h"
#include "module/claims.h"
#include "module/memories.h"
#include "module/refusal.h"
#include "module/why.h"
#include "print.h"
#include "sysfs.h"

/* What a sentence about a function and a BAR needs. */
struct scene {
	const struct p2p_system *system;
	const struct p2p_publish_options *options;
	char bdf[P2P_BDF_TEXT];
	struct p2p_bar bars[P2P_BARS];
	uint64_t start, size; /**< the range asked for, as CPU addresses; size 0: not known */
};

static void look(struct scene *scene, const struct p2p_system *system,
		 const struct p2p_publish_options *options)
{
	const struct p2p_bar *bar;

	*scene = (struct scene){ .system = system, .options = options };
	p2p_bdf_text(options->function, scene->bdf);
	if (p2p_bars_read(system, options->function, scene->bars) || options->driver_memory)
		return;
	bar = &scene->bars[options->bar];
	if (options->offset >= bar->size)
		return;
	scene->start = bar->start + options->offset;
	scene->size = bar->size - options->offset;
	if (options->size && options->size < scene->size)
		scene->size = options->size;
}

/* "BAR 0 (16 KiB), BAR 2 (64 MiB)", or "none" */
static const char *memory_bars(const struct scene *scene, char *text, size_t room)
{
	char size[P2P_SIZE_TEXT];
	size_t used = 0;

	snprintf(text, room, "none");
	for (int i = 0; i < P2P_BARS && used < room; i++)
		if (scene->bars[i].memory && scene->bars[i].size)
			used += (size_t)snprintf(text + used, room - used, "%sBAR %d (%s)",
						 used ? ", " : "", i,
						 p2p_size_text(size, scene->bars[i].size));
	return text;
}

static int say_range(const struct scene *scene, int code, struct p2p_error *error)
{
	const struct p2p_publish_options *options = scene->options;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t size = scene->bars[options->bar].size;

	if (options->offset % page || options->size % page)
		return p2p_error_set(error, code,
				     "offset %" PRIu64 " and size %" PRIu64
				     " are not both multiples of the page size: use multiples of "
				     "%" PRIu64,
				     options->offset, options->size, page);
	if (size && size < page)
		return p2p_error_set(error, code,
				     "BAR %u of %s has %" PRIu64
				     " bytes, less than a page (%" PRIu64
				     "), so it cannot be published: choose another BAR",
				     options->bar, scene->bdf, size, page);
	return p2p_error_set(error, code,
			     "offset %" PRIu64 " and size %" PRIu64
			     " are not within BAR %u of %s, which has %" PRIu64
			     " bytes: use less, or leave --size out for all up to its end",
			     options->offset, options->size, options->bar, scene->bdf, size);
}

/* What can be taken away: neither nothing, nor p2pmem, which publishing may have bound itself. */
static bool has_other_driver(const struct scene *scene, char driver[P2P_DRIVER_NAME])
{
	return !p2p_driver_of(scene->system, scene->options->function, driver) &&
	       strcmp(driver, P2P_MODULE_DRIVER) != 0;
}

/* Whether the driver has memory of the device with the kernel, as nvme has a drive's CMB. */
static bool publishes_itself(const struct scene *scene)
{
	uint64_t size;

	return !p2p_sysfs_u64(&size, "%s/sys/bus/pci/devices/%s/p2pmem/size", scene->system->root,
			      scene->bdf);
}

/* Then its driver is the one to have memory from, whatever else refuses the BAR. */
static bool is_lent_by_driver(const struct scene *scene, char driver[P2P_DRIVER_NAME])
{
	return has_other_driver(scene, driver) && publishes_itself(scene);
}

static int say_lent_by_driver(const struct scene *scene, const char *driver, int code,
			      struct p2p_error *error)
{
	return p2p_error_set(error, code,
			     "BAR %u of %s is its driver's, and %s publishes memory of it "
			     "itself: publish that, with --driver-memory instead of --bar",
			     scene->options->bar, scene->bdf, driver);
}

static int say_claimed(const struct scene *scene, int code, struct p2p_error *error)
{
	char names[128] = "", driver[P2P_DRIVER_NAME], unbind[256] = "";

	if (is_lent_by_driver(scene, driver))
		return say_lent_by_driver(scene, driver, code, error);
	if (scene->size)
		p2p_claims_find(scene->system, scene->options->function, scene->start, scene->size,
				names, sizeof(names));
	if (has_other_driver(scene, driver)) {
		snprintf(unbind, sizeof(unbind),
			 ", or take %s away, and with it what uses the device (mounted drives, "
			 "network links, running jobs): echo %s > "
			 "/sys/bus/pci/devices/%s/driver/unbind",
			 driver, scene->bdf, scene->bdf);
		if (!names[0])
			snprintf(names, sizeof(names), "%s", driver);
	}
	return p2p_error_set(error, code,
			     "BAR %u of %s is claimed by %s, in part or whole: publish what is not "
			     "claimed in /proc/iomem, with --offset and --size%s",
			     scene->options->bar, scene->bdf, names[0] ? names : "another driver",
			     unbind);
}

static int say_bound(const struct scene *scene, int code, struct p2p_error *error)
{
	char driver[P2P_DRIVER_NAME] = "another driver";

	if (is_lent_by_driver(scene, driver))
		return say_lent_by_driver(scene, driver, code, error);
	return p2p_error_set(
		error, code,
		"%s has the driver %s, which may use BAR %u without having claimed it: "
		"take it away with echo %s > /sys/bus/pci/devices/%s/driver/unbind, or, "
		"knowing that it does not, give --beside-driver",
		scene->bdf, driver, scene->options->bar, scene->bdf, scene->bdf);
}

static int say_uses(const struct scene *scene, int code, struct p2p_error *error)
{
	char driver[P2P_DRIVER_NAME] = "another driver";

	has_other_driver(scene, driver);
	return p2p_error_set(error, code,
			     "%s has the driver %s, which uses its BARs without claiming them, so "
			     "that its data would be overwritten: take it away with echo %s > "
			     "/sys/bus/pci/devices/%s/driver/unbind",
			     scene->bdf, driver, scene->bdf, scene->bdf);
}

static int say_disabled(const struct scene *scene, int code, struct p2p_error *error)
{
	char driver[P2P_DRIVER_NAME];

	if (has_other_driver(scene, driver))
		return p2p_error_set(error, code,
				     "%s does not answer to memory addresses: its driver %s has "
				     "switched it off or lets it sleep; keep it awake with echo on "
				     "> /sys/bus/pci/devices/%s/power/control, or take the driver "
				     "away, and with it what uses the device: echo %s > "
				     "/sys/bus/pci/devices/%s/driver/unbind",
				     scene->bdf, driver, scene->bdf, scene->bdf, scene->bdf);
	return p2p_error_set(error, code,
			     "%s does not answer, though it was switched on: dmesg may tell more, "
			     "and lspci whether it is still there",
			     scene->bdf);
}

/* Published memory of this function that overlaps the range, or any of it for driver memory. */
static bool overlaps(const struct scene *scene, const struct p2p_module_memory *memory)
{
	const struct p2p_publish_options *options = scene->options;

	if (!p2p_memory_is_of(memory, options->function))
		return false;
	return options->driver_memory ||
	       (memory->bar == (int32_t)options->bar &&
		options->offset < memory->offset + memory->size &&
		(!scene->size || memory->offset < options->offset + scene->size));
}

static int say_published(const struct scene *scene, struct p2p_error *error)
{
	struct p2p_module_memory *memories;
	char name[32] = "another one";
	size_t count;

	if (!p2p_memories_on(scene->system, &memories, &count, NULL)) {
		for (size_t i = count; i-- > 0;)
			if (overlaps(scene, &memories[i]))
				snprintf(name, sizeof(name), "/dev/p2pmem%" PRIu32,
					 memories[i].index);
		free(memories);
	}
	return p2p_error_set(error, -EBUSY,
			     "the range of %s is published already, or part of it, as %s: use "
			     "that, or p2pmem unpublish it first",
			     scene->bdf, name);
}

static int say_driver_memory(const struct scene *scene, struct p2p_error *error)
{
	char driver[P2P_DRIVER_NAME] = "no driver";
	uint64_t available;

	if (p2p_driver_of(scene->system, scene->options->function, driver))
		snprintf(driver, sizeof(driver), "no driver");
	if (p2p_sysfs_u64(&available, "%s/sys/bus/pci/devices/%s/p2pmem/available",
			  scene->system->root, scene->bdf))
		return p2p_error_set(error, -ENODEV,
				     "the driver of %s (%s) publishes no memory: publish a BAR "
				     "with --bar, or see p2pmem providers",
				     scene->bdf, driver);
	return p2p_error_set(error, -ENODEV,
			     "%s has %" PRIu64 " bytes of its driver's memory free, in pieces "
			     "perhaps, less than asked for: use a smaller --size",
			     scene->bdf, available);
}

/* Where a BAR is not what it should be. */
static int say_other_bar(const struct scene *scene, int code, const char *what,
			 struct p2p_error *error)
{
	char list[256];

	return p2p_error_set(error, code, "BAR %u of %s %s: its memory BARs are: %s",
			     scene->options->bar, scene->bdf, what,
			     memory_bars(scene, list, sizeof(list)));
}

static int say_unknown(const struct scene *scene, int code, struct p2p_error *error)
{
	return p2p_error_set(error, code, "publishing memory of %s failed: %s; dmesg may tell more",
			     scene->bdf, strerror(-code));
}

int p2p_publish_refused(const struct p2p_system *system, const struct p2p_publish_options *options,
			int code, unsigned int why, struct p2p_error *error)
{
	struct scene scene;

	look(&scene, system, options);
	switch (why) {
	case P2PMEM_WHY_NO_FUNCTION:
		return p2p_error_set(error, code,
				     "the kernel has no PCI function %s: look again with lspci",
				     scene.bdf);
	case P2PMEM_WHY_NO_DRIVER:
		return p2p_error_set(error, code, "%s has lost its driver meanwhile: try again",
				     scene.bdf);
	case P2PMEM_WHY_NO_BAR:
		return say_other_bar(&scene, code, "is not there or has no address", error);
	case P2PMEM_WHY_NOT_MEMORY:
		return say_other_bar(&scene, code, "is I/O ports, not memory", error);
	case P2PMEM_WHY_DISABLED:
		return say_disabled(&scene, code, error);
	case P2PMEM_WHY_RANGE:
		return say_range(&scene, code, error);
	case P2PMEM_WHY_MSIX:
		return p2p_error_set(error, code,
				     "the range overlaps the MSI-X table or pending bits in BAR %u "
				     "of %s, which are not memory: lspci -vv shows where they are; "
				     "publish what is beside them, with --offset and --size",
				     options->bar, scene.bdf);
	case P2PMEM_WHY_CLAIMED:
		return say_claimed(&scene, code, error);
	case P2PMEM_WHY_PUBLISHED:
		return say_published(&scene, error);
	case P2PMEM_WHY_NO_P2PDMA:
	case P2PMEM_WHY_ALIGNMENT:
	case P2PMEM_WHY_NO_PAGES:
		return p2p_error_set(error, code,
				     "memory of %s cannot have struct pages: %s; %s, or leave "
				     "--pages out",
				     scene.bdf, p2p_why_no_pages(why), p2p_why_pages_remedy(why));
	case P2PMEM_WHY_DRIVER_MEMORY:
		return say_driver_memory(&scene, error);
	case P2PMEM_WHY_HELD:
		return p2p_error_set(error, code,
				     "a device may still reach that range of %s, from an earlier "
				     "loan: dmesg names the drivers that have not let go; end what "
				     "uses them, and try again",
				     scene.bdf);
	case P2PMEM_WHY_DRIVER_BOUND:
		return say_bound(&scene, code, error);
	case P2PMEM_WHY_DRIVER_USES:
		return say_uses(&scene, code, error);
	case P2PMEM_WHY_LOCKDOWN:
		return p2p_error_set(error, code,
				     "the kernel is locked down (cat "
				     "/sys/kernel/security/lockdown), so that no BAR can be "
				     "mapped: start it without, or without Secure Boot");
	case P2PMEM_WHY_NOT_MAPPABLE:
		return p2p_error_set(error, code,
				     "the kernel knows that BARs of %s cannot be mapped by the CPU "
				     "or other devices: lend another device's",
				     scene.bdf);
	default:
		return say_unknown(&scene, code, error);
	}
}

int p2p_unpublish_refused(uint32_t index, int code, unsigned int why, struct p2p_error *error)
{
	if (why == P2PMEM_WHY_IN_USE)
		return p2p_error_set(error, code,
				     "/dev/p2pmem%" PRIu32
				     " is in use: end its users (p2pmem stat counts allocations), "
				     "or take it away from them with --force",
				     index);
	if (why == P2PMEM_WHY_HELD)
		return p2p_error_set(
			error, code,
			"/dev/p2pmem%" PRIu32
			" is taken back, but a device may still reach its range, which "
			"stays claimed until that ends: dmesg names the driver",
			index);
	if (code == -ENOENT || code == -ENODEV || code == -ENXIO)
		return p2p_error_set(error, -ENOENT,
				     "there is no /dev/p2pmem%" PRIu32
				     ": p2pmem stat lists what is published",
				     index);
	return p2p_error_set(error, code, "unpublishing /dev/p2pmem%" PRIu32 " failed: %s (%s)",
			     index, strerror(-code), p2pmem_why_name(why));
}
