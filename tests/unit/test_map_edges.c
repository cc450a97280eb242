// SPDX-License-Identifier: MIT
/*
 * The map where numbers end: providers that answer nonsense, the last address, the byte behind.
 */
#include "support.h"

#include "map/map.h"

#define GIB           (UINT64_C(1) << 30)
#define TIB           (UINT64_C(1) << 40)
#define PAGE          UINT64_C(4096)
#define ROOM          8u
#define LINEAR_OFFSET (UINT64_C(1) << 50)

/* One provider at 64 GiB, of four pages, and one behind it. */
#define PEER (64 * GIB)

struct fixture {
	struct counting counting;
	struct p2p_allocator allocator;
	struct p2p_registry *registry;
	struct p2p_client client;
	struct p2p_mapper *mapper;
	struct p2p_provider provider[2];
	struct p2p_decision decision[2]; /* what `decide` says */
	uint64_t piece;                  /* what `map` says */
	struct p2p_mapped mapped[ROOM];
	struct p2p_mapping mapping;
};

static void decide(const struct p2p_provider *provider, const struct p2p_client *client,
		   p2p_cpu_addr at, struct p2p_decision *decision)
{
	const struct fixture *f = provider->context;

	(void)client;
	(void)at;
	*decision = f->decision[provider - f->provider];
}

static int map_piece(const struct p2p_provider *provider, const struct p2p_client *client,
		     p2p_cpu_addr start, uint64_t length, p2p_dma_addr *dma)
{
	const struct fixture *f = provider->context;

	(void)client;
	(void)start;
	(void)length;
	dma->value = f->piece;
	return 0;
}

static void unmap_piece(const struct p2p_provider *provider, const struct p2p_client *client,
			p2p_dma_addr dma, uint64_t length)
{
	const struct fixture *f = provider->context;

	(void)client;
	assert_int_equal(dma.value, f->piece);
	assert_true(length != 0);
}

static void unmap_host(const struct p2p_client *client, uint64_t cookie)
{
	(void)client;
	(void)cookie;
}

static const struct p2p_provider_ops ops = { .decide = decide,
					     .map = map_piece,
					     .unmap = unmap_piece };

static void no_wait(void *context)
{
	(void)context;
}

static int set_up(void **state)
{
	static struct fixture fixture;
	const struct p2p_rcu rcu = { no_wait, NULL };
	struct fixture *f = &fixture;
	struct p2p_provider *list[2] = { &f->provider[0], &f->provider[1] };

	memset(f, 0, sizeof(*f));
	f->allocator = counting_allocator(&f->counting);
	f->mapping.mapped = f->mapped;
	f->mapping.room = ROOM;
	f->client = (struct p2p_client){
		.node = P2P_NO_NODE,
		.highest = { UINT64_MAX },
		.linear_size = TIB,
		.linear_offset = LINEAR_OFFSET,
	};
	for (unsigned int i = 0; i < 2; i++) {
		f->provider[i] = (struct p2p_provider){
			.start = { PEER + i * (4 * PAGE) },
			.size = 4 * PAGE,
			.node = P2P_NO_NODE,
			.ops = &ops,
			.context = f,
		};
		f->decision[i] = (struct p2p_decision){
			.reach = P2P_DIRECT,
			.start = f->provider[i].start,
			.length = 4 * PAGE,
			.dma = { GIB + i * GIB },
		};
	}
	assert_int_equal(p2p_registry_new(&f->allocator, &rcu, &f->registry), 0);
	assert_int_equal(p2p_registry_add(f->registry, list, 2), 0);
	assert_int_equal(p2p_mapper_new(&f->allocator, f->registry, &f->client, &f->mapper), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(p2p_provider_mappings(&f->provider[i]), 0);
	p2p_mapper_free(f->mapper);
	p2p_registry_free(f->registry);
	assert_int_equal(f->counting.live, 0);
	return 0;
}

static void make_mapper(struct fixture *f, uint64_t linear_size)
{
	f->client.linear_size = linear_size;
	p2p_mapper_free(f->mapper);
	f->mapper = NULL;
	assert_int_equal(p2p_mapper_new(&f->allocator, f->registry, &f->client, &f->mapper), 0);
}

/* Maps two segments; what was decided before is forgotten. */
static int map_two(struct fixture *f, uint64_t a, uint64_t a_length, uint64_t b, uint64_t b_length)
{
	const struct p2p_segment list[] = { { { a }, a_length }, { { b }, b_length } };

	p2p_registry_touch(f->registry);
	return p2p_map(f->mapper, list, 2, &f->mapping);
}

static int map_one(struct fixture *f, uint64_t start, uint64_t length)
{
	const struct p2p_segment segment = { { start }, length };

	p2p_registry_touch(f->registry);
	return p2p_map(f->mapper, &segment, 1, &f->mapping);
}

static void is_mapped(const struct fixture *f, uint32_t i, uint64_t start, uint64_t length)
{
	assert_true(i < f->mapping.count);
	assert_int_equal(f->mapped[i].start.value, start);
	assert_int_equal(f->mapped[i].length, length);
}

static void nonsense_is_unreachable(void **state)
{
	struct fixture *f = *state;
	const struct p2p_decision good = f->decision[0];
	struct p2p_decision bad[] = { good, good, good, good, good, good };

	bad[0].length = 5 * PAGE;
	bad[1].length = 0;
	bad[2].start.value -= PAGE;
	bad[3].start.value += PAGE;
	bad[3].length -= PAGE;
	bad[4].reach = P2P_NORMAL;
	bad[5].dma.value = UINT64_MAX - 4 * PAGE + 2;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f->decision[0] = bad[i];
		assert_int_equal(map_one(f, PEER, PAGE), -EREMOTE);
	}
	/* Behind a link of its own a provider may map what goes past the IOMMU: no nonsense. */
	f->decision[0] = good;
	f->decision[0].mapped = true;
	assert_int_equal(map_one(f, PEER, PAGE), 0);
	assert_int_equal(f->mapping.direct_bytes, PAGE);
	assert_int_equal(f->mapping.via_host_bytes, 0);
	p2p_unmap(f->mapper, &f->mapping);
	f->decision[0] = good;
	assert_int_equal(map_one(f, PEER, PAGE), 0);
	is_mapped(f, 0, GIB, PAGE);
	p2p_unmap(f->mapper, &f->mapping);
}

static void bus_addresses_end(void **state)
{
	struct fixture *f = *state;

	/* The last bus address and the first are no neighbours. */
	f->decision[0].dma.value = UINT64_MAX - 4 * PAGE + 1;
	f->decision[1].dma.value = 0;
	assert_int_equal(map_one(f, PEER, 8 * PAGE), 0);
	assert_int_equal(f->mapping.count, 2);
	is_mapped(f, 0, UINT64_MAX - 4 * PAGE + 1, 4 * PAGE);
	is_mapped(f, 1, 0, 4 * PAGE);
	p2p_unmap(f->mapper, &f->mapping);
	/* A byte more than the client can be programmed with. */
	f->client.highest.value = UINT64_MAX - 1;
	assert_int_equal(map_one(f, PEER, PAGE), -ERANGE);
	assert_int_equal(map_one(f, PEER + 4 * PAGE, PAGE), 0);
	p2p_unmap(f->mapper, &f->mapping);
}

static void mapped_pieces_end(void **state)
{
	struct fixture *f = *state;

	f->decision[0].reach = P2P_VIA_HOST;
	f->decision[0].mapped = true;
	f->piece = UINT64_MAX - PAGE + 1;
	assert_int_equal(map_one(f, PEER, PAGE), 0);
	is_mapped(f, 0, UINT64_MAX - PAGE + 1, PAGE);
	p2p_unmap(f->mapper, &f->mapping);
	f->piece++;
	assert_int_equal(map_one(f, PEER, PAGE), -ERANGE);
}

/* Second in a list, where a run is going on. */
static void a_byte_behind_is_another_answer(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(map_two(f, PEER, PAGE, PEER + 2 * PAGE, 2 * PAGE), 0);
	assert_int_equal(f->mapping.count, 2);
	is_mapped(f, 1, GIB + 2 * PAGE, 2 * PAGE);
	p2p_unmap(f->mapper, &f->mapping);
	assert_int_equal(map_two(f, PEER, PAGE, PEER + 2 * PAGE, 2 * PAGE + 1), 0);
	assert_int_equal(f->mapping.count, 3);
	is_mapped(f, 1, GIB + 2 * PAGE, 2 * PAGE);
	is_mapped(f, 2, 2 * GIB, 1);
	p2p_unmap(f->mapper, &f->mapping);
}

/* Behind plain host memory, where a list is taken at one go if all of it is. */
static void one_device_segment_behind_plain_ones(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(map_two(f, PAGE, PAGE, PEER, PAGE), 0);
	is_mapped(f, 0, LINEAR_OFFSET + PAGE, PAGE);
	is_mapped(f, 1, GIB, PAGE);
	assert_int_equal(f->mapping.direct_bytes, PAGE);
	p2p_unmap(f->mapper, &f->mapping);
	assert_int_equal(map_two(f, PAGE, PAGE, PEER - PAGE, PAGE + 1), 0);
	assert_int_equal(f->mapping.count, 3);
	is_mapped(f, 2, GIB, 1);
	p2p_unmap(f->mapper, &f->mapping);
	assert_int_equal(map_two(f, PAGE, PAGE, UINT64_MAX - PAGE + 1, PAGE), -ERANGE);
	/* The larger part of the window is above the providers. */
	assert_int_equal(map_two(f, PEER + GIB, PAGE, PEER + 4 * PAGE, PAGE), 0);
	is_mapped(f, 0, LINEAR_OFFSET + PEER + GIB, PAGE);
	is_mapped(f, 1, 2 * GIB, PAGE);
	p2p_unmap(f->mapper, &f->mapping);
}

/* Answers for all segments, but the first entry is for less than the first of them. */
static int map_host_less(const struct p2p_client *client, const struct p2p_segment *segments,
			 uint32_t count, struct p2p_mapped *mapped, uint32_t *mapped_count,
			 uint64_t *cookie)
{
	(void)client;
	for (uint32_t i = 0; i < count; i++)
		mapped[i] = (struct p2p_mapped){ { segments[i].start.value }, segments[i].length };
	mapped[0].length--;
	*mapped_count = count;
	*cookie = 0;
	return 0;
}

static void batches_that_cut_are_errors(void **state)
{
	static const struct p2p_client_ops cutting = { map_host_less, unmap_host, NULL, NULL };
	struct fixture *f = *state;

	f->client.ops = &cutting;
	make_mapper(f, 0);
	assert_int_equal(map_two(f, PAGE, PAGE, PEER, PAGE), -ERANGE);
}

/* Four segments, host memory but for the one at `odd`, which is the device page. */
static int map_four(struct fixture *f, uint64_t host, unsigned int odd)
{
	struct p2p_segment list[4];

	for (unsigned int i = 0; i < 4; i++)
		list[i] = (struct p2p_segment){ { host + i * (2 * PAGE) }, PAGE };
	if (odd < 4)
		list[odd].start.value = PEER;
	return p2p_map(f->mapper, list, 4, &f->mapping);
}

static void maps_four(struct fixture *f, uint64_t host, uint64_t offset)
{
	for (unsigned int odd = 0; odd < 5; odd++) {
		assert_int_equal(map_four(f, host, odd), 0);
		assert_int_equal(f->mapping.count, 4);
		for (unsigned int i = 0; i < 4; i++)
			is_mapped(f, i, i == odd ? GIB : host + i * (2 * PAGE) + offset, PAGE);
		p2p_unmap(f->mapper, &f->mapping);
	}
}

static int map_host(const struct p2p_client *client, const struct p2p_segment *segments,
		    uint32_t count, struct p2p_mapped *mapped, uint32_t *mapped_count,
		    uint64_t *cookie)
{
	(void)client;
	for (uint32_t i = 0; i < count; i++) {
		assert_true(segments[i].start.value - PEER >= 8 * PAGE);
		mapped[i] = (struct p2p_mapped){ { segments[i].start.value }, segments[i].length };
	}
	*mapped_count = count;
	*cookie = 0;
	return 0;
}

/* Below the providers, above them, in the gap; by a linear window and by the batch. */
static void host_memory_is_anywhere(void **state)
{
	static const struct p2p_client_ops batch = { map_host, unmap_host, NULL, NULL };
	static const uint64_t place[] = { PAGE, PEER / 2, PEER + 12 * GIB, TIB / 2 };
	struct fixture *f = *state;
	struct p2p_provider low = { .start = { 3 * GIB }, .size = PAGE, .node = P2P_NO_NODE };
	struct p2p_provider *list = &low;

	for (unsigned int gap = 0; gap < 2; gap++) {
		for (size_t i = 0; i < sizeof(place) / sizeof(place[0]); i++) {
			f->client.ops = NULL;
			make_mapper(f, TIB);
			maps_four(f, place[i], LINEAR_OFFSET);
			f->client.ops = &batch;
			make_mapper(f, 0);
			maps_four(f, place[i], 0);
		}
		if (!gap)
			assert_int_equal(p2p_registry_add(f->registry, &list, 1), 0);
	}
	/* The provider below the gap has no ops. */
	assert_int_equal(map_two(f, 5 * GIB, PAGE, 3 * GIB, 1), -EREMOTE);
}

static void maps_two(struct fixture *f, uint64_t a, uint64_t a_dma, uint64_t b, uint64_t b_dma)
{
	assert_int_equal(map_two(f, a, PAGE, b, PAGE), 0);
	assert_int_equal(f->mapping.count, 2);
	is_mapped(f, 0, a_dma, PAGE);
	is_mapped(f, 1, b_dma, PAGE);
	p2p_unmap(f->mapper, &f->mapping);
}

/* Second in a list, behind host memory of the stretch that they are beside. */
static void host_memory_ends(void **state)
{
	static const struct p2p_client_ops batch = { map_host, unmap_host, NULL, NULL };
	const uint64_t above = PEER + 12 * GIB;
	struct fixture *f = *state;
	struct p2p_provider low = { .start = { 3 * GIB }, .size = PAGE, .node = P2P_NO_NODE };
	struct p2p_provider *list = &low;

	f->client.ops = &batch;
	make_mapper(f, TIB);
	maps_two(f, above, above + LINEAR_OFFSET, PEER + 7 * PAGE, 2 * GIB + 3 * PAGE);
	maps_two(f, above, above + LINEAR_OFFSET, TIB, TIB);
	make_mapper(f, PEER + 8 * PAGE);
	maps_two(f, PAGE, PAGE + LINEAR_OFFSET, PEER, GIB);
	assert_int_equal(p2p_registry_add(f->registry, &list, 1), 0);
	maps_two(f, 5 * GIB, 5 * GIB + LINEAR_OFFSET, PEER, GIB);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nonsense_is_unreachable),
		TEST(bus_addresses_end),
		TEST(mapped_pieces_end),
		TEST(a_byte_behind_is_another_answer),
		TEST(one_device_segment_behind_plain_ones),
		TEST(batches_that_cut_are_errors),
		TEST(host_memory_is_anywhere),
		TEST(host_memory_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
