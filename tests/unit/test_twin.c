// SPDX-License-Identifier: MIT
/*
 * The router against its naive twin: every ordered pair of many random machines.
 */
#include "support.h"
#include "twin.h"

#define MACHINES 120

static struct p2p_router *router_for(const struct p2p_fabric *fabric, const struct machine *m,
				     const char *name)
{
	const struct p2p_policy *policy;
	struct p2p_router *router;
	enum p2p_policy_fit fit;

	assert_int_equal(p2p_policy_find(name, &policy, &fit), 0);
	assert_int_equal(fit, P2P_FIT_EXACT);
	assert_int_equal(p2p_router_new(fabric, policy, &m->platform, &router), 0);
	return router;
}

static void compare(struct machine *m, const struct p2p_router *router, const char *name,
		    int client, int provider, unsigned long *seen)
{
	struct p2p_route route;
	unsigned int expected;
	int distance;

	if (strcmp(name, "hardware") == 0)
		expected = twin_hardware(m, client, provider, &distance);
	else
		expected = twin_linux(m, client, provider, strcmp(name, "7.3") == 0, &distance);
	assert_int_equal(
		p2p_route_find(router, m->node[client].node, m->node[provider].node, &route), 0);
	if (expected == P2P_POSSIBLE(P2P_VERDICT_UNREACHABLE))
		distance = -1;
	if (route.possible != expected || route.distance != distance)
		fail_msg("%s, %02x:%02x to %02x:%02x: possible %x distance %d, twin says %x %d",
			 name, m->node[client].info.bdf.bus, m->node[client].info.bdf.devfn,
			 m->node[provider].info.bdf.bus, m->node[provider].info.bdf.devfn,
			 route.possible, route.distance, expected, distance);
	/* A verdict is what remains when only one is possible. */
	assert_true(route.verdict == P2P_VERDICT_UNKNOWN ? (expected & (expected - 1)) != 0
							 : P2P_POSSIBLE(route.verdict) == expected);
	seen[expected]++;
}

/* Explanations must agree with the verdict they explain, and count what they do not write. */
static void explain(const struct p2p_router *router, p2p_node client, p2p_node provider)
{
	struct p2p_reason reasons[64];
	struct p2p_hop hops[64];
	struct p2p_route route;
	struct p2p_path path;
	uint32_t count;

	assert_int_equal(p2p_route_find(router, client, provider, &route), 0);
	assert_int_equal(p2p_path_find(router, client, provider, &path), 0);
	assert_int_equal(path.route.possible, route.possible);
	count = p2p_path_hops(&path, hops, 64);
	assert_in_range(count, 2, 64);
	assert_int_equal(hops[0].node, client);
	assert_int_equal(hops[0].action, P2P_HOP_START);
	assert_int_equal(hops[count - 1].node, provider);
	assert_int_equal(hops[count - 1].action, P2P_HOP_END);
	if (route.verdict == P2P_VERDICT_DIRECT && client != provider)
		assert_int_equal(count, route.distance + 1);
	for (uint32_t i = 0; i < count; i++)
		if (route.verdict != P2P_VERDICT_UNKNOWN)
			assert_int_not_equal(hops[i].action, P2P_HOP_UNSURE);
	assert_int_equal(p2p_path_hops(&path, NULL, 0), count);
	count = p2p_path_reasons(&path, reasons, 64);
	assert_in_range(count, 1, 64);
	assert_int_equal(p2p_path_reasons(&path, NULL, 0), count);
	for (uint32_t i = 0; i < count; i++)
		if (route.verdict == P2P_VERDICT_DIRECT)
			assert_true(reasons[i].code == P2P_REASON_SAME_FUNCTION ||
				    reasons[i].code == P2P_REASON_COMMON_PORT ||
				    reasons[i].code == P2P_REASON_ACS_QUIRK);
}

static void judge_machine(uint64_t seed, unsigned long *seen)
{
	static const char *const names[] = { "6.1", "6.12", "7.3", "hardware" };
	static struct machine m;
	struct counting counting;
	struct p2p_allocator allocator = counting_allocator(&counting);
	struct p2p_fabric *fabric;
	int bridges = 0;

	machine_make(&m, seed);
	fabric = machine_fabric(&m, &allocator);
	for (int i = 0; i < m.bridges; i++)
		bridges += m.bridge[i].explicit_node || m.bridge[i].first >= 0;
	assert_int_equal(p2p_fabric_count(fabric), m.count + bridges);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct p2p_router *router = router_for(fabric, &m, names[i]);

		for (int client = 0; client < m.count; client++)
			for (int provider = 0; provider < m.count; provider++) {
				compare(&m, router, names[i], client, provider, seen);
				if (i > 1)
					explain(router, m.node[client].node, m.node[provider].node);
			}
		p2p_router_free(router);
	}
	p2p_fabric_free(fabric);
	assert_int_equal(counting.live, 0);
}

static void agrees_with_its_twin(void **state)
{
	unsigned long seen[16] = { 0 };

	(void)state;
	for (uint64_t seed = 0; seed < MACHINES; seed++)
		judge_machine(seed, seen);
	/* The machines must have shown every set of verdicts that facts can leave open. */
	for (unsigned int set = 2; set < 16; set += 2)
		assert_true(seen[set] > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(agrees_with_its_twin) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
