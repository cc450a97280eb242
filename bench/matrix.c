// SPDX-License-Identifier: MIT
/*
 * How many verdicts a second: full matrices of synthetic servers with 100, 1,000 and 10,000
 * functions, against the plain parent walk that the kernel does, on the same fabric in the same
 * run. Prints the best of several rounds.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <p2pmem/acs.h>
#include <p2pmem/route.h>

#define ROUNDS        3
#define ROOT_PORTS    4
#define FUNCTIONS_MAX 10000u

/* Pairs of a round: enough to time, few enough to wait for. */
#define PAIRS_MIN 20000000ull

struct bench {
	struct p2p_fabric_builder *builder;
	struct p2p_fabric *fabric;
	struct p2p_router *router;
	p2p_node function[FUNCTIONS_MAX];
	uint32_t functions, wanted;
	unsigned int last_bus;
};

static void *take(void *context, size_t size)
{
	(void)context;
	return malloc(size);
}

static void give(void *context, void *memory)
{
	(void)context;
	free(memory);
}

static void die(const char *what, int error)
{
	fprintf(stderr, "bench-matrix: %s: error %d\n", what, -error);
	exit(EXIT_FAILURE);
}

static p2p_node put(struct bench *b, enum p2p_kind kind, p2p_node parent, struct p2p_bdf where,
		    bool redirects)
{
	struct p2p_node_info info;
	p2p_node node;
	int error;

	p2p_node_info_init(&info);
	info.kind = kind;
	info.parent = parent;
	info.bdf = where;
	info.vendor = 0x8086;
	info.device = kind == P2P_KIND_ROOT_PORT ? 0x2030 : 0x1234;
	info.acs.known = kind == P2P_KIND_ENDPOINT ? P2P_ABSENT : P2P_PRESENT;
	info.acs.control = redirects ? P2P_ACS_RR | P2P_ACS_CR : 0;
	error = p2p_fabric_add(b->builder, &info, &node);
	if (error)
		die("cannot add a node", error);
	return node;
}

/* A switch: an upstream port, and downstream ports with a device of two functions each. */
static p2p_node add_switch(struct bench *b, p2p_node parent, uint32_t domain, bool redirects)
{
	struct p2p_bdf at = { domain, (uint8_t)++b->last_bus, 0 };
	p2p_node up = put(b, P2P_KIND_UPSTREAM_PORT, parent, at, false);
	p2p_node first = P2P_NO_NODE;
	uint8_t inner = (uint8_t)++b->last_bus;

	for (unsigned int slot = 0; slot < 4; slot++) {
		struct p2p_bdf port = { domain, inner, (uint8_t)(slot << 3) };
		p2p_node down = put(b, P2P_KIND_DOWNSTREAM_PORT, up, port, redirects);
		uint8_t bus = (uint8_t)++b->last_bus;

		if (slot == 0) {
			first = down;
			b->last_bus--;
			continue;
		}
		for (unsigned int f = 0; f < 2 && b->functions < b->wanted; f++) {
			struct p2p_bdf device = { domain, bus, (uint8_t)f };

			b->function[b->functions++] =
				put(b, P2P_KIND_ENDPOINT, down, device, false);
		}
	}
	return first;
}

/* One domain for each host bridge: four root ports, each above two switches in a chain, half of
 * them with redirect. */
static void add_host_bridge(struct bench *b, uint32_t domain)
{
	p2p_node host =
		put(b, P2P_KIND_HOST_BRIDGE, P2P_NO_NODE, (struct p2p_bdf){ domain, 0, 0 }, false);

	b->last_bus = 0;
	for (unsigned int slot = 0; slot < ROOT_PORTS; slot++) {
		struct p2p_bdf port = { domain, 0, (uint8_t)(slot << 3) };
		p2p_node root = put(b, P2P_KIND_ROOT_PORT, host, port, false);
		p2p_node below = add_switch(b, root, domain, slot & 1);

		add_switch(b, below, domain, false);
	}
}

static void build(struct bench *b, const struct p2p_allocator *allocator, uint32_t functions)
{
	static const struct p2p_platform platform = { .arch = P2P_ARCH_X86,
						      .cpu_vendor = P2P_CPU_OTHER,
						      .cpu_family = 6 };
	const struct p2p_policy *policy;
	enum p2p_policy_fit fit;
	int error = p2p_fabric_builder_new(allocator, &b->builder);

	if (error)
		die("cannot begin a fabric", error);
	b->functions = 0;
	b->wanted = functions;
	for (uint32_t domain = 0; b->functions < functions; domain++)
		add_host_bridge(b, domain);
	error = p2p_fabric_finish(b->builder, &b->fabric);
	if (error)
		die("cannot finish a fabric", error);
	error = p2p_policy_find("6.12", &policy, &fit);
	if (!error)
		error = p2p_router_new(b->fabric, policy, &platform, &b->router);
	if (error)
		die("cannot make a router", error);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The peer: two nested walks up the parents, and the ACS of each node on the way. */
static int walk(const struct bench *b, p2p_node client, p2p_node provider, int *redirects)
{
	const uint16_t bits = P2P_ACS_RR | P2P_ACS_CR | P2P_ACS_EC;
	const struct p2p_fabric *f = b->fabric;
	p2p_node host = p2p_fabric_host_bridge(f, provider);
	p2p_node other_host = p2p_fabric_host_bridge(f, client);
	int up_a = 0, up_b = 0;

	*redirects = 0;
	for (p2p_node a = provider; a != host; a = p2p_fabric_parent(f, a), up_a++) {
		*redirects += p2p_acs_active(p2p_fabric_info(f, a), bits) != 0;
		up_b = 0;
		for (p2p_node c = client; c != other_host; c = p2p_fabric_parent(f, c), up_b++) {
			if (c != a)
				continue;
			for (c = client; c != a; c = p2p_fabric_parent(f, c))
				*redirects += p2p_acs_active(p2p_fabric_info(f, c), bits) != 0;
			return up_a + up_b;
		}
	}
	*redirects = -1;
	return up_a + up_b;
}

static uint64_t matrix_walked(const struct bench *b)
{
	uint64_t sum = 0;
	int redirects;

	for (uint32_t i = 0; i < b->functions; i++)
		for (uint32_t j = 0; j < b->functions; j++)
			sum += (uint64_t)walk(b, b->function[i], b->function[j], &redirects);
	return sum;
}

static uint64_t matrix_routed(const struct bench *b)
{
	struct p2p_route route;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < b->functions; i++)
		for (uint32_t j = 0; j < b->functions; j++) {
			p2p_route_find(b->router, b->function[i], b->function[j], &route);
			sum += (uint64_t)route.distance;
		}
	return sum;
}

/* Millions of pairs a second, best of the rounds. The sums show that both did the same work. */
static double best(const struct bench *b, uint64_t (*matrix)(const struct bench *), uint64_t *sum)
{
	uint64_t pairs = (uint64_t)b->functions * b->functions;
	uint64_t times = pairs < PAIRS_MIN ? PAIRS_MIN / pairs : 1;
	double fastest = 0;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		double start = seconds(), rate;

		for (uint64_t i = 0; i < times; i++)
			*sum = matrix(b);
		rate = (double)(pairs * times) / (seconds() - start) / 1e6;
		if (rate > fastest)
			fastest = rate;
	}
	return fastest;
}

int main(void)
{
	static const uint32_t sizes[] = { 100, 1000, FUNCTIONS_MAX };
	const struct p2p_allocator allocator = { take, give, NULL };
	static struct bench b;

	printf("%10s %10s %16s %16s\n", "functions", "ns/verdict", "million/s", "walk million/s");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint64_t routed = 0, walked = 0;
		double ours, peer;

		build(&b, &allocator, sizes[i]);
		ours = best(&b, matrix_routed, &routed);
		peer = best(&b, matrix_walked, &walked);
		if (routed != walked) {
			fprintf(stderr,
				"bench-matrix: the walk's distances add up to %" PRIu64
				", the router's to %" PRIu64 "\n",
				walked, routed);
			return EXIT_FAILURE;
		}
		printf("%10" PRIu32 " %10.1f %16.1f %16.1f\n", sizes[i], 1e3 / ours, ours, peer);
		p2p_router_free(b.router);
		p2p_fabric_free(b.fabric);
	}
	return 0;
}
