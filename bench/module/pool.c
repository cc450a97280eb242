// SPDX-License-Identifier: GPL-2.0-only
/*
 * core/map/pool.c against gen_pool, each filled with allocations of 1 to 8 pages and then freed at
 * random down to so many percent: the holes that a pool in use has. One round takes and gives back
 * a few allocations.
 */
#include "bench.h"

#include <linux/genalloc.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "map/pool.h"

#define START  SZ_4G
#define SIZE   SZ_1G
#define PIECES (SIZE / PAGE_SIZE)
#define BATCH  16

struct contest {
	struct p2p_pool *pool;
	p2p_pool_owner pool_owner;
	struct gen_pool *rival;
	struct rnd_state random;
	u64 *allocations;
	u64 *sizes; /* of the rival's allocations: it does not know them */
	u32 count;
	struct bench_times times;
};

static void *take_memory(void *context, size_t size)
{
	return kvmalloc(size, GFP_KERNEL);
}

static void give_memory(void *context, void *memory)
{
	kvfree(memory);
}

static u64 some_size(struct contest *contest)
{
	return PAGE_SIZE * (1 + prandom_u32_state(&contest->random) % 8);
}

/* Returns 0 if there is no such hole. */
static u64 take(struct contest *contest, bool ours, u64 size)
{
	p2p_cpu_addr at;

	if (!ours)
		return gen_pool_alloc(contest->rival, size);
	return p2p_pool_take(contest->pool, contest->owner, size, 1, &at) ? 0 : at.value;
}

static void give(struct contest *contest, bool ours, u64 at, u64 size)
{
	if (!ours)
		gen_pool_free(contest->rival, at, size);
	else
		p2p_pool_give(contest->pool, contest->owner, (p2p_cpu_addr){ at });
}

static u64 available(const struct contest *contest, bool ours)
{
	return ours ? p2p_pool_available(contest->pool) : gen_pool_avail(contest->rival);
}

/* All room, then at random, without order, so much less. */
static void fill(struct contest *contest, bool ours, unsigned int percent)
{
	u64 wanted = div_u64((u64)SIZE * (100 - percent), 100);

	contest->count = 0;
	while (contest->count < PIECES) {
		u64 size = some_size(contest), at = take(contest, ours, size);

		if (!at)
			break;
		contest->allocations[contest->count] = at;
		contest->sizes[contest->count++] = size;
		cond_resched();
	}
	while (contest->count && available(contest, ours) < wanted) {
		u32 i = prandom_u32_state(&contest->random) % contest->count;

		give(contest, ours, contest->allocations[i], contest->sizes[i]);
		contest->allocations[i] = contest->allocations[--contest->count];
		contest->sizes[i] = contest->sizes[contest->count];
		cond_resched();
	}
}

static u64 time_round(struct contest *contest, bool ours)
{
	u64 at[BATCH], size[BATCH], start;

	for (unsigned int i = 0; i < BATCH; i++)
		size[i] = some_size(contest);
	start = ktime_get_ns();
	for (unsigned int i = 0; i < BATCH; i++)
		at[i] = take(contest, ours, size[i]);
	for (unsigned int i = 0; i < BATCH; i++) {
		if (at[i])
			give(contest, ours, at[i], size[i]);
	}
	return ktime_get_ns() - start;
}

/* The rival must be empty when it goes. */
static void empty_rival(struct contest *contest)
{
	while (contest->count) {
		contest->count--;
		gen_pool_free(contest->rival, contest->allocations[contest->count],
			      contest->sizes[contest->count]);
	}
}

static void compete(struct contest *contest, unsigned int percent)
{
	char what[32];

	fill(contest, true, percent);
	fill(contest, false, percent); /* its allocations stay listed, for empty_rival() */
	for (unsigned int i = 0; i < BENCH_ROUNDS; i++) {
		contest->times.ours[i] = time_round(contest, true);
		contest->times.theirs[i] = time_round(contest, false);
		cond_resched();
	}
	empty_rival(contest);
	snprintf(what, sizeof(what), "pool, %u %% full", percent);
	bench_report(what, "gen_pool", &contest->times);
}

static int make(struct contest *contest)
{
	const struct p2p_allocator allocator = { take_memory, give_memory, NULL };
	int error;

	prandom_seed_state(&contest->random, 20170331);
	contest->allocations = vmalloc_array(PIECES, sizeof(*contest->allocations));
	contest->sizes = vmalloc_array(PIECES, sizeof(*contest->sizes));
	contest->rival = gen_pool_create(PAGE_SHIFT, NUMA_NO_NODE);
	if (!contest->allocations || !contest->sizes || !contest->rival)
		return -ENOMEM;
	error = gen_pool_add(contest->rival, START, SIZE, NUMA_NO_NODE);
	if (error)
		return error;
	error = p2p_pool_new(&allocator, (p2p_cpu_addr){ START }, SIZE, &contest->pool);
	if (error)
		return error;
	return p2p_pool_open(contest->pool, &contest->owner);
}

int bench_pool(unsigned int percent)
{
	struct contest *contest = kzalloc(sizeof(*contest), GFP_KERNEL);
	int error;

	if (!contest)
		return -ENOMEM;
	error = make(contest);
	if (!error)
		compete(contest, percent);
	p2p_pool_free(contest->pool);
	if (contest->rival)
		gen_pool_destroy(contest->rival);
	vfree(contest->sizes);
	vfree(contest->allocations);
	kfree(contest);
	return error;
}
