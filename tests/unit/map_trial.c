// SPDX-License-Identifier: MIT
/*
 * What the map says about a list, what it maps, and whether it refuses for a cause.
 */
#include "map_trial.h"

const char *map_trial_fail(struct map_trial *trial, const struct map_target *target, uint64_t dma,
			   const char *promise)
{
	trial->at = *target;
	trial->dma = dma;
	return promise;
}

uint64_t map_trial_bus(const struct map_trial *trial, const struct map_target *target)
{
	return sim_registers(trial->map->machine, target->node)->bar[target->bar] + target->offset;
}

/* Whether the first byte gets there. */
static bool gets_there(const struct map_trial *trial, const struct map_target *target, uint64_t dma)
{
	struct sim_result result;

	assert_int_equal(sim_route(trial->map->machine, trial->client->node, (p2p_dma_addr){ dma },
				   true, 0, &result),
			 0);
	return result.outcome == SIM_LANDED && result.where == target->node &&
	       result.bar == target->bar && result.offset == target->offset;
}

/* Egress Control blocks some neighbours, and no source reads which. */
static bool is_left_open(const struct map_trial *trial, const struct map_target *target)
{
	struct p2p_reason reasons[BUS_NODES];
	struct p2p_path path;
	uint32_t count;

	assert_int_equal(p2p_path_find(trial->map->router, trial->client->client.node,
				       target->range->provider.node, &path),
			 0);
	count = p2p_path_reasons(&path, reasons, BUS_NODES);
	for (uint32_t i = 0; i < count && i < BUS_NODES; i++)
		if (reasons[i].code == P2P_REASON_ACS_EGRESS)
			return true;
	return false;
}

static const char *judge_host_address(struct map_trial *trial, const struct map_target *target)
{
	uint64_t dma;
	bool arrives;

	if (bus_map_piece(trial->client, target->cpu, target->size, &dma) != 0)
		return NULL;
	arrives = gets_there(trial, target, dma);
	bus_unmap_piece(trial->client, dma, target->size);
	return arrives ? map_trial_fail(trial, target, dma,
					"unreachable, and the host gets it there")
		       : NULL;
}

/* The provider's answer, before anything is mapped. */
static const char *judge_unreachable(struct map_trial *trial, const struct map_target *target)
{
	uint64_t dma = map_trial_bus(trial, target);
	uint64_t stretch = target->decision.length - (target->cpu - target->decision.start.value);
	struct p2p_route route;

	assert_int_equal(p2p_route_find(trial->map->router, trial->client->client.node,
					target->range->provider.node, &route),
			 0);
	if (route.verdict == P2P_VERDICT_UNKNOWN && is_left_open(trial, target)) {
		trial->seen->left_open++;
		return NULL;
	}
	if (route.verdict != P2P_VERDICT_DIRECT)
		return judge_host_address(trial, target);
	if (dma + (stretch - 1) > trial->client->client.highest.value) {
		trial->seen->beyond++;
		return NULL;
	}
	return gets_there(trial, target, dma)
		       ? map_trial_fail(trial, target, dma, "unreachable, and it gets there")
		       : NULL;
}

static bool is_own_address(const struct map_trial *trial, const struct map_target *target,
			   uint64_t dma)
{
	struct sim_machine *machine = trial->map->machine;
	sim_node bridge = sim_host_bridge(machine, target->node);

	return bridge != SIM_NO_NODE && bridge == sim_host_bridge(machine, trial->client->node) &&
	       dma == map_trial_bus(trial, target);
}

/* A piece to go through the host, refused by the address that it was mapped at. */
static const char *judge_refused(struct map_trial *trial, const struct map_target *target)
{
	const struct bus_client *client = trial->client;
	sim_node bridge = sim_host_bridge(trial->map->machine, target->node);
	uint64_t dma = client->last_dma;

	if (sim_info(trial->map->machine, client->node)->no_mmio && bridge != SIM_NO_NODE)
		return NULL;
	if (!bus_in_own_window(client, dma, target->size))
		return map_trial_fail(trial, target, dma, "refused, and it leads to the host");
	if (is_own_address(trial, target, dma))
		return map_trial_fail(trial, target, dma, "refused, and it is its own address");
	trial->seen->in_window++;
	if (gets_there(trial, target, dma))
		trial->seen->empty_window++;
	return NULL;
}

static const struct map_target *first_unreachable(const struct map_list *list)
{
	for (uint32_t i = 0; i < list->targets; i++)
		if (list->target[i].decision.reach == P2P_UNREACHABLE)
			return &list->target[i];
	return NULL;
}

/* Which target the map refused: by its answer, or by the address that was mapped last. */
static const struct map_target *culprit_of(const struct map_trial *trial)
{
	const struct map_list *list = &trial->list;
	const struct map_target *refused = map_list_at(list, trial->client->last_cpu);

	for (uint32_t i = 0; i < list->targets; i++)
		if (list->target[i].segment == trial->mapping.culprit &&
		    list->target[i].decision.reach == P2P_UNREACHABLE)
			return &list->target[i];
	return refused && refused->segment == trial->mapping.culprit ? refused : NULL;
}

static const char *judge_error(struct map_trial *trial, int error)
{
	const struct map_target *target = culprit_of(trial);

	if (error == -ERANGE && trial->client->client.highest.value != UINT64_MAX)
		return NULL;
	if (error != -EREMOTE || !target)
		return map_trial_fail(trial, trial->list.target, 0, "an error without a cause");
	if (!trial->hardware)
		return NULL;
	return target->decision.reach == P2P_UNREACHABLE ? judge_unreachable(trial, target)
							 : judge_refused(trial, target);
}

/* Where host memory ends: modulo 2^64, 0 if no device memory is behind it. */
static uint64_t next_loan(const struct map_trial *trial, uint64_t cpu)
{
	uint64_t next = 0;

	for (unsigned int i = 0; i < trial->map->ranges; i++) {
		uint64_t start = trial->map->range[i].provider.start.value;

		if (start > cpu && start - 1 < next - 1)
			next = start;
	}
	return next;
}

static bool same_decision(const struct p2p_decision *a, const struct p2p_decision *b)
{
	return a->reach == b->reach && a->mapped == b->mapped && a->start.value == b->start.value &&
	       a->length == b->length && a->dma.value == b->dma.value;
}

static const char *ask_host(struct map_trial *trial, const struct map_target *target)
{
	const struct p2p_decision *decision = &target->decision;

	if (decision->reach == P2P_NORMAL && decision->start.value == target->cpu &&
	    decision->length == next_loan(trial, target->cpu) - target->cpu)
		return NULL;
	return map_trial_fail(trial, target, 0,
			      "host memory is not normal, or not as far as it goes");
}

/* Stretches are whole pages, as all windows and ranges are here, and do not overlap. */
static bool is_stretch(const struct map_list *list, uint32_t i)
{
	const struct map_target *target = &list->target[i], *before = target - 1;
	uint64_t start = target->decision.start.value, length = target->decision.length;

	if ((start | length) % SIM_PAGE != 0 || target->cpu - start >= length)
		return false;
	if (i == 0 || before->range != target->range || before->segment != target->segment)
		return true;
	return start == target->cpu;
}

/* A window may end within the target, which is cut there. */
static const char *ask(struct map_trial *trial, uint32_t i)
{
	struct map_target *target = &trial->list.target[i];
	struct p2p_mapper *mapper = trial->client->mapper;
	struct p2p_decision *decision = &target->decision, last;
	uint64_t skipped;

	p2p_map_ask(mapper, (p2p_cpu_addr){ target->cpu }, decision);
	if (!target->range)
		return ask_host(trial, target);
	skipped = target->cpu - decision->start.value;
	if (decision->reach == P2P_NORMAL || !is_stretch(&trial->list, i))
		return map_trial_fail(trial, target, 0, "the answer is about other memory");
	if (target->size > decision->length - skipped)
		map_list_cut(&trial->list, i, decision->length - skipped);
	p2p_map_ask(mapper, (p2p_cpu_addr){ target->cpu + (target->size - 1) }, &last);
	return same_decision(decision, &last)
		       ? NULL
		       : map_trial_fail(trial, target, 0, "one stretch has two answers");
}

static const char *judge_mapped(struct map_trial *trial)
{
	const struct map_target *unreachable = first_unreachable(&trial->list);
	const char *promise;

	if (unreachable)
		return map_trial_fail(trial, unreachable, 0, "unreachable, and mapped");
	promise = map_trial_move(trial, false);
	return promise ? promise : map_trial_move(trial, true);
}

static const char *judge_nothing_left(struct map_trial *trial)
{
	const struct map_list *list = &trial->list;

	if (trial->client->live_count)
		return map_trial_fail(trial, list->target, 0, "not all was unmapped");
	for (uint32_t i = 0; i < list->targets; i++)
		if (list->target[i].range &&
		    p2p_provider_mappings(&list->target[i].range->provider) != 0)
			return map_trial_fail(trial, &list->target[i], 0,
					      "a mapping is still counted");
	return NULL;
}

const char *map_trial(struct map_trial *trial)
{
	const struct map_list *list = &trial->list;
	const char *promise;
	int error;

	for (uint32_t i = 0; i < list->targets; i++) {
		promise = ask(trial, i);
		if (promise)
			return promise;
	}
	trial->client->last_cpu = UINT64_MAX;
	trial->mapping.mapped = trial->mapped;
	trial->mapping.room = LIST_TARGETS;
	error = p2p_map(trial->client->mapper, list->segment, list->segments, &trial->mapping);
	if (error) {
		promise = judge_error(trial, error);
	} else {
		promise = judge_mapped(trial);
		p2p_unmap(trial->client->mapper, &trial->mapping);
	}
	return promise ? promise : judge_nothing_left(trial);
}
