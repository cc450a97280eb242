// SPDX-License-Identifier: MIT
/*
 * The map: a twin that asks for every 512 bytes, the four answers, edges, and undoing.
 */
#include "support.h"

#include "map/map.h"
#include <p2pmem/route.h>

#define KIB         UINT64_C(1024)
#define MIB         (KIB * KIB)
#define GIB         (KIB * MIB)
#define TIB         (KIB * GIB)
#define PAGE        (4 * KIB)
#define GRAIN       UINT64_C(512)
#define PROVIDERS   UINT64_C(4)
#define ROOM        64u
#define TWIN_ROUNDS 30000u

/* Everything that is not a provider's own offset is told apart by where it ends up. */
#define LINEAR_OFFSET (UINT64_C(1) << 50)
#define BATCH_OFFSET  (UINT64_C(1) << 51)
#define DEVICE_OFFSET (UINT64_C(1) << 52)

struct fixture {
	struct counting counting;
	struct p2p_allocator allocator;
	struct p2p_registry *registry;
	struct p2p_client client;
	struct p2p_mapper *mapper;
	struct p2p_provider provider[PROVIDERS];
	struct p2p_decision decision[PROVIDERS]; /* what `decide` says, for the lower half */
	struct p2p_mapped mapped[ROOM];
	struct p2p_mapping mapping;
	unsigned int decisions, batches, batched, removed;
	uint64_t device_offset; /* what map_device adds */
	int live_pieces, live_batches;
	int left; /* map ops that still succeed, -1: all */
};

static bool fails(struct fixture *f)
{
	if (f->left == 0)
		return true;
	f->left -= f->left > 0;
	return false;
}

/* Joins neighbours, as an IOMMU driver may. */
static int map_host(const struct p2p_client *client, const struct p2p_segment *segments,
		    uint32_t count, struct p2p_mapped *mapped, uint32_t *mapped_count,
		    uint64_t *cookie)
{
	struct fixture *f = client->context;
	uint32_t n = 0;

	if (fails(f))
		return -EIO;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t dma = segments[i].start.value + BATCH_OFFSET;

		if (n != 0 && mapped[n - 1].start.value + mapped[n - 1].length == dma)
			mapped[n - 1].length += segments[i].length;
		else
			mapped[n++] = (struct p2p_mapped){ { dma }, segments[i].length };
	}
	*mapped_count = n;
	*cookie = 4711;
	f->batches++;
	f->batched += count;
	f->live_batches++;
	return 0;
}

static void unmap_host(const struct p2p_client *client, uint64_t cookie)
{
	struct fixture *f = client->context;

	assert_int_equal(cookie, 4711);
	f->live_batches--;
}

static int map_device(const struct p2p_client *client, p2p_cpu_addr start, uint64_t length,
		      p2p_dma_addr *dma)
{
	struct fixture *f = client->context;

	assert_true(length != 0);
	if (fails(f))
		return -EIO;
	f->live_pieces++;
	dma->value = start.value + f->device_offset;
	return 0;
}

static void unmap_device(const struct p2p_client *client, p2p_dma_addr dma, uint64_t length)
{
	struct fixture *f = client->context;

	assert_true(dma.value - f->device_offset >= 32 * GIB); /* where the lowest provider is */
	assert_true(length != 0);
	f->live_pieces--;
}

static const struct p2p_client_ops client_ops = { map_host, unmap_host, map_device, unmap_device };

/* Two halves with offsets of their own, so that a segment can go from one to the other. */
static void decide(const struct p2p_provider *provider, const struct p2p_client *client,
		   p2p_cpu_addr at, struct p2p_decision *decision)
{
	struct fixture *f = client->context;
	uint64_t half = provider->size / 2 / PAGE * PAGE;

	f->decisions++;
	*decision = f->decision[provider - f->provider];
	decision->start = provider->start;
	decision->length = half ? half : provider->size;
	if (half != 0 && at.value - provider->start.value >= half) {
		decision->start.value += half;
		decision->length = provider->size - half;
		decision->dma.value += 2 * half;
	}
}

static int map_piece(const struct p2p_provider *provider, const struct p2p_client *client,
		     p2p_cpu_addr start, uint64_t length, p2p_dma_addr *dma)
{
	assert_true(start.value >= provider->start.value);
	assert_true(length <= provider->size - (start.value - provider->start.value));
	return map_device(client, start, length, dma);
}

static void unmap_piece(const struct p2p_provider *provider, const struct p2p_client *client,
			p2p_dma_addr dma, uint64_t length)
{
	(void)provider;
	unmap_device(client, dma, length);
}

static void removed(struct p2p_provider *provider)
{
	struct fixture *f = provider->context;

	f->removed++;
}

static const struct p2p_provider_ops provider_ops = { decide, map_piece, unmap_piece, removed };

static void no_wait(void *context)
{
	(void)context;
}

static int set_up(void **state)
{
	static struct fixture fixture;
	const struct p2p_rcu rcu = { no_wait, NULL };
	struct fixture *f = &fixture;

	memset(f, 0, sizeof(*f));
	f->allocator = counting_allocator(&f->counting);
	f->left = -1;
	f->device_offset = DEVICE_OFFSET;
	f->client = (struct p2p_client){
		.node = P2P_NO_NODE,
		.highest = { UINT64_MAX },
		.ops = &client_ops,
		.context = f,
	};
	f->mapping.mapped = f->mapped;
	f->mapping.room = ROOM;
	assert_int_equal(p2p_registry_new(&f->allocator, &rcu, &f->registry), 0);
	*state = f;
	return 0;
}

static void make_mapper(struct fixture *f)
{
	p2p_mapper_free(f->mapper);
	f->mapper = NULL;
	assert_int_equal(p2p_mapper_new(&f->allocator, f->registry, &f->client, &f->mapper), 0);
}

static void make_linear(struct fixture *f, uint64_t start, uint64_t size)
{
	f->client.linear_start.value = start;
	f->client.linear_size = size;
	f->client.linear_offset = LINEAR_OFFSET;
	make_mapper(f);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(f->live_pieces, 0);
	assert_int_equal(f->live_batches, 0);
	for (unsigned int i = 0; i < PROVIDERS; i++)
		assert_int_equal(p2p_provider_mappings(&f->provider[i]), 0);
	p2p_mapper_free(f->mapper);
	p2p_registry_free(f->registry);
	assert_int_equal(f->counting.live, 0);
	return 0;
}

static void lend(struct fixture *f, unsigned int i, uint64_t start, uint64_t size,
		 enum p2p_reach reach, bool mapped, uint64_t dma)
{
	struct p2p_provider *list = &f->provider[i];

	f->provider[i] = (struct p2p_provider){
		.start = { start },
		.size = size,
		.node = P2P_NO_NODE,
		.ops = &provider_ops,
		.context = f,
	};
	f->decision[i] = (struct p2p_decision){ .reach = reach, .mapped = mapped, .dma = { dma } };
	assert_int_equal(p2p_registry_add(f->registry, &list, 1), 0);
}

static int map(struct fixture *f, const struct p2p_segment *segments, uint32_t count)
{
	return p2p_map(f->mapper, segments, count, &f->mapping);
}

static int map_one(struct fixture *f, uint64_t start, uint64_t length)
{
	const struct p2p_segment segment = { { start }, length };

	return map(f, &segment, 1);
}

static void unmap(struct fixture *f)
{
	p2p_unmap(f->mapper, &f->mapping);
}

static void is_mapped(const struct fixture *f, uint32_t i, uint64_t start, uint64_t length)
{
	assert_true(i < f->mapping.count);
	assert_int_equal(f->mapped[i].start.value, start);
	assert_int_equal(f->mapped[i].length, length);
}

static void bad_segments_are_refused(void **state)
{
	struct fixture *f = *state;
	struct p2p_segment bad[] = { { { 5 * GIB }, 1 }, { { 6 * GIB }, 0 } };

	make_mapper(f);
	assert_int_equal(map(f, bad, 0), 0);
	assert_int_equal(f->mapping.count, 0);
	for (unsigned int linear = 0; linear < 2; linear++) {
		assert_int_equal(map(f, bad, 2), -EINVAL);
		assert_int_equal(f->mapping.culprit, 1);
		assert_int_equal(map_one(f, UINT64_MAX, 2), -EINVAL);
		assert_int_equal(map_one(f, PAGE, UINT64_MAX), -EINVAL);
		lend(f, linear, (linear + 1) * (64 * GIB), GIB, P2P_DIRECT, false, PAGE);
		assert_int_equal(map_one(f, (linear + 1) * (64 * GIB), 0), -EINVAL);
		assert_int_equal(map_one(f, (linear + 1) * (64 * GIB), UINT64_MAX), -EINVAL);
		make_linear(f, 0, 32 * GIB);
	}
}

static void impossible_windows_are_refused(void **state)
{
	struct fixture *f = *state;
	struct p2p_mapper *mapper = NULL;

	f->client.linear_start.value = 2 * PAGE;
	f->client.linear_size = UINT64_MAX;
	assert_int_equal(p2p_mapper_new(&f->allocator, f->registry, &f->client, &mapper), -EINVAL);
	f->client.linear_size = GIB;
	f->client.linear_offset = UINT64_MAX - MIB;
	assert_int_equal(p2p_mapper_new(&f->allocator, f->registry, &f->client, &mapper), -EINVAL);
	f->counting.left = 0;
	f->client.linear_offset = 0;
	assert_int_equal(p2p_mapper_new(&f->allocator, f->registry, &f->client, &mapper), -ENOMEM);
	p2p_mapper_free(NULL);
}

static void host_memory_in_one_batch(void **state)
{
	struct fixture *f = *state;
	const struct p2p_segment list[] = { { { GIB }, PAGE },
					    { { GIB + PAGE }, PAGE },
					    { { 64 * GIB }, 100 },
					    { { 2 * GIB }, 3 } };

	lend(f, 0, 64 * GIB, GIB, P2P_DIRECT, false, 7 * GIB);
	make_mapper(f);
	assert_int_equal(map(f, list, 2), 0);
	assert_int_equal(f->mapping.count, 1);
	is_mapped(f, 0, GIB + BATCH_OFFSET, 2 * PAGE);
	unmap(f);
	assert_int_equal(map(f, list, 4), 0);
	assert_int_equal(f->batches, 2);
	assert_int_equal(f->batched, 5);
	assert_int_equal(f->mapping.count, 3);
	is_mapped(f, 0, GIB + BATCH_OFFSET, 2 * PAGE);
	is_mapped(f, 1, 7 * GIB, 100);
	is_mapped(f, 2, 2 * GIB + BATCH_OFFSET, 3);
	assert_int_equal(f->mapping.direct_bytes, 100);
	unmap(f);
}

static void linear_window_needs_no_batch(void **state)
{
	struct fixture *f = *state;
	const struct p2p_segment list[] = { { { 4 * GIB }, PAGE }, { { GIB }, PAGE } };

	lend(f, 0, 64 * GIB, GIB, P2P_DIRECT, false, 7 * GIB);
	make_linear(f, 0, 8 * GIB);
	assert_int_equal(map(f, list, 2), 0);
	is_mapped(f, 0, 4 * GIB + LINEAR_OFFSET, PAGE);
	is_mapped(f, 1, GIB + LINEAR_OFFSET, PAGE);
	assert_int_equal(f->batches, 0);
	unmap(f);
	/* What begins in the window and ends outside is not in it. */
	assert_int_equal(map_one(f, 8 * GIB - PAGE, PAGE), 0);
	is_mapped(f, 0, 8 * GIB - PAGE + LINEAR_OFFSET, PAGE);
	unmap(f);
	assert_int_equal(map_one(f, 8 * GIB - PAGE, PAGE + 1), 0);
	is_mapped(f, 0, 8 * GIB - PAGE + BATCH_OFFSET, PAGE + 1);
	unmap(f);
	f->client.ops = NULL;
	assert_int_equal(map_one(f, 8 * GIB, PAGE), -ERANGE);
}

static void segments_are_cut_where_answers_change(void **state)
{
	struct fixture *f = *state;

	lend(f, 0, 64 * GIB, 4 * PAGE, P2P_DIRECT, false, 7 * GIB);
	lend(f, 1, 64 * GIB + 4 * PAGE, 2 * PAGE, P2P_VIA_HOST, true, 0);
	make_linear(f, 0, 128 * GIB);
	assert_int_equal(map_one(f, 64 * GIB - 100, 6 * PAGE + 200), 0);
	assert_int_equal(f->mapping.count, 5);
	is_mapped(f, 0, 64 * GIB - 100 + LINEAR_OFFSET, 100);
	is_mapped(f, 1, 7 * GIB, 2 * PAGE);
	is_mapped(f, 2, 7 * GIB + 4 * PAGE, 2 * PAGE);
	is_mapped(f, 3, 64 * GIB + 4 * PAGE + DEVICE_OFFSET, 2 * PAGE);
	is_mapped(f, 4, 64 * GIB + 6 * PAGE + LINEAR_OFFSET, 100);
	assert_int_equal(f->mapping.direct_bytes, 4 * PAGE);
	assert_int_equal(f->mapping.via_host_bytes, 2 * PAGE);
	assert_int_equal(p2p_provider_mappings(&f->provider[0]), 1);
	unmap(f);
}

static void lists_longer_than_the_room_are_refused(void **state)
{
	struct fixture *f = *state;
	struct p2p_segment list[8];

	lend(f, 0, 64 * GIB, GIB, P2P_DIRECT, false, 7 * GIB);
	make_linear(f, 0, 32 * GIB);
	f->mapping.room = 7;
	for (unsigned int device = 0; device < 2; device++) {
		for (uint32_t i = 0; i < 8; i++)
			list[i] =
				(struct p2p_segment){ { (device ? 64 : 1) * GIB + i * (2 * PAGE) },
						      PAGE };
		assert_int_equal(map(f, list, 8), -EMSGSIZE);
		assert_int_equal(map(f, list, 7), 0);
		unmap(f);
		list[7].start.value = list[6].start.value + PAGE;
		assert_int_equal(map(f, list, 8), 0);
		assert_int_equal(f->mapping.count, 7);
		unmap(f);
	}
}

static void unreachable_is_an_error(void **state)
{
	struct fixture *f = *state;
	const struct p2p_segment list[] = { { { GIB }, PAGE },
					    { { 32 * GIB }, PAGE },
					    { { 64 * GIB }, PAGE } };
	struct p2p_decision decision;

	lend(f, 0, 64 * GIB, GIB, P2P_UNREACHABLE, false, 0);
	lend(f, 1, 32 * GIB, GIB, P2P_VIA_HOST, true, 0);
	make_mapper(f);
	assert_int_equal(map(f, list, 3), -EREMOTE);
	assert_int_equal(f->mapping.culprit, 2);
	assert_int_equal(f->live_pieces, 0);
	assert_int_equal(p2p_map_ask(f->mapper, list[2].start, &decision), P2P_UNREACHABLE);
	assert_int_equal(p2p_map_ask(f->mapper, list[1].start, &decision), P2P_VIA_HOST);
	assert_int_equal(p2p_map_ask(f->mapper, list[0].start, &decision), P2P_NORMAL);
	assert_int_equal(decision.length, 31 * GIB);
	assert_int_equal(p2p_map_ask(f->mapper, (p2p_cpu_addr){ 65 * GIB }, &decision), P2P_NORMAL);
	assert_int_equal(decision.length, -(65 * GIB));
	f->provider[0].ops = NULL;
	p2p_registry_touch(f->registry);
	assert_int_equal(map(f, list, 3), -EREMOTE);
}

static void clients_highest_address_counts(void **state)
{
	struct fixture *f = *state;

	lend(f, 0, 64 * GIB, 2 * PAGE, P2P_DIRECT, false, 4 * GIB - PAGE);
	lend(f, 1, 32 * GIB, PAGE, P2P_VIA_HOST, true, 0);
	f->client.highest.value = 4 * GIB - 1;
	make_mapper(f);
	assert_int_equal(map_one(f, 64 * GIB, PAGE), 0);
	is_mapped(f, 0, 4 * GIB - PAGE, PAGE);
	unmap(f);
	assert_int_equal(map_one(f, 64 * GIB, 2 * PAGE), -ERANGE);
	assert_int_equal(map_one(f, 32 * GIB, PAGE), -ERANGE);
	f->client.highest.value = LINEAR_OFFSET + GIB - 1;
	make_linear(f, 0, 8 * GIB);
	assert_int_equal(map_one(f, GIB - PAGE, PAGE), 0);
	is_mapped(f, 0, GIB - PAGE + LINEAR_OFFSET, PAGE);
	unmap(f);
	f->client.ops = NULL;
	assert_int_equal(map_one(f, GIB - PAGE, PAGE + 1), -ERANGE);
}

static void decisions_are_remembered(void **state)
{
	struct fixture *f = *state;
	struct p2p_decision decision;

	lend(f, 0, 64 * GIB, PAGE, P2P_DIRECT, false, 7 * GIB);
	make_mapper(f);
	for (unsigned int i = 0; i < 10; i++) {
		assert_int_equal(map_one(f, 64 * GIB + i, 1), 0);
		is_mapped(f, 0, 7 * GIB + i, 1);
		unmap(f);
	}
	assert_int_equal(f->decisions, 1);
	f->decision[0].dma.value = 9 * GIB;
	p2p_registry_touch(f->registry);
	assert_int_equal(p2p_map_ask(f->mapper, (p2p_cpu_addr){ 64 * GIB }, &decision), P2P_DIRECT);
	assert_int_equal(decision.dma.value, 9 * GIB);
	assert_int_equal(map_one(f, 64 * GIB, 1), 0);
	is_mapped(f, 0, 9 * GIB, 1);
	unmap(f);
	/* The same provider in another place is another provider. */
	assert_int_equal(p2p_registry_remove(f->registry, &f->provider[0]), 0);
	lend(f, 0, 96 * GIB, PAGE, P2P_DIRECT, false, 11 * GIB);
	assert_int_equal(map_one(f, 64 * GIB, 1), 0);
	is_mapped(f, 0, 64 * GIB + BATCH_OFFSET, 1);
	unmap(f);
	assert_int_equal(map_one(f, 96 * GIB, 1), 0);
	is_mapped(f, 0, 11 * GIB, 1);
	unmap(f);
}

static void new_providers_are_seen(void **state)
{
	struct fixture *f = *state;

	make_linear(f, 0, 32 * GIB);
	assert_int_equal(map_one(f, 8 * GIB, PAGE), 0);
	is_mapped(f, 0, 8 * GIB + LINEAR_OFFSET, PAGE);
	unmap(f);
	lend(f, 0, 8 * GIB, MIB, P2P_DIRECT, false, 7 * GIB);
	assert_int_equal(map_one(f, 8 * GIB, PAGE), 0);
	is_mapped(f, 0, 7 * GIB, PAGE);
	unmap(f);
	assert_int_equal(p2p_registry_remove(f->registry, &f->provider[0]), 0);
	assert_int_equal(map_one(f, 8 * GIB, PAGE), 0);
	is_mapped(f, 0, 8 * GIB + LINEAR_OFFSET, PAGE);
	unmap(f);
}

static void neighbours_become_one(void **state)
{
	struct fixture *f = *state;
	const struct p2p_segment list[] = { { { 64 * GIB }, PAGE },
					    { { 64 * GIB + PAGE }, PAGE },
					    { { 64 * GIB + 2 * PAGE }, 1 },
					    { { 64 * GIB + 3 * PAGE }, 1 } };

	lend(f, 0, 64 * GIB, GIB, P2P_DIRECT, false, 7 * GIB);
	make_mapper(f);
	assert_int_equal(map(f, list, 4), 0);
	assert_int_equal(f->mapping.count, 2);
	is_mapped(f, 0, 7 * GIB, 2 * PAGE + 1);
	is_mapped(f, 1, 7 * GIB + 3 * PAGE, 1);
	unmap(f);
}

static void removal_waits_for_the_last_mapping(void **state)
{
	struct fixture *f = *state;

	lend(f, 0, 64 * GIB, PAGE, P2P_VIA_HOST, true, 0);
	make_mapper(f);
	assert_int_equal(map_one(f, 64 * GIB, PAGE), 0);
	assert_int_equal(p2p_registry_remove(f->registry, &f->provider[0]), 0);
	assert_int_equal(f->removed, 1);
	assert_int_equal(p2p_provider_mappings(&f->provider[0]), 1);
	assert_int_equal(f->live_pieces, 1);
	unmap(f);
	assert_int_equal(f->live_pieces, 0);
	assert_int_equal(p2p_provider_mappings(&f->provider[0]), 0);
}

/* Whatever fails, and wherever: nothing stays mapped. */
static void all_or_nothing(void **state)
{
	struct fixture *f = *state;
	struct p2p_segment list[20];
	int error = -EIO;

	lend(f, 0, 64 * GIB, GIB, P2P_VIA_HOST, true, 0);
	lend(f, 1, 32 * GIB, GIB, P2P_VIA_HOST, true, 0);
	make_mapper(f);
	for (uint64_t i = 0; i < 20; i++)
		list[i] = (struct p2p_segment){ { (i % 3 + 1) % 3 * (32 * GIB) + i * (2 * PAGE) },
						8 };
	for (f->left = 0; error != 0;) {
		int left = f->left;

		error = map(f, list, 20);
		assert_true(error == 0 || error == -EIO);
		if (error == 0)
			break;
		assert_int_equal(f->live_pieces, 0);
		assert_int_equal(f->live_batches, 0);
		assert_int_equal(p2p_provider_mappings(&f->provider[0]), 0);
		f->left = left + 1;
		assert_true(left < 20);
	}
	unmap(f);
	f->left = -1;
	error = -ENOMEM;
	for (long left = 0; error != 0; left++) {
		long live = f->counting.live;

		f->counting.left = left;
		error = map(f, list, 20);
		assert_true(error == 0 || (error == -ENOMEM && live == f->counting.live));
		assert_true(left < 20);
	}
	f->counting.left = -1;
	unmap(f);
}

/* A batch that answers for less than it was asked is not believed. */
static int map_host_short(const struct p2p_client *client, const struct p2p_segment *segments,
			  uint32_t count, struct p2p_mapped *mapped, uint32_t *mapped_count,
			  uint64_t *cookie)
{
	int error = map_host(client, segments, count, mapped, mapped_count, cookie);

	--*mapped_count;
	return error;
}

static void short_batches_are_errors(void **state)
{
	static const struct p2p_client_ops ops = { map_host_short, unmap_host, NULL, NULL };
	struct fixture *f = *state;
	const struct p2p_segment list[] = { { { 64 * GIB }, 8 }, { { GIB }, 8 } };

	lend(f, 0, 64 * GIB, GIB, P2P_DIRECT, false, GIB);
	f->client.ops = &ops;
	make_mapper(f);
	assert_int_equal(map(f, list, 2), -ERANGE);
}

/* What the twin expects for one address. */
static uint64_t twin_dma(const struct fixture *f, uint64_t address)
{
	for (unsigned int i = 0; i < PROVIDERS; i++) {
		const struct p2p_provider *p = &f->provider[i];
		uint64_t half = p->size / 2 / PAGE * PAGE, offset = address - p->start.value;

		if (offset >= p->size)
			continue;
		if (f->decision[i].mapped)
			return address + DEVICE_OFFSET;
		return f->decision[i].dma.value + offset + (half && offset >= half ? half : 0);
	}
	return 0;
}

static uint64_t draw(uint64_t *random, uint64_t below)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return (*random * UINT64_C(0x2545f4914f6cdd1d) >> 11) % below;
}

/* Bytes of each provider, the last one's of none, and the stretches of segments that they are in.
 */
struct twin_count {
	uint64_t bytes[PROVIDERS + 1], stretches[PROVIDERS + 1];
};

/* Which provider an address is in, and which half of it. */
static unsigned int twin_stretch(const struct fixture *f, uint64_t address)
{
	for (unsigned int i = 0; i < PROVIDERS; i++) {
		const struct p2p_provider *p = &f->provider[i];

		if (address - p->start.value < p->size)
			return 2 * i + (address - p->start.value >= p->size / 2 / PAGE * PAGE);
	}
	return 2 * PROVIDERS;
}

static void twin_count(const struct fixture *f, const struct p2p_segment *list, uint32_t count,
		       struct twin_count *counted)
{
	for (uint32_t i = 0; i < count; i++) {
		unsigned int last = UINT32_MAX;

		for (uint64_t at = 0; at < list[i].length; at += GRAIN) {
			unsigned int stretch = twin_stretch(f, list[i].start.value + at);

			counted->bytes[stretch / 2] += GRAIN;
			counted->stretches[stretch / 2] += stretch != last;
			last = stretch;
		}
	}
}

/* Of a list of nothing but host memory nothing is counted. */
static void counts_are_the_twins(const struct fixture *f, const struct p2p_segment *list,
				 uint32_t count)
{
	const struct p2p_mapping *mapping = &f->mapping;
	struct twin_count expected = { 0 }, got = { 0 };

	if (!mapping->uses)
		return;
	twin_count(f, list, count, &expected);
	for (uint32_t i = 0; i < mapping->uses; i++) {
		const struct p2p_map_use *use = &mapping->use[i];
		ptrdiff_t provider = use->provider - f->provider;

		assert_int_equal(use->reach, f->decision[provider].reach);
		got.bytes[provider] += use->bytes;
		got.stretches[provider] += use->segments;
	}
	got.bytes[PROVIDERS] = mapping->normal_bytes;
	got.stretches[PROVIDERS] = mapping->normal_segments;
	assert_memory_equal(&got, &expected, sizeof(got));
}

static void same_as_asking_for_each_piece(void **state)
{
	struct fixture *f = *state;
	uint64_t random = 20170331;

	for (unsigned int i = 0; i < PROVIDERS; i++)
		lend(f, i, 64 * GIB + i * (8 * PAGE), (1 + i * UINT64_C(2)) * PAGE,
		     i % 2 ? P2P_VIA_HOST : P2P_DIRECT, i == 3, i * TIB);
	for (unsigned int round = 0; round < TWIN_ROUNDS; round++) {
		struct p2p_segment list[12];
		uint32_t count = 1 + (uint32_t)draw(&random, 12), entry = 0;
		uint64_t done = 0;

		if (round % 1000 == 0) {
			f->client.linear_size = 0;
			make_mapper(f);
		} else if (round % 1000 == 500) {
			make_linear(f, 0, 64 * GIB + draw(&random, 40) * PAGE);
		}
		for (uint32_t i = 0; i < count; i++) {
			list[i].start.value = 64 * GIB + draw(&random, 300) * GRAIN - 16 * PAGE;
			list[i].length = (1 + draw(&random, 1 + draw(&random, 80))) * GRAIN;
			if (i != 0 && draw(&random, 3) == 0)
				list[i].start.value = list[i - 1].start.value + list[i - 1].length;
		}
		if (map(f, list, count) == -EMSGSIZE)
			continue;
		for (uint32_t i = 0; i < count; i++)
			for (uint64_t at = 0; at < list[i].length; at += GRAIN) {
				uint64_t expected = twin_dma(f, list[i].start.value + at), got;

				assert_true(entry < f->mapping.count);
				got = f->mapped[entry].start.value + done;
				if (expected != 0 || got < LINEAR_OFFSET)
					assert_int_equal(got, expected);
				else
					assert_int_equal(got & (LINEAR_OFFSET - 1),
							 list[i].start.value + at);
				done += GRAIN;
				if (done == f->mapped[entry].length) {
					done = 0;
					entry++;
				}
			}
		assert_int_equal(entry, f->mapping.count);
		counts_are_the_twins(f, list, count);
		unmap(f);
	}
}

/*
 * PCI providers: below one switch in a machine whose bus addresses are offset from CPU addresses,
 * as on POWER (a 32-bit and a 64-bit window), and an endpoint beside the switch. Then one in
 * another domain, where the provider's CPU addresses are bus addresses of a window, and one on no
 * bus.
 */
struct machine {
	struct p2p_fabric *fabric;
	struct p2p_router *router;
	struct p2p_pci_context context;
	p2p_node near, near_memory, far, elsewhere, off_bus;
};

#define CPU32 (0x200080000000u + UINT64_C(0))
#define CPU64 (UINT64_C(0x210000000000))

static void add_other_domain(struct p2p_fabric_builder *builder, struct machine *m)
{
	struct p2p_range like_cpu = memory_range(CPU64 + 2 * TIB, CPU64, TIB);
	struct p2p_range like_bus = memory_range(CPU64 + 4 * TIB, 0x8000000000, TIB);
	p2p_node host = add(builder, node_at(P2P_KIND_HOST_BRIDGE, bdf(1, 0, 0, 0)));

	assert_int_equal(p2p_fabric_add_window(builder, host, &like_cpu), 0);
	assert_int_equal(p2p_fabric_add_window(builder, host, &like_bus), 0);
	m->elsewhere = add(builder, node_at(P2P_KIND_ENDPOINT, bdf(1, 0, 1, 0)));
	m->off_bus = add(builder, node_at(P2P_KIND_OFF_BUS, bdf(0, 0, 0, 0)));
}

static void build(struct fixture *f, struct machine *m, bool windows, uint64_t bar_bus)
{
	struct p2p_range low = memory_range(CPU32, 0x80000000, 0x80000000);
	struct p2p_range high = memory_range(CPU64, 0x8000000000, TIB);
	struct p2p_node_info info = node_at(P2P_KIND_HOST_BRIDGE, bdf(0, 0, 0, 0));
	struct p2p_fabric_builder *builder;
	p2p_node host;

	assert_int_equal(p2p_fabric_builder_new(&f->allocator, &builder), 0);
	host = add(builder, info);
	if (windows) {
		assert_int_equal(p2p_fabric_add_window(builder, host, &low), 0);
		assert_int_equal(p2p_fabric_add_window(builder, host, &high), 0);
	}
	add_switch(builder);
	info = node_at(P2P_KIND_ENDPOINT, bdf(0, 3, 0, 0));
	info.acs.known = P2P_ABSENT;
	m->near = add(builder, info);
	info.bdf = bdf(0, 0, 2, 0);
	m->far = add(builder, info);
	info.bdf = bdf(0, 4, 0, 0);
	info.bar[0] = memory_range(CPU64 + GIB, bar_bus, GIB);
	m->near_memory = add(builder, info);
	add_other_domain(builder, m);
	assert_int_equal(p2p_fabric_finish(builder, &m->fabric), 0);
	assert_int_equal(p2p_router_new(m->fabric, p2p_policy_hardware(), NULL, &m->router), 0);
	p2p_pci_context_set(&m->context, m->router);
}

static void lend_bar(struct fixture *f, struct machine *m, uint64_t start, uint64_t size)
{
	struct p2p_provider *list = &f->provider[0];

	f->provider[0] = (struct p2p_provider){
		.start = { start },
		.size = size,
		.node = m->near_memory,
		.ops = &p2p_pci_provider_ops,
		.context = &m->context,
	};
	assert_int_equal(p2p_registry_add(f->registry, &list, 1), 0);
	f->client.node = m->near;
	make_mapper(f);
}

static void tear_machine(struct fixture *f, struct machine *m)
{
	assert_int_equal(p2p_registry_remove(f->registry, &f->provider[0]), 0);
	p2p_router_free(m->router);
	p2p_fabric_free(m->fabric);
}

static void pci_goes_by_bus_address(void **state)
{
	struct fixture *f = *state;
	struct machine m;

	for (unsigned int windows = 0; windows < 2; windows++) {
		build(f, &m, windows, 0x8000000000 + GIB);
		lend_bar(f, &m, CPU64 + GIB, GIB);
		assert_int_equal(map_one(f, CPU64 + GIB + 5 * PAGE, PAGE), 0);
		is_mapped(f, 0, 0x8000000000 + GIB + 5 * PAGE, PAGE);
		unmap(f);
		/* Beside the switch only the host can pass it on. */
		f->client.node = m.far;
		make_mapper(f);
		if (windows) {
			assert_int_equal(map_one(f, CPU64 + GIB, PAGE), 0);
			is_mapped(f, 0, CPU64 + GIB + DEVICE_OFFSET, PAGE);
			assert_int_equal(f->mapping.via_host_bytes, PAGE);
			unmap(f);
		} else {
			/* Nobody knows what is taken before it gets to the host. */
			assert_int_equal(map_one(f, CPU64 + GIB, PAGE), -EREMOTE);
		}
		f->client.ops = NULL;
		p2p_registry_touch(f->registry);
		assert_int_equal(map_one(f, CPU64 + GIB, PAGE), -EREMOTE);
		f->client.ops = &client_ops;
		f->client.node = P2P_NO_NODE;
		p2p_registry_touch(f->registry);
		assert_int_equal(map_one(f, CPU64 + GIB, PAGE), -EREMOTE);
		tear_machine(f, &m);
	}
}

/* Only the first page is in a window, or only the last, whatever was asked before. */
static void answers_hold_for_their_stretch(void **state)
{
	struct fixture *f = *state;
	const uint64_t start = CPU32 + 0x80000000 - PAGE;
	struct p2p_decision decision;
	struct machine m;

	build(f, &m, true, 0);
	lend_bar(f, &m, start, 3 * PAGE);
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(
			p2p_map_ask(f->mapper, (p2p_cpu_addr){ start + 2 * PAGE + 1 }, &decision),
			P2P_UNREACHABLE);
		assert_int_equal(decision.start.value, start + 2 * PAGE);
		assert_int_equal(decision.length, PAGE);
		assert_int_equal(p2p_map_ask(f->mapper, (p2p_cpu_addr){ start }, &decision),
				 P2P_DIRECT);
		assert_int_equal(decision.length, PAGE);
		assert_int_equal(map_one(f, start, PAGE), 0);
		unmap(f);
	}
	tear_machine(f, &m);
	build(f, &m, true, 0);
	lend_bar(f, &m, CPU64 - PAGE, 2 * PAGE);
	assert_int_equal(p2p_map_ask(f->mapper, (p2p_cpu_addr){ CPU64 + 1 }, &decision),
			 P2P_DIRECT);
	assert_int_equal(decision.start.value, CPU64);
	assert_int_equal(decision.length, PAGE);
	assert_int_equal(map_one(f, CPU64 - 1, 1), -EREMOTE);
	tear_machine(f, &m);
}

static void pci_contradictions_are_unreachable(void **state)
{
	struct fixture *f = *state;
	struct machine m;

	/* The BAR register says another bus address than the window. */
	build(f, &m, true, 0x8000000000 + 2 * GIB);
	lend_bar(f, &m, CPU64 + GIB, GIB);
	assert_int_equal(map_one(f, CPU64 + GIB, PAGE), -EREMOTE);
	tear_machine(f, &m);
	/* In no window. */
	build(f, &m, true, 0x8000000000 + GIB);
	lend_bar(f, &m, CPU64 + TIB, GIB);
	assert_int_equal(map_one(f, CPU64 + TIB, PAGE), -EREMOTE);
	tear_machine(f, &m);
	/* Beyond what the client can be programmed with. */
	build(f, &m, true, 0x8000000000 + GIB);
	f->client.highest.value = UINT32_MAX;
	lend_bar(f, &m, CPU64 + GIB, GIB);
	assert_int_equal(map_one(f, CPU64 + GIB, PAGE), -EREMOTE);
	tear_machine(f, &m);
	/* A BAR that goes past the end of the bus. */
	f->client.highest.value = UINT64_MAX;
	build(f, &m, false, UINT64_MAX - PAGE + 1);
	lend_bar(f, &m, CPU64 + GIB + PAGE, PAGE);
	assert_int_equal(map_one(f, CPU64 + GIB + PAGE, PAGE), -EREMOTE);
	tear_machine(f, &m);
}

static void pci_windows_are_not_left(void **state)
{
	struct fixture *f = *state;
	const uint64_t start = CPU32 + 0x80000000 - PAGE;
	struct machine m;

	/* Only the first page is in the window. */
	build(f, &m, true, 0);
	lend_bar(f, &m, start, 2 * PAGE);
	assert_int_equal(map_one(f, start, PAGE), 0);
	is_mapped(f, 0, 0x100000000 - PAGE, PAGE);
	unmap(f);
	assert_int_equal(map_one(f, start, PAGE + 1), -EREMOTE);
	assert_int_equal(map_one(f, start + PAGE, 1), -EREMOTE);
	assert_int_equal(map_one(f, start, PAGE), 0);
	unmap(f);
	tear_machine(f, &m);
}

static void maps_for(struct fixture *f, p2p_node client, uint64_t dma, int expected)
{
	f->client.node = client;
	f->device_offset = dma - (CPU64 + GIB);
	p2p_registry_touch(f->registry);
	assert_int_equal(map_one(f, CPU64 + GIB, PAGE), expected);
	assert_int_equal(f->live_pieces, expected == 0);
	if (expected == 0) {
		is_mapped(f, 0, dma, PAGE);
		unmap(f);
	}
}

/* On its way to the host, what is in a window there is somebody else's. */
static void pci_windows_are_in_the_way(void **state)
{
	struct fixture *f = *state;
	struct machine m;

	build(f, &m, true, 0x8000000000 + GIB);
	lend_bar(f, &m, CPU64 + GIB, GIB);
	maps_for(f, m.far, 0x80000000 - PAGE, 0);
	maps_for(f, m.far, 0x80000000 - PAGE + 1, -EREMOTE);
	maps_for(f, m.far, 0x80000000, -EREMOTE);
	maps_for(f, m.far, 0x100000000 - 1, -EREMOTE);
	maps_for(f, m.far, 0x100000000, 0);
	maps_for(f, m.far, 0x8000000000 + TIB - 1, -EREMOTE);
	maps_for(f, m.far, 0x8000000000 + TIB, 0);
	maps_for(f, m.far, UINT64_MAX - PAGE + 2, -EREMOTE);
	/* It is the provider's own bus address, or just not. */
	maps_for(f, m.far, 0x8000000000 + GIB, 0);
	maps_for(f, m.far, 0x8000000000 + GIB + PAGE, -EREMOTE);
	maps_for(f, m.far, 0x8000000000 + GIB - 1, -EREMOTE);
	/* In another domain that address is another's; and so is the CPU address. */
	maps_for(f, m.elsewhere, 0x8000000000 + GIB, -EREMOTE);
	maps_for(f, m.elsewhere, CPU64 + GIB, -EREMOTE);
	maps_for(f, m.elsewhere, CPU64 + TIB, 0);
	maps_for(f, m.off_bus, CPU64 + GIB, 0);
	tear_machine(f, &m);
}

static void leads_to_host(struct fixture *f, const struct p2p_range *window, bool expected)
{
	struct p2p_fabric_builder *builder;
	struct p2p_fabric *fabric;
	p2p_node host, client;

	assert_int_equal(p2p_fabric_builder_new(&f->allocator, &builder), 0);
	host = add(builder, node_at(P2P_KIND_HOST_BRIDGE, bdf(0, 0, 0, 0)));
	client = add(builder, node_at(P2P_KIND_ENDPOINT, bdf(0, 0, 1, 0)));
	if (window)
		assert_int_equal(p2p_fabric_add_window(builder, host, window), 0);
	assert_int_equal(p2p_fabric_finish(builder, &fabric), 0);
	assert_int_equal(p2p_pci_leads_to_host(fabric, client, (p2p_dma_addr){ 0 }, PAGE),
			 expected);
	assert_false(p2p_pci_leads_to_host(fabric, host, (p2p_dma_addr){ 0 }, PAGE));
	assert_false(p2p_pci_leads_to_host(fabric, P2P_NO_NODE, (p2p_dma_addr){ 0 }, PAGE));
	p2p_fabric_free(fabric);
}

static void unknown_windows_are_in_the_way(void **state)
{
	struct fixture *f = *state;
	struct p2p_range window = memory_range(TIB, TIB, TIB);

	leads_to_host(f, NULL, false);
	leads_to_host(f, &window, true);
	window.bus_known = false;
	leads_to_host(f, &window, false);
	window = memory_range(0, 0, TIB);
	leads_to_host(f, &window, false);
	window.flags = P2P_RANGE_IO;
	leads_to_host(f, &window, false);
}

/* Without a route, the client's own op decides; a policy that refuses such clients decides first.
 */
static void clients_on_no_bus_decide_themselves(void **state)
{
	const struct p2p_policy *linux_policy;
	struct p2p_router *router;
	struct fixture *f = *state;
	enum p2p_policy_fit fit;
	struct machine m;

	build(f, &m, true, 0x8000000000 + GIB);
	lend_bar(f, &m, CPU64 + GIB, GIB);
	maps_for(f, m.off_bus, CPU64 + GIB, 0);
	f->left = 0;
	assert_int_equal(map_one(f, CPU64 + GIB, PAGE), -EIO);
	f->left = -1;
	assert_int_equal(p2p_policy_find("7.3", &linux_policy, &fit), 0);
	assert_int_equal(p2p_router_new(m.fabric, linux_policy, NULL, &router), 0);
	p2p_pci_context_set(&m.context, router);
	maps_for(f, m.off_bus, CPU64 + GIB, -EREMOTE);
	p2p_pci_context_set(&m.context, m.router);
	/* Memory on no bus has ops of its own, and not these. */
	f->provider[0].node = m.off_bus;
	maps_for(f, m.far, CPU64 + GIB, -EREMOTE);
	p2p_router_free(router);
	tear_machine(f, &m);
}

static void answers_have_names(void **state)
{
	(void)state;
	assert_string_equal(p2p_reach_name(P2P_NORMAL), "normal");
	assert_string_equal(p2p_reach_name(P2P_DIRECT), "direct");
	assert_string_equal(p2p_reach_name(P2P_VIA_HOST), "via-host");
	assert_string_equal(p2p_reach_name(P2P_UNREACHABLE), "unreachable");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bad_segments_are_refused),
		TEST(impossible_windows_are_refused),
		TEST(host_memory_in_one_batch),
		TEST(linear_window_needs_no_batch),
		TEST(segments_are_cut_where_answers_change),
		TEST(lists_longer_than_the_room_are_refused),
		TEST(unreachable_is_an_error),
		TEST(clients_highest_address_counts),
		TEST(decisions_are_remembered),
		TEST(new_providers_are_seen),
		TEST(neighbours_become_one),
		TEST(removal_waits_for_the_last_mapping),
		TEST(all_or_nothing),
		TEST(short_batches_are_errors),
		TEST(same_as_asking_for_each_piece),
		TEST(pci_goes_by_bus_address),
		TEST(answers_hold_for_their_stretch),
		TEST(pci_contradictions_are_unreachable),
		TEST(pci_windows_are_not_left),
		TEST(pci_windows_are_in_the_way),
		TEST(unknown_windows_are_in_the_way),
		TEST(clients_on_no_bus_decide_themselves),
		cmocka_unit_test(answers_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
