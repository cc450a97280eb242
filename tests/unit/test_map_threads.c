// SPDX-License-Identifier: MIT
/*
 * Two clients map, each on its own thread, beside a writer that adds, removes and changes what
 * providers answer. The build with ThreadSanitizer sees any race, the one with AddressSanitizer
 * any use of a provider that its owner has freed because nothing of it was mapped any more.
 */
#include "small_rcu.h"
#include "support.h"

#include <pthread.h>

#include "map/map.h"

#define CLIENTS       SMALL_RCU_READERS
#define PROVIDERS     8u
#define CHANGES       300u
#define SPACING       UINT64_C(0x200000)
#define FIRST         UINT64_C(0x40000000)
#define LINEAR_OFFSET (UINT64_C(1) << 50)
#define DEVICE_OFFSET (UINT64_C(1) << 52)

struct world {
	struct small_rcu rcu;
	atomic_bool stop;
	atomic_uint_least64_t moved; /* bus addresses are this far from where they began */
	struct p2p_registry *registry;
};

struct mapping_client {
	struct p2p_client client;
	struct world *world;
	struct p2p_mapper *mapper;
	unsigned int number;
	uint64_t device, host, wrong;
};

static void decide(const struct p2p_provider *provider, const struct p2p_client *client,
		   p2p_cpu_addr at, struct p2p_decision *decision)
{
	struct world *world = provider->context;

	(void)client;
	(void)at;
	decision->reach = P2P_DIRECT;
	decision->start = provider->start;
	decision->length = provider->size;
	decision->dma.value = provider->start.value + DEVICE_OFFSET + atomic_load(&world->moved);
}

static const struct p2p_provider_ops ops = { .decide = decide };

/* One page of each provider, none beside another, so that each has an entry of its own. */
static void map_all(struct mapping_client *c)
{
	struct p2p_segment segment[PROVIDERS];
	struct p2p_mapped mapped[PROVIDERS];
	struct p2p_mapping mapping = { .mapped = mapped, .room = PROVIDERS };

	for (uint32_t i = 0; i < PROVIDERS; i++)
		segment[i] = (struct p2p_segment){ { FIRST + i * SPACING }, P2P_GRANULE };
	if (p2p_map(c->mapper, segment, PROVIDERS, &mapping) != 0) {
		c->wrong++;
		return;
	}
	c->wrong += mapping.count != PROVIDERS;
	for (uint32_t i = 0; i < mapping.count; i++) {
		uint64_t offset = mapped[i].start.value - segment[i].start.value;
		bool host = offset == LINEAR_OFFSET;

		c->host += host;
		c->device += !host;
		c->wrong += !host && offset - DEVICE_OFFSET > CHANGES * (uint64_t)P2P_GRANULE;
	}
	p2p_unmap(c->mapper, &mapping);
}

static void *map_on(void *context)
{
	struct mapping_client *c = context;

	while (!atomic_load(&c->world->stop)) {
		map_all(c);
		small_rcu_quiescent(&c->world->rcu, c->number);
	}
	small_rcu_leave(&c->world->rcu, c->number);
	return NULL;
}

static void start(struct mapping_client *c, struct world *world, unsigned int number,
		  const struct p2p_allocator *allocator, pthread_t *thread)
{
	*c = (struct mapping_client){ .world = world, .number = number };
	c->client = (struct p2p_client){
		.node = P2P_NO_NODE,
		.highest = { UINT64_MAX },
		.linear_size = UINT64_C(1) << 40,
		.linear_offset = LINEAR_OFFSET,
	};
	assert_int_equal(p2p_mapper_new(allocator, world->registry, &c->client, &c->mapper), 0);
	assert_int_equal(pthread_create(thread, NULL, map_on, c), 0);
}

/* The owner frees a provider when it is removed and nothing of it is mapped. */
static void change(struct world *world, struct p2p_provider **slot, uint64_t number)
{
	struct p2p_provider *provider = *slot;

	atomic_fetch_add(&world->moved, P2P_GRANULE);
	p2p_registry_touch(world->registry);
	if (provider) {
		assert_int_equal(p2p_registry_remove(world->registry, provider), 0);
		while (p2p_provider_mappings(provider) != 0)
			sched_yield();
		free(provider);
		*slot = NULL;
		return;
	}
	provider = malloc(sizeof(*provider));
	assert_non_null(provider);
	*provider = (struct p2p_provider){
		.start = { FIRST + number * SPACING },
		.size = SPACING / 2,
		.node = P2P_NO_NODE,
		.ops = &ops,
		.context = world,
	};
	assert_int_equal(p2p_registry_add(world->registry, &provider, 1), 0);
	*slot = provider;
}

/* Malloc is all that threads need of their allocator; the counting one is one thread's. */
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

static void clients_beside_a_writer(void **state)
{
	const struct p2p_allocator allocator = { take, give, NULL };
	struct p2p_provider *slot[PROVIDERS] = { NULL };
	struct world world = { .registry = NULL };
	const struct p2p_rcu rcu = { small_rcu_wait, &world.rcu };
	struct mapping_client client[CLIENTS];
	pthread_t thread[CLIENTS];
	uint64_t random = 20170331;

	(void)state;
	assert_int_equal(p2p_registry_new(&allocator, &rcu, &world.registry), 0);
	small_rcu_begin(&world.rcu);
	for (unsigned int i = 0; i < CLIENTS; i++)
		start(&client[i], &world, i, &allocator, &thread[i]);
	for (unsigned int i = 0; i < CHANGES; i++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		change(&world, &slot[random >> 33 & (PROVIDERS - 1)],
		       random >> 33 & (PROVIDERS - 1));
	}
	atomic_store(&world.stop, true);
	for (unsigned int i = 0; i < CLIENTS; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_int_equal(client[i].wrong, 0);
		assert_true(client[i].device > 0 && client[i].host > 0);
		p2p_mapper_free(client[i].mapper);
	}
	for (unsigned int i = 0; i < PROVIDERS; i++)
		if (slot[i])
			change(&world, &slot[i], i);
	p2p_registry_free(world.registry);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(clients_beside_a_writer) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
