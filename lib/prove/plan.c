// SPDX-License-Identifier: MIT
/*
 * What to try with a pair.
 */
#include <errno.h>
#include <stdlib.h>

#include "prove/plan.h"
#include "round.h"

#define PAGE   4096u
#define GAP    64u          /* behind a request in memory, at least: what passes its end is seen */
#define FLIGHT (256u << 10) /* bytes in flight, unless two requests are more */
#define MOST                                                                                       \
	((size_t)2 * 32 * 4) /* batches: two for each power of two, with up to three shifts        \
			      */

struct plan {
	const struct p2p_prove_limits *limits;
	struct p2p_prove_batch *batches;
	size_t count;
};

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static struct p2p_prove_batch batch_of(const struct p2p_prove_limits *limits, uint32_t length,
				       uint32_t shift, uint32_t lead)
{
	uint32_t tail = lead + limits->unit > shift + GAP ? lead + limits->unit : shift + GAP;
	uint32_t step = limits->unit > PAGE ? limits->unit : PAGE;
	struct p2p_prove_batch batch = { .length = length, .shift = shift, .lead = lead };
	uint64_t fits;

	batch.stride = (uint32_t)round_up((uint64_t)length + tail, step);
	fits = lesser(limits->room, limits->storage) / batch.stride;
	batch.count = (unsigned int)lesser(limits->depth, FLIGHT / length);
	if (batch.count < 2 && limits->depth > 1)
		batch.count = 2;
	batch.count = (unsigned int)lesser(batch.count ? batch.count : 1, fits);
	return batch;
}

/* Every other one is at an odd unit of the storage. */
static void add(struct plan *plan, uint32_t length, uint32_t shift)
{
	uint32_t lead = plan->count % 2 ? plan->limits->unit : 0;
	struct p2p_prove_batch batch = { .count = 0 };

	if (length)
		batch = batch_of(plan->limits, length, shift, lead);
	if (batch.count && plan->count < MOST)
		plan->batches[plan->count++] = batch;
}

static void add_size(struct plan *plan, uint32_t length)
{
	uint32_t align = plan->limits->memory_align;

	add(plan, length, 0);
	if (align >= PAGE)
		return;
	add(plan, length, align);
	add(plan, length, PAGE - align);
}

static void add_odd_size(struct plan *plan, uint32_t length)
{
	uint32_t align = plan->limits->memory_align;
	uint32_t shifts[] = { 0, align < PAGE ? align : 0, align < PAGE ? PAGE - align : 0 };

	add(plan, length, shifts[plan->count % 3]);
}

int p2p_prove_plan(const struct p2p_prove_limits *limits, struct p2p_prove_batch **batches,
		   size_t *count)
{
	struct plan plan = { .limits = limits };
	uint32_t last = 0;

	plan.batches = calloc(MOST, sizeof(*plan.batches));
	*batches = plan.batches;
	*count = 0;
	if (!plan.batches)
		return -ENOMEM;
	for (uint64_t length = limits->unit; length <= limits->largest; length *= 2) {
		add_size(&plan, (uint32_t)length);
		if (length / limits->unit > 2) /* of two units one less is the size before */
			add_odd_size(&plan, (uint32_t)length - limits->unit);
		last = (uint32_t)length;
	}
	if (last && last != limits->largest)
		add_size(&plan, (uint32_t)round_down(limits->largest, limits->unit));
	*count = plan.count;
	if (plan.count)
		return 0;
	free(plan.batches);
	*batches = NULL;
	return -ENOSPC;
}
