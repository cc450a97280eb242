// SPDX-License-Identifier: MIT
/*
 * The fabric: placing by bus number and by word, order, windows, and input that no machine gives.
 */
#include "support.h"

struct fixture {
	struct counting counting;
	struct p2p_allocator allocator;
	struct p2p_fabric_builder *builder;
	struct p2p_fabric *fabric;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	if (!f)
		return -1;
	f->allocator = counting_allocator(&f->counting);
	return p2p_fabric_builder_new(&f->allocator, &f->builder);
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	long live;

	p2p_fabric_builder_free(f->builder);
	p2p_fabric_free(f->fabric);
	live = f->counting.live;
	free(f);
	return live == 0 ? 0 : -1;
}

static int finish(struct fixture *f, p2p_node *culprit)
{
	int error = p2p_fabric_finish_at(f->builder, &f->fabric, culprit);

	f->builder = NULL;
	return error;
}

static void finish_ok(struct fixture *f)
{
	p2p_node culprit;

	assert_int_equal(finish(f, &culprit), 0);
	assert_int_equal(culprit, P2P_NO_NODE);
}

static p2p_node parent_of(struct fixture *f, p2p_node node)
{
	return p2p_fabric_parent(f->fabric, node);
}

static void places_by_secondary_bus_in_any_order(void **state)
{
	struct fixture *f = *state;
	struct p2p_fabric_builder *b = f->builder;
	p2p_node gpu = add(b, node_at(P2P_KIND_ENDPOINT, bdf(0, 3, 0, 0)));
	p2p_node down = add(b, bridge_at(P2P_KIND_DOWNSTREAM_PORT, bdf(0, 2, 4, 0), 3, 3));
	p2p_node root = add(b, bridge_at(P2P_KIND_ROOT_PORT, bdf(0, 0, 1, 0), 1, 3));
	p2p_node up = add(b, bridge_at(P2P_KIND_UPSTREAM_PORT, bdf(0, 1, 0, 0), 2, 3));
	p2p_node nic = add(b, node_at(P2P_KIND_ENDPOINT, bdf(0, 0, 2, 0)));
	p2p_node host;

	finish_ok(f);
	assert_int_equal(p2p_fabric_count(f->fabric), 6);
	host = parent_of(f, root);
	assert_int_equal(host, 5);
	assert_int_equal(p2p_fabric_info(f->fabric, host)->kind, P2P_KIND_HOST_BRIDGE);
	assert_int_equal(parent_of(f, nic), host);
	assert_int_equal(parent_of(f, up), root);
	assert_int_equal(parent_of(f, down), up);
	assert_int_equal(parent_of(f, gpu), down);
	assert_int_equal(p2p_fabric_info(f->fabric, gpu)->parent, down);
	assert_int_equal(parent_of(f, host), P2P_NO_NODE);
	assert_int_equal(p2p_fabric_host_bridge(f->fabric, gpu), host);
	assert_int_equal(p2p_fabric_host_bridge(f->fabric, host), host);
	assert_int_equal(p2p_fabric_find(f->fabric, bdf(0, 3, 0, 0)), gpu);
	assert_int_equal(p2p_fabric_find(f->fabric, bdf(0, 3, 0, 1)), P2P_NO_NODE);
	assert_int_equal(p2p_fabric_find(f->fabric, bdf(1, 3, 0, 0)), P2P_NO_NODE);
}

static void virtual_function_goes_below_the_narrowest_range(void **state)
{
	struct fixture *f = *state;
	struct p2p_fabric_builder *b = f->builder;
	p2p_node root, narrow, vf, other;

	add(b, bridge_at(P2P_KIND_ROOT_PORT, bdf(0, 0, 2, 0), 0x40, 0x7f));
	root = add(b, bridge_at(P2P_KIND_ROOT_PORT, bdf(0, 0, 1, 0), 1, 0x20));
	narrow = add(b, bridge_at(P2P_KIND_DOWNSTREAM_PORT, bdf(0, 1, 0, 0), 4, 6));
	vf = add(b, node_at(P2P_KIND_ENDPOINT, bdf(0, 5, 0, 1)));
	other = add(b, node_at(P2P_KIND_ENDPOINT, bdf(0, 9, 0, 1)));
	finish_ok(f);
	assert_int_equal(parent_of(f, vf), narrow);
	assert_int_equal(parent_of(f, other), root);
}

static void range_of_a_host_bridge_counts(void **state)
{
	struct fixture *f = *state;
	p2p_node host =
		add(f->builder, bridge_at(P2P_KIND_HOST_BRIDGE, bdf(0, 0x80, 0, 0), 0x80, 0x9f));
	p2p_node vf = add(f->builder, node_at(P2P_KIND_ENDPOINT, bdf(0, 0x81, 0, 0)));
	p2p_node alone = add(f->builder, node_at(P2P_KIND_ENDPOINT, bdf(0, 0xa0, 0, 0)));

	finish_ok(f);
	assert_int_equal(parent_of(f, vf), host);
	assert_int_not_equal(parent_of(f, alone), host);
	assert_int_equal(p2p_fabric_info(f->fabric, parent_of(f, alone))->bdf.bus, 0xa0);
}

static void domains_are_apart(void **state)
{
	struct fixture *f = *state;
	p2p_node a = add(f->builder, node_at(P2P_KIND_ENDPOINT, bdf(0, 0, 1, 0)));
	p2p_node b = add(f->builder, node_at(P2P_KIND_ENDPOINT, bdf(0x10000, 0, 1, 0)));
	p2p_node c = add(f->builder, node_at(P2P_KIND_ENDPOINT, bdf(UINT32_MAX, 255, 31, 7)));

	finish_ok(f);
	assert_int_not_equal(parent_of(f, a), parent_of(f, b));
	assert_int_not_equal(parent_of(f, b), parent_of(f, c));
	assert_int_equal(p2p_fabric_find(f->fabric, bdf(UINT32_MAX, 255, 31, 7)), c);
}

static void explicit_parent_wins(void **state)
{
	struct fixture *f = *state;
	struct p2p_node_info info = node_at(P2P_KIND_ENDPOINT, bdf(0, 1, 0, 0));
	p2p_node other, vf;

	add(f->builder, bridge_at(P2P_KIND_ROOT_PORT, bdf(0, 0, 1, 0), 1, 1));
	other = add(f->builder, bridge_at(P2P_KIND_ROOT_PORT, bdf(0, 0, 2, 0), 2, 2));
	info.parent = other;
	vf = add(f->builder, info);
	finish_ok(f);
	assert_int_equal(parent_of(f, vf), other);
}

static void children_come_in_order_of_address(void **state)
{
	struct fixture *f = *state;
	struct p2p_fabric_builder *b = f->builder;
	p2p_node third = add(b, node_at(P2P_KIND_ENDPOINT, bdf(0, 0, 31, 0)));
	p2p_node first = add(b, node_at(P2P_KIND_ENDPOINT, bdf(0, 0, 0, 0)));
	p2p_node second = add(b, node_at(P2P_KIND_ENDPOINT, bdf(0, 0, 4, 1)));
	p2p_node host = add(b, node_at(P2P_KIND_HOST_BRIDGE, bdf(0, 0, 0, 0)));
	p2p_node far_host = add(b, node_at(P2P_KIND_HOST_BRIDGE, bdf(0, 0x40, 0, 0)));
	p2p_node capi = add(b, node_at(P2P_KIND_OFF_BUS, bdf(0, 0, 0, 0)));

	finish_ok(f);
	assert_int_equal(p2p_fabric_first_child(f->fabric, host), first);
	assert_int_equal(p2p_fabric_next_sibling(f->fabric, first), second);
	assert_int_equal(p2p_fabric_next_sibling(f->fabric, second), third);
	assert_int_equal(p2p_fabric_next_sibling(f->fabric, third), P2P_NO_NODE);
	assert_int_equal(p2p_fabric_first_child(f->fabric, P2P_NO_NODE), host);
	assert_int_equal(p2p_fabric_next_sibling(f->fabric, host), far_host);
	assert_int_equal(p2p_fabric_next_sibling(f->fabric, far_host), capi);
	assert_int_equal(p2p_fabric_host_bridge(f->fabric, capi), P2P_NO_NODE);
	assert_int_equal(p2p_fabric_find(f->fabric, bdf(0, 0, 0, 0)), first);
}

static void addresses_are_unique(void **state)
{
	struct fixture *f = *state;
	struct p2p_node_info info = node_at(P2P_KIND_ENDPOINT, bdf(0, 1, 2, 3));
	struct p2p_node_info host = node_at(P2P_KIND_HOST_BRIDGE, bdf(0, 1, 0, 0));
	p2p_node first = add(f->builder, info);
	p2p_node second = add(f->builder, node_at(P2P_KIND_ENDPOINT, bdf(0, 1, 2, 4)));
	p2p_node node;

	add(f->builder, host);
	add(f->builder, node_at(P2P_KIND_OFF_BUS, bdf(0, 1, 2, 3)));
	add(f->builder, node_at(P2P_KIND_OFF_BUS, bdf(0, 1, 2, 3)));
	assert_int_equal(p2p_fabric_add(f->builder, &info, &node), -EEXIST);
	assert_int_equal(p2p_fabric_add(f->builder, &host, &node), -EEXIST);
	assert_int_equal(p2p_fabric_update(f->builder, second, &info), -EEXIST);
	info.vendor = 0x10de;
	assert_int_equal(p2p_fabric_update(f->builder, first, &info), 0);
	info.bdf = bdf(0, 1, 2, 5);
	assert_int_equal(p2p_fabric_update(f->builder, first, &info), 0);
	info.bdf = bdf(0, 1, 2, 3);
	assert_int_equal(p2p_fabric_update(f->builder, second, &info), 0);
	finish_ok(f);
	assert_int_equal(p2p_fabric_find(f->fabric, bdf(0, 1, 2, 3)), second);
	assert_int_equal(p2p_fabric_find(f->fabric, bdf(0, 1, 2, 5)), first);
	assert_int_equal(p2p_fabric_find(f->fabric, bdf(0, 1, 2, 4)), P2P_NO_NODE);
}

/* Every address moves to where another one was; none may get lost on the way. */
static void addresses_change_places(void **state)
{
	struct fixture *f = *state;
	struct p2p_node_info info = node_at(P2P_KIND_ENDPOINT, bdf(0, 0, 0, 0));
	const uint32_t count = 2000;

	for (uint32_t i = 0; i < count; i++) {
		info.bdf = (struct p2p_bdf){ i / 256, 1, (uint8_t)i };
		assert_int_equal(add(f->builder, info), i);
	}
	for (uint32_t i = 0; i < count; i++) {
		info.bdf = (struct p2p_bdf){ i / 256, 2, (uint8_t)i };
		assert_int_equal(p2p_fabric_update(f->builder, (i * 7 + 1) % count, &info), 0);
	}
	finish_ok(f);
	for (uint32_t i = 0; i < count; i++) {
		info.bdf = (struct p2p_bdf){ i / 256, 2, (uint8_t)i };
		assert_int_equal(p2p_fabric_find(f->fabric, info.bdf), (i * 7 + 1) % count);
		info.bdf.bus = 1;
		assert_int_equal(p2p_fabric_find(f->fabric, info.bdf), P2P_NO_NODE);
	}
}

static void refuses_what_cannot_be(void **state)
{
	struct fixture *f = *state;
	struct p2p_node_info info = node_at(P2P_KIND_ENDPOINT, bdf(0, 1, 2, 3));
	struct p2p_range window = { .size = 0x1000, .cpu_known = true };
	p2p_node node;

	info.parent = 0;
	assert_int_equal(p2p_fabric_add(f->builder, &info, &node), -EINVAL);
	info.parent = P2P_NO_NODE;
	info.kind = (enum p2p_kind)99;
	assert_int_equal(p2p_fabric_add(f->builder, &info, &node), -EINVAL);
	info.kind = P2P_KIND_ENDPOINT;
	assert_int_equal(p2p_fabric_update(f->builder, 0, &info), -EINVAL);
	node = add(f->builder, info);
	info.parent = node;
	assert_int_equal(p2p_fabric_update(f->builder, node, &info), -EINVAL);
	assert_int_equal(p2p_fabric_add_window(f->builder, node, &window), -EINVAL);
	assert_int_equal(p2p_fabric_add_window(f->builder, 77, &window), -EINVAL);
}

static void assert_culprit(struct fixture *f, p2p_node expected)
{
	p2p_node culprit;

	assert_int_equal(finish(f, &culprit), -EINVAL);
	assert_int_equal(culprit, expected);
	assert_null(f->fabric);
}

static void endpoint_is_no_parent(void **state)
{
	struct fixture *f = *state;
	struct p2p_node_info info = node_at(P2P_KIND_ENDPOINT, bdf(0, 1, 0, 0));

	info.parent = add(f->builder, node_at(P2P_KIND_ENDPOINT, bdf(0, 0, 0, 0)));
	assert_culprit(f, add(f->builder, info));
}

static void off_bus_device_has_no_parent(void **state)
{
	struct fixture *f = *state;
	struct p2p_node_info info = node_at(P2P_KIND_OFF_BUS, bdf(0, 0, 0, 0));

	info.parent = add(f->builder, node_at(P2P_KIND_HOST_BRIDGE, bdf(0, 0, 0, 0)));
	assert_culprit(f, add(f->builder, info));
}

static void bridge_above_itself_is_a_loop(void **state)
{
	struct fixture *f = *state;
	p2p_node loop;

	add(f->builder, node_at(P2P_KIND_ENDPOINT, bdf(0, 3, 0, 0)));
	loop = add(f->builder, bridge_at(P2P_KIND_PCI_BRIDGE, bdf(0, 3, 1, 0), 3, 3));
	assert_culprit(f, loop);
}

static void two_bridges_above_each_other_are_a_loop(void **state)
{
	struct fixture *f = *state;
	p2p_node culprit, first, second;

	add(f->builder, node_at(P2P_KIND_ENDPOINT, bdf(0, 1, 3, 0)));
	first = add(f->builder, bridge_at(P2P_KIND_PCI_BRIDGE, bdf(0, 1, 0, 0), 2, 2));
	second = add(f->builder, bridge_at(P2P_KIND_PCI_BRIDGE, bdf(0, 2, 0, 0), 1, 1));
	assert_int_equal(finish(f, &culprit), -EINVAL);
	assert_true(culprit == first || culprit == second);
}

static void windows_stay_with_their_host_bridge(void **state)
{
	struct fixture *f = *state;
	p2p_node a = add(f->builder, node_at(P2P_KIND_HOST_BRIDGE, bdf(0, 0, 0, 0)));
	p2p_node b = add(f->builder, node_at(P2P_KIND_HOST_BRIDGE, bdf(0, 1, 0, 0)));
	struct p2p_range window = { .cpu_known = true, .bus_known = true };
	const struct p2p_range *found;
	uint32_t count;

	for (uint64_t i = 1; i <= 100; i++) {
		window.size = i;
		assert_int_equal(p2p_fabric_add_window(f->builder, i % 2 ? b : a, &window), 0);
	}
	window.size = 0;
	assert_int_equal(p2p_fabric_add_window(f->builder, a, &window), -EINVAL);
	window.size = 2;
	window.bus.value = UINT64_MAX;
	assert_int_equal(p2p_fabric_add_window(f->builder, a, &window), -EINVAL);
	window.size = 1;
	assert_int_equal(p2p_fabric_add_window(f->builder, a, &window), 0);
	window.cpu_known = window.bus_known = false;
	assert_int_equal(p2p_fabric_add_window(f->builder, a, &window), -EINVAL);
	finish_ok(f);
	found = p2p_fabric_windows(f->fabric, a, &count);
	assert_int_equal(count, 51);
	assert_int_equal(found[0].size, 2);
	assert_int_equal(found[49].size, 100);
	assert_int_equal(found[50].bus.value, UINT64_MAX);
	found = p2p_fabric_windows(f->fabric, b, &count);
	assert_int_equal(count, 50);
	assert_int_equal(found[0].size, 1);
	assert_int_equal(found[49].size, 99);
	assert_null(p2p_fabric_windows(f->fabric, 99, &count));
	assert_int_equal(count, 0);
}

static void window_of_a_former_host_bridge_is_refused(void **state)
{
	struct fixture *f = *state;
	struct p2p_range window = { .size = 1, .cpu_known = true };
	struct p2p_node_info endpoint = node_at(P2P_KIND_ENDPOINT, bdf(0, 0, 0, 0));
	p2p_node host = add(f->builder, node_at(P2P_KIND_HOST_BRIDGE, bdf(0, 0, 0, 0)));

	assert_int_equal(p2p_fabric_add_window(f->builder, host, &window), 0);
	assert_int_equal(p2p_fabric_update(f->builder, host, &endpoint), 0);
	assert_culprit(f, host);
}

static void an_empty_fabric_is_a_fabric(void **state)
{
	struct fixture *f = *state;

	finish_ok(f);
	assert_int_equal(p2p_fabric_count(f->fabric), 0);
	assert_null(p2p_fabric_info(f->fabric, 0));
	assert_int_equal(p2p_fabric_parent(f->fabric, 0), P2P_NO_NODE);
	assert_int_equal(p2p_fabric_first_child(f->fabric, P2P_NO_NODE), P2P_NO_NODE);
	assert_int_equal(p2p_fabric_find(f->fabric, bdf(0, 0, 0, 0)), P2P_NO_NODE);
}

static void deep_chain(void **state)
{
	struct fixture *f = *state;
	p2p_node node;

	for (unsigned int bus = 0; bus < 255; bus++)
		add(f->builder, bridge_at(P2P_KIND_PCI_BRIDGE, bdf(0, bus, 0, 0), bus + 1, 255));
	node = add(f->builder, node_at(P2P_KIND_ENDPOINT, bdf(0, 255, 0, 0)));
	finish_ok(f);
	for (unsigned int bus = 255; bus > 0; bus--) {
		node = parent_of(f, node);
		assert_int_equal(p2p_fabric_info(f->fabric, node)->bdf.bus, bus - 1);
	}
	assert_int_equal(parent_of(f, node), 256);
}

/* A long chain, a wide bus and many domains, each of which would show a quadratic step. */
static void hundred_thousand_nodes(void **state)
{
	struct fixture *f = *state;
	struct p2p_node_info info = bridge_at(P2P_KIND_BRIDGE, bdf(0, 0, 0, 0), 0, 0);
	p2p_node last = P2P_NO_NODE;

	for (uint32_t i = 0; i < 50000; i++) {
		info.bdf = (struct p2p_bdf){ i >> 16, (uint8_t)(i >> 8), (uint8_t)i };
		info.parent = last;
		last = add(f->builder, info);
	}
	for (uint32_t i = 0; i < 50000; i++)
		add(f->builder, bridge_at(P2P_KIND_BRIDGE, bdf(0x1000 + i, 1, 0, 0), 2, 255));
	finish_ok(f);
	assert_int_equal(p2p_fabric_count(f->fabric), 150001);
	assert_int_equal(parent_of(f, last), last - 1);
}

static void build_small(struct fixture *f, int *error)
{
	struct p2p_node_info info = node_at(P2P_KIND_ENDPOINT, bdf(0, 0, 0, 0));
	struct p2p_range window = { .size = 1, .cpu_known = true };
	p2p_node node;

	*error = p2p_fabric_builder_new(&f->allocator, &f->builder);
	for (unsigned int i = 0; i < 100 && !*error; i++) {
		info.bdf.devfn = (uint8_t)i;
		*error = p2p_fabric_add(f->builder, &info, &node);
	}
	info.kind = P2P_KIND_HOST_BRIDGE;
	info.bdf = bdf(0, 9, 0, 0);
	if (!*error)
		*error = p2p_fabric_add(f->builder, &info, &node);
	if (!*error)
		*error = p2p_fabric_add_window(f->builder, node, &window);
	if (!*error)
		*error = finish(f, &node);
}

static void every_failed_allocation_is_survived(void **state)
{
	struct fixture *f = *state;
	int error;
	long allocations;

	p2p_fabric_builder_free(f->builder);
	f->builder = NULL;
	for (allocations = 0;; allocations++) {
		f->counting.left = allocations;
		build_small(f, &error);
		assert_true(error == 0 || error == -ENOMEM);
		if (!error)
			break;
		p2p_fabric_builder_free(f->builder);
		f->builder = NULL;
		assert_int_equal(f->counting.live, 0);
	}
	assert_true(allocations > 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(places_by_secondary_bus_in_any_order, setup,
						teardown),
		cmocka_unit_test_setup_teardown(virtual_function_goes_below_the_narrowest_range,
						setup, teardown),
		cmocka_unit_test_setup_teardown(range_of_a_host_bridge_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(domains_are_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(explicit_parent_wins, setup, teardown),
		cmocka_unit_test_setup_teardown(children_come_in_order_of_address, setup, teardown),
		cmocka_unit_test_setup_teardown(addresses_are_unique, setup, teardown),
		cmocka_unit_test_setup_teardown(addresses_change_places, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_cannot_be, setup, teardown),
		cmocka_unit_test_setup_teardown(endpoint_is_no_parent, setup, teardown),
		cmocka_unit_test_setup_teardown(off_bus_device_has_no_parent, setup, teardown),
		cmocka_unit_test_setup_teardown(bridge_above_itself_is_a_loop, setup, teardown),
		cmocka_unit_test_setup_teardown(two_bridges_above_each_other_are_a_loop, setup,
						teardown),
		cmocka_unit_test_setup_teardown(windows_stay_with_their_host_bridge, setup,
						teardown),
		cmocka_unit_test_setup_teardown(window_of_a_former_host_bridge_is_refused, setup,
						teardown),
		cmocka_unit_test_setup_teardown(an_empty_fabric_is_a_fabric, setup, teardown),
		cmocka_unit_test_setup_teardown(deep_chain, setup, teardown),
		cmocka_unit_test_setup_teardown(hundred_thousand_nodes, setup, teardown),
		cmocka_unit_test_setup_teardown(every_failed_allocation_is_survived, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
