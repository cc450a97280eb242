// SPDX-License-Identifier: MIT
/*
 * Memory that does not answer, forgets, or has less than it says; and the pieces that are compared.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proof/canary.h"
#include "copy/samples.h"
#include "harness.h"

#define SIZE (256u << 10)

static struct {
	char bytes[SIZE];
	size_t wraps; /* what lies above is what lies below */
	int failure;
} peer;

static int load(struct p2p_memory *memory, size_t offset, void *to, size_t size)
{
	(void)memory;
	memcpy(to, peer.bytes + offset % peer.wraps, size);
	return peer.failure;
}

static int store(struct p2p_memory *memory, size_t offset, const void *from, size_t size)
{
	(void)memory;
	memcpy(peer.bytes + offset % peer.wraps, from, size);
	return peer.failure;
}

static const struct p2p_memory_ops ops = { .load = load, .store = store };
static struct p2p_memory memory = { .ops = &ops, .size = SIZE };

static int begin(void **state)
{
	(void)state;
	peer.wraps = SIZE;
	peer.failure = 0;
	return 0;
}

static void test_a_canary_lives_while_memory_holds(void **state)
{
	struct p2p_canary canary = { .offset = SIZE - 4096 };

	(void)state;
	assert_true(p2p_canary_set(&canary, &memory, 12345));
	assert_true(p2p_canary_lives(&canary, &memory));
	memset(peer.bytes, 0xff, SIZE);
	assert_false(p2p_canary_lives(&canary, &memory));
	assert_true(p2p_canary_set(&canary, &memory, 67890));
	memset(peer.bytes, 0, SIZE);
	assert_false(p2p_canary_lives(&canary, &memory));
	peer.failure = -EFAULT;
	assert_false(p2p_canary_set(&canary, &memory, 1));
}

static void test_memory_that_wraps_is_found(void **state)
{
	uint64_t random = 1;

	(void)state;
	assert_int_equal(p2p_memory_check_places(&memory, 16384, 15, &random), 0);
	for (size_t wraps = 4096; wraps < SIZE; wraps *= 2) {
		peer.wraps = wraps;
		assert_int_equal(p2p_memory_check_places(&memory, 16384, 15, &random), -ENXIO);
		assert_int_equal(p2p_memory_check_places(&memory, SIZE - 4096, 1, &random), -ENXIO);
	}
	peer.wraps = UINT64_C(3) * 16384; /* no power of two, but a slot's start */
	assert_int_equal(p2p_memory_check_places(&memory, 16384, 15, &random), -ENXIO);
	peer.wraps = SIZE;
	peer.failure = -EFAULT;
	assert_int_equal(p2p_memory_check_places(&memory, 16384, 15, &random), -EFAULT);
}

static void test_each_block_has_a_piece(void **state)
{
	static const uint64_t lengths[] = { 1, 4095, 4096, 4097, 65536, 65537, 1000000 };
	static const uint64_t blocks[] = { 512, 4096, 10000, 65536 };
	uint64_t random = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		for (size_t j = 0; j < sizeof(blocks) / sizeof(blocks[0]); j++) {
			struct p2p_samples samples = { .pieces = NULL };
			uint64_t start = 777, block = blocks[j], length = lengths[i];

			assert_int_equal(
				p2p_samples_add(&samples, start, length, block, 4096, &random), 0);
			assert_int_equal(samples.count, (length + block - 1) / block);
			for (size_t k = 0; k < samples.count; k++) {
				uint64_t from = start + k * block, end = from + block;
				uint64_t at = samples.pieces[k].at;

				if (end > start + length)
					end = start + length;
				assert_true(at >= from && (at - from) % 4096 == 0);
				assert_true(at + samples.pieces[k].length <= end);
				assert_true(samples.pieces[k].length == 4096 ||
					    at + samples.pieces[k].length == end);
			}
			free(samples.pieces);
		}
	}
}

static void test_pieces_are_anywhere_in_a_block(void **state)
{
	struct p2p_samples samples = { .pieces = NULL };
	unsigned int seen[16] = { 0 };
	uint64_t random = 1;

	(void)state;
	assert_int_equal(
		p2p_samples_add(&samples, 0, UINT64_C(16000) * 65536, 65536, 4096, &random), 0);
	for (size_t i = 0; i < samples.count; i++)
		seen[samples.pieces[i].at % 65536 / 4096]++;
	for (int i = 0; i < 16; i++)
		assert_in_range(seen[i], 800, 1200);
	free(samples.pieces);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_a_canary_lives_while_memory_holds, begin),
		cmocka_unit_test_setup(test_memory_that_wraps_is_found, begin),
		cmocka_unit_test(test_each_block_has_a_piece),
		cmocka_unit_test(test_pieces_are_anywhere_in_a_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
