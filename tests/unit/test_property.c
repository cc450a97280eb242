// SPDX-License-Identifier: MIT
/*
 * The core's verdicts against the simulated bus, on random machines. What must hold for each
 * client, provider and range:
 *
 *   direct        by bus address, writes land on exactly the bytes meant and reads come from them,
 *                 under the hardware's and under Linux's policy
 *   hardware      what the bus does below a common port is among what the verdict leaves open
 *   unreachable   under the hardware's policy: nothing gets there
 *   via-host      by the address that the host knows it by: nobody else's memory is touched
 *
 * test_property [MACHINES [SEED]]. A failure is made smaller and left as property-SEED.sim.
 */
#include "random_bus.h"
#include "support.h"

#include <p2pmem/route.h>

#define MACHINES 10000
#define IOVA     UINT64_C(0x10000000) /* host memory's: no device's bus address */

/* One question: may `client` use `size` bytes at `offset` of the provider's BAR? By index. */
struct question {
	int client, provider;
	unsigned int bar;
	uint64_t offset, size;
	const char *broken; /* the promise that did not hold */
};

struct bench {
	struct bus_spec *spec;
	struct sim_machine *machine;
	struct p2p_fabric *fabric;
	struct p2p_router *hardware, *linux_router;
	p2p_node fabric_node[SIM_NODES_MAX];
	struct counting counting;
};

static unsigned long seen[4]; /* by verdict, so that no promise goes untried */

static struct p2p_router *router_for(const struct p2p_fabric *fabric, const char *name)
{
	const struct p2p_platform platform = { .arch = P2P_ARCH_X86,
					       .cpu_vendor = P2P_CPU_OTHER,
					       .cpu_family = 6 };
	const struct p2p_policy *policy;
	struct p2p_router *router;
	enum p2p_policy_fit fit;

	assert_int_equal(p2p_policy_find(name, &policy, &fit), 0);
	assert_int_equal(p2p_router_new(fabric, policy, &platform, &router), 0);
	return router;
}

static void open_bench(struct bench *bench, struct bus_spec *spec)
{
	struct p2p_allocator allocator = counting_allocator(&bench->counting);

	bench->spec = spec;
	bench->machine = bus_build(spec);
	bench->fabric = bus_fabric(spec, bench->machine, &allocator, bench->fabric_node);
	bench->hardware = router_for(bench->fabric, "hardware");
	bench->linux_router = router_for(bench->fabric, "7.3");
}

static void close_bench(struct bench *bench)
{
	p2p_router_free(bench->linux_router);
	p2p_router_free(bench->hardware);
	p2p_fabric_free(bench->fabric);
	sim_machine_free(bench->machine);
	assert_int_equal(bench->counting.live, 0);
}

static sim_node node_of(const struct bench *bench, int index)
{
	return bench->spec->node[index].node;
}

/* Where a DMA went: all of it where it should, somewhere else, or nowhere. */
enum fate {
	ARRIVED,
	NOWHERE,
	ELSEWHERE
};

static enum fate fate_of(const struct bench *bench, const struct question *question,
			 const struct sim_result *result)
{
	if (result->outcome != SIM_LANDED)
		return NOWHERE;
	return result->where == node_of(bench, question->provider) &&
			       result->bar == question->bar && result->offset == question->offset &&
			       result->bytes == question->size
		       ? ARRIVED
		       : ELSEWHERE;
}

/* Writes bytes that nobody has yet, looks for them behind the bus's back, and reads them. */
static enum fate transfer(const struct bench *bench, const struct question *question,
			  uint64_t address, bool write, struct sim_result *result)
{
	static uint8_t out[2 * SIM_PAGE], in[2 * SIM_PAGE];
	static uint8_t stamp;
	sim_node client = node_of(bench, question->client);
	sim_node provider = node_of(bench, question->provider);
	enum fate fate;

	memset(out, ++stamp, question->size);
	if (!write) {
		assert_int_equal(sim_poke(bench->machine, provider, question->bar, question->offset,
					  out, question->size),
				 0);
		assert_int_equal(sim_read(bench->machine, client, (p2p_dma_addr){ address }, in,
					  question->size, 0, result),
				 0);
	} else {
		assert_int_equal(sim_write(bench->machine, client, (p2p_dma_addr){ address }, out,
					   question->size, 0, result),
				 0);
		assert_int_equal(sim_peek(bench->machine, provider, question->bar, question->offset,
					  in, question->size),
				 0);
	}
	fate = fate_of(bench, question, result);
	if (fate == ARRIVED)
		assert_memory_equal(in, out, question->size);
	return fate;
}

static uint64_t bus_address(const struct bench *bench, const struct question *question)
{
	return sim_registers(bench->machine, node_of(bench, question->provider))
		       ->bar[question->bar] +
	       question->offset;
}

/* What the bus does with the provider's bus address, in the words of verdicts. */
static enum p2p_verdict shown(const struct bench *bench, const struct question *question)
{
	uint64_t address = bus_address(bench, question);
	struct sim_result wrote, read;
	enum fate write = transfer(bench, question, address, true, &wrote);
	enum fate reading = transfer(bench, question, address, false, &read);

	if (wrote.outcome == SIM_BLOCKED || read.outcome == SIM_BLOCKED)
		return P2P_VERDICT_UNREACHABLE;
	if (bus_asked_host(bench->machine, &wrote) || bus_asked_host(bench->machine, &read))
		return P2P_VERDICT_VIA_HOST;
	return write == ARRIVED && reading == ARRIVED ? P2P_VERDICT_DIRECT : P2P_VERDICT_UNKNOWN;
}

/* The address by which the client reaches the provider through the host, as Linux maps it. */
static bool host_address(const struct bench *bench, const struct question *question,
			 uint64_t *address)
{
	sim_node client = node_of(bench, question->client);
	sim_node bridge = sim_host_bridge(bench->machine, client);
	struct sim_map map = {
		.client = client,
		.dma = { IOVA },
		.size = UINT64_C(3) * SIM_PAGE,
		.read = true,
		.write = true,
	};
	p2p_dma_addr dma;
	p2p_cpu_addr cpu;

	if (sim_cpu_address(bench->machine, node_of(bench, question->provider), question->bar,
			    question->offset, &cpu) != 0)
		return false;
	if (sim_registers(bench->machine, bridge)->iommu == SIM_IOMMU_TRANSLATE) {
		map.cpu.value = cpu.value & ~(uint64_t)(SIM_PAGE - 1);
		sim_unmap(bench->machine, client, map.dma, map.size);
		assert_int_equal(sim_map(bench->machine, &map), 0);
		*address = IOVA + cpu.value % SIM_PAGE;
		return true;
	}
	if (sim_inbound_address(bench->machine, client, cpu, &dma) != 0)
		return false;
	*address = dma.value;
	return true;
}

/* `*what`: what the bus shows, when that was looked at. */
static const char *judge_hardware(const struct bench *bench, const struct question *question,
				  const struct p2p_route *route, enum p2p_verdict *what)
{
	/* Without a port above both, bus addresses mean nothing to the verdict. */
	if (route->common == P2P_NO_NODE && route->verdict != P2P_VERDICT_DIRECT)
		return NULL;
	*what = shown(bench, question);
	if (*what == P2P_VERDICT_UNKNOWN)
		return "below a common port, neither direct, nor up, nor blocked";
	if (!(route->possible & P2P_POSSIBLE(*what)))
		return "hardware: the bus does what the verdict excludes";
	return NULL;
}

static const char *judge_linux(const struct bench *bench, const struct question *question,
			       const struct p2p_route *route, enum p2p_verdict what)
{
	struct sim_result result;
	uint64_t address;

	if (route->verdict == P2P_VERDICT_DIRECT && what != P2P_VERDICT_DIRECT)
		return "Linux: direct, and the bus does not carry it directly";
	/* With CPU addresses that are also bus addresses no address by the host is safe. */
	if (route->verdict != P2P_VERDICT_VIA_HOST || bench->spec->collides ||
	    !host_address(bench, question, &address))
		return NULL;
	if (transfer(bench, question, address, true, &result) == ELSEWHERE ||
	    transfer(bench, question, address, false, &result) == ELSEWHERE)
		return "Linux: by the host, and it lands in somebody else's memory";
	return NULL;
}

static const char *judge(const struct bench *bench, const struct question *question)
{
	p2p_node client = bench->fabric_node[node_of(bench, question->client)];
	p2p_node provider = bench->fabric_node[node_of(bench, question->provider)];
	enum p2p_verdict what = P2P_VERDICT_UNKNOWN;
	const char *broken;
	struct p2p_route route;

	assert_int_equal(p2p_route_find(bench->hardware, client, provider, &route), 0);
	seen[route.verdict]++;
	broken = judge_hardware(bench, question, &route, &what);
	if (broken)
		return broken;
	assert_int_equal(p2p_route_find(bench->linux_router, client, provider, &route), 0);
	return judge_linux(bench, question, &route, what);
}

/* For shrinking: the same promise must stay broken. */
static bool still_wrong(struct bus_spec *spec, void *context)
{
	const struct question *question = context;
	struct bench bench;
	const char *broken;

	open_bench(&bench, spec);
	broken = judge(&bench, question);
	close_bench(&bench);
	return broken == question->broken;
}

static void report(struct bus_spec *spec, uint64_t seed, struct question *question)
{
	char name[64];
	FILE *file;

	bus_shrink(spec, question->client, question->provider, still_wrong, question);
	snprintf(name, sizeof(name), "property-%llu.sim", (unsigned long long)seed);
	file = fopen(name, "w");
	assert_non_null(file);
	fprintf(file, "# %s\n", question->broken);
	bus_write(spec, file);
	for (int write = 1; write >= 0; write--)
		fprintf(file, "%s n%d n%d.%u+0x%llx %llu by=bus\n  expect arrives\n",
			write ? "write" : "read", question->client, question->provider,
			question->bar, (unsigned long long)question->offset,
			(unsigned long long)question->size);
	fclose(file);
	fail_msg("seed %llu: %s; the machine is in %s", (unsigned long long)seed, question->broken,
		 name);
}

static bool is_client(const struct bus_node *node)
{
	return node->info.kind == SIM_FUNCTION || sim_is_port(node->info.kind);
}

static void random_range(struct bus_spec *spec, struct question *question)
{
	uint64_t whole = spec->node[question->provider].info.bar_size[question->bar];
	uint64_t size = 1 + bus_random(spec, bus_random(spec, 8) ? 64 : 2 * SIM_PAGE);

	question->size = size < whole ? size : whole;
	/* Ends are where mistakes are. */
	switch (bus_random(spec, 3)) {
	case 0:
		question->offset = 0;
		break;
	case 1:
		question->offset = whole - question->size;
		break;
	default:
		question->offset = bus_random(spec, whole - question->size + 1);
	}
}

static void judge_machine(uint64_t seed)
{
	static struct bus_spec spec;
	static struct bench bench;
	struct question question;

	bus_make(&spec, seed);
	open_bench(&bench, &spec);
	for (question.client = 0; question.client < spec.count; question.client++) {
		if (!is_client(&spec.node[question.client]))
			continue;
		for (question.provider = 0; question.provider < spec.count; question.provider++) {
			if (!is_client(&spec.node[question.provider]))
				continue;
			question.bar = (unsigned int)bus_random(&spec, 2);
			if (!spec.node[question.provider].info.bar_size[question.bar])
				continue;
			random_range(&spec, &question);
			question.broken = judge(&bench, &question);
			if (question.broken)
				report(&spec, seed, &question);
		}
	}
	close_bench(&bench);
}

static unsigned long machines = MACHINES, first_seed;

static void verdicts_hold_on_the_bus(void **state)
{
	(void)state;
	for (unsigned long i = 0; i < machines; i++)
		judge_machine(first_seed + i);
	if (machines < MACHINES)
		return;
	assert_true(seen[P2P_VERDICT_DIRECT] > machines);
	assert_true(seen[P2P_VERDICT_VIA_HOST] > machines);
	assert_true(seen[P2P_VERDICT_UNKNOWN] > machines / 10);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(verdicts_hold_on_the_bus) };

	if (argc > 1)
		machines = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		first_seed = strtoul(argv[2], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
