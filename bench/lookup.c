// SPDX-License-Identifier: MIT
/*
 * From address to provider: the registry against its peers in the same run, the price of a normal
 * address, and readers beside a writer. ns for each look-up of random addresses, best of many
 * rounds; rounds of all peers alternate, so that a disturbed moment disturbs them all.
 *
 * Layouts: "packed" is 64 MiB BARs side by side, as one large window holds them; "spread" puts
 * them at random places in 64 TiB; "islands" is four far windows with sizes from 2 MiB to 1 GiB;
 * "pages" is four windows with odd sizes from 4 KiB on, which no table of 2 MiB pages can hold.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <urcu/urcu-qsbr.h>

#include "map/registry.h"

#include "bench.h"
#include "lookup_peers.h"

#define ADDRESSES 262144u /* more than caches can learn by heart */
#define NORMALS   4096u
#define REPEATS   16u
#define ROUNDS    40u
#define PEERS_MAX 8u

static const struct peer *const peers[] = {
	&peer_pages,
	&peer_binary,
	&peer_linear,
#ifdef HAVE_JUDY
	&peer_judy,
#endif
};

#define PEERS (sizeof(peers) / sizeof(peers[0]))

struct layout {
	const char *name;
	void (*place)(struct p2p_provider *provider, uint32_t count, uint64_t *random);
};

static void place_packed(struct p2p_provider *provider, uint32_t count, uint64_t *random)
{
	(void)random;
	for (uint32_t i = 0; i < count; i++) {
		provider[i].start.value = 56 * TIB + i * (64 * MIB);
		provider[i].size = 64 * MIB;
	}
}

/* One in each of `count` equal parts of 64 TiB, somewhere in it. */
static void place_spread(struct p2p_provider *provider, uint32_t count, uint64_t *random)
{
	uint64_t part = 64 * TIB / count / (64 * MIB);

	for (uint32_t i = 0; i < count; i++) {
		provider[i].start.value = 64 * TIB + (i * part + draw(random, part)) * 64 * MIB;
		provider[i].size = 64 * MIB;
	}
}

/* Naturally aligned, in order, in windows that are 16 TiB apart. */
static void place_windows(struct p2p_provider *provider, uint32_t count, uint64_t *random,
			  uint64_t unit, unsigned int orders)
{
	uint64_t at = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t window = (uint32_t)((uint64_t)i * 4 / count);
		uint64_t size = unit << draw(random, orders);

		if (i == 0 || window != (uint32_t)((uint64_t)(i - 1) * 4 / count))
			at = 64 * TIB + window * (32 * TIB);
		at = (at + size - 1) / size * size;
		provider[i].start.value = at;
		provider[i].size = size;
		at += size;
	}
}

static void place_islands(struct p2p_provider *provider, uint32_t count, uint64_t *random)
{
	place_windows(provider, count, random, 2 * MIB, 10);
}

static void place_pages(struct p2p_provider *provider, uint32_t count, uint64_t *random)
{
	place_windows(provider, count, random, 4 * KIB, 16);
}

static const struct layout layouts[] = {
	{ "packed", place_packed },
	{ "spread", place_spread },
	{ "islands", place_islands },
	{ "pages", place_pages },
};

struct table {
	uint32_t count;
	struct p2p_provider *provider;
	struct p2p_provider **list;
	struct p2p_registry *registry;
	p2p_cpu_addr *address; /* ADDRESSES, each in a provider */
};

static void wait_for_readers(void *context)
{
	(void)context;
	urcu_qsbr_synchronize_rcu();
}

static void *need(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		bench_check("no memory", -12);
	return memory;
}

static void build(struct table *t, const struct layout *layout, uint32_t count, uint64_t *random)
{
	const struct p2p_allocator allocator = bench_allocator();
	const struct p2p_rcu rcu = { wait_for_readers, NULL };

	t->count = count;
	t->provider = need(count, sizeof(*t->provider));
	t->list = need(count, sizeof(struct p2p_provider *));
	t->address = need(ADDRESSES, sizeof(*t->address));
	layout->place(t->provider, count, random);
	for (uint32_t i = 0; i < count; i++)
		t->list[i] = &t->provider[i];
	for (uint32_t i = 0; i < ADDRESSES; i++) {
		const struct p2p_provider *p = &t->provider[draw(random, count)];

		t->address[i].value = p->start.value + draw(random, p->size);
	}
	bench_check("cannot make a registry", p2p_registry_new(&allocator, &rcu, &t->registry));
	bench_check("cannot add", p2p_registry_add(t->registry, t->list, count));
}

static void drop(struct table *t)
{
	p2p_registry_free(t->registry);
	free(t->provider);
	free(t->list);
	free(t->address);
}

typedef struct p2p_provider *(*find_function)(const void *, p2p_cpu_addr);

/* Both add up what is found, so that nothing is optimised away and results can be compared. */
static double time_peer(const p2p_cpu_addr *address, find_function find, const void *peer,
			uintptr_t *sum)
{
	uint64_t start = now_ns();

	*sum = 0;
	for (uint32_t i = 0; i < ADDRESSES; i++)
		*sum += (uintptr_t)find(peer, address[i]);
	return (double)(now_ns() - start) / ADDRESSES;
}

static double time_registry(const p2p_cpu_addr *address, const struct p2p_registry *registry,
			    uintptr_t *sum)
{
	uint64_t start = now_ns();

	*sum = 0;
	for (uint32_t i = 0; i < ADDRESSES; i++)
		*sum += (uintptr_t)p2p_registry_find(registry, address[i]);
	return (double)(now_ns() - start) / ADDRESSES;
}

static void keep_least(double *least, double value)
{
	if (*least == 0 || value < *least)
		*least = value;
}

static void row(const struct layout *layout, uint32_t count)
{
	uint64_t random = 88172645463325252u + count;
	double ours = 0, theirs[PEERS] = { 0 };
	void *peer[PEERS] = { NULL };
	uintptr_t sum, other;
	struct table t;

	build(&t, layout, count, &random);
	for (size_t i = 0; i < PEERS; i++)
		if (count <= peers[i]->most)
			peer[i] = peers[i]->make(t.list, count);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		keep_least(&ours, time_registry(t.address, t.registry, &sum));
		for (size_t i = 0; i < PEERS; i++) {
			if (!peer[i])
				continue;
			keep_least(&theirs[i],
				   time_peer(t.address, peers[i]->find, peer[i], &other));
			if (other != sum)
				bench_check(peers[i]->name, -1);
		}
	}
	printf("%-8s %9" PRIu32 " %9.2f", layout->name, count, ours);
	for (size_t i = 0; i < PEERS; i++) {
		if (peer[i]) {
			printf(" %9.2f", theirs[i]);
			peers[i]->drop(peer[i]);
		} else {
			printf(" %9s", "-");
		}
	}
	printf(" %8zu KiB\n", p2p_registry_memory(t.registry) / 1024);
	drop(&t);
}

static void table_of_finds(void)
{
	static const uint32_t counts[] = { 1, 16, 256, 4096, 65536 };

	printf("ns for one look-up of a device address\n%-8s %9s %9s", "layout", "providers",
	       "registry");
	for (size_t i = 0; i < PEERS; i++)
		printf(" %9s", peers[i]->name);
	printf(" %12s\n", "memory");
	for (size_t l = 0; l < sizeof(layouts) / sizeof(layouts[0]); l++)
		for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
			row(&layouts[l], counts[i]);
}

/* A normal address: the loop that only loads it, and the same loop with the question. */
static __attribute__((noinline)) uint64_t only_load(const p2p_cpu_addr *address)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < NORMALS; i++) {
		uint64_t value = address[i].value;

		__asm__ volatile("" : "+r"(value));
		sum += value;
	}
	return sum;
}

static __attribute__((noinline)) uint64_t load_and_ask(const p2p_cpu_addr *address,
						       const struct p2p_registry *registry)
{
	const struct p2p_range_filter *filter = p2p_registry_filter(registry);
	uint64_t sum = 0;

	for (uint32_t i = 0; i < NORMALS; i++) {
		uint64_t value = address[i].value;

		__asm__ volatile("" : "+r"(value));
		if (p2p_range_filter_passes(filter, address[i]) &&
		    p2p_registry_find(registry, address[i]))
			continue;
		sum += value;
	}
	return sum;
}

static void normal_row(const char *name, uint64_t from, uint64_t size, const struct table *t)
{
	p2p_cpu_addr *address = need(NORMALS, sizeof(*address));
	double empty = 0, asked = 0;
	uint64_t random = 1, sum = 0;

	for (uint32_t i = 0; i < NORMALS; i++)
		address[i].value = from + draw(&random, size);
	for (uint32_t round = 0; round < 20 * ROUNDS; round++) {
		uint64_t start = now_ns(), middle, end;

		for (uint32_t i = 0; i < REPEATS; i++)
			sum += only_load(address);
		middle = now_ns();
		for (uint32_t i = 0; i < REPEATS; i++)
			sum -= load_and_ask(address, t->registry);
		end = now_ns();
		keep_least(&empty, (double)(middle - start) / REPEATS / NORMALS);
		keep_least(&asked, (double)(end - middle) / REPEATS / NORMALS);
	}
	if (sum != 0)
		bench_check("a normal address was taken for device memory", -1);
	printf("%-24s %9.2f %9.2f %9.2f\n", name, empty, asked, asked - empty);
	free(address);
}

static void table_of_normals(void)
{
	static const struct layout mixed = { "islands", place_islands };
	uint64_t random = 7;
	struct table t;

	build(&t, &mixed, 256, &random);
	printf("\nns for one normal address, 256 providers\n%-24s %9s %9s %9s\n", "address",
	       "loaded", "asked", "price");
	normal_row("below all providers", 4 * GIB, 512 * GIB, &t);
	normal_row("in the filter's gap", 80 * TIB, 4 * TIB, &t);
	normal_row("in another gap", 112 * TIB, 4 * TIB, &t);
	drop(&t);
}

struct crowd {
	struct table *table;
	atomic_bool stop;
	atomic_uint ready;
	unsigned int readers;
	uint64_t changes;
};

struct reader {
	struct crowd *crowd;
	uint64_t lookups;
	double seconds;
};

static void *read_all(void *context)
{
	struct reader *reader = context;
	struct crowd *crowd = reader->crowd;
	const struct table *t = crowd->table;
	uintptr_t sum = 0, part;
	uint64_t start;

	urcu_qsbr_register_thread();
	atomic_fetch_add(&crowd->ready, 1);
	while (atomic_load(&crowd->ready) < crowd->readers)
		;
	start = now_ns();
	while (!atomic_load_explicit(&crowd->stop, memory_order_relaxed)) {
		time_registry(t->address, t->registry, &part);
		sum += part;
		reader->lookups += ADDRESSES;
		urcu_qsbr_quiescent_state();
	}
	reader->seconds = (double)(now_ns() - start) / 1e9;
	urcu_qsbr_unregister_thread();
	return (void *)sum; /* keeps the look-ups from being optimised away */
}

/* Million look-ups a second of all readers, the writer changing something every millisecond. */
static double crowd_rate(struct table *t, unsigned int readers, uint64_t *changes)
{
	struct crowd crowd = { .table = t, .readers = readers };
	struct reader reader[2] = { { 0 } };
	pthread_t thread[2];
	uint64_t end = now_ns() + UINT64_C(300000000);
	struct p2p_provider extra = { .start = { 250 * TIB }, .size = 4 * KIB };
	struct p2p_provider *list = &extra;
	double rate = 0;

	for (unsigned int i = 0; i < readers; i++) {
		reader[i].crowd = &crowd;
		bench_check("cannot start a thread",
			    -pthread_create(&thread[i], NULL, read_all, &reader[i]));
	}
	for (*changes = 0; now_ns() < end; *changes += 2) {
		bench_check("cannot add", p2p_registry_add(t->registry, &list, 1));
		bench_check("cannot remove", p2p_registry_remove(t->registry, &extra));
		usleep(1000);
	}
	atomic_store(&crowd.stop, true);
	for (unsigned int i = 0; i < readers; i++) {
		pthread_join(thread[i], NULL);
		rate += (double)reader[i].lookups / reader[i].seconds / 1e6;
	}
	return rate;
}

static void table_of_crowds(void)
{
	static const uint32_t counts[] = { 16, 256, 4096 };
	static const struct layout spread = { "spread", place_spread };

	printf("\nmillion look-ups a second beside a writer that adds and removes\n%9s %9s %9s %9s "
	       "%9s\n",
	       "providers", "1 reader", "2 readers", "ratio", "changes");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		double one = 0, two = 0;
		uint64_t random = 3, changes = 0;
		struct table t;

		build(&t, &spread, counts[i], &random);
		for (unsigned int round = 0; round < 5; round++) {
			double rate = crowd_rate(&t, 1, &changes);

			one = rate > one ? rate : one;
			rate = crowd_rate(&t, 2, &changes);
			two = rate > two ? rate : two;
		}
		printf("%9" PRIu32 " %9.0f %9.0f %9.2f %9" PRIu64 "\n", counts[i], one, two,
		       two / one, changes);
		drop(&t);
	}
}

int main(void)
{
	table_of_finds();
	table_of_normals();
	table_of_crowds();
	return 0;
}
