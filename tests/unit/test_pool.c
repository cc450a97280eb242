// SPDX-License-Identifier: MIT
/*
 * The pool against a naive twin that knows of every page whose it is, and its errors.
 */
#include "support.h"

#include "map/pool.h"

#define KIB         UINT64_C(1024)
#define MIB         (KIB * KIB)
#define GIB         (KIB * MIB)
#define TIB         (KIB * GIB)
#define PAGE        (4 * KIB)
#define BASE        (56 * TIB + 3 * PAGE)
#define TWIN_PAGES  2048u
#define TWIN_PIECES 512u
#define TWIN_OWNERS 5u
#define TWIN_STEPS  400000u

struct fixture {
	struct counting counting;
	struct p2p_allocator allocator;
	struct p2p_pool *pool;
	p2p_pool_owner owner;
};

static void start(struct fixture *f, uint64_t at, uint64_t size)
{
	f->allocator = counting_allocator(&f->counting);
	assert_int_equal(p2p_pool_new(&f->allocator, (p2p_cpu_addr){ at }, size, &f->pool), 0);
	assert_int_equal(p2p_pool_open(f->pool, &f->owner), 0);
}

static void finish(struct fixture *f)
{
	p2p_pool_free(f->pool);
	assert_int_equal(f->counting.live, 0);
}

static int take(struct fixture *f, uint64_t size, uint64_t alignment, uint64_t *address)
{
	p2p_cpu_addr taken = { 0 };
	int error = p2p_pool_take(f->pool, f->owner, size, alignment, &taken);

	*address = taken.value;
	return error;
}

static int give(struct fixture *f, uint64_t address)
{
	return p2p_pool_give(f->pool, f->owner, (p2p_cpu_addr){ address });
}

static void bad_ranges_are_refused(void **state)
{
	static const struct {
		uint64_t start, size;
	} bad[] = {
		{ 0, 0 },
		{ PAGE + 1, PAGE },
		{ PAGE, PAGE + 1 },
		{ 0, P2P_POOL_MAX + PAGE },
		{ UINT64_MAX - PAGE + 1, 2 * PAGE },
	};
	struct p2p_pool *pool = NULL;
	struct counting counting;
	const struct p2p_allocator allocator = counting_allocator(&counting);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(p2p_pool_new(&allocator, (p2p_cpu_addr){ bad[i].start },
					      bad[i].size, &pool),
				 -EINVAL);
	assert_int_equal(
		p2p_pool_new(&allocator, (p2p_cpu_addr){ UINT64_MAX - PAGE + 1 }, PAGE, &pool), 0);
	p2p_pool_free(pool);
	p2p_pool_free(NULL);
	assert_int_equal(counting.live, 0);
}

static void bad_requests_are_refused(void **state)
{
	struct fixture f;
	p2p_pool_owner nobody = { 7, 1 }, closed;
	p2p_cpu_addr address;
	uint64_t at;

	(void)state;
	start(&f, BASE, MIB);
	assert_int_equal(take(&f, 0, PAGE, &at), -EINVAL);
	assert_int_equal(take(&f, PAGE, 0, &at), -EINVAL);
	assert_int_equal(take(&f, PAGE, 3 * PAGE, &at), -EINVAL);
	assert_int_equal(take(&f, MIB + 1, PAGE, &at), -ENOSPC);
	assert_int_equal(take(&f, UINT64_MAX, PAGE, &at), -ENOSPC);
	assert_int_equal(take(&f, PAGE, UINT64_C(1) << 63, &at), -ENOSPC);
	assert_int_equal(p2p_pool_take(f.pool, nobody, PAGE, PAGE, &address), -EINVAL);
	assert_int_equal(p2p_pool_open(f.pool, &closed), 0);
	assert_int_equal(p2p_pool_close(f.pool, closed, NULL), 0);
	assert_int_equal(p2p_pool_close(f.pool, closed, NULL), -EINVAL);
	assert_int_equal(p2p_pool_take(f.pool, closed, PAGE, PAGE, &address), -EINVAL);
	assert_int_equal(p2p_pool_owned(f.pool, closed), 0);
	assert_int_equal(p2p_pool_open(f.pool, &nobody), 0);
	assert_int_equal(nobody.index, closed.index);
	assert_int_equal(p2p_pool_take(f.pool, closed, PAGE, PAGE, &address), -EINVAL);
	assert_int_equal(p2p_pool_available(f.pool), MIB);
	finish(&f);
}

static void wrong_frees_are_detected(void **state)
{
	struct fixture f;
	p2p_pool_owner other;
	uint64_t a, b;

	(void)state;
	start(&f, BASE, MIB);
	assert_int_equal(p2p_pool_open(f.pool, &other), 0);
	assert_int_equal(take(&f, 3 * PAGE, PAGE, &a), 0);
	assert_int_equal(take(&f, 1, 1, &b), 0);
	assert_int_equal(give(&f, a + PAGE), -ENOENT);
	assert_int_equal(give(&f, a + 1), -ENOENT);
	assert_int_equal(give(&f, BASE - PAGE), -ENOENT);
	assert_int_equal(give(&f, BASE + MIB), -ENOENT);
	assert_int_equal(give(&f, BASE + MIB - PAGE), -ENOENT);
	assert_int_equal(p2p_pool_give(f.pool, other, (p2p_cpu_addr){ a }), -EPERM);
	assert_int_equal(p2p_pool_owned(f.pool, f.owner), 4 * PAGE);
	assert_int_equal(give(&f, a), 0);
	assert_int_equal(give(&f, a), -ENOENT);
	assert_int_equal(give(&f, b), 0);
	assert_int_equal(give(&f, b), -ENOENT);
	assert_int_equal(p2p_pool_available(f.pool), MIB);
	finish(&f);
}

static void whole_pool_at_once(void **state)
{
	static const uint64_t sizes[] = { PAGE,       2 * PAGE, 33 * PAGE,   MIB,
					  GIB + PAGE, TIB,      P2P_POOL_MAX };
	struct fixture f;
	uint64_t at, more;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		bool power = (sizes[i] & (sizes[i] - 1)) == 0;

		start(&f, 64 * TIB, sizes[i]);
		if (power || sizes[i] < 64 * PAGE) {
			assert_int_equal(take(&f, sizes[i], power ? sizes[i] : PAGE, &at), 0);
			assert_int_equal(at, 64 * TIB);
			assert_int_equal(take(&f, PAGE, PAGE, &more), -ENOSPC);
			assert_int_equal(give(&f, at), 0);
		}
		assert_int_equal(take(&f, sizes[i] / 2 + 1, 1, &at), 0);
		assert_int_equal(give(&f, at), 0);
		assert_true(p2p_pool_memory(f.pool) < 8192 + sizes[i] / 4096 / 4);
		finish(&f);
	}
}

static void aligned_where_it_fits(void **state)
{
	struct fixture f;
	uint64_t at, first;

	(void)state;
	start(&f, BASE, 64 * MIB);
	for (uint64_t alignment = 1; alignment <= 32 * MIB; alignment *= 2) {
		assert_int_equal(take(&f, PAGE, alignment, &at), 0);
		assert_int_equal(at % alignment, 0);
		assert_int_equal(give(&f, at), 0);
	}
	assert_int_equal(take(&f, PAGE, PAGE, &first), 0);
	assert_int_equal(first, BASE);
	assert_int_equal(take(&f, 2 * MIB, 2 * MIB, &at), 0);
	assert_int_equal(at, 56 * TIB + 2 * MIB);
	assert_int_equal(take(&f, 2 * MIB - 8 * PAGE, PAGE, &at), 0);
	assert_int_equal(at, BASE + PAGE);
	finish(&f);
}

static void dead_owners_memory_comes_back(void **state)
{
	struct fixture f;
	p2p_pool_owner dead;
	p2p_cpu_addr address;
	uint64_t bytes = 0, at, taken = 0;

	(void)state;
	start(&f, BASE, MIB);
	assert_int_equal(p2p_pool_open(f.pool, &dead), 0);
	for (unsigned int i = 0; i < 20; i++) {
		assert_int_equal(p2p_pool_take(f.pool, dead, i * PAGE + 1, PAGE, &address), 0);
		taken += (i + 1) * PAGE;
		if (i % 2)
			assert_int_equal(take(&f, PAGE, PAGE, &at), 0);
	}
	assert_int_equal(p2p_pool_owned(f.pool, dead), taken);
	f.counting.left = 0;
	assert_int_equal(p2p_pool_close(f.pool, dead, &bytes), 0);
	assert_int_equal(bytes, taken);
	assert_int_equal(p2p_pool_available(f.pool), MIB - 10 * PAGE);
	assert_int_equal(p2p_pool_close(f.pool, f.owner, &bytes), 0);
	assert_int_equal(bytes, 10 * PAGE);
	assert_int_equal(p2p_pool_available(f.pool), MIB);
	finish(&f);
}

static void no_memory_changes_nothing(void **state)
{
	struct fixture f;
	struct p2p_pool *pool = NULL;
	uint64_t at = 0;
	p2p_pool_owner owner;
	int error = -ENOMEM;

	(void)state;
	f.allocator = counting_allocator(&f.counting);
	for (long left = 0; left < 4; left++) {
		f.counting.left = left;
		assert_int_equal(p2p_pool_new(&f.allocator, (p2p_cpu_addr){ BASE }, GIB, &pool),
				 -ENOMEM);
		assert_int_equal(f.counting.live, 0);
	}
	start(&f, BASE, GIB);
	for (long left = 0; error != 0; left++) {
		assert_in_range(left, 0, 5);
		f.counting.left = left;
		error = take(&f, 100 * MIB, 64 * MIB, &at);
		assert_int_equal(p2p_pool_available(f.pool), error ? GIB : GIB - 100 * MIB);
	}
	f.counting.left = 0;
	assert_int_equal(give(&f, at), 0);
	for (unsigned int i = 1; i < 8; i++)
		assert_int_equal(p2p_pool_open(f.pool, &owner), 0);
	assert_int_equal(p2p_pool_open(f.pool, &owner), -ENOMEM);
	f.counting.left = -1;
	assert_int_equal(take(&f, GIB, PAGE, &at), 0);
	finish(&f);
}

/* At worst every unit is a piece of its own. */
static void metadata_stays_below_half_a_percent(void **state)
{
	struct fixture f;
	uint64_t at;

	(void)state;
	start(&f, BASE, 64 * MIB);
	while (take(&f, PAGE, PAGE, &at) == 0)
		;
	assert_int_equal(p2p_pool_available(f.pool), 0);
	assert_true(p2p_pool_memory(f.pool) * 200 < 64 * MIB);
	finish(&f);
}

struct twin {
	uint64_t random;
	uint8_t owner[TWIN_PAGES]; /* of each page, 0: nobody's */
	p2p_pool_owner handle[TWIN_OWNERS + 1];
	struct piece {
		uint32_t page, pages; /* 0: none */
		uint8_t owner;
	} piece[TWIN_PIECES];
};

static uint64_t draw(struct twin *twin, uint64_t below)
{
	twin->random ^= twin->random << 13;
	twin->random ^= twin->random >> 7;
	twin->random ^= twin->random << 17;
	return (twin->random * UINT64_C(0x2545f4914f6cdd1d) >> 11) % below;
}

static void mark(struct twin *twin, struct piece piece, uint8_t from, uint8_t to)
{
	for (uint32_t i = piece.page; i < piece.page + piece.pages; i++) {
		assert_true(i < TWIN_PAGES);
		assert_int_equal(twin->owner[i], from);
		twin->owner[i] = to;
	}
}

static uint32_t longest_hole(const struct twin *twin)
{
	uint32_t longest = 0, length = 0;

	for (uint32_t i = 0; i < TWIN_PAGES; i++) {
		length = twin->owner[i] ? 0 : length + 1;
		longest = length > longest ? length : longest;
	}
	return longest;
}

/* What pool.h promises to be enough. */
static uint64_t surely_enough(uint64_t pages, uint64_t alignment)
{
	uint64_t need = pages + alignment / PAGE - 1, round = 1;

	while (need / round >= 64)
		round *= 2;
	return (need + round - 1) / round * round;
}

static void twin_take(struct fixture *f, struct twin *twin, struct piece *piece)
{
	uint64_t pages = 1 + draw(twin, UINT64_C(1) << draw(twin, 9));
	uint64_t alignment = draw(twin, 3) ? PAGE : PAGE << draw(twin, 8);
	uint8_t owner = (uint8_t)(1 + draw(twin, TWIN_OWNERS));
	p2p_cpu_addr address;
	int error = p2p_pool_take(f->pool, twin->handle[owner], pages * PAGE - draw(twin, PAGE),
				  alignment, &address);

	if (error) {
		assert_int_equal(error, -ENOSPC);
		assert_true(longest_hole(twin) < surely_enough(pages, alignment));
		return;
	}
	assert_int_equal(address.value % alignment, 0);
	*piece =
		(struct piece){ (uint32_t)((address.value - BASE) / PAGE), (uint32_t)pages, owner };
	mark(twin, *piece, 0, owner);
}

static void twin_give(struct fixture *f, struct twin *twin, struct piece *piece)
{
	p2p_cpu_addr address = { BASE + piece->page * PAGE };
	uint8_t foreign = (uint8_t)(piece->owner % TWIN_OWNERS + 1);

	assert_int_equal(p2p_pool_give(f->pool, twin->handle[foreign], address), -EPERM);
	assert_int_equal(p2p_pool_give(f->pool, twin->handle[piece->owner], address), 0);
	assert_int_equal(p2p_pool_give(f->pool, twin->handle[piece->owner], address), -ENOENT);
	mark(twin, *piece, piece->owner, 0);
	piece->pages = 0;
}

static void twin_close(struct fixture *f, struct twin *twin, uint8_t owner)
{
	uint64_t bytes = 0, expected = 0;

	for (struct piece *piece = twin->piece; piece < twin->piece + TWIN_PIECES; piece++) {
		if (piece->pages == 0 || piece->owner != owner)
			continue;
		expected += piece->pages * PAGE;
		mark(twin, *piece, owner, 0);
		piece->pages = 0;
	}
	assert_int_equal(p2p_pool_owned(f->pool, twin->handle[owner]), expected);
	assert_int_equal(p2p_pool_close(f->pool, twin->handle[owner], &bytes), 0);
	assert_int_equal(bytes, expected);
	assert_int_equal(p2p_pool_open(f->pool, &twin->handle[owner]), 0);
}

static void same_as_a_list_of_pages(void **state)
{
	static struct twin twin;
	struct fixture f;
	uint64_t at;

	(void)state;
	start(&f, BASE, TWIN_PAGES * PAGE);
	memset(&twin, 0, sizeof(twin));
	twin.random = 20170331;
	for (unsigned int i = 1; i <= TWIN_OWNERS; i++)
		assert_int_equal(p2p_pool_open(f.pool, &twin.handle[i]), 0);
	for (unsigned int i = 0; i < TWIN_STEPS; i++) {
		struct piece *piece = &twin.piece[draw(&twin, TWIN_PIECES)];

		if (draw(&twin, 5000) == 0)
			twin_close(&f, &twin, (uint8_t)(1 + draw(&twin, TWIN_OWNERS)));
		else if (piece->pages)
			twin_give(&f, &twin, piece);
		else
			twin_take(&f, &twin, piece);
	}
	for (uint8_t i = 1; i <= TWIN_OWNERS; i++)
		twin_close(&f, &twin, i);
	/* All holes have been joined. */
	assert_int_equal(take(&f, TWIN_PAGES * PAGE, PAGE, &at), 0);
	finish(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_ranges_are_refused),
		cmocka_unit_test(bad_requests_are_refused),
		cmocka_unit_test(wrong_frees_are_detected),
		cmocka_unit_test(whole_pool_at_once),
		cmocka_unit_test(aligned_where_it_fits),
		cmocka_unit_test(dead_owners_memory_comes_back),
		cmocka_unit_test(no_memory_changes_nothing),
		cmocka_unit_test(metadata_stays_below_half_a_percent),
		cmocka_unit_test(same_as_a_list_of_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
