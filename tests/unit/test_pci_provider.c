// SPDX-License-Identifier: MIT
/*
 * PCI providers at the edges of windows and BARs; both devices are below one root port.
 */
#include "support.h"

#include "map/map.h"
#include <p2pmem/policy.h>
#include <p2pmem/route.h>

#define PAGE UINT64_C(4096)

/* Two windows without a gap between their CPU addresses, far apart on the bus. */
#define WINDOW     UINT64_C(0x200000000000)
#define LOW_BUS    UINT64_C(0x80000000)
#define LOW_SIZE   UINT64_C(0x40000000)
#define HIGH       (WINDOW + LOW_SIZE)
#define HIGH_BUS   UINT64_C(0x8000000000)
#define HIGH_SIZE  UINT64_C(0x100000000)
#define WINDOW_END (HIGH + HIGH_SIZE)

/* And one of I/O ports, whose numbers look like addresses of memory. */
#define PORTS UINT64_C(0x10000)

struct fixture {
	struct counting counting;
	struct p2p_allocator allocator;
	struct p2p_fabric *fabric;
	struct p2p_router *router;
	struct p2p_pci_context context;
	struct p2p_client client;
	struct p2p_provider provider;
	p2p_node unread; /* a device whose ACS nobody could read */
};

static int set_up(void **state)
{
	static struct fixture fixture;
	const struct p2p_range low = memory_range(WINDOW, LOW_BUS, LOW_SIZE);
	const struct p2p_range high = memory_range(HIGH, HIGH_BUS, HIGH_SIZE);
	struct p2p_range ports = memory_range(WINDOW_END + PAGE, 0, PORTS);
	struct fixture *f = &fixture;
	struct p2p_fabric_builder *builder;
	struct p2p_node_info info;
	p2p_node host;

	memset(f, 0, sizeof(*f));
	f->allocator = counting_allocator(&f->counting);
	assert_int_equal(p2p_fabric_builder_new(&f->allocator, &builder), 0);
	host = add(builder, node_at(P2P_KIND_HOST_BRIDGE, bdf(0, 0, 0, 0)));
	assert_int_equal(p2p_fabric_add_window(builder, host, &low), 0);
	assert_int_equal(p2p_fabric_add_window(builder, host, &high), 0);
	ports.flags = P2P_RANGE_IO;
	assert_int_equal(p2p_fabric_add_window(builder, host, &ports), 0);
	info = bridge_at(P2P_KIND_ROOT_PORT, bdf(0, 0, 1, 0), 1, 1);
	info.acs.known = P2P_ABSENT;
	add(builder, info);
	info = node_at(P2P_KIND_ENDPOINT, bdf(0, 1, 0, 0));
	info.acs.known = P2P_ABSENT;
	f->client.node = add(builder, info);
	info.bdf = bdf(0, 1, 2, 0);
	info.acs.known = P2P_UNKNOWN;
	info.pcie = P2P_PRESENT;
	f->unread = add(builder, info);
	info.acs.known = P2P_ABSENT;
	f->client.highest.value = UINT64_MAX;
	info.bdf = bdf(0, 1, 1, 0);
	/* I/O ports whose numbers look like the addresses of the memory. */
	info.bar[0] = memory_range(WINDOW, 0, LOW_SIZE);
	info.bar[0].flags = P2P_RANGE_IO;
	f->provider.node = add(builder, info);
	f->provider.ops = &p2p_pci_provider_ops;
	f->provider.context = &f->context;
	assert_int_equal(p2p_fabric_finish(builder, &f->fabric), 0);
	assert_int_equal(p2p_router_new(f->fabric, p2p_policy_hardware(), NULL, &f->router), 0);
	p2p_pci_context_set(&f->context, f->router);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	p2p_router_free(f->router);
	p2p_fabric_free(f->fabric);
	assert_int_equal(f->counting.live, 0);
	return 0;
}

static enum p2p_reach ask(struct fixture *f, uint64_t start, uint64_t end, uint64_t at,
			  struct p2p_decision *decision)
{
	f->provider.start.value = start;
	f->provider.size = end - start;
	f->provider.ops->decide(&f->provider, &f->client, (p2p_cpu_addr){ at }, decision);
	return decision->reach;
}

static void is_decision(const struct p2p_decision *decision, uint64_t start, uint64_t end,
			uint64_t dma)
{
	assert_int_equal(decision->start.value, start);
	assert_int_equal(decision->length, end - start);
	assert_int_equal(decision->dma.value, dma);
}

static void each_window_has_its_own_offset(void **state)
{
	const uint64_t start = HIGH - 2 * PAGE, end = HIGH + 3 * PAGE;
	struct fixture *f = *state;
	struct p2p_decision decision;

	assert_int_equal(ask(f, start, end, start, &decision), P2P_DIRECT);
	is_decision(&decision, start, HIGH, LOW_BUS + LOW_SIZE - 2 * PAGE);
	assert_int_equal(ask(f, start, end, HIGH - 1, &decision), P2P_DIRECT);
	is_decision(&decision, start, HIGH, LOW_BUS + LOW_SIZE - 2 * PAGE);
	assert_int_equal(ask(f, start, end, HIGH, &decision), P2P_DIRECT);
	is_decision(&decision, HIGH, end, HIGH_BUS);
	assert_int_equal(ask(f, start, end, end - 1, &decision), P2P_DIRECT);
	is_decision(&decision, HIGH, end, HIGH_BUS);
}

static void nothing_is_direct_beside_the_windows(void **state)
{
	const uint64_t first = WINDOW - PAGE, last = WINDOW_END + PAGE;
	struct fixture *f = *state;
	struct p2p_decision decision;

	assert_int_equal(ask(f, first, last, WINDOW - 1, &decision), P2P_UNREACHABLE);
	assert_int_equal(ask(f, first, last, WINDOW, &decision), P2P_DIRECT);
	is_decision(&decision, WINDOW, HIGH, LOW_BUS);
	assert_int_equal(ask(f, first, last, WINDOW_END - 1, &decision), P2P_DIRECT);
	is_decision(&decision, HIGH, WINDOW_END, HIGH_BUS);
	assert_int_equal(ask(f, first, last, WINDOW_END, &decision), P2P_UNREACHABLE);
}

static void the_last_address_a_client_holds(void **state)
{
	struct fixture *f = *state;
	struct p2p_decision decision;

	f->client.highest.value = LOW_BUS + 2 * PAGE - 1;
	assert_int_equal(ask(f, WINDOW, WINDOW + 2 * PAGE, WINDOW, &decision), P2P_DIRECT);
	f->client.highest.value--;
	assert_int_equal(ask(f, WINDOW, WINDOW + 2 * PAGE, WINDOW, &decision), P2P_UNREACHABLE);
}

static int map_device(const struct p2p_client *client, p2p_cpu_addr start, uint64_t length,
		      p2p_dma_addr *dma)
{
	(void)client;
	(void)length;
	dma->value = start.value;
	return 0;
}

static void unmap_device(const struct p2p_client *client, p2p_dma_addr dma, uint64_t length)
{
	(void)client;
	(void)dma;
	(void)length;
}

/* Although there is an op that would map it. */
static void unknown_is_not_tried(void **state)
{
	static const struct p2p_client_ops ops = { NULL, NULL, map_device, unmap_device };
	struct fixture *f = *state;
	struct p2p_decision decision;

	f->client.ops = &ops;
	assert_int_equal(ask(f, WINDOW, WINDOW + PAGE, WINDOW, &decision), P2P_DIRECT);
	f->client.node = f->unread;
	assert_int_equal(ask(f, WINDOW, WINDOW + PAGE, WINDOW, &decision), P2P_UNREACHABLE);
	f->client.node = P2P_NO_NODE;
	assert_int_equal(ask(f, WINDOW, WINDOW + PAGE, WINDOW, &decision), P2P_UNREACHABLE);
}

static bool leads_to_host(const struct fixture *f, uint64_t first, uint64_t last)
{
	return p2p_pci_leads_to_host(f->fabric, f->client.node, (p2p_dma_addr){ first },
				     last - first + 1);
}

static void windows_are_in_the_way(void **state)
{
	const struct fixture *f = *state;

	assert_true(leads_to_host(f, LOW_BUS - PAGE, LOW_BUS - 1));
	assert_false(leads_to_host(f, LOW_BUS - PAGE, LOW_BUS));
	assert_false(leads_to_host(f, LOW_BUS + PAGE, LOW_BUS + PAGE));
	assert_false(leads_to_host(f, LOW_BUS + LOW_SIZE - 1, LOW_BUS + LOW_SIZE));
	assert_true(leads_to_host(f, LOW_BUS + LOW_SIZE, HIGH_BUS - 1));
	assert_false(leads_to_host(f, LOW_BUS - 1, HIGH_BUS + HIGH_SIZE));
	/* Memory requests go past ports. */
	assert_true(leads_to_host(f, 0, PORTS - 1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_window_has_its_own_offset),  TEST(nothing_is_direct_beside_the_windows),
		TEST(the_last_address_a_client_holds), TEST(unknown_is_not_tried),
		TEST(windows_are_in_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
