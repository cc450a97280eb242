// SPDX-License-Identifier: MIT
/*
 * The windows of host bridges. What is known:
 *
 *   the device tree              each window with both addresses, where firmware gives such a tree
 *   /proc/iomem (as root)        CPU ranges of each root bus; not its name where there is a device
 * tree resource and config space    the CPU and the bus address of one BAR or bridge window
 *
 * A pair proves the offset of the root window that holds it. Without whole windows, each pair is a
 * proven piece of some window, and only that is said.
 */
#include "grow.h"
#include "sysfs_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define IOMEM_MAX (1u << 20)
/* Root windows; real machines have a few for each host bridge. */
#define WHOLE_WINDOWS_MAX 1024u

struct window {
	struct p2p_bdf root;
	struct p2p_range range;
	const char *doubt; /* why its bus address cannot be told, or NULL */
};

struct windows {
	struct p2p_sysfs *sysfs;
	struct window *list;
	uint32_t count, room;
	uint32_t whole; /* the first ones: of the device tree, then of iomem */
};

static bool add_window(struct windows *windows, struct p2p_bdf root, const struct p2p_range *range)
{
	if (!p2p_grow((void **)&windows->list, windows->count, &windows->room,
		      sizeof(*windows->list))) {
		windows->sysfs->out_of_memory = true;
		return false;
	}
	windows->list[windows->count++] = (struct window){ .root = root, .range = *range };
	return true;
}

static bool is_pair(const struct p2p_range *range)
{
	return range->flags & P2P_RANGE_MEMORY && range->size && range->cpu_known &&
	       range->bus_known;
}

static bool holds(const struct p2p_range *window, const struct p2p_range *range)
{
	return range->cpu.value >= window->cpu.value && range->size <= window->size &&
	       range->cpu.value - window->cpu.value <= window->size - range->size;
}

static bool passes_4_gib(const struct p2p_range *range)
{
	const uint64_t end_32 = UINT64_C(1) << 32;

	return range->bus_known && !(range->flags & P2P_RANGE_64BIT) &&
	       (range->bus.value >= end_32 || range->size > end_32 - range->bus.value);
}

static bool add_tree_window(void *context, struct p2p_bdf root, const struct p2p_range *range)
{
	struct windows *windows = context;

	if (windows->count == WHOLE_WINDOWS_MAX || !add_window(windows, root, range))
		return false;
	if (passes_4_gib(range))
		windows->list[windows->count - 1].doubt = "a 32-bit window cannot be above 4 GiB";
	return true;
}

/* "90000000-c2ffffff : PCI Bus 0000:00", zeros for those who are not root. */
static bool parse_iomem(struct p2p_span line, struct p2p_bdf *root, struct p2p_range *range)
{
	uint64_t first, last, domain, bus;
	struct p2p_span name;

	if (!p2p_span_iomem(line, &first, &last, &name) || !p2p_span_skip(&name, "PCI Bus ") ||
	    !p2p_span_hex(&name, 8, &domain) || !p2p_span_skip(&name, ":") ||
	    !p2p_span_hex(&name, 2, &bus) || name.length || last <= first ||
	    (!first && last == UINT64_MAX))
		return false;
	*root = (struct p2p_bdf){ (uint32_t)domain, (uint8_t)bus, 0 };
	*range = (struct p2p_range){
		.cpu.value = first,
		.size = last - first + 1,
		.cpu_known = true,
		.flags = P2P_RANGE_MEMORY,
	};
	return true;
}

/* Ranges of other buses are parts of these: what bridges forward. */
static void read_iomem(struct windows *windows)
{
	struct p2p_span rest, line;
	struct p2p_blob blob;

	if (p2p_tree_read(windows->sysfs->tree, "proc/iomem", IOMEM_MAX, &blob))
		return;
	rest = (struct p2p_span){ blob.data, blob.size };
	while (windows->count < WHOLE_WINDOWS_MAX && p2p_span_line(&rest, &line, NULL)) {
		struct p2p_range range;
		struct p2p_bdf root;

		if (parse_iomem(line, &root, &range) &&
		    p2p_build_root(windows->sysfs->machine, root) != P2P_NO_NODE &&
		    !add_window(windows, root, &range))
			break;
	}
	free(blob.data);
}

static void apply_pair(struct windows *windows, struct p2p_bdf root, const struct p2p_range *pair)
{
	for (uint32_t i = 0; i < windows->whole; i++) {
		struct window *window = &windows->list[i];
		uint64_t bus;

		if (p2p_bdf_compare(window->root, root) || !holds(&window->range, pair))
			continue;
		bus = window->range.cpu.value - pair->cpu.value + pair->bus.value;
		if (window->range.bus_known && window->range.bus.value != bus && !window->doubt)
			window->doubt = "BARs disagree about it";
		window->range.bus.value = bus;
		window->range.bus_known = true;
		return;
	}
	add_window(windows, root, pair);
}

static void apply_pairs(struct windows *windows)
{
	struct p2p_sysfs *sysfs = windows->sysfs;

	for (uint32_t i = 0; i < sysfs->count; i++) {
		const struct p2p_sysfs_function *function = &sysfs->functions[i];

		/* Below a bridge every pair is inside one of the bridge's. */
		if (!function->has_root || function->has_parent)
			continue;
		for (unsigned int j = 0; j < P2P_BARS; j++)
			if (is_pair(&function->info.bar[j]))
				apply_pair(windows, function->root, &function->info.bar[j]);
		for (unsigned int j = 0; j < P2P_BRIDGE_WINDOWS; j++)
			if (is_pair(&function->info.window[j]))
				apply_pair(windows, function->root, &function->info.window[j]);
	}
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b ? b - a < a_size : a - b < b_size;
}

/* Two ways to one address, or two addresses for one place. */
static bool contradict(const struct window *a, const struct window *b)
{
	const struct p2p_range *one = &a->range, *other = &b->range;
	bool both_known = one->bus_known && other->bus_known;

	if (p2p_bdf_compare(a->root, b->root))
		return false;
	if (both_known && one->bus.value - one->cpu.value == other->bus.value - other->cpu.value)
		return false;
	return overlap(one->cpu.value, one->size, other->cpu.value, other->size) ||
	       (both_known && overlap(one->bus.value, one->size, other->bus.value, other->size));
}

static void find_contradictions(struct windows *windows)
{
	for (uint32_t i = 0; i < windows->whole; i++)
		for (uint32_t j = i + 1; j < windows->whole; j++)
			if (contradict(&windows->list[i], &windows->list[j]))
				windows->list[i].doubt = windows->list[j].doubt =
					"another window overlaps it";
}

static void drop_doubtful(struct windows *windows)
{
	for (uint32_t i = 0; i < windows->count; i++) {
		struct window *window = &windows->list[i];

		if (!window->doubt)
			continue;
		window->range.bus_known = false;
		window->range.bus.value = 0;
		p2p_build_warn(windows->sysfs->machine,
			       "%s: root bus %04x:%02x: the bus address of the window at 0x%llx "
			       "is unknown: %s",
			       windows->sysfs->path, window->root.domain, window->root.bus,
			       (unsigned long long)window->range.cpu.value, window->doubt);
	}
}

static int compare_windows(const void *a, const void *b)
{
	const struct window *left = a, *right = b;
	int order = p2p_bdf_compare(left->root, right->root);

	if (order)
		return order;
	if (left->range.cpu.value != right->range.cpu.value)
		return left->range.cpu.value < right->range.cpu.value ? -1 : 1;
	return left->range.size < right->range.size ? -1 : left->range.size > right->range.size;
}

/* Pieces that touch and have one offset are one piece. */
static void merge(struct windows *windows)
{
	uint32_t kept = 0;

	if (!windows->count)
		return;
	qsort(windows->list, windows->count, sizeof(*windows->list), compare_windows);
	for (uint32_t i = 0; i < windows->count; i++) {
		struct window *last = kept ? &windows->list[kept - 1] : NULL;
		const struct window *next = &windows->list[i];

		if (last && !p2p_bdf_compare(last->root, next->root) && last->range.bus_known &&
		    next->range.bus_known &&
		    last->range.cpu.value + last->range.size == next->range.cpu.value &&
		    last->range.bus.value + last->range.size == next->range.bus.value) {
			last->range.size += next->range.size;
			last->range.flags &= next->range.flags;
		} else {
			windows->list[kept++] = *next;
		}
	}
	windows->count = kept;
}

/* The last window of that root bus that does not begin behind `cpu`, or NULL. */
static const struct window *find_window(const struct windows *windows, struct p2p_bdf root,
					uint64_t cpu)
{
	struct window key = { .root = root, .range = { .cpu.value = cpu, .size = UINT64_MAX } };
	uint32_t low = 0, high = windows->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (compare_windows(&windows->list[middle], &key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || p2p_bdf_compare(windows->list[low - 1].root, root))
		return NULL;
	return &windows->list[low - 1];
}

static void complete_range(const struct windows *windows, struct p2p_bdf root,
			   struct p2p_range *range)
{
	const struct window *window;

	if (!(range->flags & P2P_RANGE_MEMORY) || !range->size || range->bus_known ||
	    !range->cpu_known)
		return;
	window = find_window(windows, root, range->cpu.value);
	if (!window || !window->range.bus_known || !holds(&window->range, range))
		return;
	range->bus.value = range->cpu.value - window->range.cpu.value + window->range.bus.value;
	range->bus_known = true;
}

/* Virtual functions have no BAR registers of their own: their bus addresses come from here. */
static void complete_ranges(struct windows *windows)
{
	struct p2p_sysfs *sysfs = windows->sysfs;

	for (uint32_t i = 0; i < sysfs->count; i++) {
		struct p2p_sysfs_function *function = &sysfs->functions[i];

		if (!function->has_root)
			continue;
		for (unsigned int j = 0; j < P2P_BARS; j++)
			complete_range(windows, function->root, &function->info.bar[j]);
		for (unsigned int j = 0; j < P2P_BRIDGE_WINDOWS; j++)
			complete_range(windows, function->root, &function->info.window[j]);
	}
}

static int hand_over(const struct windows *windows)
{
	struct p2p_machine *machine = windows->sysfs->machine;

	for (uint32_t i = 0; i < windows->count; i++) {
		const struct window *window = &windows->list[i];
		p2p_node root = p2p_build_root(machine, window->root);
		int rc;

		if (root == P2P_NO_NODE)
			continue;
		rc = p2p_fabric_add_window(machine->builder, root, &window->range);
		if (rc == -EINVAL)
			p2p_build_warn(machine,
				       "%s: root bus %04x:%02x: a window at 0x%llx of 0x%llx bytes "
				       "is impossible; left out",
				       windows->sysfs->path, window->root.domain, window->root.bus,
				       (unsigned long long)window->range.cpu.value,
				       (unsigned long long)window->range.size);
		else if (rc)
			return rc;
	}
	return 0;
}

int p2p_sysfs_windows(struct p2p_sysfs *sysfs)
{
	struct windows windows = { .sysfs = sysfs };
	int rc;

	p2p_sysfs_device_tree(sysfs, add_tree_window, &windows);
	read_iomem(&windows);
	windows.whole = windows.count;
	apply_pairs(&windows);
	find_contradictions(&windows);
	drop_doubtful(&windows);
	merge(&windows);
	complete_ranges(&windows);
	rc = sysfs->out_of_memory ? -ENOMEM : hand_over(&windows);
	free(windows.list);
	return rc;
}
