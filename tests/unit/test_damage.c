// SPDX-License-Identifier: MIT
/*
 * Naming a damage: each kind by hand, then damages at random, each of which must be named as what
 * was done.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "proof/damage.h"
#include "proof/lines.h"
#include "random.h"

#define SIZE  ((size_t)65536)
#define BLOCK ((size_t)8192)

struct arena {
	char should[SIZE], before[SIZE], is[SIZE];
	uint64_t random;
};

/* All arrived as it should; what was there is the complement. */
static struct arena *make_arena(uint64_t seed)
{
	static struct arena arena;

	arena.random = seed;
	p2p_random_fill(arena.should, SIZE, &arena.random);
	p2p_complement(arena.before, arena.should, SIZE);
	memcpy(arena.is, arena.should, SIZE);
	return &arena;
}

static struct p2p_damage_found look(const struct arena *arena, size_t block)
{
	const struct p2p_evidence evidence = {
		.should = arena->should,
		.before = arena->before,
		.is = arena->is,
		.size = SIZE,
		.block = block,
	};

	return p2p_damage_find(&evidence);
}

static void expect(const struct arena *arena, enum p2p_damage kind, size_t first, int64_t by)
{
	struct p2p_damage_found found = look(arena, BLOCK);

	assert_int_equal(found.kind, kind);
	assert_int_equal(found.first, first);
	assert_int_equal(found.by, by);
}

static void nothing_is_wrong(void **state)
{
	(void)state;
	expect(make_arena(1), P2P_DAMAGE_NONE, 0, 0);
	assert_int_equal(look(make_arena(1), 0).wrong, 0);
}

static void one_block_did_not_arrive(void **state)
{
	struct arena *arena = make_arena(2);

	(void)state;
	memcpy(arena->is + BLOCK, arena->before + BLOCK, BLOCK);
	expect(arena, P2P_DAMAGE_STALE, BLOCK, 0);
	assert_int_equal(look(arena, BLOCK).wrong, BLOCK);
	/* Had one request moved all, it would have brought a part. */
	assert_int_equal(look(arena, 0).kind, P2P_DAMAGE_TORN);
}

static void the_complement_is_what_was_there(void **state)
{
	struct arena *arena = make_arena(3);
	const struct p2p_evidence evidence = { .should = arena->should,
					       .is = arena->before,
					       .size = SIZE };

	(void)state;
	assert_int_equal(p2p_damage_find(&evidence).kind, P2P_DAMAGE_STALE);
}

static void a_part_of_a_block_arrived(void **state)
{
	struct arena *arena = make_arena(4);

	(void)state;
	memcpy(arena->is + 512, arena->before + 512, 64);
	expect(arena, P2P_DAMAGE_TORN, 512, 0);
}

static void bytes_came_too_far(void **state)
{
	struct arena *arena = make_arena(5);

	(void)state;
	memcpy(arena->is, arena->before, SIZE);
	memcpy(arena->is + 4, arena->should, SIZE - 4);
	expect(arena, P2P_DAMAGE_SHIFTED, 0, 4);
}

static void bytes_came_too_early(void **state)
{
	struct arena *arena = make_arena(6);

	(void)state;
	memcpy(arena->is + BLOCK, arena->should + BLOCK + 4096, BLOCK - 4096);
	memcpy(arena->is + 2 * BLOCK - 4096, arena->before + 2 * BLOCK - 4096, 4096);
	expect(arena, P2P_DAMAGE_SHIFTED, BLOCK, -4096);
}

/* Half the memory: what is written to its second half is in the first one, too. */
static void memory_has_fewer_bytes(void **state)
{
	struct arena *arena = make_arena(7);

	(void)state;
	memcpy(arena->is, arena->should + SIZE / 2, SIZE / 2);
	expect(arena, P2P_DAMAGE_MIRRORED, 0, SIZE / 2);
	for (size_t at = 0; at < SIZE; at += BLOCK)
		memcpy(arena->is + at, arena->should + SIZE - BLOCK, BLOCK);
	expect(arena, P2P_DAMAGE_MIRRORED, 0, BLOCK);
}

/* What a client reads that way is from somewhere else altogether, but the same again and again. */
static void foreign_bytes_follow_each_other_again(void **state)
{
	struct arena *arena = make_arena(12);

	(void)state;
	p2p_random_fill(arena->is, BLOCK, &arena->random);
	for (size_t at = BLOCK; at < SIZE; at++)
		arena->is[at] = arena->is[at - BLOCK];
	expect(arena, P2P_DAMAGE_MIRRORED, 0, BLOCK);
	/* All alike is no mirror. */
	memset(arena->is, 0x55, SIZE);
	assert_int_equal(look(arena, BLOCK).kind, P2P_DAMAGE_FOREIGN);
}

/* A quarter came from beyond what is looked at. */
static void most_bytes_came_too_early(void **state)
{
	struct arena *arena = make_arena(13);

	(void)state;
	memcpy(arena->is, arena->should + SIZE / 4, SIZE - SIZE / 4);
	p2p_random_fill(arena->is + SIZE - SIZE / 4, SIZE / 4, &arena->random);
	expect(arena, P2P_DAMAGE_SHIFTED, 0, -(int64_t)(SIZE / 4));
}

/* What came from beyond comes first, and must not use up the patience for the rest. */
static void most_blocks_are_in_each_others_place(void **state)
{
	struct arena *arena = make_arena(14);

	(void)state;
	p2p_random_fill(arena->is, BLOCK, &arena->random);
	for (size_t at = BLOCK; at + 2 * BLOCK <= SIZE; at += 2 * BLOCK) {
		memcpy(arena->is + at, arena->should + at + BLOCK, BLOCK);
		memcpy(arena->is + at + BLOCK, arena->should + at, BLOCK);
	}
	p2p_random_fill(arena->is + SIZE - BLOCK, BLOCK, &arena->random);
	assert_int_equal(look(arena, 0).kind, P2P_DAMAGE_SWAPPED);
}

static void blocks_are_in_each_others_place(void **state)
{
	struct arena *arena = make_arena(8);

	(void)state;
	memcpy(arena->is + BLOCK, arena->should + 4 * BLOCK, BLOCK);
	memcpy(arena->is + 4 * BLOCK, arena->should + BLOCK, BLOCK);
	expect(arena, P2P_DAMAGE_SWAPPED, BLOCK, -(int64_t)(3 * BLOCK));
}

static void nobody_answered(void **state)
{
	struct arena *arena = make_arena(9);

	(void)state;
	memset(arena->is + BLOCK, 0xff, BLOCK);
	expect(arena, P2P_DAMAGE_ONES, BLOCK, 0);
	memset(arena->is + BLOCK, 0, BLOCK);
	expect(arena, P2P_DAMAGE_ZEROS, BLOCK, 0);
}

static void bytes_are_somebody_elses(void **state)
{
	struct arena *arena = make_arena(10);

	(void)state;
	p2p_random_fill(arena->is + BLOCK, 512, &arena->random);
	expect(arena, P2P_DAMAGE_FOREIGN, BLOCK, 0);
	/* Too few to say where they are from. */
	memcpy(arena->is, arena->should, SIZE);
	arena->is[SIZE - 1] = (char)(arena->should[SIZE - 1] ^ 0x10);
	expect(arena, P2P_DAMAGE_FOREIGN, SIZE - 1, 0);
	assert_int_equal(look(arena, BLOCK).wrong, 1);
}

/* A proof that looked at lines alone: the rest is as it should be, for all that it knows. */
static void lines_tell_what_they_can(void **state)
{
	struct arena *arena = make_arena(11);
	const struct p2p_lines lines = { .size = SIZE, .random = 3 };

	(void)state;
	memcpy(arena->before, arena->should, SIZE);
	p2p_lines_complement(&lines, arena->before);
	memcpy(arena->is, arena->before, SIZE);
	assert_int_equal(look(arena, BLOCK).kind, P2P_DAMAGE_STALE);
	memcpy(arena->is, arena->should, SIZE / 2);
	assert_int_equal(look(arena, 0).kind, P2P_DAMAGE_TORN);
}

static void words(void **state)
{
	char text[P2P_DAMAGE_TEXT];

	(void)state;
	for (int kind = P2P_DAMAGE_NONE + 1; kind <= P2P_DAMAGE_ORDER; kind++) {
		struct p2p_damage_found found = { .kind = (enum p2p_damage)kind, .by = 512 };

		assert_true(*p2p_damage_describe(&found, text));
		assert_true(*p2p_damage_meaning((enum p2p_damage)kind));
	}
	assert_string_equal(
		p2p_damage_describe(&(struct p2p_damage_found){ P2P_DAMAGE_SHIFTED, 0, 1, -64 },
				    text),
		"shifted by -64 bytes");
	assert_string_equal(p2p_damage_meaning(P2P_DAMAGE_NONE), "");
}

static size_t pick(struct arena *arena, size_t least, size_t below)
{
	return least + p2p_random_next(&arena->random) % (below - least);
}

/* Each does a damage of its kind, of any place and size, and says what `by` must be. */
static int64_t damage_stale(struct arena *arena)
{
	for (size_t at = pick(arena, 0, SIZE / BLOCK) * BLOCK; at < SIZE; at += 3 * BLOCK)
		memcpy(arena->is + at, arena->before + at, BLOCK);
	return 0;
}

static int64_t damage_torn(struct arena *arena)
{
	size_t at = pick(arena, 0, SIZE / 64) * 64;
	size_t most = BLOCK - at % BLOCK < BLOCK ? BLOCK - at % BLOCK : BLOCK - 64;

	memcpy(arena->is + at, arena->before + at, pick(arena, 0, most / 64) * 64 + 64);
	return 0;
}

static int64_t damage_shifted(struct arena *arena)
{
	size_t by = pick(arena, 1, BLOCK), at = pick(arena, 0, SIZE / BLOCK) * BLOCK;

	memcpy(arena->is + at, arena->before + at, BLOCK);
	if (by > BLOCK - 64) /* too little is left to know it by */
		by = 64;
	if (by % 2) {
		memcpy(arena->is + at, arena->should + at + by, BLOCK - by);
		return -(int64_t)by;
	}
	memcpy(arena->is + at + by, arena->should + at, BLOCK - by);
	return (int64_t)by;
}

static int64_t damage_mirrored(struct arena *arena)
{
	size_t period = BLOCK << pick(arena, 0, 3);

	for (size_t at = 0; at < SIZE; at += period)
		memcpy(arena->is + at, arena->should + SIZE - period, period);
	return (int64_t)period;
}

static int64_t damage_swapped(struct arena *arena)
{
	size_t sectors = SIZE / 512, length = pick(arena, 1, sectors / 4) * 512;
	size_t a = pick(arena, 0, sectors / 4) * 512;
	size_t b = SIZE / 2 + pick(arena, 0, sectors / 4) * 512;

	memcpy(arena->is + a, arena->should + b, length);
	memcpy(arena->is + b, arena->should + a, length);
	return (int64_t)a - (int64_t)b;
}

static int64_t damage_ones(struct arena *arena)
{
	size_t at = pick(arena, 0, SIZE - 64);

	memset(arena->is + at, 0xff, pick(arena, 32, SIZE - at));
	return 0;
}

static int64_t damage_zeros(struct arena *arena)
{
	size_t at = pick(arena, 0, SIZE - 64);

	memset(arena->is + at, 0, pick(arena, 32, SIZE - at));
	return 0;
}

static int64_t damage_foreign(struct arena *arena)
{
	size_t at = pick(arena, 0, SIZE / 8 - 8) * 8;

	p2p_random_fill(arena->is + at, pick(arena, 8, SIZE / 8 - at / 8) * 8, &arena->random);
	return 0;
}

static void damages_at_random(void **state)
{
	static int64_t (*const damages[])(struct arena * arena) = {
		[P2P_DAMAGE_STALE] = damage_stale,     [P2P_DAMAGE_TORN] = damage_torn,
		[P2P_DAMAGE_SHIFTED] = damage_shifted, [P2P_DAMAGE_MIRRORED] = damage_mirrored,
		[P2P_DAMAGE_SWAPPED] = damage_swapped, [P2P_DAMAGE_ONES] = damage_ones,
		[P2P_DAMAGE_ZEROS] = damage_zeros,     [P2P_DAMAGE_FOREIGN] = damage_foreign,
	};

	(void)state;
	for (uint64_t seed = 100; seed < 1700; seed++) {
		enum p2p_damage kind = (enum p2p_damage)(P2P_DAMAGE_STALE + seed % 8);
		struct arena *arena = make_arena(seed);
		struct p2p_damage_found found;
		size_t wrong = 0, first = SIZE;
		int64_t by = 0;

		/* What was there may be any bytes, not those of this round alone. */
		if (seed % 16 > 7)
			p2p_random_fill(arena->before, SIZE, &arena->random);
		by = damages[kind](arena);
		found = look(arena, BLOCK);
		for (size_t i = SIZE; i-- > 0;)
			if (arena->is[i] != arena->should[i]) {
				wrong++;
				first = i;
			}
		if (found.kind != kind || found.by != by)
			fail_msg("seed %d: %d by %d, not %d by %d", (int)seed, (int)kind, (int)by,
				 (int)found.kind, (int)found.by);
		assert_int_equal(found.wrong, wrong);
		assert_int_equal(found.first, first);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_wrong),
		cmocka_unit_test(one_block_did_not_arrive),
		cmocka_unit_test(the_complement_is_what_was_there),
		cmocka_unit_test(a_part_of_a_block_arrived),
		cmocka_unit_test(bytes_came_too_far),
		cmocka_unit_test(bytes_came_too_early),
		cmocka_unit_test(memory_has_fewer_bytes),
		cmocka_unit_test(foreign_bytes_follow_each_other_again),
		cmocka_unit_test(most_bytes_came_too_early),
		cmocka_unit_test(most_blocks_are_in_each_others_place),
		cmocka_unit_test(blocks_are_in_each_others_place),
		cmocka_unit_test(nobody_answered),
		cmocka_unit_test(bytes_are_somebody_elses),
		cmocka_unit_test(lines_tell_what_they_can),
		cmocka_unit_test(words),
		cmocka_unit_test(damages_at_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
