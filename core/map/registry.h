/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The registry: from a CPU address to the provider that it belongs to, exact to 4 KiB.
 *
 *     is it device memory?   p2p_range_filter_passes()   one compare, or one load more, in the
 *                                                        caller's own code
 *     whose?                 p2p_registry_find()         a table, then the provider
 *
 * Readers take no lock and never wait. They are inside an RCU read-side section from the look-up
 * until they have finished with the provider: rcu_read_lock() in the kernel, the same of liburcu in
 * user space. Writers (add, remove, free) are one at a time, by a lock of the caller's.
 */
#ifndef P2PMEM_REGISTRY_H
#define P2PMEM_REGISTRY_H

#include "provider.h"

#ifdef __KERNEL__
#include <linux/compiler.h>
#define P2P_FILTER_LOAD(word) READ_ONCE(word)
#else
#define P2P_FILTER_LOAD(word) __atomic_load_n(&(word), __ATOMIC_RELAXED)
#endif

P2P_BEGIN_DECLS

/** What the registry asks of the RCU that its readers use. */
struct p2p_rcu {
	/** Returns when every read-side section that had begun before has ended. May sleep. */
	void (*wait)(void *context);
	void *context;
};

/**
 * No provider is below `lowest`, above `highest`, or in the gap between: on most machines memory
 * lies between the BARs below 4 GiB and those above all memory. The words are written one after
 * the other: a reader may pair old ones with new ones, and they too let pass what is in both
 * states.
 */
struct p2p_range_filter {
	uint64_t lowest,
		highest; /**< CPU addresses; the filter of an empty registry passes only 0 */
	/** One word, so that it is read whole: where it begins (low half) and how long it is. */
	uint64_t gap;
};

/** The gap is counted in units of 1 << this: 4 GiB. */
#define P2P_FILTER_GAP_SHIFT 32

/* Of an address between the lowest and the highest. */
static inline bool p2p_range_filter_is_in_gap(uint64_t gap, p2p_cpu_addr address)
{
	return (uint32_t)(address.value >> P2P_FILTER_GAP_SHIFT) - (uint32_t)gap <
	       (uint32_t)(gap >> 32);
}

/** False: not device memory. True: ask p2p_registry_find(). Needs no read-side section. */
static inline bool p2p_range_filter_passes(const struct p2p_range_filter *filter,
					   p2p_cpu_addr address)
{
	uint64_t lowest = P2P_FILTER_LOAD(filter->lowest);

	if (address.value - lowest > P2P_FILTER_LOAD(filter->highest) - lowest)
		return false;
	return !p2p_range_filter_is_in_gap(P2P_FILTER_LOAD(filter->gap), address);
}

/** The same of all from `first` to `last`. */
static inline bool p2p_range_filter_passes_range(const struct p2p_range_filter *filter,
						 p2p_cpu_addr first, p2p_cpu_addr last)
{
	uint64_t lowest = P2P_FILTER_LOAD(filter->lowest);
	uint64_t highest = P2P_FILTER_LOAD(filter->highest), gap;

	/* Both ends on one side of all providers, or both in the gap: so is what lies between. */
	if (last.value < lowest || first.value > highest)
		return false;
	if (first.value < lowest || last.value > highest)
		return true;
	gap = P2P_FILTER_LOAD(filter->gap);
	return !p2p_range_filter_is_in_gap(gap, first) || !p2p_range_filter_is_in_gap(gap, last);
}

struct p2p_registry;

/** Both arguments are copied, what they point at must outlive the registry. 0 or -ENOMEM. */
int p2p_registry_new(const struct p2p_allocator *allocator, const struct p2p_rcu *rcu,
		     struct p2p_registry **registry);

/** No reader may be left. The providers stay their owners'. NULL is allowed. */
void p2p_registry_free(struct p2p_registry *registry);

/**
 * Adds `count` providers, all or none, at the cost of one grace period and of time and memory
 * linear in all providers: those of one device, or of a whole machine, are best added together.
 *
 * Returns 0, -EINVAL (p2p_provider_check()), -EEXIST (a range overlaps another, new or old),
 * -ENOSPC (beyond P2P_REGISTRY_MAX) or -ENOMEM.
 */
int p2p_registry_add(struct p2p_registry *registry, struct p2p_provider *const *providers,
		     uint32_t count);

/* Ranges and cells of a version stay below 4 GiB. */
#define P2P_REGISTRY_MAX (1u << 24)

/**
 * Removes a provider. When it returns 0, no reader sees the provider any more, and its `removed` op
 * has been called. Allocates nothing, so it cannot fail for want of memory; the room that the
 * provider took is given back by the next p2p_registry_add(). Costs a grace period, and time
 * linear in all providers.
 *
 * Returns 0 or -ENOENT: not in the registry.
 */
int p2p_registry_remove(struct p2p_registry *registry, struct p2p_provider *provider);

/** The range filter, for p2p_range_filter_passes(); the same address as long as the registry lives.
 */
const struct p2p_range_filter *p2p_registry_filter(const struct p2p_registry *registry);

/**
 * The provider that an address belongs to, or NULL: not device memory. Inside a read-side section;
 * the provider may be used until it ends.
 */
struct p2p_provider *p2p_registry_find(const struct p2p_registry *registry, p2p_cpu_addr address);

/**
 * The provider with the lowest address at or above `address`, or NULL: none is. For what must
 * know where normal memory ends. As p2p_registry_find() otherwise.
 */
struct p2p_provider *p2p_registry_next(const struct p2p_registry *registry, p2p_cpu_addr address);

/**
 * Says that the fabric has changed: what was decided before is decided again. Adding and removing
 * providers says so too.
 */
void p2p_registry_touch(struct p2p_registry *registry);

/** A number that every change makes larger. From any thread. */
uint64_t p2p_registry_generation(const struct p2p_registry *registry);

/** How many providers there are. As a writer. */
uint32_t p2p_registry_count(const struct p2p_registry *registry);

/** Bytes of memory that the registry holds, providers not included. As a writer. */
size_t p2p_registry_memory(const struct p2p_registry *registry);

P2P_END_DECLS

#endif
