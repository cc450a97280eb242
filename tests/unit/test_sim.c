// SPDX-License-Identifier: MIT
/*
 * The simulated bus, register by register: what each expectation follows is said beside it.
 */
#include "support.h"

#include "sim.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/*
 * ram 0-2G
 * host 0:00, window 2G+1G ─┬─ rp0 01.0 ── up ─┬─ dn0 ── nic
 *                          │                  ├─ dn1 ── gpu (64M), gpu_dma (function 1, 1M)
 *                          │                  └─ dn2 ── nvme (1M, 32 bits)
 *                          └─ rp1 02.0 ── far (1M)
 * host 1:00, window 64G+1G, on the bus 1G ── rp2 ── alien (1M)
 * capi 96G+1G
 */
struct bus {
	struct sim_machine *m;
	struct sim_result result;
	sim_node ram, host, rp0, up, dn0, dn1, dn2, nic, gpu, gpu_dma, nvme, rp1, far;
	sim_node host1, rp2, alien, capi;
};

static sim_node plug(struct bus *b, enum sim_kind kind, sim_node parent, unsigned int slot,
		     unsigned int function, uint64_t bar)
{
	struct sim_info info = {
		.kind = kind,
		.parent = parent,
		.slot = (uint8_t)slot,
		.function = (uint8_t)function,
		.bar_size = { bar },
		.acs = true,
		.acs_capability = 0x7f,
	};
	sim_node node;

	assert_int_equal(sim_add(b->m, &info, &node), 0);
	return node;
}

static sim_node plug_memory(struct bus *b, enum sim_kind kind, uint64_t start, uint64_t size)
{
	const struct sim_info info = {
		.kind = kind,
		.parent = SIM_NO_NODE,
		.memory = { start },
		.memory_size = size,
	};
	sim_node node;

	assert_int_equal(sim_add(b->m, &info, &node), 0);
	return node;
}

static sim_node plug_host(struct bus *b, uint32_t domain, uint64_t cpu, uint64_t bus)
{
	const struct sim_info info = {
		.kind = SIM_HOST_BRIDGE,
		.parent = SIM_NO_NODE,
		.domain = domain,
		.window = { { { cpu }, { bus }, GIB } },
	};
	sim_node node;

	assert_int_equal(sim_add(b->m, &info, &node), 0);
	sim_registers(b->m, node)->peers = SIM_PEERS_DIRECT | SIM_PEERS_SAME | SIM_PEERS_CROSS;
	return node;
}

static int setup(void **state)
{
	struct bus *b = calloc(1, sizeof(*b));
	sim_node culprit;

	*state = b;
	if (!b)
		return -1;
	b->m = sim_machine_new();
	assert_non_null(b->m);
	b->ram = plug_memory(b, SIM_RAM, 0, 2 * GIB);
	b->host = plug_host(b, 0, 2 * GIB, 2 * GIB);
	b->rp0 = plug(b, SIM_ROOT_PORT, b->host, 1, 0, 0);
	b->up = plug(b, SIM_UPSTREAM_PORT, b->rp0, 0, 0, 0);
	b->dn0 = plug(b, SIM_DOWNSTREAM_PORT, b->up, 0, 0, 0);
	b->nic = plug(b, SIM_FUNCTION, b->dn0, 0, 0, 0);
	b->dn1 = plug(b, SIM_DOWNSTREAM_PORT, b->up, 1, 0, 0);
	b->gpu = plug(b, SIM_FUNCTION, b->dn1, 0, 0, 64 * MIB);
	b->gpu_dma = plug(b, SIM_FUNCTION, b->dn1, 0, 1, MIB);
	b->dn2 = plug(b, SIM_DOWNSTREAM_PORT, b->up, 2, 0, 0);
	b->nvme = plug(b, SIM_FUNCTION, b->dn2, 0, 0, MIB);
	b->rp1 = plug(b, SIM_ROOT_PORT, b->host, 2, 0, 0);
	b->far = plug(b, SIM_FUNCTION, b->rp1, 0, 0, MIB);
	b->host1 = plug_host(b, 1, 64 * GIB, GIB);
	b->rp2 = plug(b, SIM_ROOT_PORT, b->host1, 1, 0, 0);
	b->alien = plug(b, SIM_FUNCTION, b->rp2, 0, 0, MIB);
	b->capi = plug_memory(b, SIM_COHERENT, 96 * GIB, GIB);
	assert_int_equal(sim_assign(b->m, &culprit), 0);
	return 0;
}

static int teardown(void **state)
{
	struct bus *b = *state;

	sim_machine_free(b->m);
	free(b);
	return 0;
}

static struct sim_registers *registers(struct bus *b, sim_node node)
{
	return sim_registers(b->m, node);
}

static uint64_t bar(struct bus *b, sim_node node)
{
	return registers(b, node)->bar[0];
}

static void try(struct bus *b, sim_node client, uint64_t address, bool write, unsigned int flags)
{
	assert_int_equal(
		sim_route(b->m, client, (p2p_dma_addr){ address }, write, flags, &b->result), 0);
	assert_non_null(b->result.why);
	assert_in_range(b->result.hop_count, 1, SIM_HOPS_MAX);
}

static void lands(struct bus *b, sim_node client, uint64_t address, sim_node where, uint64_t offset)
{
	/* Both ways: a read's data must find back, too. */
	for (int write = 0; write < 2; write++) {
		try(b, client, address, write, 0);
		assert_int_equal(b->result.outcome, SIM_LANDED);
		assert_int_equal(b->result.where, where);
		assert_int_equal(b->result.offset, offset);
	}
}

static void dies(struct bus *b, sim_node client, uint64_t address, enum sim_outcome outcome,
		 sim_node where)
{
	try(b, client, address, true, 0);
	assert_int_equal(b->result.outcome, outcome);
	assert_int_equal(b->result.where, where);
}

static bool passes(const struct bus *b, sim_node node)
{
	for (uint32_t i = 0; i < b->result.hop_count; i++)
		if (b->result.hop[i].node == node)
			return true;
	return false;
}

static void below_one_switch(void **state)
{
	struct bus *b = *state;

	lands(b, b->nic, bar(b, b->gpu) + 4096, b->gpu, 4096);
	assert_false(passes(b, b->up));
	lands(b, b->nic, bar(b, b->gpu) + 64 * MIB - 1, b->gpu, 64 * MIB - 1);
	lands(b, b->gpu, bar(b, b->gpu) + 1, b->gpu, 1); /* its own: never leaves */
	assert_int_equal(b->result.hop_count, 2);
	lands(b, b->gpu_dma, bar(b, b->gpu), b->gpu, 0); /* the other function: inside */
	assert_false(passes(b, b->dn1));
}

static void through_the_host(void **state)
{
	struct bus *b = *state;

	lands(b, b->nic, 4096, b->ram, 4096);
	lands(b, b->nic, bar(b, b->far), b->far, 0);
	assert_false(passes(b, b->host));
	registers(b, b->host)->peers = SIM_PEERS_SAME;
	lands(b, b->nic, bar(b, b->far), b->far, 0);
	assert_true(passes(b, b->host));
	registers(b, b->host)->peers = 0;
	dies(b, b->nic, bar(b, b->far), SIM_ABORT, b->host);
	dies(b, b->nic, 50 * GIB, SIM_ABORT, b->host);
	dies(b, b->nic, 3 * GIB - 4096, SIM_ABORT, b->host);
}

static void across_domains(void **state)
{
	struct bus *b = *state;
	uint64_t cpu = bar(b, b->alien) - GIB + 64 * GIB;

	lands(b, b->nic, cpu + 5, b->alien, 5);
	assert_true(passes(b, b->host1));
	/* Its bus address means host memory here. */
	lands(b, b->nic, bar(b, b->alien), b->ram, bar(b, b->alien));
	registers(b, b->host1)->peers = SIM_PEERS_SAME;
	dies(b, b->nic, cpu, SIM_ABORT, b->host1);
	/* CAPI is on the CPU's bus: no host bridge has a say. */
	lands(b, b->capi, cpu, b->alien, 0);
	lands(b, b->nic, 96 * GIB + 7, b->capi, 7);
	lands(b, b->capi, 96 * GIB, b->capi, 0);
}

static void redirect(void **state)
{
	struct bus *b = *state;

	registers(b, b->dn0)->acs_control = SIM_ACS_RR;
	/* The root port would have to send it back where it came from: 6.12.1.1, UF. */
	dies(b, b->nic, bar(b, b->gpu), SIM_UNSUPPORTED, b->rp0);
	registers(b, b->rp0)->acs_control = SIM_ACS_UF;
	lands(b, b->nic, bar(b, b->gpu), b->gpu, 0);
	assert_true(passes(b, b->host));
	/* Of others' requests to the nic's port nothing is redirected: ACS acts at the ingress. */
	lands(b, b->nvme, bar(b, b->gpu), b->gpu, 0);
	assert_false(passes(b, b->up));
	registers(b, b->dn0)->acs_control = 0;
	lands(b, b->nic, bar(b, b->gpu), b->gpu, 0);
	assert_false(passes(b, b->host));
}

static void egress(void **state)
{
	struct bus *b = *state;

	/* 6.12.3: E alone blocks those picked; with R it redirects those and no others. */
	registers(b, b->dn0)->acs_control = SIM_ACS_EC;
	registers(b, b->dn0)->acs_egress = 1u << 1;
	dies(b, b->nic, bar(b, b->gpu), SIM_BLOCKED, b->dn0);
	assert_int_equal(b->result.bits, SIM_ACS_EC);
	lands(b, b->nic, bar(b, b->nvme), b->nvme, 0);
	registers(b, b->dn0)->acs_control = SIM_ACS_EC | SIM_ACS_RR;
	registers(b, b->rp0)->acs_control = SIM_ACS_UF;
	lands(b, b->nic, bar(b, b->gpu), b->gpu, 0);
	assert_true(passes(b, b->host));
	lands(b, b->nic, bar(b, b->nvme), b->nvme, 0);
	assert_false(passes(b, b->host));
}

static void source_and_translation(void **state)
{
	struct bus *b = *state;

	registers(b, b->dn0)->acs_control = SIM_ACS_SV | SIM_ACS_TB;
	lands(b, b->nic, 0, b->ram, 0);
	try(b, b->nic, 0, true, SIM_TRANSLATED);
	assert_int_equal(b->result.outcome, SIM_BLOCKED);
	assert_int_equal(b->result.bits, SIM_ACS_TB);
	registers(b, b->dn0)->subordinate = registers(b, b->dn0)->secondary = 77;
	dies(b, b->nic, 0, SIM_BLOCKED, b->dn0);
	assert_int_equal(b->result.bits, SIM_ACS_SV);
	registers(b, b->dn0)->subordinate = registers(b, b->dn0)->secondary = 1;
	dies(b, b->nic, 0, SIM_BLOCKED, b->dn0);
	/* Without Source Validation requests pass, but data does not find a bus 3 any more. */
	registers(b, b->dn0)->acs_control = 0;
	try(b, b->nic, 0, false, 0);
	assert_int_equal(b->result.outcome, SIM_LOST);
	assert_int_equal(b->result.where, b->up);
}

static void translated_requests(void **state)
{
	struct bus *b = *state;

	try(b, b->nic, 0, true, SIM_TRANSLATED);
	assert_int_equal(b->result.outcome, SIM_UNSUPPORTED);
	registers(b, b->host)->iommu = SIM_IOMMU_TRANSLATE;
	try(b, b->nic, 0, true, SIM_TRANSLATED);
	assert_int_equal(b->result.outcome, SIM_FAULT);
	registers(b, b->nic)->ats = true;
	try(b, b->nic, 0, true, SIM_TRANSLATED);
	assert_int_equal(b->result.outcome, SIM_LANDED);
	/* DT: a translated request goes straight through where others are redirected. */
	registers(b, b->dn0)->acs_control = SIM_ACS_RR | SIM_ACS_DT;
	try(b, b->nic, bar(b, b->gpu), true, SIM_TRANSLATED);
	assert_int_equal(b->result.where, b->gpu);
	assert_false(passes(b, b->up));
	dies(b, b->nic, bar(b, b->gpu), SIM_UNSUPPORTED, b->rp0);
}

static void completions(void **state)
{
	struct bus *b = *state;

	/* Data of the gpu's memory is redirected at the gpu's port, and needs UF above. */
	registers(b, b->dn1)->acs_control = SIM_ACS_CR;
	try(b, b->nic, bar(b, b->gpu), true, 0);
	assert_int_equal(b->result.outcome, SIM_LANDED);
	try(b, b->nic, bar(b, b->gpu), false, 0);
	assert_int_equal(b->result.outcome, SIM_LOST);
	assert_int_equal(b->result.where, b->rp0);
	/* Relaxed Ordering exempts: 6.12.1.1. */
	try(b, b->nic, bar(b, b->gpu), false, SIM_RELAXED);
	assert_int_equal(b->result.outcome, SIM_LANDED);
	registers(b, b->rp0)->acs_control = SIM_ACS_UF;
	lands(b, b->nic, bar(b, b->gpu), b->gpu, 0);
}

static void iommu(void **state)
{
	struct bus *b = *state;
	struct sim_map map = {
		.client = b->nic,
		.dma = { 0x10000 },
		.cpu = { bar(b, b->far) },
		.size = 8192,
		.write = true,
	};

	registers(b, b->host)->iommu = SIM_IOMMU_TRANSLATE;
	dies(b, b->nic, 0x10000, SIM_FAULT, b->host);
	assert_int_equal(sim_map(b->m, &map), 0);
	try(b, b->nic, 0x11fff, true, 0);
	assert_int_equal(b->result.where, b->far);
	assert_int_equal(b->result.offset, 0x1fff);
	dies(b, b->nic, 0x12000, SIM_FAULT, b->host);
	dies(b, b->gpu, 0x10000, SIM_FAULT, b->host); /* the table is the nic's */
	try(b, b->nic, 0x10000, false, 0);            /* write only */
	assert_int_equal(b->result.outcome, SIM_FAULT);
	/* Untranslated requests to a neighbour's bus address never see the IOMMU. */
	lands(b, b->nic, bar(b, b->gpu), b->gpu, 0);
	sim_unmap(b->m, b->nic, map.dma, 1);
	dies(b, b->nic, 0x10000, SIM_FAULT, b->host);
}

static void switched_off(void **state)
{
	struct bus *b = *state;

	registers(b, b->nic)->bus_master = false;
	dies(b, b->nic, 0, SIM_NOT_SENT, b->nic);
	registers(b, b->nic)->bus_master = true;
	registers(b, b->dn0)->bus_master = false;
	dies(b, b->nic, bar(b, b->gpu), SIM_UNSUPPORTED, b->dn0);
	registers(b, b->dn0)->bus_master = true;
	registers(b, b->gpu)->memory_enable = false;
	dies(b, b->nic, bar(b, b->gpu), SIM_UNSUPPORTED, b->dn1);
	registers(b, b->dn1)->memory_enable = false;
	dies(b, b->nic, bar(b, b->gpu), SIM_UNSUPPORTED, b->up);
	registers(b, b->up)->bus_master = false;
	dies(b, b->nic, 0, SIM_UNSUPPORTED, b->up);
}

static void removal(void **state)
{
	struct bus *b = *state;

	sim_set_present(b->m, b->gpu, false);
	dies(b, b->nic, bar(b, b->gpu), SIM_UNSUPPORTED, b->dn1);
	lands(b, b->nic, bar(b, b->gpu_dma), b->gpu_dma, 0);
	sim_set_present(b->m, b->up, false);
	dies(b, b->nic, 0, SIM_NOT_SENT, b->nic);
	dies(b, b->far, bar(b, b->gpu_dma), SIM_UNSUPPORTED, b->rp0);
	sim_set_present(b->m, b->up, true);
	lands(b, b->nic, bar(b, b->gpu), b->gpu, 0);
}

static void bytes_move(void **state)
{
	struct bus *b = *state;
	uint8_t out[12288], in[12288];
	/* Across the end of the gpu's BAR into that of its other function, which lies next to it.
	 */
	uint64_t address = bar(b, b->gpu) + 64 * MIB - 6000;

	assert_int_equal(bar(b, b->gpu_dma), bar(b, b->gpu) + 64 * MIB);
	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (uint8_t)(i * 7 + i / 256);
	assert_int_equal(
		sim_write(b->m, b->nic, (p2p_dma_addr){ address }, out, sizeof(out), 0, &b->result),
		0);
	assert_int_equal(b->result.bytes, 6000);
	assert_int_equal(b->result.where, b->gpu);
	assert_int_equal(sim_write(b->m, b->nic, (p2p_dma_addr){ address + 6000 }, out + 6000,
				   sizeof(out) - 6000, 0, &b->result),
			 0);
	assert_int_equal(b->result.bytes, sizeof(out) - 6000);
	assert_int_equal(b->result.where, b->gpu_dma);
	assert_int_equal(sim_peek(b->m, b->gpu, 0, 64 * MIB - 6000, in, 6000), 0);
	assert_int_equal(sim_peek(b->m, b->gpu_dma, 0, 0, in + 6000, sizeof(in) - 6000), 0);
	assert_memory_equal(in, out, sizeof(out));
	memset(in, 0, sizeof(in));
	assert_int_equal(
		sim_read(b->m, b->nvme, (p2p_dma_addr){ address }, in, sizeof(in), 0, &b->result),
		0);
	assert_int_equal(b->result.bytes, 6000);
	assert_memory_equal(in, out, 6000);
	/* A read that fails gives all ones. */
	assert_int_equal(
		sim_read(b->m, b->nic, (p2p_dma_addr){ 50 * GIB }, in, 4096, 0, &b->result), 0);
	assert_int_equal(b->result.outcome, SIM_ABORT);
	for (size_t i = 0; i < 4096; i++)
		assert_int_equal(in[i], 0xff);
}

static void arguments(void **state)
{
	struct bus *b = *state;
	uint8_t byte = 0;

	assert_int_equal(sim_write(b->m, b->ram, (p2p_dma_addr){ 0 }, &byte, 1, 0, &b->result),
			 -EINVAL);
	assert_int_equal(sim_write(b->m, b->nic, (p2p_dma_addr){ 0 }, &byte, 0, 0, &b->result),
			 -EINVAL);
	assert_int_equal(
		sim_write(b->m, b->nic, (p2p_dma_addr){ UINT64_MAX }, &byte, 2, 0, &b->result),
		-EINVAL);
	assert_int_equal(sim_peek(b->m, b->gpu, 0, 64 * MIB, &byte, 1), -EINVAL);
	assert_int_equal(sim_peek(b->m, b->gpu, 1, 0, &byte, 1), -EINVAL);
	assert_int_equal(sim_poke(b->m, 99, 0, 0, &byte, 1), -EINVAL);
}

static int add_one(struct bus *b, struct sim_info info)
{
	sim_node node;

	return sim_add(b->m, &info, &node);
}

static void impossible_nodes(void **state)
{
	struct bus *b = *state;
	struct sim_info info = { .kind = SIM_FUNCTION, .parent = b->rp1, .slot = 0, .function = 0 };

	assert_int_equal(add_one(b, info), -EEXIST);
	info.slot = 1; /* a link has one device */
	assert_int_equal(add_one(b, info), -EINVAL);
	info.slot = 0;
	info.function = 1;
	info.bar_size[0] = 12288;
	assert_int_equal(add_one(b, info), -EINVAL);
	info.bar_size[0] = 2048;
	assert_int_equal(add_one(b, info), -EINVAL);
	info.bar_size[0] = 4096;
	info.parent = b->up;
	assert_int_equal(add_one(b, info), -EINVAL);
	info.parent = 99;
	assert_int_equal(add_one(b, info), -EINVAL);
	info.parent = b->rp1;
	assert_int_equal(add_one(b, info), 0);
	info = (struct sim_info){ .kind = SIM_RAM, .parent = SIM_NO_NODE, .memory_size = 4096 };
	assert_int_equal(add_one(b, info), -EEXIST);
	info.memory.value = UINT64_MAX - 4095;
	info.memory_size = 8192;
	assert_int_equal(add_one(b, info), -EINVAL);
	info.memory_size = 0;
	assert_int_equal(add_one(b, info), -EINVAL);
}

/* What does not fit is named, and off; the rest works. */
static void firmware_runs_out(void **state)
{
	struct bus *b = *state;
	sim_node culprit, large = plug(b, SIM_FUNCTION, b->host1, 3, 0, 2 * GIB);

	assert_int_equal(sim_assign(b->m, &culprit), -ENOSPC);
	assert_int_equal(culprit, large);
	assert_false(registers(b, large)->memory_enable);
	lands(b, b->nic, bar(b, b->gpu), b->gpu, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(below_one_switch),
		TEST(through_the_host),
		TEST(across_domains),
		TEST(redirect),
		TEST(egress),
		TEST(source_and_translation),
		TEST(translated_requests),
		TEST(completions),
		TEST(iommu),
		TEST(switched_off),
		TEST(removal),
		TEST(bytes_move),
		TEST(arguments),
		TEST(impossible_nodes),
		TEST(firmware_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
