// SPDX-License-Identifier: MIT
/*
 * Mapping 256 segments, against a loop that only adds an offset to each: ns for each segment, best
 * of many rounds. "batch" maps host memory through the client's op, which is that same loop.
 */
#include <string.h>

#include "map/map.h"

#include "bench.h"

#define SEGMENTS 256u
#define REPEATS  64u
#define ROUNDS   2000u
#define OFFSET   (8 * TIB)

static struct p2p_segment segments[SEGMENTS];
static struct p2p_mapped mapped[SEGMENTS];

static __attribute__((noinline)) void only_add(const struct p2p_segment *list, uint32_t count,
					       struct p2p_mapped *answer, uint64_t offset)
{
	for (uint32_t i = 0; i < count; i++) {
		answer[i].start.value = list[i].start.value + offset;
		answer[i].length = list[i].length;
	}
}

static int map_host(const struct p2p_client *client, const struct p2p_segment *list, uint32_t count,
		    struct p2p_mapped *answer, uint32_t *answers, uint64_t *cookie)
{
	(void)client;
	only_add(list, count, answer, OFFSET);
	*answers = count;
	*cookie = 0;
	return 0;
}

static void unmap_host(const struct p2p_client *client, uint64_t cookie)
{
	(void)client;
	(void)cookie;
}

static void decide(const struct p2p_provider *provider, const struct p2p_client *client,
		   p2p_cpu_addr at, struct p2p_decision *decision)
{
	(void)client;
	(void)at;
	decision->reach = P2P_DIRECT;
	decision->start = provider->start;
	decision->length = provider->size;
	decision->dma.value = provider->start.value - 40 * TIB;
}

static void no_wait(void *context)
{
	(void)context;
}

static double time_add(void)
{
	uint64_t start = now_ns();

	for (uint32_t i = 0; i < REPEATS; i++)
		only_add(segments, SEGMENTS, mapped, OFFSET);
	return (double)(now_ns() - start) / REPEATS / SEGMENTS;
}

static double time_map(struct p2p_mapper *mapper)
{
	struct p2p_mapping mapping = { .mapped = mapped, .room = SEGMENTS };
	uint64_t start = now_ns();

	for (uint32_t i = 0; i < REPEATS; i++) {
		bench_check("cannot map", p2p_map(mapper, segments, SEGMENTS, &mapping));
		p2p_unmap(mapper, &mapping);
	}
	return (double)(now_ns() - start) / REPEATS / SEGMENTS;
}

static void row(const char *name, struct p2p_mapper *mapper)
{
	double add = 0, map = 0;

	for (uint32_t round = 0; round < ROUNDS; round++) {
		double ns = time_add();

		add = round == 0 || ns < add ? ns : add;
		ns = time_map(mapper);
		map = round == 0 || ns < map ? ns : map;
	}
	printf("%-28s %9.3f %9.3f %8.2f\n", name, add, map, map / add);
}

/* 4 KiB pieces at random places, none beside another. */
static void place(uint64_t from, uint64_t size)
{
	uint64_t random = 20170331;

	for (uint32_t i = 0; i < SEGMENTS; i++) {
		segments[i].start.value = from + draw(&random, size / (8 * KIB)) * 8 * KIB;
		segments[i].length = 4 * KIB;
	}
}

int main(void)
{
	static const struct p2p_provider_ops ops = { .decide = decide };
	static const struct p2p_client_ops batch = { map_host, unmap_host, NULL, NULL };
	const struct p2p_allocator allocator = bench_allocator();
	const struct p2p_rcu rcu = { no_wait, NULL };
	struct p2p_provider provider = { .start = { 56 * TIB }, .size = 64 * GIB, .ops = &ops };
	struct p2p_provider *list = &provider;
	struct p2p_client linear = {
		.node = P2P_NO_NODE,
		.highest = { UINT64_MAX },
		.linear_size = 2 * TIB,
		.linear_offset = OFFSET,
	};
	struct p2p_client other = {
		.node = P2P_NO_NODE,
		.highest = { UINT64_MAX },
		.ops = &batch,
	};
	struct p2p_mapper *plain, *batched;
	struct p2p_registry *registry;

	bench_check("cannot make a registry", p2p_registry_new(&allocator, &rcu, &registry));
	bench_check("cannot add", p2p_registry_add(registry, &list, 1));
	bench_check("cannot make a mapper", p2p_mapper_new(&allocator, registry, &linear, &plain));
	bench_check("cannot make a mapper", p2p_mapper_new(&allocator, registry, &other, &batched));
	printf("%-28s %9s %9s %8s\n", "256 segments", "only add", "map", "ratio");
	place(4 * GIB, 512 * GIB);
	row("normal, linear window", plain);
	row("normal, batch", batched);
	place(56 * TIB, 64 * GIB);
	row("one provider's", plain);
	for (uint32_t i = 0; i < SEGMENTS; i++)
		if (i != SEGMENTS / 2)
			segments[i].start.value = 4 * GIB + i * (8 * KIB);
	row("normal, one provider's", plain);
	p2p_mapper_free(plain);
	p2p_mapper_free(batched);
	p2p_registry_free(registry);
	return 0;
}
