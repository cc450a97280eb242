// SPDX-License-Identifier: MIT
/*
 * Readers beside a writer that adds and removes. The build with ThreadSanitizer sees any race,
 * the one with AddressSanitizer any use after the grace period.
 */
#include "small_rcu.h"
#include "support.h"

#include <pthread.h>

#include "map/registry.h"

#define READERS   SMALL_RCU_READERS
#define PROVIDERS 64u
#define CHANGES   300u
#define SPACING   UINT64_C(0x200000)
#define FIXED     UINT64_C(0x40000000)

struct world {
	struct small_rcu rcu;
	atomic_bool stop;
	struct p2p_registry *registry;
	struct p2p_provider fixed;
};

struct reader {
	struct world *world;
	unsigned int number;
	uint64_t hits, wrong;
};

/* What was found must hold the address: a provider gone or half-made would not. */
static void look(struct reader *reader, uint64_t address)
{
	const struct world *world = reader->world;
	const struct p2p_provider *found =
		p2p_registry_find(world->registry, (p2p_cpu_addr){ address });

	if (!found)
		return;
	reader->hits++;
	reader->wrong += address - found->start.value >= found->size;
}

static void *read_all(void *context)
{
	struct reader *reader = context;
	struct world *world = reader->world;
	const struct p2p_range_filter *filter = p2p_registry_filter(world->registry);

	while (!atomic_load(&world->stop)) {
		for (uint64_t i = 0; i < PROVIDERS; i++)
			look(reader, i * SPACING + 0x1000);
		/* What is there all the time is found all the time, range filter included. */
		reader->wrong += !p2p_range_filter_passes(filter, world->fixed.start);
		reader->wrong +=
			p2p_registry_find(world->registry, world->fixed.start) != &world->fixed;
		small_rcu_quiescent(&world->rcu, reader->number);
	}
	small_rcu_leave(&world->rcu, reader->number);
	return NULL;
}

static void change(struct world *world, struct p2p_provider **slot, uint64_t number)
{
	struct p2p_provider *provider = *slot;

	if (provider) {
		assert_int_equal(p2p_registry_remove(world->registry, provider), 0);
		free(provider);
		*slot = NULL;
		return;
	}
	provider = malloc(sizeof(*provider));
	assert_non_null(provider);
	*provider = (struct p2p_provider){ .start = { number * SPACING }, .size = SPACING / 2 };
	assert_int_equal(p2p_registry_add(world->registry, &provider, 1), 0);
	*slot = provider;
}

static void readers_beside_a_writer(void **state)
{
	struct p2p_provider *slot[PROVIDERS] = { NULL };
	struct reader reader[READERS] = { { 0 } };
	struct world world = { .fixed = { .start = { FIXED }, .size = P2P_GRANULE } };
	const struct p2p_rcu rcu = { small_rcu_wait, &world.rcu };
	struct counting counting;
	const struct p2p_allocator allocator = counting_allocator(&counting);
	struct p2p_provider *fixed = &world.fixed;
	uint64_t random = 20170331;
	pthread_t thread[READERS];

	(void)state;
	assert_int_equal(p2p_registry_new(&allocator, &rcu, &world.registry), 0);
	assert_int_equal(p2p_registry_add(world.registry, &fixed, 1), 0);
	small_rcu_begin(&world.rcu);
	for (unsigned int i = 0; i < READERS; i++) {
		reader[i] = (struct reader){ .world = &world, .number = i };
		assert_int_equal(pthread_create(&thread[i], NULL, read_all, &reader[i]), 0);
	}
	for (unsigned int i = 0; i < CHANGES; i++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		change(&world, &slot[random >> 33 & (PROVIDERS - 1)],
		       random >> 33 & (PROVIDERS - 1));
	}
	atomic_store(&world.stop, true);
	for (unsigned int i = 0; i < READERS; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_int_equal(reader[i].wrong, 0);
		assert_true(reader[i].hits > 0);
	}
	for (unsigned int i = 0; i < PROVIDERS; i++)
		if (slot[i])
			change(&world, &slot[i], i);
	p2p_registry_free(world.registry);
	assert_int_equal(counting.live, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(readers_beside_a_writer) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
