// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Runs a scenario: addresses clients as told, moves patterned bytes, asks the judge.
 */
#include "judge.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct runner {
	struct sim_scenario *scenario;
	const char *name;
	const struct sim_observer *observer;
	struct sim_error *error;
	struct sim_judge judge;
	const struct sim_step *step;
	uint64_t moved; /* bytes of this step */
};

static int fail(const struct runner *runner, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int fail(const struct runner *runner, const char *format, ...)
{
	struct sim_error *error = runner->error;
	va_list arguments;
	int length = snprintf(error->text, sizeof(error->text), "%.200s:%u: ", runner->name,
			      runner->step->line);

	va_start(arguments, format);
	vsnprintf(error->text + length, sizeof(error->text) - (size_t)length, format, arguments);
	va_end(arguments);
	return -1;
}

/* Bytes that tell their place: no two pages of a step, and no two steps, look alike. */
static void fill(uint8_t *bytes, uint64_t size, unsigned int line, unsigned int segment)
{
	uint64_t seed = (uint64_t)line << 32 | (uint64_t)segment << 24;

	for (uint64_t i = 0; i < size; i++) {
		uint64_t z = (seed + i / 8 + 1) * 0x9e3779b97f4a7c15ull;

		bytes[i] = (uint8_t)((z ^ z >> 29) >> 8 * (i % 8));
	}
}

static bool bus_address(struct runner *runner, const struct sim_target *target, uint64_t *address)
{
	struct sim_machine *machine = runner->scenario->machine;
	const struct sim_info *info = sim_info(machine, target->node);

	if (info->memory_size)
		return false;
	*address = sim_registers(machine, target->node)->bar[target->bar] + target->offset;
	return true;
}

static bool same_domain(struct runner *runner, sim_node a, sim_node b)
{
	const struct sim_machine *machine = runner->scenario->machine;
	const struct sim_info *one = sim_info(machine, sim_host_bridge(machine, a));
	const struct sim_info *other = sim_info(machine, sim_host_bridge(machine, b));

	return one && other && one->domain == other->domain;
}

/* What the client is programmed with to reach the target, as the step says. */
static int find_address(struct runner *runner, const struct sim_target *target, p2p_dma_addr *dma)
{
	struct sim_machine *machine = runner->scenario->machine;
	const struct sim_dma_step *step = &runner->step->dma;
	const char *name = sim_info(machine, target->node)->name;
	p2p_cpu_addr cpu;

	if (step->by == SIM_BY_ADDRESS) {
		*dma = step->address;
		return 0;
	}
	if (step->by == SIM_BY_BUS ||
	    (step->by == SIM_BY_ITSELF && same_domain(runner, step->client, target->node))) {
		if (bus_address(runner, target, &dma->value))
			return 0;
		return fail(runner, "%s is on no PCI bus: say by=cpu", name);
	}
	if (sim_cpu_address(machine, target->node, target->bar, target->offset, &cpu) != 0)
		return fail(runner, "no window shows %s to the CPU; say by=bus or an address",
			    name);
	dma->value = cpu.value;
	if (step->by == SIM_BY_ITSELF && sim_inbound_address(machine, step->client, cpu, dma) != 0)
		return fail(runner, "no inbound window leads to %s; say by=bus or an address",
			    name);
	return 0;
}

/* How many bytes may go before something is taken out. */
static uint64_t until_removal(struct runner *runner, uint64_t left)
{
	const struct sim_dma_step *step = &runner->step->dma;
	struct sim_machine *machine = runner->scenario->machine;

	if (step->removed == SIM_NO_NODE || !sim_registers(machine, step->removed)->present)
		return left;
	if (runner->moved >= step->removed_after) {
		sim_set_present(machine, step->removed, false);
		return left;
	}
	left = left < step->removed_after - runner->moved ? left
							  : step->removed_after - runner->moved;
	return left;
}

/* Whether the bytes are where the run says, or what was read is what had been put there. */
static bool is_right(const struct runner *runner, const struct sim_run *run, const uint8_t *bytes,
		     const uint8_t *pattern, uint8_t *scratch)
{
	const struct sim_result *result = run->result;

	if (result->outcome != SIM_LANDED)
		return false;
	if (!run->segment->write)
		return memcmp(bytes, pattern, result->bytes) == 0;
	return sim_peek(runner->scenario->machine, result->where, result->bar, result->offset,
			scratch, result->bytes) == 0 &&
	       memcmp(scratch, bytes, result->bytes) == 0;
}

static int note(struct runner *runner, struct sim_run *run)
{
	const struct sim_result *result = run->result;

	run->arrived = run->right && result->outcome == SIM_LANDED &&
		       result->where == run->wanted.node && result->bar == run->wanted.bar &&
		       result->offset == run->wanted.offset;
	if (!sim_judge_add(&runner->judge, run))
		return fail(runner, "out of memory");
	if (runner->observer->run)
		runner->observer->run(runner->observer->context, runner->step, run);
	return 0;
}

/* `bytes` go out or come in; `pattern` is what should come in, `scratch` room for as much. */
static int run_segment(struct runner *runner, const struct sim_segment *segment, uint8_t *bytes,
		       const uint8_t *pattern, uint8_t *scratch)
{
	const struct sim_dma_step *step = &runner->step->dma;
	struct sim_machine *machine = runner->scenario->machine;
	p2p_dma_addr start = { 0 };
	uint64_t done = 0;

	if (find_address(runner, &segment->target, &start) < 0)
		return -1;
	if (segment->size - 1 > UINT64_MAX - start.value)
		return fail(runner, "address and size reach past 64 bits");
	while (done < segment->size) {
		uint64_t part = until_removal(runner, segment->size - done);
		struct sim_result result;
		struct sim_run run = {
			.segment = segment,
			.dma = { start.value + done },
			.position = done,
			.wanted = segment->target,
			.result = &result,
		};
		int rc = segment->write ? sim_write(machine, step->client, run.dma, bytes + done,
						    part, step->flags, &result)
					: sim_read(machine, step->client, run.dma, bytes + done,
						   part, step->flags, &result);

		if (rc)
			return fail(runner, "the machine ran out of memory for bytes");
		run.wanted.offset += done;
		run.right = is_right(runner, &run, bytes + done, pattern + done, scratch);
		if (note(runner, &run) < 0)
			return -1;
		done += result.bytes;
		runner->moved += result.bytes;
	}
	return 0;
}

/* Before a read its memory gets the bytes that it should find. */
static int prepare(struct runner *runner, const struct sim_segment *segment, uint8_t *pattern,
		   unsigned int number)
{
	const struct sim_target *target = &segment->target;

	fill(pattern, segment->size, runner->step->line, number);
	if (segment->write || sim_poke(runner->scenario->machine, target->node, target->bar,
				       target->offset, pattern, segment->size) == 0)
		return 0;
	return fail(runner, "the machine ran out of memory for bytes");
}

/*
 * A copy reads and writes through one buffer of the client; a write alone sends what `prepare`
 * made, a read alone forgets what it got.
 */
static int run_dma(struct runner *runner)
{
	const struct sim_dma_step *step = &runner->step->dma;
	bool copy = step->count == 2 && !step->segment[0].write && step->segment[1].write;
	uint64_t largest = SIM_PAGE;
	uint8_t *memory;
	int rc = 0;

	sim_judge_reset(&runner->judge);
	runner->moved = 0;
	for (unsigned int i = 0; i < step->count; i++)
		if (step->segment[i].size > largest)
			largest = step->segment[i].size;
	memory = malloc(3 * largest);
	if (!memory)
		return fail(runner, "out of memory");
	for (unsigned int i = 0; i < step->count && rc == 0; i++) {
		const struct sim_segment *segment = &step->segment[i];
		uint8_t *bytes = memory, *pattern = memory + largest;

		rc = prepare(runner, segment, pattern, i);
		if (segment->write && !(copy && i == 1))
			memcpy(bytes, pattern, segment->size);
		if (rc == 0)
			rc = run_segment(runner, segment, bytes, pattern, pattern + largest);
	}
	free(memory);
	return rc;
}

static void run_set(struct runner *runner)
{
	const struct sim_step *step = runner->step;
	struct sim_registers *registers = sim_registers(runner->scenario->machine, step->set.node);
	uint64_t value = step->set.value;

	switch (step->set.what) {
	case SIM_SET_MEMORY:
		registers->memory_enable = value;
		break;
	case SIM_SET_MASTER:
		registers->bus_master = value;
		break;
	case SIM_SET_ATS:
		registers->ats = value;
		break;
	case SIM_SET_ACS:
		registers->acs_control = (uint16_t)value;
		break;
	case SIM_SET_EGRESS:
		registers->acs_egress = value;
		break;
	case SIM_SET_PEERS:
		registers->peers = (uint32_t)value;
		break;
	case SIM_SET_IOMMU:
		registers->iommu = (enum sim_iommu)value;
		break;
	case SIM_SET_BUSES:
		registers->secondary = (uint8_t)(value >> 8);
		registers->subordinate = (uint8_t)value;
		break;
	case SIM_SET_BAR:
		registers->bar[step->set.bar] = value;
		break;
	}
}

static int run_map(struct runner *runner)
{
	const struct sim_step *step = runner->step;
	const struct sim_target *target = &step->map.target;
	struct sim_map map = step->map.map;

	if (sim_cpu_address(runner->scenario->machine, target->node, target->bar, target->offset,
			    &map.cpu) != 0)
		return fail(runner, "no window shows %s to the CPU",
			    sim_info(runner->scenario->machine, target->node)->name);
	if (sim_map(runner->scenario->machine, &map) == 0)
		return 0;
	return fail(runner, "the IOMMU's tables are full, or that range is past 64 bits");
}

static void run_expect(struct runner *runner, bool last, unsigned int *unmet)
{
	const struct sim_observer *observer = runner->observer;
	char instead[256] = "";
	bool met = sim_judge_expect(&runner->judge, runner->scenario->machine,
				    &runner->step->expect, last, instead, sizeof(instead));

	*unmet += !met;
	if (observer->judged)
		observer->judged(observer->context, runner->step, met, instead);
}

static bool is_last_expect(const struct sim_scenario *scenario, unsigned int index)
{
	return index + 1 == scenario->count || scenario->step[index + 1].kind != SIM_STEP_EXPECT;
}

static int run_step(struct runner *runner, unsigned int index, unsigned int *unmet)
{
	struct sim_machine *machine = runner->scenario->machine;
	const struct sim_step *step = runner->step = &runner->scenario->step[index];

	if (runner->observer->step && step->kind != SIM_STEP_EXPECT)
		runner->observer->step(runner->observer->context, step);
	switch (step->kind) {
	case SIM_STEP_DMA:
		return run_dma(runner);
	case SIM_STEP_EXPECT:
		run_expect(runner, is_last_expect(runner->scenario, index), unmet);
		return 0;
	case SIM_STEP_SET:
		run_set(runner);
		return 0;
	case SIM_STEP_MAP:
		return run_map(runner);
	case SIM_STEP_UNMAP:
		sim_unmap(machine, step->map.map.client, step->map.map.dma, step->map.map.size);
		return 0;
	case SIM_STEP_REMOVE:
	case SIM_STEP_INSERT:
		sim_set_present(machine, step->node, step->kind == SIM_STEP_INSERT);
		return 0;
	}
	return 0;
}

int sim_scenario_run(struct sim_scenario *scenario, const char *name,
		     const struct sim_observer *observer, unsigned int *unmet,
		     struct sim_error *error)
{
	struct runner *runner = calloc(1, sizeof(*runner));
	int rc = 0;

	*unmet = 0;
	if (!runner) {
		snprintf(error->text, sizeof(error->text), "%.200s: out of memory", name);
		return -1;
	}
	runner->scenario = scenario;
	runner->name = name;
	runner->observer = observer;
	runner->error = error;
	for (unsigned int i = 0; i < scenario->count && rc == 0; i++)
		rc = run_step(runner, i, unmet);
	free(runner->judge.past);
	free(runner);
	return rc;
}
