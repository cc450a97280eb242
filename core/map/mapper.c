// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A client's mapper: asks each provider once, and asks again when something has changed.
 */
#include "mapper.h"

/* The window without the addresses that would be beyond the client's highest. */
static int cut_window(const struct p2p_client *client, uint64_t *size)
{
	uint64_t last = client->linear_size - 1, first = client->linear_start.value;
	uint64_t dma = first + client->linear_offset;

	*size = 0;
	if (client->linear_size == 0)
		return 0;
	if (last > UINT64_MAX - first || last > UINT64_MAX - dma)
		return -EINVAL;
	if (dma <= client->highest.value) {
		uint64_t room = client->highest.value - dma;

		*size = (last < room ? last : room) + 1;
	}
	return 0;
}

int p2p_mapper_new(const struct p2p_allocator *allocator, const struct p2p_registry *registry,
		   const struct p2p_client *client, struct p2p_mapper **mapper)
{
	struct p2p_mapper *fresh;
	uint64_t size;
	int error = cut_window(client, &size);

	if (error)
		return error;
	fresh = p2p_array_new(allocator, 1, sizeof(*fresh));
	if (!fresh)
		return -ENOMEM;
	memset(fresh, 0, sizeof(*fresh));
	fresh->allocator = *allocator;
	fresh->registry = registry;
	fresh->client = client;
	fresh->linear_size = size;
	fresh->generation = UINT64_MAX;
	*mapper = fresh;
	return 0;
}

void p2p_mapper_free(struct p2p_mapper *mapper)
{
	struct p2p_allocator allocator;

	if (!mapper)
		return;
	allocator = mapper->allocator;
	p2p_array_free(&allocator, mapper);
}

/* What the linear window, if there is one, has in common with `first` to `last`. */
static void keep_larger(struct p2p_mapper *mapper, uint64_t first, uint64_t last)
{
	uint64_t window = mapper->client->linear_start.value;
	uint64_t window_last = window + (mapper->linear_size - 1);
	struct p2p_run *run = &mapper->normal;

	if (mapper->linear_size != 0) {
		first = first < window ? window : first;
		last = last > window_last ? window_last : last;
	}
	if (first > last || last - first < run->length)
		return;
	run->start = first;
	run->length = last - first; /* the last byte is left out: all 2^64 would not fit */
}

/*
 * Without a linear window nothing says where memory is: it is taken to be in the filter's gap, else
 * below BARs that are above 4 GiB, else above them. Elsewhere it costs more, and no more.
 */
static void set_normal(struct p2p_mapper *mapper)
{
	const struct p2p_range_filter *filter = p2p_registry_filter(mapper->registry);
	uint64_t lowest = P2P_SHARED_LOAD(filter->lowest),
		 highest = P2P_SHARED_LOAD(filter->highest);
	uint64_t gap = P2P_SHARED_LOAD(filter->gap);
	bool window = mapper->linear_size != 0;

	mapper->normal = (struct p2p_run){ .offset = mapper->client->linear_offset };
	/* A filter read while it was being changed: the next mapping will find it whole. */
	if (lowest > highest)
		return;
	if (gap != 0)
		keep_larger(mapper, gap << P2P_FILTER_GAP_SHIFT,
			    (((gap >> 32) + (uint32_t)gap) << P2P_FILTER_GAP_SHIFT) - 1);
	if (lowest != 0 && (window || (gap == 0 && lowest >> P2P_FILTER_GAP_SHIFT != 0)))
		keep_larger(mapper, 0, lowest - 1);
	if (highest != UINT64_MAX && (window || mapper->normal.length == 0))
		keep_larger(mapper, highest + 1, UINT64_MAX);
}

static void set_plain(struct p2p_mapper *mapper)
{
	const struct p2p_run *normal = &mapper->normal;

	mapper->plain = (struct p2p_plain){ .start = normal->start };
	if (normal->length > P2P_PLAIN_LENGTH)
		mapper->plain.bits =
			63u - (uint32_t)__builtin_clzll(normal->length - P2P_PLAIN_LENGTH);
}

void p2p_mapper_refresh(struct p2p_mapper *mapper)
{
	mapper->generation = p2p_registry_generation(mapper->registry);
	memset(mapper->cache, 0, sizeof(mapper->cache));
	set_normal(mapper);
	set_plain(mapper);
}

static struct p2p_cached_decision *slot_of(struct p2p_mapper *mapper,
					   const struct p2p_provider *provider)
{
	uint64_t mixed = (uint64_t)(uintptr_t)provider * UINT64_C(0x9e3779b97f4a7c15);

	return &mapper->cache[mixed >> 58];
}

P2P_STATIC_ASSERT(P2P_CACHE_SLOTS == 1u << (64 - 58), "the hash has a slot for every value");

/* An answer that reaches beyond the provider, or does not hold where it was asked, is none. */
static bool sensible(const struct p2p_provider *provider, p2p_cpu_addr at,
		     const struct p2p_decision *decision)
{
	uint64_t skipped = decision->start.value - provider->start.value;

	if (decision->length == 0 || skipped >= provider->size ||
	    decision->length > provider->size - skipped || !p2p_decision_holds(decision, at))
		return false;
	if (decision->reach == P2P_UNREACHABLE)
		return true;
	return (decision->reach == P2P_VIA_HOST || decision->reach == P2P_DIRECT) &&
	       (decision->mapped || decision->length - 1 <= UINT64_MAX - decision->dma.value);
}

const struct p2p_decision *p2p_mapper_decide(struct p2p_mapper *mapper,
					     const struct p2p_provider *provider, p2p_cpu_addr at)
{
	struct p2p_cached_decision *cached = slot_of(mapper, provider);
	struct p2p_decision *decision = &cached->decision;

	if (cached->provider == provider && p2p_decision_holds(decision, at))
		return decision;
	*decision = (struct p2p_decision){ .reach = P2P_UNREACHABLE };
	if (provider->ops && provider->ops->decide)
		provider->ops->decide(provider, mapper->client, at, decision);
	if (!sensible(provider, at, decision))
		*decision = (struct p2p_decision){
			P2P_UNREACHABLE, false, provider->start, provider->size, { 0 }
		};
	cached->provider = provider;
	return decision;
}

uint64_t p2p_mapper_normal(const struct p2p_mapper *mapper, p2p_cpu_addr at)
{
	const struct p2p_provider *next = p2p_registry_next(mapper->registry, at);

	return next ? next->start.value - at.value : -at.value;
}

enum p2p_reach p2p_map_ask(struct p2p_mapper *mapper, p2p_cpu_addr address,
			   struct p2p_decision *decision)
{
	const struct p2p_provider *provider = p2p_registry_find(mapper->registry, address);

	if (mapper->generation != p2p_registry_generation(mapper->registry))
		p2p_mapper_refresh(mapper);
	if (provider) {
		*decision = *p2p_mapper_decide(mapper, provider, address);
		return decision->reach;
	}
	*decision = (struct p2p_decision){ .start = address,
					   .length = p2p_mapper_normal(mapper, address) };
	return P2P_NORMAL;
}

const char *p2p_reach_name(enum p2p_reach reach)
{
	switch (reach) {
	case P2P_NORMAL:
		return "normal";
	case P2P_DIRECT:
		return "direct";
	case P2P_VIA_HOST:
		return "via-host";
	case P2P_UNREACHABLE:
		return "unreachable";
	}
	return "invalid";
}
