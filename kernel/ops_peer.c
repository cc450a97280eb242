// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device memory that DMA ops are given: what the map says of it, and how it is counted.
 */
#include "ops.h"

#ifdef COMPAT_WRAPS

#include "allow_list.h"
#include "stat.h"

/* An entry may be of several memories, and of normal memory as well: Linux 6.1 joins neighbours. */
struct part {
	struct p2pmem *memory; /* NULL: normal */
	enum p2p_reach reach;
	u64 length;
};

/* Calls `take` with each part. Inside a read-side section. */
static void p2pmem_ops_for_parts(struct p2pmem_wrap *wrap, phys_addr_t start, size_t size,
				 void (*take)(struct p2pmem_wrap *, const struct part *, void *),
				 void *context)
{
	while (size) {
		struct part part = { .length = size };

		part.reach = p2pmem_client_reach(wrap->client, start, &part.length, &part.memory);
		if (part.reach == P2P_NORMAL)
			part.memory = NULL;
		take(wrap, &part, context);
		start += part.length;
		size -= part.length;
	}
}

/* What parts an entry has. */
struct entry {
	bool normal, direct, via_host, unreachable;
	bool narrow;
};

static void p2pmem_ops_look_at_part(struct p2pmem_wrap *wrap, const struct part *part,
				    void *context)
{
	struct entry *entry = context;

	if (!part->memory) {
		entry->normal = true;
		return;
	}
	entry->direct |= part->reach == P2P_DIRECT;
	entry->via_host |= part->reach == P2P_VIA_HOST;
	entry->unreachable |= part->reach == P2P_UNREACHABLE;
	entry->narrow |= part->memory->narrow;
}

/*
 * Below an IOMMU, what it translates and what must pass it by cannot have one address; without one
 * all have their own.
 */
static enum p2pmem_way p2pmem_ops_way_of(const struct p2pmem_wrap *wrap, const struct entry *entry)
{
	bool translated = wrap->client->translated;

	if (!entry->direct && !entry->via_host && !entry->unreachable)
		return P2PMEM_WAY_NORMAL;
	if (entry->unreachable)
		return P2PMEM_WAY_BOUNCED;
	if (!translated)
		return P2PMEM_WAY_OWN;
	if (!entry->direct)
		return P2PMEM_WAY_TRANSLATED;
	return entry->normal || entry->via_host ? P2PMEM_WAY_BOUNCED : P2PMEM_WAY_OWN;
}

/* Of what is not bounced. */
static void p2pmem_ops_count_reached(struct p2pmem_wrap *wrap, const struct part *part,
				     void *context)
{
	const enum dma_data_direction *direction = context;

	if (!part->memory) {
		p2pmem_ops_count_normal(wrap, part->length);
		return;
	}
	atomic64_add(part->length,
		     part->reach == P2P_DIRECT ? &wrap->direct_bytes : &wrap->via_host_bytes);
	p2pmem_stat_reached(wrap->client->function, part->memory, part->reach, part->length);
	p2pmem_allow_count(wrap->client->function, part->memory, part->length, *direction);
}

static void p2pmem_ops_count_bounced(struct p2pmem_wrap *wrap, const struct part *part,
				     void *context)
{
	if (!part->memory)
		return;
	atomic64_add(part->length, &wrap->bounced_bytes);
	atomic64_add(part->length, &part->memory->bounced_bytes);
	p2pmem_stat_bounced(wrap->client->function, part->memory, part->length);
	if (!test_and_set_bit(0, &wrap->told))
		pci_warn(wrap->client->function,
			 "cannot reach %s: the CPU copies what it transfers, through host memory\n",
			 dev_name(&part->memory->dev));
}

/* The CPU copies to and from it: pages are not freed before that ends. */
static void p2pmem_ops_hold(struct p2pmem_wrap *wrap, const struct part *part, void *context)
{
	if (part->memory)
		atomic_inc(&part->memory->bounced);
}

static void p2pmem_ops_let_go(struct p2pmem_wrap *wrap, const struct part *part, void *context)
{
	if (part->memory)
		atomic_dec(&part->memory->bounced);
}

static dma_addr_t p2pmem_ops_bounce(struct p2pmem_wrap *wrap, phys_addr_t start, size_t size,
				    bool narrow, enum dma_data_direction direction,
				    unsigned long attrs)
{
	dma_addr_t dma;

	p2pmem_ops_for_parts(wrap, start, size, p2pmem_ops_hold, NULL);
	dma = p2pmem_bounce_map(&wrap->bounces, &wrap->twin.dev, start, size, narrow, direction,
				attrs);
	if (dma == DMA_MAPPING_ERROR)
		p2pmem_ops_for_parts(wrap, start, size, p2pmem_ops_let_go, NULL);
	else
		p2pmem_ops_for_parts(wrap, start, size, p2pmem_ops_count_bounced, NULL);
	return dma;
}

enum p2pmem_way p2pmem_ops_map_peer(struct p2pmem_wrap *wrap, phys_addr_t start, size_t size,
				    enum dma_data_direction direction, unsigned long attrs,
				    dma_addr_t *dma)
{
	int index = srcu_read_lock(&p2pmem_srcu);
	struct entry entry = { 0 };
	enum p2pmem_way way;

	p2pmem_ops_for_parts(wrap, start, size, p2pmem_ops_look_at_part, &entry);
	way = p2pmem_ops_way_of(wrap, &entry);
	if (way == P2PMEM_WAY_BOUNCED)
		*dma = p2pmem_ops_bounce(wrap, start, size, entry.narrow, direction, attrs);
	else
		p2pmem_ops_for_parts(wrap, start, size, p2pmem_ops_count_reached, &direction);
	if (way == P2PMEM_WAY_OWN)
		*dma = start;
	srcu_read_unlock(&p2pmem_srcu, index);
	return way;
}

enum p2pmem_way p2pmem_ops_way(struct p2pmem_wrap *wrap, phys_addr_t start, size_t size)
{
	int index = srcu_read_lock(&p2pmem_srcu);
	struct entry entry = { 0 };

	p2pmem_ops_for_parts(wrap, start, size, p2pmem_ops_look_at_part, &entry);
	srcu_read_unlock(&p2pmem_srcu, index);
	return p2pmem_ops_way_of(wrap, &entry);
}

void p2pmem_ops_count_as_ever(struct p2pmem_wrap *wrap, phys_addr_t start, size_t size,
			      enum dma_data_direction direction)
{
	int index = srcu_read_lock(&p2pmem_srcu);

	p2pmem_ops_for_parts(wrap, start, size, p2pmem_ops_count_reached, &direction);
	srcu_read_unlock(&p2pmem_srcu, index);
}

bool p2pmem_ops_unbounce(struct p2pmem_wrap *wrap, dma_addr_t dma,
			 enum dma_data_direction direction, unsigned long attrs)
{
	phys_addr_t start;
	size_t size;
	int index;

	if (!p2pmem_bounce_unmap(&wrap->bounces, &wrap->twin.dev, dma, direction, attrs, &start,
				 &size))
		return false;
	index = srcu_read_lock(&p2pmem_srcu);
	p2pmem_ops_for_parts(wrap, start, size, p2pmem_ops_let_go, NULL);
	srcu_read_unlock(&p2pmem_srcu, index);
	return true;
}

#endif
