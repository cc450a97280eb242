// SPDX-License-Identifier: MIT
/*
 * The registry against a naive twin, its edges and its errors.
 */
#include "support.h"

#include "map/registry.h"

#define KIB          UINT64_C(1024)
#define MIB          (KIB * KIB)
#define GIB          (KIB * MIB)
#define TIB          (KIB * GIB)
#define PAGE         (4 * KIB)
#define TWIN_MAX     200
#define TWIN_ROUNDS  200
#define TWIN_LOOKUPS 10000

/* There are no readers here: nothing to wait for, but it is counted. */
static void count_wait(void *context)
{
	++*(unsigned int *)context;
}

struct fixture {
	struct counting counting;
	struct p2p_allocator allocator;
	struct p2p_registry *registry;
	unsigned int waits;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	const struct p2p_rcu rcu = { count_wait, &fixture.waits };

	fixture.waits = 0;
	fixture.allocator = counting_allocator(&fixture.counting);
	assert_int_equal(p2p_registry_new(&fixture.allocator, &rcu, &fixture.registry), 0);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	p2p_registry_free(fixture->registry);
	assert_int_equal(fixture->counting.live, 0);
	return 0;
}

static struct p2p_provider at(uint64_t start, uint64_t size)
{
	return (struct p2p_provider){ .start = { start }, .size = size, .node = P2P_NO_NODE };
}

static int add_one(struct fixture *f, struct p2p_provider *provider)
{
	return p2p_registry_add(f->registry, &provider, 1);
}

static struct p2p_provider *find(const struct fixture *f, uint64_t address)
{
	struct p2p_provider *found = p2p_registry_find(f->registry, (p2p_cpu_addr){ address });

	if (found)
		assert_true(p2p_range_filter_passes(p2p_registry_filter(f->registry),
						    (p2p_cpu_addr){ address }));
	return found;
}

static struct p2p_provider *next(const struct fixture *f, uint64_t address)
{
	return p2p_registry_next(f->registry, (p2p_cpu_addr){ address });
}

static void empty_finds_nothing(void **state)
{
	struct fixture *f = *state;

	assert_null(find(f, 0));
	assert_null(find(f, PAGE));
	assert_null(find(f, UINT64_MAX));
	assert_null(next(f, 0));
	assert_false(
		p2p_range_filter_passes(p2p_registry_filter(f->registry), (p2p_cpu_addr){ 1 }));
	assert_int_equal(p2p_registry_count(f->registry), 0);
	assert_int_equal(p2p_registry_add(f->registry, NULL, 0), 0);
}

static void edges_are_exact(void **state)
{
	static const uint64_t starts[] = { 0,       PAGE,     4 * GIB - PAGE,
					   4 * GIB, 63 * TIB, UINT64_MAX - PAGE + 1 };
	static const uint64_t sizes[] = { PAGE, 3 * PAGE, 64 * MIB, TIB };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			struct p2p_provider p = at(starts[i], sizes[j]);
			uint64_t first = starts[i], last = first + (sizes[j] - 1);

			if (last < first)
				continue;
			assert_int_equal(add_one(f, &p), 0);
			assert_ptr_equal(find(f, first), &p);
			assert_ptr_equal(find(f, last), &p);
			assert_ptr_equal(find(f, first + sizes[j] / 2), &p);
			assert_ptr_equal(next(f, 0), &p);
			assert_ptr_equal(next(f, last), &p);
			if (first != 0)
				assert_null(find(f, first - 1));
			if (last != UINT64_MAX) {
				assert_null(find(f, last + 1));
				assert_null(next(f, last + 1));
			}
			assert_int_equal(p2p_registry_remove(f->registry, &p), 0);
			assert_null(find(f, first));
			assert_null(next(f, 0));
		}
}

static void whole_address_space(void **state)
{
	struct fixture *f = *state;
	struct p2p_provider low = at(0, PAGE), high = at(UINT64_MAX - PAGE + 1, PAGE);
	struct p2p_provider *both[] = { &high, &low };

	assert_int_equal(p2p_registry_add(f->registry, both, 2), 0);
	assert_ptr_equal(find(f, 0), &low);
	assert_ptr_equal(find(f, UINT64_MAX), &high);
	assert_null(find(f, PAGE));
	assert_null(find(f, UINT64_C(1) << 63));
	assert_ptr_equal(next(f, PAGE), &high);
}

static void bad_providers_are_refused(void **state)
{
	struct fixture *f = *state;
	struct p2p_provider bad[] = {
		at(PAGE, 0),
		at(PAGE + 1, PAGE),
		at(PAGE, PAGE + 1),
		at(UINT64_MAX - PAGE + 1, 2 * PAGE),
	};
	struct p2p_provider good = at(PAGE, PAGE);
	struct p2p_provider *list[] = { &good, NULL };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		list[1] = &bad[i];
		assert_int_equal(p2p_registry_add(f->registry, list, 2), -EINVAL);
		assert_null(find(f, PAGE));
	}
}

static void overlaps_are_refused(void **state)
{
	struct fixture *f = *state;
	struct p2p_provider there = at(MIB, MIB), other = at(4 * MIB, MIB);
	struct p2p_provider bad[] = {
		at(MIB, MIB),
		at(0, MIB + PAGE),
		at(2 * MIB - PAGE, PAGE),
		at(2 * MIB - PAGE, MIB),
		at(0, 8 * MIB),
		at(MIB + PAGE, PAGE),
	};
	struct p2p_provider twice[] = { at(16 * MIB, 2 * PAGE), at(16 * MIB + PAGE, PAGE) };
	struct p2p_provider *list[] = { &twice[1], &twice[0] };

	assert_int_equal(add_one(f, &there), 0);
	assert_int_equal(add_one(f, &other), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(add_one(f, &bad[i]), -EEXIST);
	assert_int_equal(p2p_registry_add(f->registry, list, 2), -EEXIST);
	assert_int_equal(p2p_registry_count(f->registry), 2);
	assert_null(find(f, 16 * MIB));
	assert_ptr_equal(find(f, MIB), &there);
}

static void neighbours_touch(void **state)
{
	struct fixture *f = *state;
	struct p2p_provider a = at(MIB, PAGE), b = at(MIB + PAGE, PAGE),
			    c = at(MIB + 2 * PAGE, PAGE);
	struct p2p_provider *list[] = { &c, &a, &b };

	assert_int_equal(p2p_registry_add(f->registry, list, 3), 0);
	assert_int_equal(p2p_registry_remove(f->registry, &b), 0);
	assert_ptr_equal(find(f, MIB + PAGE - 1), &a);
	assert_null(find(f, MIB + PAGE));
	assert_null(find(f, MIB + 2 * PAGE - 1));
	assert_ptr_equal(find(f, MIB + 2 * PAGE), &c);
	assert_int_equal(add_one(f, &b), 0);
	assert_ptr_equal(find(f, MIB + PAGE), &b);
}

static void strangers_are_not_removed(void **state)
{
	struct fixture *f = *state;
	struct p2p_provider there = at(MIB, MIB);
	struct p2p_provider same_range = there, inside = at(MIB + PAGE, PAGE), far = at(TIB, PAGE);

	assert_int_equal(p2p_registry_remove(f->registry, &there), -ENOENT);
	assert_int_equal(add_one(f, &there), 0);
	assert_int_equal(p2p_registry_remove(f->registry, &same_range), -ENOENT);
	assert_int_equal(p2p_registry_remove(f->registry, &inside), -ENOENT);
	assert_int_equal(p2p_registry_remove(f->registry, &far), -ENOENT);
	assert_int_equal(p2p_registry_remove(f->registry, &there), 0);
	assert_int_equal(p2p_registry_remove(f->registry, &there), -ENOENT);
}

static void filter_follows_the_ends(void **state)
{
	struct fixture *f = *state;
	struct p2p_provider p[] = { at(MIB, MIB), at(8 * MIB, MIB), at(16 * MIB, MIB) };
	struct p2p_provider *list[] = { &p[0], &p[1], &p[2] };
	const struct p2p_range_filter *filter = p2p_registry_filter(f->registry);

	assert_int_equal(p2p_registry_add(f->registry, list, 3), 0);
	assert_int_equal(filter->lowest, MIB);
	assert_int_equal(filter->highest, 17 * MIB - 1);
	assert_int_equal(p2p_registry_remove(f->registry, &p[1]), 0);
	assert_int_equal(p2p_registry_remove(f->registry, &p[2]), 0);
	assert_int_equal(filter->highest, 2 * MIB - 1);
	assert_int_equal(add_one(f, &p[1]), 0);
	assert_int_equal(p2p_registry_remove(f->registry, &p[0]), 0);
	assert_int_equal(filter->lowest, 8 * MIB);
	assert_int_equal(p2p_registry_remove(f->registry, &p[1]), 0);
	assert_false(p2p_range_filter_passes(filter, (p2p_cpu_addr){ 8 * MIB }));
}

static bool passes(const struct fixture *f, uint64_t address)
{
	return p2p_range_filter_passes(p2p_registry_filter(f->registry), (p2p_cpu_addr){ address });
}

static void filter_has_a_gap(void **state)
{
	struct fixture *f = *state;
	struct p2p_provider p[] = { at(3 * GIB, MIB), at(56 * TIB, GIB), at(120 * TIB, GIB) };
	struct p2p_provider early = at(5 * GIB, PAGE), late = at(9 * GIB - PAGE, PAGE);
	struct p2p_provider *list[] = { &p[0], &p[1], &p[2] };

	/* Of the two gaps, the one where memory is; the other is longer. */
	assert_int_equal(p2p_registry_add(f->registry, list, 3), 0);
	assert_true(passes(f, 4 * GIB - 1));
	assert_false(passes(f, 4 * GIB));
	assert_false(passes(f, 56 * TIB - 1));
	assert_true(passes(f, 56 * TIB));
	assert_true(passes(f, 60 * TIB));
	/* It closes up to what is added in it, and opens when that goes. */
	assert_int_equal(add_one(f, &early), 0);
	assert_true(passes(f, 5 * GIB));
	assert_false(passes(f, 8 * GIB));
	assert_int_equal(add_one(f, &late), 0);
	assert_true(passes(f, 9 * GIB - 1));
	assert_false(passes(f, 12 * GIB));
	assert_int_equal(p2p_registry_remove(f->registry, &late), 0);
	assert_false(passes(f, 8 * GIB));
	assert_int_equal(p2p_registry_remove(f->registry, &early), 0);
	assert_false(passes(f, 5 * GIB));
	assert_int_equal(p2p_registry_remove(f->registry, &p[0]), 0);
	assert_false(passes(f, 60 * TIB));
	assert_int_equal(p2p_registry_remove(f->registry, &p[1]), 0);
	assert_true(passes(f, 120 * TIB));
}

/* Its beginning and its length fill the words that they are in. */
static void filter_has_a_gap_of_everything(void **state)
{
	struct fixture *f = *state;
	struct p2p_provider p[] = { at(0, PAGE), at(UINT64_MAX - PAGE + 1, PAGE) };
	struct p2p_provider *list[] = { &p[0], &p[1] };

	assert_int_equal(p2p_registry_add(f->registry, list, 2), 0);
	assert_true(passes(f, 0));
	assert_false(passes(f, 4 * GIB));
	assert_false(passes(f, UINT64_MAX - 4 * GIB));
	assert_true(passes(f, UINT64_MAX - 4 * GIB + 1));
	assert_true(passes(f, UINT64_MAX));
}

static void readers_are_waited_for(void **state)
{
	struct fixture *f = *state;
	struct p2p_provider a = at(MIB, MIB), b = at(8 * MIB, MIB);

	assert_int_equal(add_one(f, &a), 0);
	f->waits = 0;
	assert_int_equal(add_one(f, &b), 0);
	assert_int_equal(f->waits, 1);
	assert_int_equal(p2p_registry_remove(f->registry, &a), 0);
	assert_int_equal(f->waits, 2);
}

/* What the readers that are waited for would see. */
struct waiting {
	struct p2p_registry *registry;
	struct p2p_provider *provider;
	uint64_t generation; /* before the change */
	unsigned int waits;
	bool there;
};

static void look_while_waiting(void *context)
{
	struct waiting *w = context;
	const struct p2p_range_filter *filter = p2p_registry_filter(w->registry);
	const struct p2p_provider *found = p2p_registry_find(w->registry, w->provider->start);

	w->waits++;
	assert_true(w->generation != p2p_registry_generation(w->registry));
	assert_ptr_equal(found, w->there ? w->provider : NULL);
	if (w->there)
		assert_true(p2p_range_filter_passes(filter, w->provider->start));
}

static void changes_are_there_before_the_wait(void **state)
{
	struct fixture *f = *state;
	struct p2p_provider p = at(MIB, MIB), *list = &p;
	struct waiting w = { .provider = &p, .there = true };
	const struct p2p_rcu rcu = { look_while_waiting, &w };

	assert_int_equal(p2p_registry_new(&f->allocator, &rcu, &w.registry), 0);
	w.generation = p2p_registry_generation(w.registry);
	assert_int_equal(p2p_registry_add(w.registry, &list, 1), 0);
	w.there = false;
	w.generation = p2p_registry_generation(w.registry);
	assert_int_equal(p2p_registry_remove(w.registry, &p), 0);
	assert_int_equal(w.waits, 2);
	p2p_registry_free(w.registry);
}

static void no_memory_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct p2p_provider a = at(MIB, MIB), b = at(8 * MIB, MIB);
	struct p2p_registry *none = NULL;
	const struct p2p_rcu rcu = { count_wait, &f->waits };
	int error = -ENOMEM;

	assert_int_equal(add_one(f, &a), 0);
	for (long left = 0; error != 0; left++) {
		long live = f->counting.live;

		assert_in_range(left, 0, 10);
		f->counting.left = left;
		error = add_one(f, &b);
		if (error == 0)
			break;
		assert_int_equal(error, -ENOMEM);
		assert_int_equal(f->counting.live, live);
		assert_null(find(f, 8 * MIB));
		assert_ptr_equal(find(f, MIB), &a);
	}
	f->counting.left = 0;
	assert_int_equal(p2p_registry_remove(f->registry, &b), 0);
	assert_int_equal(p2p_registry_remove(f->registry, &a), 0);
	assert_int_equal(p2p_registry_new(&f->allocator, &rcu, &none), -ENOMEM);
	f->counting.left = -1;
}

/* The 4096 providers of 64 MiB that a BAR-sized machine could have, in and out of line. */
static void memory_stays_small(void **state)
{
	static struct p2p_provider p[4096];
	static struct p2p_provider *list[4096];
	struct fixture *f = *state;

	for (uint64_t spread = 64 * MIB; spread <= 64 * GIB; spread *= 4) {
		for (size_t i = 0; i < 4096; i++) {
			p[i] = at(i * spread + i % 3 * PAGE, 64 * MIB - 2 * PAGE);
			list[i] = &p[i];
		}
		assert_int_equal(p2p_registry_add(f->registry, list, 4096), 0);
		assert_true(p2p_registry_memory(f->registry) < MIB);
		for (size_t i = 4096; i-- > 0;)
			assert_int_equal(p2p_registry_remove(f->registry, &p[i]), 0);
	}
}

/* The twin: a list, and nothing clever. */
struct twin {
	uint64_t random;
	struct p2p_provider slot[TWIN_MAX];
	bool present[TWIN_MAX];
};

static uint64_t draw(struct twin *twin, uint64_t below)
{
	twin->random ^= twin->random << 13;
	twin->random ^= twin->random >> 7;
	twin->random ^= twin->random << 17;
	return (twin->random * UINT64_C(0x2545f4914f6cdd1d) >> 11) % below;
}

static bool holds(const struct p2p_provider *p, uint64_t address)
{
	return address >= p->start.value && address - p->start.value < p->size;
}

static struct p2p_provider *twin_find(struct twin *twin, uint64_t address)
{
	for (size_t i = 0; i < TWIN_MAX; i++)
		if (twin->present[i] && holds(&twin->slot[i], address))
			return &twin->slot[i];
	return NULL;
}

static struct p2p_provider *twin_next(struct twin *twin, uint64_t address)
{
	struct p2p_provider *best = twin_find(twin, address);

	for (size_t i = 0; i < TWIN_MAX && (!best || !holds(best, address)); i++)
		if (twin->present[i] && twin->slot[i].start.value >= address &&
		    (!best || twin->slot[i].start.value < best->start.value))
			best = &twin->slot[i];
	return best;
}

static bool twin_overlaps(const struct twin *twin, const struct p2p_provider *p)
{
	for (size_t i = 0; i < TWIN_MAX; i++)
		if (twin->present[i] && p->start.value <= p2p_provider_last(&twin->slot[i]).value &&
		    twin->slot[i].start.value <= p2p_provider_last(p).value)
			return true;
	return false;
}

/* From all in one gigabyte to anywhere; from single pages to whole terabytes. */
static struct p2p_provider random_provider(struct twin *twin, unsigned int round)
{
	static const unsigned int spans[] = { 18, 22, 30, 38, 52 };
	unsigned int span = spans[round % 5];
	uint64_t pages = UINT64_C(1) << draw(twin, span > 28 ? 29 : 8);
	uint64_t start = draw(twin, UINT64_C(1) << span);

	if (draw(twin, 2))
		pages = 1 + draw(twin, pages);
	if (draw(twin, 2))
		start = start / pages * pages;
	if (draw(twin, 4) == 0) /* a second island at the very top */
		start += (UINT64_C(1) << 52) - (UINT64_C(1) << span);
	if (start + pages > UINT64_C(1) << 52)
		pages = (UINT64_C(1) << 52) - start;
	return at(start * PAGE, pages * PAGE);
}

/* Now and then one that overlaps, and then none may be added. */
static void twin_add(struct fixture *f, struct twin *twin, unsigned int round)
{
	struct p2p_provider *list[16];
	uint32_t count = 0, wanted = 1 + (uint32_t)draw(twin, 16);
	bool overlap = false;

	for (size_t i = 0; i < TWIN_MAX && count < wanted && !overlap; i++) {
		if (twin->present[i])
			continue;
		twin->slot[i] = random_provider(twin, round);
		overlap = twin_overlaps(twin, &twin->slot[i]);
		if (overlap && draw(twin, 8)) {
			overlap = false;
			continue;
		}
		twin->present[i] = true;
		list[count++] = &twin->slot[i];
	}
	assert_int_equal(p2p_registry_add(f->registry, list, count), overlap ? -EEXIST : 0);
	for (uint32_t i = 0; overlap && i < count; i++)
		twin->present[list[i] - twin->slot] = false;
}

static void twin_remove(struct fixture *f, struct twin *twin)
{
	size_t i = draw(twin, TWIN_MAX);

	assert_int_equal(p2p_registry_remove(f->registry, &twin->slot[i]),
			 twin->present[i] ? 0 : -ENOENT);
	twin->present[i] = false;
}

/* Mostly at edges, where mistakes are. */
static uint64_t random_address(struct twin *twin)
{
	const struct p2p_provider *p = &twin->slot[draw(twin, TWIN_MAX)];

	switch (draw(twin, 6)) {
	case 0:
		return p->start.value;
	case 1:
		return p->start.value - 1;
	case 2:
		return p->start.value + (p->size - 1);
	case 3:
		return p->start.value + p->size;
	case 4:
		return p->size ? p->start.value + draw(twin, p->size) : 0;
	default:
		return draw(twin, UINT64_C(1) << 53) << draw(twin, 12);
	}
}

static void same_as_a_list(void **state)
{
	static struct twin twin;
	struct fixture *f = *state;

	memset(&twin, 0, sizeof(twin));
	twin.random = 20170331;
	for (unsigned int round = 0; round < TWIN_ROUNDS; round++) {
		for (unsigned int i = 0; i < 20; i++) {
			if (draw(&twin, 8) == 0)
				twin_add(f, &twin, round);
			else
				twin_remove(f, &twin);
		}
		twin_add(f, &twin, round);
		for (unsigned int i = 0; i < TWIN_LOOKUPS; i++) {
			uint64_t address = random_address(&twin);

			assert_ptr_equal(find(f, address), twin_find(&twin, address));
			if (i % 4 == 0)
				assert_ptr_equal(next(f, address), twin_next(&twin, address));
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(empty_finds_nothing),
		TEST(edges_are_exact),
		TEST(whole_address_space),
		TEST(bad_providers_are_refused),
		TEST(overlaps_are_refused),
		TEST(neighbours_touch),
		TEST(strangers_are_not_removed),
		TEST(filter_follows_the_ends),
		TEST(filter_has_a_gap),
		TEST(filter_has_a_gap_of_everything),
		TEST(readers_are_waited_for),
		TEST(changes_are_there_before_the_wait),
		TEST(no_memory_changes_nothing),
		TEST(memory_stays_small),
		TEST(same_as_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
