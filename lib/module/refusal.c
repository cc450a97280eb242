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

#include <p2pmem/text.h>

#include "module/binding.h"
#include "module/claims.h"
#include "module/memories.h"
#include "module/refusal.h"
#include "module/no_pages.h"
#include "sysfs.h"

/* What a sentence about a function and a BAR needs. */
struct context {
	const struct p2p_system *system;
	const struct p2p_publish_options *options;
	char bdf[P2P_BDF_TEXT];
	struct p2p_bar bars[P2P_BARS];
	uint64_t start, size; /**< the range asked for, as CPU addresses; size 0: not known */
};

static void look(struct context *context, const struct p2p_system *system,
		 const struct p2p_publish_options *options)
{
	const struct p2p_bar *bar;

	*context = (struct context){ .system = system, .options = options };
	p2p_bdf_text(options->function, context->bdf);
	if (p2p_bars_read(system, options->function, context->bars) || options->driver_memory)
		return;
	bar = &context->bars[options->bar];
	if (options->offset >= bar->size)
		return;
	context->start = bar->start + options->offset;
	context->size = bar->size - options->offset;
	if (options->length && options->length < context->size)
		context->size = options->length;
}

/* "BAR 0 (16 KiB), BAR 2 (64 MiB)", or "none" */
static const char *memory_bars(const struct context *context, char *text, size_t room)
{
	char size[P2P_SIZE_TEXT];
	size_t used = 0;

	snprintf(text, room, "none");
	for (int i = 0; i < P2P_BARS && used < room; i++)
		if (context->bars[i].memory && context->bars[i].size)
			used += (size_t)snprintf(text + used, room - used, "%sBAR %d (%s)",
						 used ? ", " : "", i,
						 p2p_size_text(size, context->bars[i].size));
	return text;
}

static int say_range(const struct context *context, int code, struct p2p_error *error)
{
	const struct p2p_publish_options *options = context->options;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t size = context->bars[options->bar].size;

	if (options->offset % page || options->length % page)
		return p2p_error_set(error, code,
				     "offset %" PRIu64 " and size %" PRIu64
				     " are not both multiples of the page size: use multiples of "
				     "%" PRIu64,
				     options->offset, options->length, page);
	if (size && size < page)
		return p2p_error_set(error, code,
				     "BAR %u of %s has %" PRIu64
				     " bytes, less than a page (%" PRIu64
				     "), so it cannot be published: choose another BAR",
				     options->bar, context->bdf, size, page);
	return p2p_error_set_hint(error, code, P2P_HINT_PUBLISH_ALL,
				  "offset %" PRIu64 " and size %" PRIu64
				  " are not within BAR %u of %s, which has %" PRIu64
				  " bytes: use less, or all up to its end",
				  options->offset, options->length, options->bar, context->bdf,
				  size);
}

/* What can be taken away: neither nothing, nor p2pmem, which publishing may have bound itself. */
static bool has_other_driver(const struct context *context, char driver[P2P_DRIVER_NAME])
{
	return !p2p_driver_of(context->system, context->options->function, driver) &&
	       strcmp(driver, P2P_MODULE_DRIVER) != 0;
}

/* Whether the driver has memory of the device with the kernel, as nvme has a drive's CMB. */
static bool publishes_itself(const struct context *context)
{
	uint64_t size;

	return !p2p_sysfs_u64(&size, "%s/sys/bus/pci/devices/%s/p2pmem/size", context->system->root,
			      context->bdf);
}

/* Then its driver is the one to have memory from, whatever else refuses the BAR. */
static bool is_of_driver(const struct context *context, char driver[P2P_DRIVER_NAME])
{
	return has_other_driver(context, driver) && publishes_itself(context);
}

static int say_of_driver(const struct context *context, const char *driver, int code,
			 struct p2p_error *error)
{
	return p2p_error_set_hint(error, code, P2P_HINT_DRIVER_MEMORY,
				  "BAR %u of %s is its driver's, and %s publishes memory of it "
				  "itself: publish that instead",
				  context->options->bar, context->bdf, driver);
}

static int say_claimed(const struct context *context, int code, struct p2p_error *error)
{
	char names[128] = "", driver[P2P_DRIVER_NAME], unbind[256] = "";

	if (is_of_driver(context, driver))
		return say_of_driver(context, driver, code, error);
	if (context->size)
		p2p_claims_find(context->system, context->options->function, context->start,
				context->size, names, sizeof(names));
	if (has_other_driver(context, driver)) {
		snprintf(unbind, sizeof(unbind),
			 ", or take %s away, and with it what uses the device (mounted drives, "
			 "network links, running jobs): echo %s > "
			 "/sys/bus/pci/devices/%s/driver/unbind",
			 driver, context->bdf, context->bdf);
		if (!names[0])
			snprintf(names, sizeof(names), "%s", driver);
	}
	return p2p_error_set_hint(
		error, code, P2P_HINT_PUBLISH_PART,
		"BAR %u of %s is claimed by %s, in part or whole: publish what is not "
		"claimed in /proc/iomem%s",
		context->options->bar, context->bdf, names[0] ? names : "another driver", unbind);
}

static int say_bound(const struct context *context, int code, struct p2p_error *error)
{
	char driver[P2P_DRIVER_NAME] = "another driver";

	if (is_of_driver(context, driver))
		return say_of_driver(context, driver, code, error);
	return p2p_error_set_hint(
		error, code, P2P_HINT_BESIDE_DRIVER,
		"%s has the driver %s, which may use BAR %u without having claimed it: "
		"take it away with echo %s > /sys/bus/pci/devices/%s/driver/unbind, or, "
		"knowing that it does not, publish beside it",
		context->bdf, driver, context->options->bar, context->bdf, context->bdf);
}

static int say_uses(const struct context *context, int code, struct p2p_error *error)
{
	char driver[P2P_DRIVER_NAME] = "another driver";

	has_other_driver(context, driver);
	return p2p_error_set(error, code,
			     "%s has the driver %s, which uses its BARs without claiming them, so "
			     "that its data would be overwritten: take it away with echo %s > "
			     "/sys/bus/pci/devices/%s/driver/unbind",
			     context->bdf, driver, context->bdf, context->bdf);
}

static int say_disabled(const struct context *context, int code, struct p2p_error *error)
{
	char driver[P2P_DRIVER_NAME];

	if (has_other_driver(context, driver))
		return p2p_error_set(error, code,
				     "%s does not answer to memory addresses: its driver %s has "
				     "switched it off or lets it sleep; keep it awake with echo on "
				     "> /sys/bus/pci/devices/%s/power/control, or take the driver "
				     "away, and with it what uses the device: echo %s > "
				     "/sys/bus/pci/devices/%s/driver/unbind",
				     context->bdf, driver, context->bdf, context->bdf,
				     context->bdf);
	return p2p_error_set(error, code,
			     "%s does not answer, though it was switched on: dmesg may tell more, "
			     "and lspci whether it is still there",
			     context->bdf);
}

/* Published memory of this function that overlaps the range, or any of it for driver memory. */
static bool overlaps(const struct context *context, const struct p2p_module_memory *memory)
{
	const struct p2p_publish_options *options = context->options;

	if (!p2p_module_memory_is_of(memory, options->function))
		return false;
	return options->driver_memory ||
	       (memory->bar == (int32_t)options->bar &&
		options->offset < memory->offset + memory->size &&
		(!context->size || memory->offset < options->offset + context->size));
}

static int say_published(const struct context *context, struct p2p_error *error)
{
	struct p2p_module_memory *memories;
	char name[32] = "another one";
	size_t count;

	if (!p2p_module_memories_on(context->system, &memories, &count, NULL)) {
		for (size_t i = count; i-- > 0;)
			if (overlaps(context, &memories[i]))
				snprintf(name, sizeof(name), "/dev/p2pmem%" PRIu32,
					 memories[i].index);
		free(memories);
	}
	return p2p_error_set_hint(error, -EBUSY, P2P_HINT_UNPUBLISH,
				  "the range of %s is published already, or part of it, as %s: use "
				  "that, or take it back first",
				  context->bdf, name);
}

static int say_driver_memory(const struct context *context, struct p2p_error *error)
{
	char driver[P2P_DRIVER_NAME] = "no driver";
	uint64_t available;

	if (p2p_driver_of(context->system, context->options->function, driver))
		snprintf(driver, sizeof(driver), "no driver");
	if (p2p_sysfs_u64(&available, "%s/sys/bus/pci/devices/%s/p2pmem/available",
			  context->system->root, context->bdf))
		return p2p_error_set_hint(
			error, -ENODEV, P2P_HINT_PUBLISH_BAR,
			"the driver of %s (%s) publishes no memory: choose another "
			"device, or publish a BAR",
			context->bdf, driver);
	return p2p_error_set_hint(error, -ENODEV, P2P_HINT_PUBLISH_SIZE,
				  "%s has %" PRIu64 " bytes of its driver's memory free, perhaps "
				  "fragmented, less than asked for: ask for less",
				  context->bdf, available);
}

/* Where a BAR is not what it should be. */
static int say_other_bar(const struct context *context, int code, const char *what,
			 struct p2p_error *error)
{
	char list[256];

	return p2p_error_set(error, code, "BAR %u of %s %s: its memory BARs are: %s",
			     context->options->bar, context->bdf, what,
			     memory_bars(context, list, sizeof(list)));
}

static int say_unknown(const struct context *context, int code, struct p2p_error *error)
{
	return p2p_error_set(error, code, "publishing memory of %s failed: %s; dmesg may tell more",
			     context->bdf, strerror(-code));
}

/* What is in the way of it, said of the function, and the way out. */
struct wrap_words {
	const char *before, *after, *remedy;
};

static struct wrap_words wrap_words_of(unsigned int why)
{
	switch (why) {
	case P2PMEM_WHY_WRAP_VFIO:
		return (struct wrap_words){ "",
					    " has an IOMMU domain of VFIO's, or of its driver's",
					    "unbind its driver" };
	case P2PMEM_WHY_WRAP_UNTRUSTED:
		return (struct wrap_words){ "", " is behind an external port, so not to be trusted",
					    "remove it" };
	case P2PMEM_WHY_WRAP_VIRTIO:
		return (struct wrap_words){ "the virtio device ", " does not use the DMA API",
					    "have the hypervisor offer that (QEMU: "
					    "iommu_platform=on), or unbind its driver" };
	case P2PMEM_WHY_WRAP_OPS:
		return (struct wrap_words){ "", " has DMA operations of its own",
					    "unbind its driver" };
	default:
		return (struct wrap_words){ "that was not tried on a kernel as this one", "",
					    "boot Debian's 6.1 or 6.12, or a kernel with "
					    "CONFIG_PCI_P2PDMA" };
	}
}

/* Cameras and the like below an IOMMU; a function that is bound later is wrapped before it has any.
 */
static int say_bind_anew(const struct context *context, int code, struct p2p_bdf function,
			 struct p2p_error *error)
{
	char driver[P2P_DRIVER_NAME], bdf[P2P_BDF_TEXT];

	p2p_bdf_text(function, bdf);
	if (p2p_driver_of(context->system, function, driver))
		snprintf(driver, sizeof(driver), "DRIVER");
	return p2p_error_set_hint(
		error, code, P2P_HINT_PUBLISH_ANY,
		"memory of %s cannot have struct pages while the driver of %s is bound, whose "
		"buffers an IOMMU maps in a way of their own: unbind it (echo %s "
		">/sys/bus/pci/drivers/%s/unbind), publish again, and bind it again (echo %s "
		">/sys/bus/pci/drivers/%s/bind), or publish it without",
		context->bdf, bdf, bdf, driver, bdf, driver);
}

/* It takes DMA operations around those of all functions, which cannot be. */
static int say_wrap(const struct context *context, int code, unsigned int why,
		    const struct p2pmem_function *culprit, struct p2p_error *error)
{
	const struct wrap_words words = wrap_words_of(why);
	struct p2p_bdf function = { 0 };
	char bdf[P2P_BDF_TEXT] = "";

	if (why == P2PMEM_WHY_WRAP_MASTER)
		return p2p_error_set_hint(
			error, code, P2P_HINT_PUBLISH_ANY,
			"memory of %s cannot have struct pages: a disk, a network or the like is "
			"on no PCI bus, and would take them for host memory; unbind its driver "
			"(dmesg names it), or publish it without",
			context->bdf);
	if (culprit)
		function = (struct p2p_bdf){ culprit->domain, culprit->bus, culprit->devfn };
	if (why == P2PMEM_WHY_WRAP_BOUND)
		return say_bind_anew(context, code, function, error);
	if (why != P2PMEM_WHY_WRAP_KERNEL && culprit)
		p2p_bdf_text(function, bdf);
	return p2p_error_set_hint(
		error, code, P2P_HINT_PUBLISH_ANY,
		"memory of %s cannot have struct pages: this kernel is built without "
		"CONFIG_PCI_P2PDMA, and DMA operations cannot be wrapped: %s%s%s; %s, or publish "
		"it without",
		context->bdf, words.before, bdf, words.after, words.remedy);
}

int p2p_publish_refused(const struct p2p_system *system, const struct p2p_publish_options *options,
			int code, unsigned int why, const struct p2pmem_function *culprit,
			struct p2p_error *error)
{
	struct context context;

	look(&context, system, options);
	switch (why) {
	case P2PMEM_WHY_NO_FUNCTION:
		return p2p_error_set(error, code,
				     "the kernel has no PCI function %s: look again with lspci",
				     context.bdf);
	case P2PMEM_WHY_NO_DRIVER:
		return p2p_error_set(error, code, "%s has lost its driver meanwhile: try again",
				     context.bdf);
	case P2PMEM_WHY_NO_BAR:
		return say_other_bar(&context, code, "is not there or has no address", error);
	case P2PMEM_WHY_NOT_MEMORY:
		return say_other_bar(&context, code, "is I/O ports, not memory", error);
	case P2PMEM_WHY_DISABLED:
		return say_disabled(&context, code, error);
	case P2PMEM_WHY_RANGE:
		return say_range(&context, code, error);
	case P2PMEM_WHY_MSIX:
		return p2p_error_set_hint(
			error, code, P2P_HINT_PUBLISH_PART,
			"the range overlaps the MSI-X table or pending bits in BAR %u "
			"of %s, which are not memory: lspci -vv shows where they are; "
			"publish what is beside them",
			options->bar, context.bdf);
	case P2PMEM_WHY_CLAIMED:
		return say_claimed(&context, code, error);
	case P2PMEM_WHY_PUBLISHED:
		return say_published(&context, error);
	case P2PMEM_WHY_NO_P2PDMA:
	case P2PMEM_WHY_ALIGNMENT:
	case P2PMEM_WHY_NO_PAGES:
		return p2p_error_set_hint(
			error, code, P2P_HINT_PUBLISH_ANY,
			"memory of %s cannot have struct pages: %s; %s, or publish it "
			"without",
			context.bdf, p2p_no_pages_text(why), p2p_no_pages_remedy(why));
	case P2PMEM_WHY_DRIVER_MEMORY:
		return say_driver_memory(&context, error);
	case P2PMEM_WHY_HELD:
		return p2p_error_set(error, code,
				     "a device may still reach that range of %s, from an earlier "
				     "use: dmesg names the drivers that have not let go; end what "
				     "uses them, and try again",
				     context.bdf);
	case P2PMEM_WHY_DRIVER_BOUND:
		return say_bound(&context, code, error);
	case P2PMEM_WHY_DRIVER_USES:
		return say_uses(&context, code, error);
	case P2PMEM_WHY_LOCKDOWN:
		return p2p_error_set(error, code,
				     "the kernel is locked down (cat "
				     "/sys/kernel/security/lockdown), so that no BAR can be "
				     "mapped: start it without, or without Secure Boot");
	case P2PMEM_WHY_NOT_MAPPABLE:
		return p2p_error_set(error, code,
				     "the kernel knows that BARs of %s cannot be mapped by the CPU "
				     "or other devices: publish another device's",
				     context.bdf);
	case P2PMEM_WHY_WRAP_MEMORY:
		return p2p_error_set_hint(
			error, code, P2P_HINT_PUBLISH_ANY,
			"memory of %s cannot have struct pages now: 2 MiB of host memory in one "
			"piece, for the CPU to copy through what a device does not reach, are not "
			"to be had; free memory (echo 3 >/proc/sys/vm/drop_caches; echo 1 "
			">/proc/sys/vm/compact_memory) and try again, or publish it without",
			context.bdf);
	case P2PMEM_WHY_WRAP_KERNEL:
	case P2PMEM_WHY_WRAP_VFIO:
	case P2PMEM_WHY_WRAP_UNTRUSTED:
	case P2PMEM_WHY_WRAP_VIRTIO:
	case P2PMEM_WHY_WRAP_OPS:
	case P2PMEM_WHY_WRAP_MASTER:
	case P2PMEM_WHY_WRAP_BOUND:
		return say_wrap(&context, code, why, culprit, error);
	default:
		return say_unknown(&context, code, error);
	}
}

int p2p_unpublish_refused(uint32_t index, int code, unsigned int why, struct p2p_error *error)
{
	if (why == P2PMEM_WHY_IN_USE)
		return p2p_error_set_hint(error, code, P2P_HINT_USERS,
					  "/dev/p2pmem%" PRIu32
					  " is in use: end its users, or take it away from them",
					  index);
	if (why == P2PMEM_WHY_HELD)
		return p2p_error_set(
			error, code,
			"/dev/p2pmem%" PRIu32
			" is taken back, but a device may still reach its range, which "
			"stays claimed until that ends: dmesg names the driver",
			index);
	if (code == -ENOENT || code == -ENODEV || code == -ENXIO)
		return p2p_error_set_hint(error, -ENOENT, P2P_HINT_PUBLISHED,
					  "there is no /dev/p2pmem%" PRIu32
					  ": no memory is published by that name",
					  index);
	return p2p_error_set(error, code, "unpublishing /dev/p2pmem%" PRIu32 " failed: %s (%s)",
			     index, strerror(-code), p2pmem_why_name(why));
}
