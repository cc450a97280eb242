// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * From address to provider: readers follow a pointer to the newest version; adding makes a new
 * version and waits for the readers of the old one, removing takes a provider out of the version.
 */
#include "ranges.h"

#include "registry.h"

/* What readers read comes first, on a cache line that only a change of providers writes. */
struct p2p_registry {
	struct p2p_range_filter filter;
	struct p2p_ranges *ranges;
	uint64_t generation;
	uint32_t count;
	struct p2p_rcu rcu;
	struct p2p_allocator allocator;
};

/* The units of the filter that are wholly between two providers, as the filter has them. */
static uint64_t gap_between(uint64_t last, uint64_t start)
{
	uint64_t first = (last >> P2P_FILTER_GAP_SHIFT) + 1, end = start >> P2P_FILTER_GAP_SHIFT;

	return end > first ? (end - first) << 32 | first : 0;
}

/*
 * Of two gaps, the one that more likely has memory in it: memory is low and BARs are high, so what
 * counts is how many times its beginning its end is, not how long it is.
 */
static bool wider(uint64_t a, uint64_t b)
{
	uint64_t a_first = (uint32_t)a, b_first = (uint32_t)b;

	return ((a >> 32) + a_first) * b_first > ((b >> 32) + b_first) * a_first;
}

/* The range filter for what is left in a version. */
static void set_filter(struct p2p_registry *registry, const struct p2p_ranges *ranges)
{
	struct p2p_range_filter filter = { 0, 0, 0 };
	bool any = false;

	for (uint32_t i = 0; i < ranges->count; i++) {
		const struct p2p_range_entry *entry = &ranges->entry[i];
		uint64_t gap;

		if (!entry->provider)
			continue;
		gap = any ? gap_between(filter.highest, entry->start) : 0;
		if (gap != 0 && (filter.gap == 0 || wider(gap, filter.gap)))
			filter.gap = gap;
		if (!any)
			filter.lowest = entry->start;
		filter.highest = entry->start + entry->extent;
		any = true;
	}
	P2P_SHARED_STORE(registry->filter.lowest, filter.lowest);
	P2P_SHARED_STORE(registry->filter.highest, filter.highest);
	P2P_SHARED_STORE(registry->filter.gap, filter.gap);
}

int p2p_registry_new(const struct p2p_allocator *allocator, const struct p2p_rcu *rcu,
		     struct p2p_registry **registry)
{
	struct p2p_registry *fresh = p2p_array_new(allocator, 1, sizeof(*fresh));

	if (!fresh)
		return -ENOMEM;
	memset(fresh, 0, sizeof(*fresh));
	fresh->ranges = p2p_ranges_empty(allocator);
	if (!fresh->ranges) {
		p2p_array_free(allocator, fresh);
		return -ENOMEM;
	}
	fresh->rcu = *rcu;
	fresh->allocator = *allocator;
	*registry = fresh;
	return 0;
}

void p2p_registry_free(struct p2p_registry *registry)
{
	struct p2p_allocator allocator;

	if (!registry)
		return;
	allocator = registry->allocator;
	p2p_array_free(&allocator, registry->ranges);
	p2p_array_free(&allocator, registry);
}

static bool after(const struct p2p_provider *a, const struct p2p_provider *b)
{
	return a->start.value > b->start.value;
}

/* Heap sort, sifting down: no recursion, no worst case. */
static void sift(struct p2p_provider **list, size_t at, size_t count)
{
	struct p2p_provider *moved = list[at];

	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && after(list[child + 1], list[child]))
			child++;
		if (!after(list[child], moved))
			break;
		list[at] = list[child];
	}
	list[at] = moved;
}

static void sort(struct p2p_provider **list, size_t count)
{
	struct p2p_provider *last;

	for (size_t at = count / 2; at-- > 0;)
		sift(list, at, count);
	while (count-- > 1) {
		last = list[count];
		list[count] = list[0];
		list[0] = last;
		sift(list, 0, count);
	}
}

/* The providers of a version in order, those removed left out. */
static uint32_t list_present(const struct p2p_ranges *ranges, struct p2p_provider **list)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < ranges->count; i++)
		if (ranges->entry[i].provider)
			list[count++] = ranges->entry[i].provider;
	return count;
}

/*
 * Merges the sorted `fresh` into the sorted `list`, which has room; from the end, so that nothing
 * is overwritten before it is moved.
 */
static void merge(struct p2p_provider **list, uint32_t count, struct p2p_provider *const *fresh,
		  uint32_t fresh_count)
{
	uint32_t at = count + fresh_count;

	while (fresh_count != 0) {
		if (count != 0 && after(list[count - 1], fresh[fresh_count - 1]))
			list[--at] = list[--count];
		else
			list[--at] = fresh[--fresh_count];
	}
}

static bool overlaps(struct p2p_provider *const *list, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++)
		if (p2p_provider_last(list[i - 1]).value >= list[i]->start.value)
			return true;
	return false;
}

/* The range filter opens before the version is there, so that no reader of the version finds it
 * shut. */
static void replace(struct p2p_registry *registry, struct p2p_ranges *fresh)
{
	struct p2p_ranges *old = registry->ranges;

	set_filter(registry, fresh);
	P2P_PUBLISH(registry->ranges, fresh);
	p2p_registry_touch(registry);
	registry->count = fresh->count;
	registry->rcu.wait(registry->rcu.context);
	p2p_array_free(&registry->allocator, old);
}

/* `list` has room for all, `fresh` for the new ones. */
static int add(struct p2p_registry *registry, struct p2p_provider *const *providers, uint32_t count,
	       struct p2p_provider **list, struct p2p_provider **fresh)
{
	uint32_t present = list_present(registry->ranges, list);
	struct p2p_ranges *ranges;

	memcpy(fresh, providers, count * sizeof(struct p2p_provider *));
	sort(fresh, count);
	merge(list, present, fresh, count);
	if (overlaps(list, present + count))
		return -EEXIST;
	ranges = p2p_ranges_new(&registry->allocator, list, present + count);
	if (!ranges)
		return -ENOMEM;
	replace(registry, ranges);
	return 0;
}

int p2p_registry_add(struct p2p_registry *registry, struct p2p_provider *const *providers,
		     uint32_t count)
{
	const struct p2p_allocator *allocator = &registry->allocator;
	struct p2p_provider **list, **fresh;
	int error;

	for (uint32_t i = 0; i < count; i++)
		if (p2p_provider_check(providers[i]) != 0)
			return -EINVAL;
	if (count == 0)
		return 0;
	if (count > P2P_REGISTRY_MAX - registry->count)
		return -ENOSPC;
	list = p2p_array_new(allocator, (size_t)registry->count + count,
			     sizeof(struct p2p_provider *));
	fresh = p2p_array_new(allocator, count, sizeof(struct p2p_provider *));
	error = list && fresh ? add(registry, providers, count, list, fresh) : -ENOMEM;
	p2p_array_free(allocator, list);
	p2p_array_free(allocator, fresh);
	return error;
}

int p2p_registry_remove(struct p2p_registry *registry, struct p2p_provider *provider)
{
	const struct p2p_ranges *ranges = registry->ranges;
	uint64_t offset = provider->start.value - ranges->base;
	struct p2p_range_entry *entry;

	if (offset > ranges->span)
		return -ENOENT;
	entry = &ranges->entry[p2p_ranges_at(ranges, offset) - ranges->entry];
	if (entry->provider != provider)
		return -ENOENT;
	P2P_SHARED_STORE(entry->provider, NULL);
	registry->count--;
	set_filter(registry, ranges);
	p2p_registry_touch(registry);
	registry->rcu.wait(registry->rcu.context);
	if (provider->ops && provider->ops->removed)
		provider->ops->removed(provider);
	return 0;
}

void p2p_registry_touch(struct p2p_registry *registry)
{
	P2P_PUBLISH(registry->generation, registry->generation + 1);
}

uint64_t p2p_registry_generation(const struct p2p_registry *registry)
{
	return P2P_ACQUIRE(registry->generation);
}

const struct p2p_range_filter *p2p_registry_filter(const struct p2p_registry *registry)
{
	return &registry->filter;
}

struct p2p_provider *p2p_registry_find(const struct p2p_registry *registry, p2p_cpu_addr address)
{
	const struct p2p_ranges *ranges = P2P_SUBSCRIBE(registry->ranges);
	uint64_t offset = address.value - ranges->base;
	const struct p2p_range_entry *entry;

	if (offset > ranges->span)
		return NULL;
	entry = p2p_ranges_at(ranges, offset);
	if (address.value - entry->start > entry->extent)
		return NULL;
	return P2P_SHARED_LOAD(entry->provider);
}

struct p2p_provider *p2p_registry_next(const struct p2p_registry *registry, p2p_cpu_addr address)
{
	const struct p2p_ranges *ranges = P2P_SUBSCRIBE(registry->ranges);
	const struct p2p_range_entry *entry = ranges->entry;
	struct p2p_provider *provider = NULL;

	if (address.value > ranges->base) {
		if (address.value - ranges->base > ranges->span)
			return NULL;
		entry = p2p_ranges_at(ranges, address.value - ranges->base);
	}
	if (address.value > entry->start && address.value - entry->start > entry->extent)
		entry++;
	for (; entry < ranges->entry + ranges->count && !provider; entry++)
		provider = P2P_SHARED_LOAD(entry->provider);
	return provider;
}

uint32_t p2p_registry_count(const struct p2p_registry *registry)
{
	return registry->count;
}

size_t p2p_registry_memory(const struct p2p_registry *registry)
{
	return sizeof(*registry) + registry->ranges->memory;
}
