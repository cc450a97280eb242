// SPDX-License-Identifier: MIT
/*
 * The windows of the host bridges that the lab boots, and one BAR in each window, as Debian's
 * kernels saw them: where a peer below the same switch must send its requests.
 * tests/sim/layout-*.sim plays the same machines.
 */
#include "support.h"

#include "map/map.h"
#include <p2pmem/route.h>

#define KIB UINT64_C(1024)
#define MIB (KIB * KIB)
#define GIB (KIB * MIB)
#define TIB (KIB * GIB)

/* A window, and the CPU address and the register of a BAR in it. */
struct seen {
	const char *machine;
	uint64_t cpu, bus, size;
	uint64_t bar_cpu, bar_bus;
};

static const struct seen layouts[] = {
	{ "q35", 0xc0000000, 0xc0000000, 1004 * MIB, 0xfe600000, 0xfe600000 },
	{ "q35", 0x100000000, 0x100000000, 32 * GIB, 0x800000000, 0x800000000 },
	{ "arm64 virt", 0x10000000, 0x10000000, 0x2eff0000, 0x10200000, 0x10200000 },
	{ "arm64 virt", 0x8000000000, 0x8000000000, 512 * GIB, 0x8000000000, 0x8000000000 },
	{ "arm64 imx8mp", 0x18000000, 0x08000000, 0x7f00000, 0x1a000000, 0x0a000000 },
	{ "riscv64 virt", 0x40000000, 0x40000000, GIB, 0x40200000, 0x40200000 },
	{ "riscv64 virt", 0x400000000, 0x400000000, 16 * GIB, 0x400000000, 0x400000000 },
	{ "pseries 0", 0x200080000000, 0x80000000, 2 * GIB, 0x200080010000, 0x80010000 },
	{ "pseries 0", 0x210000000000, 0x210000000000, TIB, 0x210000000000, 0x210000000000 },
	{ "pseries 1", 0x200100000000, 0x80000000, 2 * GIB, 0x200100010000, 0x80010000 },
	{ "pseries 1", 0x220000000000, 0x220000000000, TIB, 0x220000000000, 0x220000000000 },
	{ "powernv 1", 0x600c080000000, 0x80000000, 0x7fff0000, 0x600c080000000, 0x80000000 },
	{ "powernv 1", 0x6004000000000, 0x6004000000000, 254 * GIB, 0x6004000000000,
	  0x6004000000000 },
};

static struct p2p_fabric *build(struct p2p_allocator *allocator, const struct seen *seen,
				p2p_node *client, p2p_node *memory)
{
	struct p2p_range window = memory_range(seen->cpu, seen->bus, seen->size);
	struct p2p_fabric_builder *builder;
	struct p2p_fabric *fabric;
	struct p2p_node_info info;
	p2p_node host;

	assert_int_equal(p2p_fabric_builder_new(allocator, &builder), 0);
	host = add(builder, node_at(P2P_KIND_HOST_BRIDGE, bdf(0, 0, 0, 0)));
	assert_int_equal(p2p_fabric_add_window(builder, host, &window), 0);
	add_switch(builder);
	info = node_at(P2P_KIND_ENDPOINT, bdf(0, 3, 0, 0));
	info.acs.known = P2P_ABSENT;
	*client = add(builder, info);
	info.bdf = bdf(0, 4, 0, 0);
	info.bar[0] = memory_range(seen->bar_cpu, seen->bar_bus, MIB);
	*memory = add(builder, info);
	assert_int_equal(p2p_fabric_finish(builder, &fabric), 0);
	return fabric;
}

/* Addresses that a peer is given, against what was read from the register itself. */
static void peers_send_to_the_register(void **state)
{
	struct counting counting = { .left = -1 };
	struct p2p_allocator allocator = counting_allocator(&counting);

	(void)state;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		const struct seen *seen = &layouts[i];
		struct p2p_client client = { .node = P2P_NO_NODE, .highest = { UINT64_MAX } };
		struct p2p_pci_context context;
		struct p2p_decision decision = { 0 };
		struct p2p_provider provider = { .size = MIB };
		struct p2p_router *router;
		struct p2p_fabric *fabric;
		p2p_cpu_addr at = { seen->bar_cpu + 0x5000 };
		uint64_t dma;

		fabric = build(&allocator, seen, &client.node, &provider.node);
		assert_int_equal(p2p_router_new(fabric, p2p_policy_hardware(), NULL, &router), 0);
		p2p_pci_context_set(&context, router);
		provider.start.value = seen->bar_cpu;
		provider.context = &context;
		p2p_pci_provider_ops.decide(&provider, &client, at, &decision);
		dma = decision.dma.value + (at.value - decision.start.value);
		if (decision.reach != P2P_DIRECT || dma != seen->bar_bus + 0x5000)
			fail_msg("%s: 0x%llx is reached at 0x%llx (%d), its register has 0x%llx",
				 seen->machine, (unsigned long long)seen->bar_cpu,
				 (unsigned long long)dma - 0x5000, (int)decision.reach,
				 (unsigned long long)seen->bar_bus);
		p2p_router_free(router);
		p2p_fabric_free(fabric);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peers_send_to_the_register),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
