// SPDX-License-Identifier: MIT
/*
 * What of a path counts as proven: every slot that a stretch will use, as far as it will, and every
 * shape of its requests.
 */
#include "copy/trust.h"
#include "harness.h"

#define KIB   UINT64_C(1024)
#define BLOCK (64 * KIB)
#define DEPTH 4u

static struct p2p_stretch stretch_of(uint64_t length)
{
	return (struct p2p_stretch){
		.length = length, .block = BLOCK, .align = 512, .depth = DEPTH
	};
}

/* Proves what is asked for until the stretch may go; returns how many proofs that took. */
static unsigned int prove(struct p2p_trust *trust, struct p2p_stretch stretch, uint64_t *reach)
{
	unsigned int proofs = 0, slot;

	while (!(*reach = p2p_trust_reach(trust, &stretch, &slot))) {
		assert_true(slot < DEPTH);
		assert_true(++proofs < 100);
		p2p_trust_add(trust, &stretch, slot,
			      stretch.length < BLOCK ? stretch.length : BLOCK);
	}
	return proofs;
}

static void test_every_slot_is_proven(void **state)
{
	struct p2p_trust trust;
	uint64_t reach;

	(void)state;
	assert_int_equal(p2p_trust_open(&trust, DEPTH), 0);
	assert_false(p2p_trust_any(&trust));
	assert_int_equal(prove(&trust, stretch_of(BLOCK), &reach), 1);
	assert_true(p2p_trust_any(&trust));
	assert_int_equal(prove(&trust, stretch_of(2 * BLOCK), &reach), 1);
	assert_int_equal(reach, 2 * BLOCK);
	assert_int_equal(prove(&trust, stretch_of(100 * BLOCK), &reach), 2);
	assert_int_equal(reach, 100 * BLOCK);
	assert_int_equal(prove(&trust, stretch_of(1000 * BLOCK), &reach), 0);

	p2p_trust_forget(&trust, DEPTH);
	assert_int_equal(prove(&trust, stretch_of(100 * BLOCK), &reach), DEPTH);
	p2p_trust_close(&trust);
}

/* A file in pieces smaller than a block is not proven for ever. */
static void test_one_block_uses_the_first_slot_alone(void **state)
{
	struct p2p_trust trust;
	uint64_t reach;

	(void)state;
	assert_int_equal(p2p_trust_open(&trust, DEPTH), 0);
	assert_int_equal(prove(&trust, stretch_of(16 * KIB), &reach), 1);
	for (int i = 0; i < 100; i++)
		assert_int_equal(prove(&trust, stretch_of(16 * KIB), &reach), 0);
	/* Further than was proven, in memory and in shape. */
	assert_int_equal(prove(&trust, stretch_of(32 * KIB), &reach), 1);
	assert_int_equal(prove(&trust, stretch_of(20 * KIB), &reach), 0);
	p2p_trust_close(&trust);
}

static void test_a_tail_of_another_shape_goes_alone(void **state)
{
	struct p2p_trust trust;
	uint64_t reach;

	(void)state;
	assert_int_equal(p2p_trust_open(&trust, DEPTH), 0);
	prove(&trust, stretch_of(100 * BLOCK), &reach);
	assert_int_equal(prove(&trust, stretch_of(10 * BLOCK + 512), &reach), 0);
	assert_int_equal(reach, 10 * BLOCK);
	assert_int_equal(prove(&trust, stretch_of(512), &reach), 1);
	assert_int_equal(prove(&trust, stretch_of(10 * BLOCK + 512), &reach), 0);
	assert_int_equal(reach, 10 * BLOCK + 512);
	p2p_trust_close(&trust);
}

static void test_odd_offsets_are_a_shape_of_their_own(void **state)
{
	struct p2p_stretch odd = stretch_of(BLOCK);
	struct p2p_trust trust;
	uint64_t reach;

	(void)state;
	assert_int_equal(p2p_trust_open(&trust, DEPTH), 0);
	prove(&trust, stretch_of(BLOCK), &reach);
	odd.source_offset = 512;
	assert_int_equal(prove(&trust, odd, &reach), 1);
	odd.destination_offset = 4096;
	assert_int_equal(prove(&trust, odd, &reach), 0);
	/* Each end is another device. */
	odd.destination_offset = 512;
	assert_int_equal(prove(&trust, odd, &reach), 1);
	odd.source_offset = 0;
	assert_int_equal(prove(&trust, odd, &reach), 1);
	assert_int_equal(prove(&trust, odd, &reach), 0);
	p2p_trust_close(&trust);
}

/* What a device sees of a last odd byte is a whole sector. */
static void test_shapes_are_those_of_requests(void **state)
{
	struct p2p_trust trust;
	uint64_t reach;

	(void)state;
	assert_int_equal(p2p_trust_open(&trust, DEPTH), 0);
	prove(&trust, stretch_of(BLOCK), &reach);
	assert_int_equal(prove(&trust, stretch_of(BLOCK - 1), &reach), 0);
	assert_int_equal(prove(&trust, stretch_of(BLOCK - 512), &reach), 1);
	assert_int_equal(prove(&trust, stretch_of(BLOCK - 513), &reach), 0);
	p2p_trust_close(&trust);
}

static void test_any_length_has_a_shape(void **state)
{
	struct p2p_trust trust;
	unsigned int slot;

	(void)state;
	assert_int_equal(p2p_trust_open(&trust, 1), 0);
	for (uint64_t length = 1; length <= UINT64_C(1) << 30; length *= 2) {
		struct p2p_stretch stretch = {
			.length = length, .block = length, .align = 1, .depth = 1
		};

		assert_int_equal(p2p_trust_reach(&trust, &stretch, &slot), 0);
		p2p_trust_add(&trust, &stretch, 0, length);
		assert_int_equal(p2p_trust_reach(&trust, &stretch, &slot), length);
	}
	p2p_trust_close(&trust);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_slot_is_proven),
		cmocka_unit_test(test_one_block_uses_the_first_slot_alone),
		cmocka_unit_test(test_a_tail_of_another_shape_goes_alone),
		cmocka_unit_test(test_odd_offsets_are_a_shape_of_their_own),
		cmocka_unit_test(test_shapes_are_those_of_requests),
		cmocka_unit_test(test_any_length_has_a_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
