// SPDX-License-Identifier: MIT
/*
 * The map against the simulated bus, on random machines: real bytes go by the addresses that it
 * answers. What must hold for each client, each device that provides memory and some range of it:
 *
 *   normal        what is host memory, also beside device memory in one list or segment, lands
 *                 there
 *   direct        writes land on exactly the bytes meant, reads come from them, and the host is
 *                 not asked
 *   via-host      the same by way of the host; or the host does not forward it, or a port does not
 *                 send it up, and till then the address was right. Never somebody else's memory
 *   unreachable   by the hardware's rules: nothing gets there by the address that would have been
 *                 used, except where Egress Control, of which no source reads all, leaves it open,
 *                 or through a part of the client's own windows that is empty at the moment
 *
 * by the hardware's rules and by a Linux's; and once more by the hardware's after ACS has changed,
 * when nothing may be remembered. No exception is made for Linux: it allows nothing here that the
 * bus corrupts. (Nor with a translating IOMMU above a switch without redirect, where QEMU corrupts:
 * it translates before its switches turn a request. PCIe switches turn first, and so does this
 * bus.)
 *
 * test_property_map [MACHINES [SEED]]. A failure is made smaller and left as
 * property-map-SEED.sim.
 */
#include "map_trial.h"

#define MACHINES 10000

enum phase {
	HARDWARE,
	LINUX,
	CHANGED, /* the hardware's rules again */
	PHASES,
};

static const char *const linux_policies[] = { "6.1", "6.12", "7.3" };

/* One question: does the map keep its promises to `client` about that range? By index in the spec.
 */
struct question {
	int client, provider;
	unsigned int bar;
	uint64_t offset;
	enum phase phase;
	const char *broken; /* the promise that does not hold */
};

static struct map_seen seen;

static const struct bus_range *range_of(const struct bus_map *map, const struct question *question)
{
	for (unsigned int i = 0; i < map->ranges; i++) {
		const struct bus_range *range = &map->range[i];

		if (range->index == question->provider && range->bar == question->bar &&
		    range->offset == question->offset)
			return range;
	}
	return NULL;
}

static const char *judge(struct bus_map *map, const struct question *question,
			 struct map_trial *trial)
{
	const struct bus_range *range = range_of(map, question);
	int purpose = question->provider * 4 + (int)question->bar * 2 + (question->offset != 0);

	trial->map = map;
	trial->client = &map->client[question->client];
	trial->hardware = question->phase != LINUX;
	trial->seen = &seen;
	assert_non_null(range);
	map_list_make(map, range, bus_seed(map->spec, BUS_SEED_LIST, question->client, purpose),
		      &trial->list);
	return map_trial(trial);
}

static bool changes(const struct bus_spec *spec, int index, uint16_t *control)
{
	const struct bus_node *node = &spec->node[index];
	uint64_t random = bus_seed(spec, BUS_SEED_CHANGE, index, 0);

	*control = node->acs_control;
	if (bus_draw(&random, 2))
		*control ^= SIM_ACS_RR;
	if (bus_draw(&random, 2))
		*control ^= SIM_ACS_CR;
	return !node->dropped && node->info.acs && *control != node->acs_control;
}

static void begin(struct bus_map *map, enum phase phase)
{
	struct bus_spec *spec = map->spec;
	uint16_t control;

	for (int i = 0; phase == CHANGED && i < spec->count; i++)
		if (changes(spec, i, &control))
			sim_registers(map->machine, spec->node[i].node)->acs_control = control;
	bus_map_read(map, phase == LINUX ? linux_policies[spec->seed % 3] : "hardware");
}

/* Asked in each phase up to that of the question, as it was before. */
static const char *judge_again(struct bus_spec *spec, const struct question *question,
			       struct map_trial *trial)
{
	static struct bus_map map;
	struct question again = *question;
	const char *promise = NULL;

	bus_map_open(&map, spec);
	for (again.phase = HARDWARE; again.phase <= question->phase; again.phase++) {
		begin(&map, again.phase);
		promise = judge(&map, &again, trial);
	}
	bus_map_close(&map);
	return promise;
}

/* For shrinking: the same promise must stay broken. */
static bool still_wrong(struct bus_spec *spec, void *context)
{
	const struct question *question = context;
	struct map_trial trial;

	return judge_again(spec, question, &trial) == question->broken;
}

static bool is_translated(const struct bus_spec *spec, int node)
{
	while (spec->node[node].info.parent != SIM_NO_NODE)
		node = (int)spec->node[node].info.parent;
	return spec->node[node].iommu == SIM_IOMMU_TRANSLATE;
}

static void write_steps(const struct bus_spec *spec, const struct question *question,
			const struct map_trial *trial, FILE *file)
{
	const struct map_target *at = &trial->at;
	unsigned long long dma = trial->dma, offset = at->offset, skipped = offset % SIM_PAGE;
	unsigned long long pages = (skipped + at->size + SIM_PAGE - 1) / SIM_PAGE;
	uint16_t control;

	for (int i = 0; question->phase == CHANGED && i < spec->count; i++) {
		if (!changes(spec, i, &control))
			continue;
		fprintf(file, "set n%d", i);
		bus_write_acs(control, file);
		fprintf(file, "\n");
	}
	if (is_translated(spec, question->client))
		fprintf(file, "map n%d 0x%llx n%d.%u+0x%llx %llu\n", question->client,
			dma - skipped, at->index, at->bar, offset - skipped, pages * SIM_PAGE);
	fprintf(file, "%s n%d n%d.%u+0x%llx %llu by=0x%llx\n  expect arrives\n",
		trial->read ? "read" : "write", question->client, at->index, at->bar, offset,
		(unsigned long long)at->size, dma);
}

static void report(struct bus_spec *spec, struct question *question)
{
	unsigned long long seed = spec->seed;
	struct map_trial trial;
	char name[64];
	FILE *file;

	bus_shrink(spec, question->client, question->provider, still_wrong, question);
	judge_again(spec, question, &trial);
	snprintf(name, sizeof(name), "property-map-%llu.sim", seed);
	file = fopen(name, "w");
	assert_non_null(file);
	fprintf(file, "# %s\n# By %s rules%s.\n", question->broken,
		question->phase == LINUX ? "Linux's" : "the hardware's",
		question->phase == CHANGED ? ", after ACS has changed" : "");
	bus_write(spec, file);
	write_steps(spec, question, &trial, file);
	fclose(file);
	fail_msg("seed %llu: %s; the machine is in %s", seed, question->broken, name);
}

/* One of the device's. */
static bool choose_loan(const struct bus_map *map, struct question *question, uint64_t *random)
{
	unsigned int found = 0;

	for (unsigned int i = 0; i < map->ranges; i++) {
		const struct bus_range *range = &map->range[i];

		if (range->index != question->provider || bus_draw(random, ++found) != 0)
			continue;
		question->bar = range->bar;
		question->offset = range->offset;
	}
	return found != 0;
}

/* After the first phase, a pair is in one of the others. */
static bool is_left_out(const struct bus_spec *spec, const struct question *question)
{
	uint64_t half = bus_seed(spec, BUS_SEED_PHASE, question->client, question->provider) % 2;

	return question->phase != HARDWARE && (question->phase == LINUX) == (half == 0);
}

static void judge_phase(struct bus_map *map, enum phase phase)
{
	struct bus_spec *spec = map->spec;
	struct question question = { .phase = phase };
	uint64_t random = spec->seed; /* in each phase the same ranges */
	struct map_trial trial;

	begin(map, phase);
	for (question.client = 0; question.client < spec->count; question.client++) {
		if (!map->client[question.client].mapper)
			continue;
		for (question.provider = 0; question.provider < spec->count; question.provider++) {
			if (!choose_loan(map, &question, &random) || is_left_out(spec, &question))
				continue;
			question.broken = judge(map, &question, &trial);
			if (question.broken)
				report(spec, &question);
		}
	}
}

static void judge_machine(uint64_t seed)
{
	static struct bus_spec spec;
	static struct bus_map map;

	bus_make(&spec, seed);
	bus_map_open(&map, &spec);
	for (enum phase phase = HARDWARE; phase < PHASES; phase++)
		judge_phase(&map, phase);
	bus_map_close(&map);
}

static unsigned long machines = MACHINES, first_seed;

static void answers_hold_on_the_bus(void **state)
{
	(void)state;
	for (unsigned long i = 0; i < machines; i++)
		judge_machine(first_seed + i);
	if (machines < MACHINES)
		return;
	assert_true(seen.normal > machines);
	assert_true(seen.direct > machines);
	assert_true(seen.via_host > machines);
	assert_true(seen.excused > machines);
	assert_true(seen.left_open > machines);
	assert_true(seen.beyond > machines);
	assert_true(seen.in_window > machines);
	assert_true(seen.empty_window > machines / 10);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(answers_hold_on_the_bus) };

	if (argc > 1)
		machines = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		first_seed = strtoul(argv[2], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
