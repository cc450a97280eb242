// SPDX-License-Identifier: MIT
/*
 * Routes on small machines, with the expected answer worked out by hand from the sources named in
 * include/p2pmem/route.h.
 */
#include "support.h"

#include <p2pmem/acs.h>
#include <p2pmem/route.h>

/*
 * host 0000:00 (key 8086:29c0) ─┬─ root_a 00:01.0 ── up 01:00.0 ─┬─ down_a 02:00.0 ── gpu 03:00.0
 *                               │                                │                 └─ gpu1 03:00.1
 *                               │                                └─ down_b 02:01.0 ── nic 04:00.0
 *                               ├─ root_b 00:02.0 ── nvme 05:00.0
 *                               └─ iep 00:03.0
 * host 0001:00 ─┬─ far_root 00:00.0 ── far 01:00.0
 *               └─ far2 00:04.0
 * capi: on no bus
 */
struct machine {
	struct counting counting;
	struct p2p_fabric_builder *builder;
	struct p2p_fabric *fabric;
	struct p2p_router *router;
	p2p_node host, key, root_a, up, down_a, gpu, gpu1, down_b, nic, root_b, nvme, iep;
	p2p_node far_host, far_root, far, far2, capi;
};

static p2p_node put(struct machine *m, enum p2p_kind kind, struct p2p_bdf where,
		    unsigned int secondary, unsigned int subordinate)
{
	struct p2p_node_info info = bridge_at(kind, where, secondary, subordinate);

	info.acs.known = P2P_ABSENT;
	info.link = (struct p2p_link){ .speed = 16000, .width = 16 };
	return add(m->builder, info);
}

static int setup(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));
	struct p2p_allocator allocator;

	*state = m;
	if (!m)
		return -1;
	allocator = counting_allocator(&m->counting);
	assert_int_equal(p2p_fabric_builder_new(&allocator, &m->builder), 0);
	m->host = put(m, P2P_KIND_HOST_BRIDGE, bdf(0, 0, 0, 0), 0, 0);
	m->key = put(m, P2P_KIND_ENDPOINT, bdf(0, 0, 0, 0), 0, 0);
	m->root_a = put(m, P2P_KIND_ROOT_PORT, bdf(0, 0, 1, 0), 1, 4);
	m->up = put(m, P2P_KIND_UPSTREAM_PORT, bdf(0, 1, 0, 0), 2, 4);
	m->down_a = put(m, P2P_KIND_DOWNSTREAM_PORT, bdf(0, 2, 0, 0), 3, 3);
	m->gpu = put(m, P2P_KIND_ENDPOINT, bdf(0, 3, 0, 0), 0, 0);
	m->gpu1 = put(m, P2P_KIND_ENDPOINT, bdf(0, 3, 0, 1), 0, 0);
	m->down_b = put(m, P2P_KIND_DOWNSTREAM_PORT, bdf(0, 2, 1, 0), 4, 4);
	m->nic = put(m, P2P_KIND_ENDPOINT, bdf(0, 4, 0, 0), 0, 0);
	m->root_b = put(m, P2P_KIND_ROOT_PORT, bdf(0, 0, 2, 0), 5, 5);
	m->nvme = put(m, P2P_KIND_ENDPOINT, bdf(0, 5, 0, 0), 0, 0);
	m->iep = put(m, P2P_KIND_ENDPOINT, bdf(0, 0, 3, 0), 0, 0);
	m->far_host = put(m, P2P_KIND_HOST_BRIDGE, bdf(1, 0, 0, 0), 0, 0);
	m->far_root = put(m, P2P_KIND_ROOT_PORT, bdf(1, 0, 0, 0), 1, 1);
	m->far = put(m, P2P_KIND_ENDPOINT, bdf(1, 1, 0, 0), 0, 0);
	m->far2 = put(m, P2P_KIND_ENDPOINT, bdf(1, 0, 4, 0), 0, 0);
	m->capi = put(m, P2P_KIND_OFF_BUS, bdf(0, 0, 0, 0), 0, 0);
	return 0;
}

static int teardown(void **state)
{
	struct machine *m = *state;
	long live;

	p2p_router_free(m->router);
	p2p_fabric_free(m->fabric);
	p2p_fabric_builder_free(m->builder);
	live = m->counting.live;
	free(m);
	return live == 0 ? 0 : -1;
}

static struct p2p_bdf place_of(const struct machine *m, p2p_node node)
{
	if (node == m->key || node == m->host)
		return bdf(0, 0, 0, 0);
	if (node == m->down_a)
		return bdf(0, 2, 0, 0);
	if (node == m->down_b)
		return bdf(0, 2, 1, 0);
	if (node == m->gpu)
		return bdf(0, 3, 0, 0);
	if (node == m->up)
		return bdf(0, 1, 0, 0);
	if (node == m->root_a)
		return bdf(0, 0, 1, 0);
	assert_int_equal(node, m->far_root);
	return bdf(1, 0, 0, 0);
}

/* Says something else of a node than setup() did. */
static void change(struct machine *m, p2p_node node, enum p2p_kind kind, unsigned int secondary,
		   unsigned int subordinate, enum p2p_known acs, uint16_t control, uint32_t id)
{
	struct p2p_node_info info = bridge_at(kind, place_of(m, node), secondary, subordinate);

	info.acs = (struct p2p_acs){ .known = acs, .capability = 0x7f, .control = control };
	info.vendor = (uint16_t)(id >> 16);
	info.device = (uint16_t)id;
	assert_int_equal(p2p_fabric_update(m->builder, node, &info), 0);
}

static void set_key(struct machine *m, uint32_t id)
{
	change(m, m->key, P2P_KIND_ENDPOINT, 0, 0, P2P_ABSENT, 0, id);
}

static void set_far_key(struct machine *m, uint32_t id)
{
	change(m, m->far_root, P2P_KIND_ROOT_PORT, 1, 1, P2P_ABSENT, 0, id);
}

static void set_acs(struct machine *m, p2p_node node, enum p2p_known known, uint16_t control)
{
	if (node == m->down_a)
		change(m, node, P2P_KIND_DOWNSTREAM_PORT, 3, 3, known, control, 0);
	else if (node == m->down_b)
		change(m, node, P2P_KIND_DOWNSTREAM_PORT, 4, 4, known, control, 0);
	else if (node == m->up)
		change(m, node, P2P_KIND_UPSTREAM_PORT, 2, 4, known, control, 0);
	else if (node == m->root_a)
		change(m, node, P2P_KIND_ROOT_PORT, 1, 4, known, control, 0);
	else
		change(m, node, P2P_KIND_ENDPOINT, 0, 0, known, control, 0);
}

static const struct p2p_platform intel = { .arch = P2P_ARCH_X86,
					   .cpu_vendor = P2P_CPU_OTHER,
					   .cpu_family = 6 };

static void finish(struct machine *m)
{
	struct p2p_fabric_builder *builder = m->builder;

	m->builder = NULL;
	assert_int_equal(p2p_fabric_finish(builder, &m->fabric), 0);
}

static void ask(struct machine *m, const char *name, const struct p2p_platform *platform)
{
	const struct p2p_policy *policy;
	enum p2p_policy_fit fit;

	if (!m->fabric)
		finish(m);
	p2p_router_free(m->router);
	m->router = NULL;
	assert_int_equal(p2p_policy_find(name, &policy, &fit), 0);
	assert_int_equal(p2p_router_new(m->fabric, policy, platform, &m->router), 0);
}

static void expect(struct machine *m, p2p_node client, p2p_node provider, enum p2p_verdict verdict,
		   int32_t distance)
{
	struct p2p_route route;

	assert_int_equal(p2p_route_find(m->router, client, provider, &route), 0);
	assert_string_equal(p2p_verdict_name(route.verdict), p2p_verdict_name(verdict));
	assert_int_equal(route.distance, distance);
}

static void expect_reasons(struct machine *m, p2p_node client, p2p_node provider,
			   const struct p2p_reason *expected, uint32_t count)
{
	struct p2p_reason reasons[16];
	struct p2p_path path;
	uint32_t found;

	assert_int_equal(p2p_path_find(m->router, client, provider, &path), 0);
	found = p2p_path_reasons(&path, reasons, 16);
	for (uint32_t i = 0; i < count && i < found; i++) {
		assert_string_equal(p2p_reason_name(reasons[i].code),
				    p2p_reason_name(expected[i].code));
		assert_int_equal(reasons[i].node, expected[i].node);
		assert_int_equal(reasons[i].other, expected[i].other);
		assert_int_equal(reasons[i].bits, expected[i].bits);
	}
	assert_int_equal(found, count);
}

#define EXPECT_REASONS(m, client, provider, ...)                                                   \
	expect_reasons(m, client, provider, (const struct p2p_reason[]){ __VA_ARGS__ },            \
		       sizeof((const struct p2p_reason[]){ __VA_ARGS__ }) /                        \
			       sizeof(struct p2p_reason))

static void expect_hops(struct machine *m, p2p_node client, p2p_node provider,
			const struct p2p_hop *expected, uint32_t count)
{
	struct p2p_hop hops[16];
	struct p2p_path path;
	uint32_t found;

	assert_int_equal(p2p_path_find(m->router, client, provider, &path), 0);
	found = p2p_path_hops(&path, hops, 16);
	for (uint32_t i = 0; i < count && i < found; i++) {
		assert_int_equal(hops[i].node, expected[i].node);
		assert_string_equal(p2p_hop_name(hops[i].action), p2p_hop_name(expected[i].action));
		assert_int_equal(hops[i].bits, expected[i].bits);
	}
	assert_int_equal(found, count);
}

#define EXPECT_HOPS(m, client, provider, ...)                                                      \
	expect_hops(m, client, provider, (const struct p2p_hop[]){ __VA_ARGS__ },                  \
		    sizeof((const struct p2p_hop[]){ __VA_ARGS__ }) / sizeof(struct p2p_hop))

static void below_one_switch(void **state)
{
	struct machine *m = *state;

	ask(m, "6.12", &intel);
	expect(m, m->nic, m->gpu, P2P_VERDICT_DIRECT, 4);
	expect(m, m->gpu, m->nic, P2P_VERDICT_DIRECT, 4);
	expect(m, m->gpu, m->gpu, P2P_VERDICT_DIRECT, 0);
	expect(m, m->gpu, m->gpu1, P2P_VERDICT_DIRECT, 2);
	expect(m, m->gpu, m->root_a, P2P_VERDICT_DIRECT, 3);
	expect(m, m->up, m->nic, P2P_VERDICT_DIRECT, 2);
	EXPECT_REASONS(m, m->nic, m->gpu, { P2P_REASON_COMMON_PORT, m->up, P2P_NO_NODE, 0 });
	EXPECT_REASONS(m, m->gpu, m->gpu, { P2P_REASON_SAME_FUNCTION, m->gpu, P2P_NO_NODE, 0 });
	EXPECT_HOPS(m, m->nic, m->gpu, { m->nic, P2P_HOP_START, 0 }, { m->down_b, P2P_HOP_UP, 0 },
		    { m->up, P2P_HOP_TURN, 0 }, { m->down_a, P2P_HOP_DOWN, 0 },
		    { m->gpu, P2P_HOP_END, 0 });
	EXPECT_HOPS(m, m->up, m->nic, { m->up, P2P_HOP_START, 0 }, { m->down_b, P2P_HOP_DOWN, 0 },
		    { m->nic, P2P_HOP_END, 0 });
	EXPECT_HOPS(m, m->nic, m->up, { m->nic, P2P_HOP_START, 0 }, { m->down_b, P2P_HOP_UP, 0 },
		    { m->up, P2P_HOP_END, 0 });
	EXPECT_HOPS(m, m->nic, m->nic, { m->nic, P2P_HOP_START, 0 }, { m->nic, P2P_HOP_END, 0 });
}

static void host_bridge_not_on_the_list(void **state)
{
	struct machine *m = *state;

	set_key(m, 0x808629c0);
	set_far_key(m, 0x80862030);
	ask(m, "7.3", &intel);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	expect(m, m->nvme, m->iep, P2P_VERDICT_UNREACHABLE, -1);
	expect(m, m->nvme, m->far, P2P_VERDICT_UNREACHABLE, -1);
	expect(m, m->far, m->far_root, P2P_VERDICT_DIRECT, 1);
	EXPECT_REASONS(m, m->nvme, m->gpu, { P2P_REASON_NO_COMMON_PORT, m->host, P2P_NO_NODE, 0 },
		       { P2P_REASON_BRIDGE_NOT_LISTED, m->host, m->key, 0 });
	EXPECT_REASONS(m, m->nvme, m->far, { P2P_REASON_TWO_HOST_BRIDGES, m->host, m->far_host, 0 },
		       { P2P_REASON_BRIDGE_NOT_LISTED, m->host, m->key, 0 },
		       { P2P_REASON_BRIDGE_LISTED, m->far_host, m->far_root, 0 });
	EXPECT_HOPS(m, m->nvme, m->iep, { m->nvme, P2P_HOP_START, 0 }, { m->root_b, P2P_HOP_UP, 0 },
		    { m->host, P2P_HOP_REFUSED, 0 }, { m->iep, P2P_HOP_END, 0 });
}

static void host_bridges_on_the_list(void **state)
{
	struct machine *m = *state;

	set_key(m, 0x808609a2);
	set_far_key(m, 0x80862030);
	ask(m, "6.1", &intel);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_VIA_HOST, 6);
	expect(m, m->iep, m->key, P2P_VERDICT_VIA_HOST, 2);
	expect(m, m->far, m->gpu, P2P_VERDICT_VIA_HOST, 6);
	EXPECT_HOPS(m, m->far, m->nvme, { m->far, P2P_HOP_START, 0 },
		    { m->far_root, P2P_HOP_UP, 0 }, { m->far_host, P2P_HOP_CROSS, 0 },
		    { m->host, P2P_HOP_HOST, 0 }, { m->root_b, P2P_HOP_DOWN, 0 },
		    { m->nvme, P2P_HOP_END, 0 });
}

static void listed_but_not_between_two(void **state)
{
	struct machine *m = *state;

	set_key(m, 0x80862f01);
	set_far_key(m, 0x80862033);
	ask(m, "6.12", &intel);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_VIA_HOST, 6);
	expect(m, m->nvme, m->far, P2P_VERDICT_UNREACHABLE, -1);
	expect(m, m->far, m->nvme, P2P_VERDICT_UNREACHABLE, -1);
	EXPECT_REASONS(m, m->far, m->nvme, { P2P_REASON_TWO_HOST_BRIDGES, m->far_host, m->host, 0 },
		       { P2P_REASON_BRIDGE_LISTED, m->far_host, m->far_root, 0 },
		       { P2P_REASON_BRIDGE_SAME_ONLY, m->host, m->key, 0 });
}

static void newer_lists_are_longer(void **state)
{
	struct machine *m = *state;

	set_key(m, 0x1ae04242);
	set_far_key(m, 0x10de2f97);
	ask(m, "6.12", &intel);
	expect(m, m->nvme, m->far, P2P_VERDICT_UNREACHABLE, -1);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	ask(m, "7.3", &intel);
	expect(m, m->nvme, m->far, P2P_VERDICT_VIA_HOST, 4);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_VIA_HOST, 6);
}

static void cpu_rule(void **state)
{
	static const struct p2p_platform zen = { .arch = P2P_ARCH_X86,
						 .cpu_vendor = P2P_CPU_AMD,
						 .cpu_family = 0x17 };
	static const struct p2p_platform older = { .arch = P2P_ARCH_X86,
						   .cpu_vendor = P2P_CPU_AMD,
						   .cpu_family = 0x16 };
	static const struct p2p_platform hygon = { .arch = P2P_ARCH_X86,
						   .cpu_vendor = P2P_CPU_OTHER,
						   .cpu_family = 0x18 };
	static const struct p2p_platform no_family = { .arch = P2P_ARCH_X86,
						       .cpu_vendor = P2P_CPU_AMD,
						       .cpu_family = 0 };
	static const struct p2p_platform arm = { .arch = P2P_ARCH_OTHER,
						 .cpu_vendor = P2P_CPU_UNKNOWN,
						 .cpu_family = 0 };
	struct machine *m = *state;

	set_key(m, 0x10221480);
	ask(m, "6.1", &zen);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_VIA_HOST, 6);
	expect(m, m->nvme, m->far, P2P_VERDICT_VIA_HOST, 4);
	EXPECT_REASONS(m, m->nvme, m->gpu, { P2P_REASON_NO_COMMON_PORT, m->host, P2P_NO_NODE, 0 },
		       { P2P_REASON_CPU_ALLOWS, m->host, P2P_NO_NODE, 0 });
	ask(m, "6.1", &older);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	ask(m, "6.1", &hygon);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	ask(m, "6.1", &arm);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	ask(m, "6.1", &no_family);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNKNOWN, 6);
	ask(m, "6.1", NULL);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNKNOWN, 6);
	EXPECT_REASONS(m, m->nvme, m->gpu, { P2P_REASON_NO_COMMON_PORT, m->host, P2P_NO_NODE, 0 },
		       { P2P_REASON_CPU_UNKNOWN, m->host, P2P_NO_NODE, 0 },
		       { P2P_REASON_BRIDGE_NOT_LISTED, m->host, m->key, 0 });
}

static void unknown_cpu_does_not_matter_to_a_listed_bridge(void **state)
{
	struct machine *m = *state;

	set_key(m, 0x80862030);
	ask(m, "6.1", NULL);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_VIA_HOST, 6);
}

static void one_redirect(struct machine *m, p2p_node port, uint16_t bits, bool redirects)
{
	set_key(m, 0x80862030);
	set_acs(m, port, P2P_PRESENT, bits);
	ask(m, "6.12", &intel);
	expect(m, m->nic, m->gpu, redirects ? P2P_VERDICT_VIA_HOST : P2P_VERDICT_DIRECT, 4);
}

static void request_redirect_at_the_client(void **state)
{
	struct machine *m = *state;

	one_redirect(m, m->down_b, P2P_ACS_RR, true);
	EXPECT_REASONS(m, m->nic, m->gpu, { P2P_REASON_COMMON_PORT, m->up, P2P_NO_NODE, 0 },
		       { P2P_REASON_ACS_REDIRECT, m->down_b, P2P_NO_NODE, P2P_ACS_RR },
		       { P2P_REASON_BRIDGE_LISTED, m->host, m->key, 0 });
	EXPECT_HOPS(m, m->nic, m->gpu, { m->nic, P2P_HOP_START, 0 },
		    { m->down_b, P2P_HOP_REDIRECT, P2P_ACS_RR }, { m->up, P2P_HOP_UP, 0 },
		    { m->root_a, P2P_HOP_UP, 0 }, { m->host, P2P_HOP_HOST, 0 },
		    { m->root_a, P2P_HOP_DOWN, 0 }, { m->up, P2P_HOP_DOWN, 0 },
		    { m->down_a, P2P_HOP_DOWN, 0 }, { m->gpu, P2P_HOP_END, 0 });
	/* Linux counts it in both directions; the wires only where the request comes in. */
	expect(m, m->gpu, m->nic, P2P_VERDICT_VIA_HOST, 4);
	ask(m, "hardware", &intel);
	expect(m, m->nic, m->gpu, P2P_VERDICT_VIA_HOST, 4);
	expect(m, m->gpu, m->nic, P2P_VERDICT_DIRECT, 4);
}

static void completion_redirect_at_the_provider(void **state)
{
	struct machine *m = *state;

	one_redirect(m, m->down_a, P2P_ACS_CR, true);
	ask(m, "hardware", &intel);
	expect(m, m->nic, m->gpu, P2P_VERDICT_VIA_HOST, 4);
	expect(m, m->gpu, m->nic, P2P_VERDICT_DIRECT, 4);
	EXPECT_REASONS(m, m->nic, m->gpu, { P2P_REASON_COMMON_PORT, m->up, P2P_NO_NODE, 0 },
		       { P2P_REASON_ACS_REDIRECT, m->down_a, P2P_NO_NODE, P2P_ACS_CR },
		       { P2P_REASON_FORWARDING_NOT_PROMISED, m->host, P2P_NO_NODE, 0 });
}

static void egress_control(void **state)
{
	struct machine *m = *state;

	one_redirect(m, m->down_b, P2P_ACS_EC, true);
	ask(m, "hardware", &intel);
	expect(m, m->nic, m->gpu, P2P_VERDICT_UNKNOWN, 4);
	EXPECT_REASONS(m, m->nic, m->gpu, { P2P_REASON_COMMON_PORT, m->up, P2P_NO_NODE, 0 },
		       { P2P_REASON_ACS_EGRESS, m->down_b, P2P_NO_NODE, P2P_ACS_EC });
	/* The host has no part in it: blocked or not. */
	EXPECT_HOPS(m, m->nic, m->gpu, { m->nic, P2P_HOP_START, 0 },
		    { m->down_b, P2P_HOP_UNSURE, P2P_ACS_EC }, { m->up, P2P_HOP_TURN, 0 },
		    { m->down_a, P2P_HOP_DOWN, 0 }, { m->gpu, P2P_HOP_END, 0 });
}

/* PCIe 6.12.3: with both set, the vector says which neighbours may be reached. */
static void egress_control_and_redirect(void **state)
{
	struct machine *m = *state;

	one_redirect(m, m->down_b, P2P_ACS_EC | P2P_ACS_RR, true);
	ask(m, "hardware", &intel);
	expect(m, m->nic, m->gpu, P2P_VERDICT_UNKNOWN, 4);
	EXPECT_REASONS(m, m->nic, m->gpu, { P2P_REASON_COMMON_PORT, m->up, P2P_NO_NODE, 0 },
		       { P2P_REASON_ACS_REDIRECT, m->down_b, P2P_NO_NODE, P2P_ACS_RR },
		       { P2P_REASON_ACS_EGRESS, m->down_b, P2P_NO_NODE, P2P_ACS_EC },
		       { P2P_REASON_FORWARDING_NOT_PROMISED, m->host, P2P_NO_NODE, 0 });
}

static void redirect_at_the_common_port(void **state)
{
	struct machine *m = *state;

	one_redirect(m, m->up, P2P_ACS_RR, true);
	ask(m, "hardware", &intel);
	expect(m, m->nic, m->gpu, P2P_VERDICT_DIRECT, 4);
}

static void redirect_above_the_common_port(void **state)
{
	struct machine *m = *state;

	one_redirect(m, m->root_a, P2P_ACS_RR, false);
}

static void bits_that_do_not_redirect(void **state)
{
	struct machine *m = *state;

	one_redirect(m, m->down_b, P2P_ACS_SV | P2P_ACS_TB | P2P_ACS_UF | P2P_ACS_DT, false);
}

static void redirect_of_the_device_itself(void **state)
{
	struct machine *m = *state;

	one_redirect(m, m->gpu, P2P_ACS_RR, true);
	expect(m, m->gpu, m->gpu, P2P_VERDICT_VIA_HOST, 0);
	ask(m, "hardware", &intel);
	expect(m, m->gpu, m->gpu, P2P_VERDICT_DIRECT, 0);
	expect(m, m->gpu, m->gpu1, P2P_VERDICT_VIA_HOST, 2);
	expect(m, m->gpu1, m->gpu, P2P_VERDICT_DIRECT, 2);
}

static void redirect_without_a_way_through_the_host(void **state)
{
	struct machine *m = *state;

	set_key(m, 0x808629c0);
	set_acs(m, m->down_a, P2P_PRESENT, P2P_ACS_RR | P2P_ACS_CR | P2P_ACS_UF);
	set_acs(m, m->down_b, P2P_PRESENT, P2P_ACS_RR | P2P_ACS_CR | P2P_ACS_UF);
	ask(m, "6.12", &intel);
	expect(m, m->nic, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	EXPECT_REASONS(m, m->nic, m->gpu, { P2P_REASON_COMMON_PORT, m->up, P2P_NO_NODE, 0 },
		       { P2P_REASON_ACS_REDIRECT, m->down_b, P2P_NO_NODE, P2P_ACS_RR | P2P_ACS_CR },
		       { P2P_REASON_ACS_REDIRECT, m->down_a, P2P_NO_NODE, P2P_ACS_RR | P2P_ACS_CR },
		       { P2P_REASON_BRIDGE_NOT_LISTED, m->host, m->key, 0 });
}

static void unknown_acs(void **state)
{
	struct machine *m = *state;

	set_key(m, 0x80862030);
	set_acs(m, m->down_b, P2P_UNKNOWN, P2P_ACS_RR);
	ask(m, "6.12", &intel);
	expect(m, m->nic, m->gpu, P2P_VERDICT_UNKNOWN, 4);
	/* Not on the way, or not asked. */
	expect(m, m->gpu1, m->gpu, P2P_VERDICT_DIRECT, 2);
	expect(m, m->nic, m->nvme, P2P_VERDICT_VIA_HOST, 6);
	EXPECT_REASONS(m, m->nic, m->gpu, { P2P_REASON_COMMON_PORT, m->up, P2P_NO_NODE, 0 },
		       { P2P_REASON_ACS_UNKNOWN, m->down_b, P2P_NO_NODE, 0 },
		       { P2P_REASON_BRIDGE_LISTED, m->host, m->key, 0 });
	EXPECT_HOPS(m, m->nic, m->gpu, { m->nic, P2P_HOP_START, 0 },
		    { m->down_b, P2P_HOP_UNSURE, 0 }, { m->up, P2P_HOP_UP, 0 },
		    { m->root_a, P2P_HOP_UP, 0 }, { m->host, P2P_HOP_UNSURE, 0 },
		    { m->root_a, P2P_HOP_DOWN, 0 }, { m->up, P2P_HOP_DOWN, 0 },
		    { m->down_a, P2P_HOP_DOWN, 0 }, { m->gpu, P2P_HOP_END, 0 });
}

static void unknown_acs_that_changes_nothing(void **state)
{
	struct machine *m = *state;

	set_key(m, 0x80862030);
	set_acs(m, m->down_b, P2P_UNKNOWN, 0);
	set_acs(m, m->down_a, P2P_PRESENT, P2P_ACS_RR);
	ask(m, "6.12", &intel);
	expect(m, m->nic, m->gpu, P2P_VERDICT_VIA_HOST, 4);
}

static void unknown_key(void **state)
{
	struct machine *m = *state;

	set_key(m, 0xffffffff);
	ask(m, "6.12", &intel);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNKNOWN, 6);
	EXPECT_REASONS(m, m->nvme, m->gpu, { P2P_REASON_NO_COMMON_PORT, m->host, P2P_NO_NODE, 0 },
		       { P2P_REASON_BRIDGE_UNKNOWN, m->host, m->key, 0 });
}

/* No vendor but Google passes whatever the device, and then only on 7.3. */
/* The first device of an AMD CPU's root bus may be unknown; it is not another maker's. */
static void unknown_key_of_amd(void **state)
{
	static const struct p2p_platform old_amd = { .arch = P2P_ARCH_X86,
						     .cpu_vendor = P2P_CPU_AMD,
						     .cpu_family = 0x10 };
	struct machine *m = *state;

	set_key(m, 0xffffffff);
	ask(m, "7.3", &old_amd);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
}

static void half_known_keys(void **state)
{
	struct machine *m = *state;

	set_key(m, 0x1022ffff);
	set_far_key(m, 0x1ae0ffff);
	ask(m, "7.3", &intel);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	EXPECT_REASONS(m, m->far, m->far_root,
		       { P2P_REASON_COMMON_PORT, m->far_root, P2P_NO_NODE, 0 });
	EXPECT_REASONS(m, m->far, m->nvme, { P2P_REASON_TWO_HOST_BRIDGES, m->far_host, m->host, 0 },
		       { P2P_REASON_BRIDGE_LISTED, m->far_host, m->far_root, 0 },
		       { P2P_REASON_BRIDGE_NOT_LISTED, m->host, m->key, 0 });
}

/* First on the root bus, but neither function 00.0 nor a root port. */
static void no_key(void **state)
{
	struct machine *m = *state;
	struct p2p_node_info info = node_at(P2P_KIND_ENDPOINT, bdf(0, 0, 0, 1));

	info.vendor = 0x8086;
	info.device = 0x2030;
	assert_int_equal(p2p_fabric_update(m->builder, m->key, &info), 0);
	ask(m, "6.12", &intel);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	EXPECT_REASONS(m, m->nvme, m->gpu, { P2P_REASON_NO_COMMON_PORT, m->host, P2P_NO_NODE, 0 },
		       { P2P_REASON_BRIDGE_NO_KEY, m->host, m->key, 0 });
}

/* What a source leaves out may come first on the root bus, except before function 00.0. */
static void partial_sources(void **state)
{
	struct machine *m = *state;
	struct p2p_node_info host = node_at(P2P_KIND_HOST_BRIDGE, bdf(0, 0, 0, 0));
	struct p2p_node_info later = node_at(P2P_KIND_ROOT_PORT, bdf(1, 0, 1, 0));

	set_key(m, 0x808629c0);
	host.partial = true;
	assert_int_equal(p2p_fabric_update(m->builder, m->host, &host), 0);
	host.bdf.domain = 1;
	assert_int_equal(p2p_fabric_update(m->builder, m->far_host, &host), 0);
	later.secondary = 1;
	later.vendor = 0x8086;
	later.device = 0x2030;
	assert_int_equal(p2p_fabric_update(m->builder, m->far_root, &later), 0);
	ask(m, "6.12", &intel);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	expect(m, m->far, m->far2, P2P_VERDICT_UNKNOWN, 3);
	EXPECT_REASONS(m, m->far, m->far2,
		       { P2P_REASON_NO_COMMON_PORT, m->far_host, P2P_NO_NODE, 0 },
		       { P2P_REASON_BRIDGE_UNKNOWN, m->far_host, P2P_NO_NODE, 0 });
}

static const struct p2p_platform zen_one = {
	.arch = P2P_ARCH_X86, .cpu_vendor = P2P_CPU_AMD, .cpu_family = 0x17, .iommu = P2P_ABSENT
};

/* Until 5.1 only what stays below a port, and is not redirected there. */
static void the_first_rules(void **state)
{
	struct machine *m = *state;

	set_key(m, 0x80862030);
	set_acs(m, m->down_b, P2P_PRESENT, P2P_ACS_RR);
	ask(m, "4.20", &zen_one);
	expect(m, m->gpu, m->gpu1, P2P_VERDICT_DIRECT, 2);
	expect(m, m->nic, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	EXPECT_REASONS(m, m->nic, m->gpu, { P2P_REASON_COMMON_PORT, m->up, P2P_NO_NODE, 0 },
		       { P2P_REASON_ACS_REDIRECT, m->down_b, P2P_NO_NODE, P2P_ACS_RR },
		       { P2P_REASON_REDIRECT_REFUSED, m->up, P2P_NO_NODE, 0 });
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	EXPECT_REASONS(m, m->nvme, m->gpu, { P2P_REASON_NO_COMMON_PORT, m->host, P2P_NO_NODE, 0 },
		       { P2P_REASON_HOST_NEVER, m->host, P2P_NO_NODE, 0 });
	EXPECT_REASONS(m, m->nvme, m->far, { P2P_REASON_TWO_HOST_BRIDGES, m->host, m->far_host, 0 },
		       { P2P_REASON_HOST_NEVER, m->host, m->far_host, 0 });
}

/* 5.2 and 5.3: AMD's first Zen, where no IOMMU is on, and further away than anything. */
static void zen_without_an_iommu(void **state)
{
	struct p2p_platform platform = zen_one;
	struct machine *m = *state;

	set_key(m, 0x10221450);
	set_far_key(m, 0x10221450);
	set_acs(m, m->down_b, P2P_PRESENT, P2P_ACS_RR);
	ask(m, "5.2", &platform);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_VIA_HOST, 0x1000 + 6);
	expect(m, m->nvme, m->far, P2P_VERDICT_VIA_HOST, 0x1000 + 4);
	expect(m, m->nic, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	platform.iommu = P2P_PRESENT;
	ask(m, "5.3.18", &platform);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	EXPECT_REASONS(m, m->nvme, m->gpu, { P2P_REASON_NO_COMMON_PORT, m->host, P2P_NO_NODE, 0 },
		       { P2P_REASON_IOMMU_REFUSES, m->host, P2P_NO_NODE, 0 });
	platform.iommu = P2P_UNKNOWN;
	ask(m, "5.2", &platform);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNKNOWN, 0x1000 + 6);
	EXPECT_REASONS(m, m->nvme, m->gpu, { P2P_REASON_NO_COMMON_PORT, m->host, P2P_NO_NODE, 0 },
		       { P2P_REASON_BRIDGE_LISTED, m->host, m->key, 0 },
		       { P2P_REASON_IOMMU_UNKNOWN, m->host, P2P_NO_NODE, 0 });
	ask(m, "5.4", &platform);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_VIA_HOST, 6);
	expect(m, m->nic, m->gpu, P2P_VERDICT_VIA_HOST, 4);
}

static void lists_of_their_time(void **state)
{
	static const struct {
		uint32_t key;
		const char *before, *from;
	} rows[] = {
		{ 0x80862030, "5.5", "5.6" },   { 0x80862032, "5.6", "5.7" },
		{ 0x102215d0, "5.7", "5.8" },   { 0x10221630, "5.7", "5.8" },
		{ 0x808609a2, "5.17", "5.18" }, { 0x1ae00001, "7.0", "7.1" },
		{ 0x80860b25, "7.1", "7.2" },   { 0x10de2f95, "7.2", "7.3" },
	};
	struct p2p_fabric_builder *builder;
	struct counting counting;
	struct p2p_allocator allocator = counting_allocator(&counting);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct p2p_node_info info = node_at(P2P_KIND_ENDPOINT, bdf(0, 0, 0, 0));
		struct p2p_node_info other = node_at(P2P_KIND_ENDPOINT, bdf(0, 0, 1, 0));
		struct p2p_fabric *fabric;
		p2p_node a, b;

		assert_int_equal(p2p_fabric_builder_new(&allocator, &builder), 0);
		info.vendor = (uint16_t)(rows[i].key >> 16);
		info.device = (uint16_t)rows[i].key;
		a = add(builder, info);
		b = add(builder, other);
		assert_int_equal(p2p_fabric_finish(builder, &fabric), 0);
		for (int after = 0; after < 2; after++) {
			const struct p2p_policy *policy;
			struct p2p_router *router;
			struct p2p_route route;
			enum p2p_policy_fit fit;

			assert_int_equal(p2p_policy_find(after ? rows[i].from : rows[i].before,
							 &policy, &fit),
					 0);
			assert_int_equal(p2p_router_new(fabric, policy, &intel, &router), 0);
			assert_int_equal(p2p_route_find(router, a, b, &route), 0);
			assert_int_equal(route.verdict,
					 after ? P2P_VERDICT_VIA_HOST : P2P_VERDICT_UNREACHABLE);
			p2p_router_free(router);
		}
		p2p_fabric_free(fabric);
	}
	assert_int_equal(counting.live, 0);
}

/* AMD's CPUs count from 5.9 on; before, their root complexes did, one by one. */
static void amd_before_the_cpu_rule(void **state)
{
	struct machine *m = *state;

	set_key(m, 0x10221480);
	ask(m, "5.8", &zen_one);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	ask(m, "5.9", &zen_one);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_VIA_HOST, 6);
}

/* Until 5.18 only function 00.0 vouched. */
static void root_ports_vouch_later(void **state)
{
	struct machine *m = *state;
	struct p2p_node_info later = node_at(P2P_KIND_ROOT_PORT, bdf(1, 0, 1, 0));

	later.secondary = later.subordinate = 1;
	later.vendor = 0x8086;
	later.device = 0x2030;
	assert_int_equal(p2p_fabric_update(m->builder, m->far_root, &later), 0);
	ask(m, "5.18", &intel);
	expect(m, m->far, m->far2, P2P_VERDICT_UNREACHABLE, -1);
	EXPECT_REASONS(m, m->far, m->far2,
		       { P2P_REASON_NO_COMMON_PORT, m->far_host, P2P_NO_NODE, 0 },
		       { P2P_REASON_BRIDGE_NO_KEY, m->far_host, m->far_root, 0 });
	ask(m, "5.19", &intel);
	expect(m, m->far, m->far2, P2P_VERDICT_VIA_HOST, 3);
	/* One of them, and the rules differ. */
	ask(m, "5.15.0-105-generic", &intel);
	expect(m, m->far, m->far2, P2P_VERDICT_UNKNOWN, 3);
}

static void no_support(void **state)
{
	struct machine *m = *state;

	ask(m, "4.19.0-27-amd64", &zen_one);
	expect(m, m->nic, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	expect(m, m->nvme, m->far, P2P_VERDICT_UNREACHABLE, -1);
	EXPECT_REASONS(m, m->nic, m->gpu, { P2P_REASON_COMMON_PORT, m->up, P2P_NO_NODE, 0 },
		       { P2P_REASON_NO_SUPPORT, m->nic, m->gpu, 0 });
	/* Somebody else's kernel of that age may have taken it over. */
	ask(m, "3.10.0-1160.el7.x86_64", &zen_one);
	expect(m, m->nic, m->gpu, P2P_VERDICT_UNKNOWN, 4);
}

/* Kernels that were not read: what all that they may have say, and no more. */
static void rules_that_were_not_read(void **state)
{
	struct machine *m = *state;
	struct p2p_route route;

	set_key(m, 0x808609a2);
	set_far_key(m, 0x80860b25);
	ask(m, "6.8.0-52-generic", &intel);
	expect(m, m->nic, m->gpu, P2P_VERDICT_DIRECT, 4);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_VIA_HOST, 6);
	expect(m, m->far, m->far2, P2P_VERDICT_UNKNOWN, 3);
	EXPECT_REASONS(m, m->far, m->far2,
		       { P2P_REASON_NO_COMMON_PORT, m->far_host, P2P_NO_NODE, 0 },
		       { P2P_REASON_RULES_UNREAD, m->far_host, m->far_host, 0 },
		       { P2P_REASON_BRIDGE_LISTED, m->far_host, m->far_root, 0 });
	EXPECT_REASONS(m, m->nvme, m->gpu, { P2P_REASON_NO_COMMON_PORT, m->host, P2P_NO_NODE, 0 },
		       { P2P_REASON_BRIDGE_LISTED, m->host, m->key, 0 });
	ask(m, "5.15.0-105-generic", &intel);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNKNOWN, 6);
	ask(m, "5.18.0-1-generic", &intel);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_VIA_HOST, 6);
	ask(m, "5.14.0-503.29.1.el9_5.x86_64", &zen_one);
	expect(m, m->nvme, m->far, P2P_VERDICT_VIA_HOST, 4);
	/* Distances differ between 5.3 and 5.4. */
	ask(m, "4.18.0-553.el8.x86_64", &zen_one);
	expect(m, m->nic, m->gpu, P2P_VERDICT_DIRECT, 4);
	assert_int_equal(p2p_route_find(m->router, m->nvme, m->far, &route), 0);
	assert_int_equal(route.verdict, P2P_VERDICT_UNKNOWN);
}

static void all_agree_on_the_first_zen(void **state)
{
	struct machine *m = *state;

	set_key(m, 0x10221450);
	ask(m, "5.4.0-150-generic", &zen_one);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_VIA_HOST, 6);
	/* By its id until 5.8, by the CPU since: where that is not known, neither is this. */
	ask(m, "5.4.0-150-generic", NULL);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNKNOWN, 6);
	ask(m, "4.18.0-553.el8.x86_64", &zen_one);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_VIA_HOST, -1);
}

static void kernels_to_come(void **state)
{
	struct machine *m = *state;

	set_key(m, 0x808609a2);
	set_far_key(m, 0x808629c0);
	ask(m, "7.4", &intel);
	expect(m, m->nic, m->gpu, P2P_VERDICT_DIRECT, 4);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_VIA_HOST, 6);
	expect(m, m->far, m->far2, P2P_VERDICT_UNKNOWN, 3);
	EXPECT_REASONS(m, m->far, m->far2,
		       { P2P_REASON_NO_COMMON_PORT, m->far_host, P2P_NO_NODE, 0 },
		       { P2P_REASON_BRIDGE_UNKNOWN, m->far_host, m->far_root, 0 });
}

/* Two chains 30,000 deep: linear walks would take minutes. */
static void deep_forest_is_quick(void **state)
{
	struct machine *m = *state;
	struct p2p_node_info info = node_at(P2P_KIND_BRIDGE, bdf(2, 0, 0, 0));
	p2p_node end[2] = { m->root_b, m->root_b };
	uint32_t address = 0;

	for (unsigned int i = 0; i < 60000; i++, address++) {
		info.bdf = (struct p2p_bdf){ 2 + (address >> 16), (uint8_t)(address >> 8),
					     (uint8_t)address };
		info.parent = end[i & 1];
		end[i & 1] = add(m->builder, info);
	}
	ask(m, "hardware", NULL);
	for (unsigned int i = 0; i < 200000; i++) {
		expect(m, end[0], end[1], P2P_VERDICT_UNKNOWN, 60000);
		expect(m, end[0], m->nvme, P2P_VERDICT_UNKNOWN, 30001);
	}
}

static void off_bus_devices(void **state)
{
	struct machine *m = *state;

	ask(m, "6.12", &intel);
	expect(m, m->capi, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	expect(m, m->gpu, m->capi, P2P_VERDICT_UNREACHABLE, -1);
	EXPECT_REASONS(m, m->capi, m->gpu, { P2P_REASON_OFF_BUS, m->capi, P2P_NO_NODE, 0 });
	ask(m, "hardware", &intel);
	expect(m, m->capi, m->gpu, P2P_VERDICT_UNKNOWN, -1);
	expect(m, m->capi, m->capi, P2P_VERDICT_UNKNOWN, -1);
	EXPECT_REASONS(m, m->capi, m->capi, { P2P_REASON_OFF_BUS, m->capi, P2P_NO_NODE, 0 });
}

static void refuses_what_cannot_be_asked(void **state)
{
	struct machine *m = *state;
	struct p2p_route route;
	struct p2p_path path;

	ask(m, "6.12", &intel);
	assert_int_equal(p2p_route_find(m->router, m->host, m->gpu, &route), -EINVAL);
	assert_int_equal(p2p_route_find(m->router, m->gpu, m->host, &route), -EINVAL);
	assert_int_equal(p2p_route_find(m->router, m->gpu, 9999, &route), -EINVAL);
	assert_int_equal(p2p_route_find(m->router, P2P_NO_NODE, m->gpu, &route), -EINVAL);
	assert_int_equal(p2p_route_find(m->router, m->gpu, p2p_fabric_count(m->fabric), &route),
			 -EINVAL);
	assert_int_equal(p2p_route_find(m->router, m->capi, m->host, &route), -EINVAL);
	assert_int_equal(p2p_route_check(m->fabric, m->gpu, m->host), -EINVAL);
	assert_int_equal(p2p_path_find(m->router, m->gpu, m->host, &path), -EINVAL);
	assert_int_equal(p2p_path_find(m->router, m->host, m->gpu, &path), -EINVAL);
	assert_int_equal(p2p_path_find(m->router, P2P_NO_NODE, m->gpu, &path), -EINVAL);
}

static void hardware_goes_through_any_host(void **state)
{
	struct machine *m = *state;

	set_key(m, 0x808629c0);
	ask(m, "hardware", NULL);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_VIA_HOST, 6);
	expect(m, m->nvme, m->far, P2P_VERDICT_VIA_HOST, 4);
	EXPECT_REASONS(m, m->nvme, m->far, { P2P_REASON_TWO_HOST_BRIDGES, m->host, m->far_host, 0 },
		       { P2P_REASON_FORWARDING_NOT_PROMISED, m->host, m->far_host, 0 });
}

/* Above two host bridges is no node, so none can be on the way; and no link is there. */
static void refused_between_host_bridges(void **state)
{
	struct machine *m = *state;
	struct p2p_ceiling ceiling;
	struct p2p_path path;

	ask(m, "4.9", &intel);
	expect(m, m->far, m->nvme, P2P_VERDICT_UNREACHABLE, -1);
	EXPECT_HOPS(m, m->far, m->nvme, { m->far, P2P_HOP_START, 0 },
		    { m->far_root, P2P_HOP_UP, 0 }, { m->far_host, P2P_HOP_REFUSED, 0 },
		    { m->host, P2P_HOP_REFUSED, 0 }, { m->root_b, P2P_HOP_DOWN, 0 },
		    { m->nvme, P2P_HOP_END, 0 });
	assert_int_equal(p2p_path_find(m->router, m->far, m->nvme, &path), 0);
	p2p_path_ceiling(&path, &ceiling);
	assert_int_equal(ceiling.links, 2);
}

static void allowed_pair(void **state)
{
	struct machine *m = *state;
	struct p2p_path path;

	set_key(m, 0x808629c0);
	ask(m, "6.12", &intel);
	expect(m, m->nvme, m->nic, P2P_VERDICT_UNREACHABLE, -1);
	assert_int_equal(p2p_path_find(m->router, m->nvme, m->nic, &path), 0);
	assert_true(p2p_path_allowable(&path));
	assert_int_equal(p2p_router_allow(m->router, m->nvme, m->nic), 0);
	assert_int_equal(p2p_router_allow(m->router, m->nvme, m->nic), 0);
	expect(m, m->nvme, m->nic, P2P_VERDICT_VIA_HOST, 6);
	EXPECT_REASONS(m, m->nvme, m->nic, { P2P_REASON_NO_COMMON_PORT, m->host, P2P_NO_NODE, 0 },
		       { P2P_REASON_BRIDGE_NOT_LISTED, m->host, m->key, 0 },
		       { P2P_REASON_ALLOWED, m->nvme, m->nic, 0 });
	EXPECT_HOPS(m, m->nvme, m->nic, { m->nvme, P2P_HOP_START, 0 }, { m->root_b, P2P_HOP_UP, 0 },
		    { m->host, P2P_HOP_HOST, 0 }, { m->root_a, P2P_HOP_DOWN, 0 },
		    { m->up, P2P_HOP_DOWN, 0 }, { m->down_b, P2P_HOP_DOWN, 0 },
		    { m->nic, P2P_HOP_END, 0 });
	/* One pair, one way. */
	expect(m, m->nic, m->nvme, P2P_VERDICT_UNREACHABLE, -1);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	p2p_router_disallow(m->router, m->nvme, m->nic);
	p2p_router_disallow(m->router, m->nvme, m->nic);
	expect(m, m->nvme, m->nic, P2P_VERDICT_UNREACHABLE, -1);
}

static void allowed_across_host_bridges(void **state)
{
	struct machine *m = *state;

	set_key(m, 0x808629c0);
	set_far_key(m, 0x80862030);
	ask(m, "6.12", &intel);
	assert_int_equal(p2p_router_allow(m->router, m->far, m->nvme), 0);
	expect(m, m->far, m->nvme, P2P_VERDICT_VIA_HOST, 4);
}

static void allowed_in_spite_of_redirect(void **state)
{
	struct machine *m = *state;

	set_acs(m, m->down_b, P2P_PRESENT, P2P_ACS_RR);
	set_key(m, 0x808629c0);
	ask(m, "6.12", &intel);
	expect(m, m->nic, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	assert_int_equal(p2p_router_allow(m->router, m->nic, m->gpu), 0);
	expect(m, m->nic, m->gpu, P2P_VERDICT_VIA_HOST, 4);
}

/* Data that arrived once do not make up for what is not about lists. */
static void not_to_be_allowed(void **state)
{
	struct machine *m = *state;

	set_acs(m, m->down_b, P2P_UNKNOWN, 0);
	set_acs(m, m->gpu, P2P_PRESENT, P2P_ACS_RR);
	set_key(m, 0x808629c0);
	ask(m, "6.12", &intel);
	assert_int_equal(p2p_router_allow(m->router, m->far, m->far_root), -EALREADY);
	/* ACS that could not be read. */
	assert_int_equal(p2p_router_allow(m->router, m->nic, m->gpu), -EOPNOTSUPP);
	/* A function that would leave itself; Linux judges it so, and the list refuses. */
	expect(m, m->gpu, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	assert_int_equal(p2p_router_allow(m->router, m->gpu, m->gpu), -EOPNOTSUPP);
	assert_int_equal(p2p_router_allow(m->router, m->nvme, m->capi), -EOPNOTSUPP);
	assert_int_equal(p2p_router_allow(m->router, m->nvme, m->host), -EINVAL);
	assert_int_equal(p2p_router_allow(m->router, m->nvme, P2P_NO_NODE), -EINVAL);
	/* Rules that let nothing through a host; none; and the wires alone. */
	ask(m, "4.20", &intel);
	assert_int_equal(p2p_router_allow(m->router, m->nvme, m->gpu), -EOPNOTSUPP);
	ask(m, "4.19", &intel);
	assert_int_equal(p2p_router_allow(m->router, m->nvme, m->gpu), -EOPNOTSUPP);
	ask(m, "hardware", &intel);
	assert_int_equal(p2p_router_allow(m->router, m->nvme, m->gpu), -EALREADY);
}

/* What each of the rules refuses that a kernel may have can be allowed; what one may pass, not. */
static void allowed_by_rules_that_were_not_read(void **state)
{
	struct machine *m = *state;

	set_key(m, 0x808629c0);
	set_far_key(m, 0x80860b25);
	ask(m, "6.8.0-52-generic", &intel);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	assert_int_equal(p2p_router_allow(m->router, m->nvme, m->gpu), 0);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_VIA_HOST, 6);
	EXPECT_REASONS(m, m->nvme, m->gpu, { P2P_REASON_NO_COMMON_PORT, m->host, P2P_NO_NODE, 0 },
		       { P2P_REASON_BRIDGE_NOT_LISTED, m->host, m->key, 0 },
		       { P2P_REASON_ALLOWED, m->nvme, m->gpu, 0 });
	p2p_router_disallow(m->router, m->nvme, m->gpu);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	expect(m, m->far, m->far2, P2P_VERDICT_UNKNOWN, 3);
	assert_int_equal(p2p_router_allow(m->router, m->far, m->far2), -EOPNOTSUPP);
}

static void allowed_pairs_are_limited(void **state)
{
	struct machine *m = *state;
	p2p_node first;

	for (unsigned int i = 0; i < P2P_ROUTER_ALLOWS + 1; i++)
		put(m, P2P_KIND_ENDPOINT, bdf(0, 0, 4 + i / 8, i % 8), 0, 0);
	set_key(m, 0x808629c0);
	ask(m, "6.12", &intel);
	first = p2p_fabric_find(m->fabric, bdf(0, 0, 4, 0));
	for (unsigned int i = 0; i < P2P_ROUTER_ALLOWS; i++)
		assert_int_equal(
			p2p_router_allow(m->router,
					 p2p_fabric_find(m->fabric, bdf(0, 0, 4 + i / 8, i % 8)),
					 m->gpu),
			0);
	assert_int_equal(p2p_router_allow(m->router, m->nvme, m->gpu), -ENOSPC);
	p2p_router_disallow(m->router, first, m->gpu);
	assert_int_equal(p2p_router_allow(m->router, m->nvme, m->gpu), 0);
	expect(m, first, m->gpu, P2P_VERDICT_UNREACHABLE, -1);
	expect(m, m->nvme, m->gpu, P2P_VERDICT_VIA_HOST, 6);
}

static void link_bandwidths(void **state)
{
	static const uint32_t expected[][3] = {
		{ 2500, 1, 250 },       { 5000, 8, 4000 },        { 8000, 1, 984 },
		{ 16000, 16, 31507 },   { 32000, 16, 63015 },     { 64000, 16, 121000 },
		{ 128000, 16, 242000 }, { 128000, 255, 3856875 }, { 0, 16, 0 },
		{ 16000, 0, 0 },        { 1234, 16, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		struct p2p_link link = { .speed = expected[i][0],
					 .width = (uint8_t)expected[i][1] };

		assert_int_equal(p2p_link_bandwidth(&link), expected[i][2]);
	}
}

static void expect_ceiling(struct machine *m, p2p_node client, p2p_node provider,
			   uint32_t bandwidth, p2p_node node, uint32_t links)
{
	struct p2p_ceiling ceiling;
	struct p2p_path path;

	assert_int_equal(p2p_path_find(m->router, client, provider, &path), 0);
	p2p_path_ceiling(&path, &ceiling);
	assert_int_equal(ceiling.bandwidth, bandwidth);
	assert_int_equal(ceiling.node, node);
	assert_int_equal(ceiling.links, links);
}

static void narrowest_link(void **state)
{
	struct machine *m = *state;
	struct p2p_node_info slow = node_at(P2P_KIND_ENDPOINT, bdf(0, 3, 0, 0));
	struct p2p_node_info unread = node_at(P2P_KIND_ENDPOINT, bdf(0, 4, 0, 0));

	slow.acs.known = unread.acs.known = P2P_ABSENT;
	slow.link = (struct p2p_link){ .speed = 8000, .width = 4 };
	/* A virtual function, say: the function beside it knows the link they share. */
	assert_int_equal(p2p_fabric_update(m->builder, m->gpu, &slow), 0);
	assert_int_equal(p2p_fabric_update(m->builder, m->nic, &unread), 0);
	set_key(m, 0x80862030);
	ask(m, "6.12", &intel);
	expect_ceiling(m, m->nvme, m->gpu, 3938, m->gpu, 3);
	expect_ceiling(m, m->nvme, m->gpu1, 31507, m->nvme, 3);
	expect_ceiling(m, m->nic, m->gpu, 0, m->nic, 2);
	expect_ceiling(m, m->gpu, m->nic, 0, m->nic, 2);
	expect_ceiling(m, m->iep, m->key, 0, P2P_NO_NODE, 0);
	expect_ceiling(m, m->gpu, m->gpu, 0, P2P_NO_NODE, 0);
	expect_ceiling(m, m->capi, m->gpu, 0, P2P_NO_NODE, 0);
}

/* QEMU lets a root port be a switch's downstream port: what is above it is inside the switch. */
static void no_link_inside_a_switch(void **state)
{
	struct machine *m = *state;

	change(m, m->down_b, P2P_KIND_ROOT_PORT, 4, 4, P2P_ABSENT, 0, 0);
	ask(m, "6.12", &intel);
	expect_ceiling(m, m->gpu, m->nic, 31507, m->gpu, 2);
}

static void functions_share_their_link(void **state)
{
	struct machine *m = *state;
	struct p2p_node_info vf = node_at(P2P_KIND_ENDPOINT, bdf(0, 3, 0, 0));

	vf.acs.known = P2P_ABSENT;
	assert_int_equal(p2p_fabric_update(m->builder, m->gpu, &vf), 0);
	ask(m, "6.12", &intel);
	expect_ceiling(m, m->gpu, m->nic, 31507, m->gpu, 2);
}

static void quirks(void **state)
{
	struct machine *m = *state;
	struct p2p_node_info info = node_at(P2P_KIND_ROOT_PORT, bdf(0, 0, 0, 0));

	info.vendor = 0x8086;
	info.device = 0xa110;
	assert_int_equal(p2p_acs_quirk(&info), P2P_ACS_QUIRK_LAYOUT);
	info.device = 0xa120;
	assert_int_equal(p2p_acs_quirk(&info), P2P_ACS_QUIRK_NONE);
	info.device = 0x1d1e;
	assert_int_equal(p2p_acs_quirk(&info), P2P_ACS_QUIRK_CHIPSET);
	info.device = 0x1d1d;
	assert_int_equal(p2p_acs_quirk(&info), P2P_ACS_QUIRK_NONE);
	info.device = 0x1d1e;
	info.kind = P2P_KIND_ENDPOINT;
	assert_int_equal(p2p_acs_quirk(&info), P2P_ACS_QUIRK_NONE);
	/* The wires of this port do what no register says; Linux's rule reads the registers. */
	change(m, m->down_b, P2P_KIND_DOWNSTREAM_PORT, 4, 4, P2P_ABSENT, 0, 0x1d170730);
	ask(m, "6.12", &intel);
	expect(m, m->nic, m->gpu, P2P_VERDICT_DIRECT, 4);
	EXPECT_REASONS(m, m->nic, m->gpu, { P2P_REASON_COMMON_PORT, m->up, P2P_NO_NODE, 0 },
		       { P2P_REASON_ACS_QUIRK, m->down_b, P2P_NO_NODE, P2P_ACS_QUIRK_ISOLATED });
	ask(m, "hardware", &intel);
	expect(m, m->nic, m->gpu, P2P_VERDICT_UNKNOWN, 4);
}

static void no_express_means_no_acs(void **state)
{
	struct p2p_node_info info;

	(void)state;
	p2p_node_info_init(&info);
	assert_int_equal(p2p_acs_known(&info), P2P_UNKNOWN);
	info.pcie = P2P_ABSENT;
	assert_int_equal(p2p_acs_known(&info), P2P_ABSENT);
	info.acs = (struct p2p_acs){ P2P_PRESENT, 0x7f, P2P_ACS_RR | P2P_ACS_SV };
	assert_int_equal(p2p_acs_known(&info), P2P_PRESENT);
	assert_int_equal(p2p_acs_active(&info, P2P_ACS_RR | P2P_ACS_CR), P2P_ACS_RR);
	info.acs.known = P2P_ABSENT;
	assert_int_equal(p2p_acs_active(&info, P2P_ACS_RR), 0);
}

static void router_survives_failed_allocations(void **state)
{
	struct machine *m = *state;
	struct p2p_router *router = NULL;

	finish(m);
	for (long left = 0; left < 2; left++) {
		m->counting.left = left;
		assert_int_equal(p2p_router_new(m->fabric, p2p_policy_hardware(), NULL, &router),
				 -ENOMEM);
		assert_null(router);
	}
	m->counting.left = -1;
}

static void set_survives_failed_allocations(void **state)
{
	struct machine *m = *state;
	const struct p2p_policy *policy;
	struct p2p_router *router = NULL;
	enum p2p_policy_fit fit;
	long left = 0;

	finish(m);
	assert_int_equal(p2p_policy_find("5.4.0-150-generic", &policy, &fit), 0);
	for (int error = -ENOMEM; error; left++) {
		m->counting.left = left;
		error = p2p_router_new(m->fabric, policy, NULL, &router);
		assert_int_equal(error == 0, router != NULL);
	}
	assert_true(left > 10);
	m->counting.left = -1;
	p2p_router_free(router);
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(p2p_verdict_name(P2P_VERDICT_VIA_HOST), "via-host");
	assert_string_equal(p2p_verdict_name((enum p2p_verdict)77), "invalid");
	assert_string_equal(p2p_reason_name(P2P_REASON_OFF_BUS), "off-bus");
	assert_string_equal(p2p_hop_name(P2P_HOP_END), "end");
	assert_string_equal(p2p_acs_quirk_name(P2P_ACS_QUIRK_LAYOUT), "layout");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(below_one_switch),
		TEST(host_bridge_not_on_the_list),
		TEST(host_bridges_on_the_list),
		TEST(listed_but_not_between_two),
		TEST(newer_lists_are_longer),
		TEST(cpu_rule),
		TEST(unknown_cpu_does_not_matter_to_a_listed_bridge),
		TEST(request_redirect_at_the_client),
		TEST(completion_redirect_at_the_provider),
		TEST(egress_control),
		TEST(egress_control_and_redirect),
		TEST(redirect_at_the_common_port),
		TEST(redirect_above_the_common_port),
		TEST(bits_that_do_not_redirect),
		TEST(redirect_of_the_device_itself),
		TEST(redirect_without_a_way_through_the_host),
		TEST(unknown_acs),
		TEST(unknown_acs_that_changes_nothing),
		TEST(unknown_key),
		TEST(unknown_key_of_amd),
		TEST(half_known_keys),
		TEST(no_key),
		TEST(partial_sources),
		TEST(the_first_rules),
		TEST(zen_without_an_iommu),
		TEST(lists_of_their_time),
		TEST(amd_before_the_cpu_rule),
		TEST(root_ports_vouch_later),
		TEST(no_support),
		TEST(rules_that_were_not_read),
		TEST(all_agree_on_the_first_zen),
		TEST(kernels_to_come),
		TEST(deep_forest_is_quick),
		TEST(off_bus_devices),
		TEST(refuses_what_cannot_be_asked),
		TEST(hardware_goes_through_any_host),
		TEST(refused_between_host_bridges),
		TEST(allowed_pair),
		TEST(allowed_across_host_bridges),
		TEST(allowed_in_spite_of_redirect),
		TEST(not_to_be_allowed),
		TEST(allowed_by_rules_that_were_not_read),
		TEST(allowed_pairs_are_limited),
		TEST(link_bandwidths),
		TEST(narrowest_link),
		TEST(no_link_inside_a_switch),
		TEST(functions_share_their_link),
		TEST(quirks),
		TEST(no_express_means_no_acs),
		TEST(router_survives_failed_allocations),
		TEST(set_survives_failed_allocations),
		TEST(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
