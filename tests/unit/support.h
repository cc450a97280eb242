/* SPDX-License-Identifier: MIT */
/*
 * What the core's unit tests share: cmocka, an allocator that counts and can fail, and short ways
 * to say a fabric.
 */
#ifndef P2P_TESTS_UNIT_SUPPORT_H
#define P2P_TESTS_UNIT_SUPPORT_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <p2pmem/fabric.h>

#include "harness.h"

/* `live`: blocks not yet given back; `left`: allocations that still succeed, -1: all. */
struct counting {
	long live;
	long left;
};

static inline void *counting_alloc(void *context, size_t size)
{
	struct counting *counting = context;
	void *memory;

	if (counting->left == 0)
		return NULL;
	memory = malloc(size);
	if (!memory)
		return NULL;
	/* Nothing may rely on fresh memory being zero. */
	memset(memory, 0xa5, size);
	counting->left -= counting->left > 0;
	counting->live++;
	return memory;
}

static inline void counting_free(void *context, void *memory)
{
	struct counting *counting = context;

	counting->live--;
	free(memory);
}

static inline struct p2p_allocator counting_allocator(struct counting *counting)
{
	*counting = (struct counting){ .live = 0, .left = -1 };
	return (struct p2p_allocator){ counting_alloc, counting_free, counting };
}

static inline struct p2p_bdf bdf(uint32_t domain, unsigned int bus, unsigned int device,
				 unsigned int function)
{
	return (struct p2p_bdf){ domain, (uint8_t)bus, (uint8_t)(device << 3 | function) };
}

static inline struct p2p_node_info node_at(enum p2p_kind kind, struct p2p_bdf where)
{
	struct p2p_node_info info;

	p2p_node_info_init(&info);
	info.kind = kind;
	info.bdf = where;
	return info;
}

static inline struct p2p_node_info bridge_at(enum p2p_kind kind, struct p2p_bdf where,
					     unsigned int secondary, unsigned int subordinate)
{
	struct p2p_node_info info = node_at(kind, where);

	info.secondary = (uint8_t)secondary;
	info.subordinate = (uint8_t)subordinate;
	return info;
}

static inline p2p_node add(struct p2p_fabric_builder *builder, struct p2p_node_info info)
{
	p2p_node node = P2P_NO_NODE;

	assert_int_equal(p2p_fabric_add(builder, &info, &node), 0);
	return node;
}

static inline struct p2p_range memory_range(uint64_t cpu, uint64_t bus, uint64_t size)
{
	return (struct p2p_range){
		.cpu = { cpu },
		.bus = { bus },
		.size = size,
		.cpu_known = true,
		.bus_known = true,
		.flags = P2P_RANGE_MEMORY,
	};
}

/* Below port 00:01.0, for devices on buses 3 and 4; nothing of it has ACS. */
static inline void add_switch(struct p2p_fabric_builder *builder)
{
	struct p2p_node_info ports[] = {
		bridge_at(P2P_KIND_ROOT_PORT, bdf(0, 0, 1, 0), 1, 4),
		bridge_at(P2P_KIND_UPSTREAM_PORT, bdf(0, 1, 0, 0), 2, 4),
		bridge_at(P2P_KIND_DOWNSTREAM_PORT, bdf(0, 2, 0, 0), 3, 3),
		bridge_at(P2P_KIND_DOWNSTREAM_PORT, bdf(0, 2, 1, 0), 4, 4),
	};

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		ports[i].acs.known = P2P_ABSENT;
		add(builder, ports[i]);
	}
}

#endif
