// SPDX-License-Identifier: MIT
/*
 * The pipeline against files: what arrives, what is compared, where it stops.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "copy/pipeline.h"
#include "harness.h"
#include "workplace.h"

struct bench {
	struct p2p_pipeline *pipeline;
	struct p2p_memory *memory, *compare;
	int source, destination;
	atomic_bool stop;
};

static void bench_open(struct bench *bench, uint64_t size, unsigned int depth, uint64_t block)
{
	*bench = (struct bench){ .source = -1 };
	make_file("source", size, 1);
	make_file("destination", size, 2);
	bench->source = open("source", O_RDONLY);
	bench->destination = open("destination", O_RDWR);
	assert_true(bench->source >= 0 && bench->destination >= 0);
	assert_int_equal(p2p_pipeline_open(depth, &bench->pipeline, NULL), 0);
	assert_int_equal(p2p_host_memory_open(depth * block, &bench->memory, NULL), 0);
	assert_int_equal(p2p_host_memory_open(depth * block, &bench->compare, NULL), 0);
}

static void bench_close(struct bench *bench)
{
	p2p_pipeline_close(bench->pipeline);
	p2p_memory_close(bench->memory);
	p2p_memory_close(bench->compare);
	close(bench->source);
	close(bench->destination);
}

static struct p2p_transfer transfer_of(struct bench *bench, uint64_t length, uint64_t block,
				       unsigned int depth)
{
	return (struct p2p_transfer){
		.source = bench->source,
		.destination = bench->destination,
		.length = length,
		.block = block,
		.depth = depth,
		.align = 1,
		.memory = bench->memory,
		.stop = &bench->stop,
	};
}

static void test_moves_every_length(void **state)
{
	static const uint64_t lengths[] = { 1, 4095, 4096, 4097, 65536, 100001 };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		for (unsigned int depth = 1; depth <= 5; depth += 2) {
			struct bench bench;
			struct p2p_transfer transfer;
			struct p2p_transfer_result result;

			bench_open(&bench, lengths[i], depth, 4096);
			transfer = transfer_of(&bench, lengths[i], 4096, depth);
			result = p2p_pipeline_run(bench.pipeline, &transfer);
			assert_int_equal(result.code, 0);
			assert_int_equal(result.completed, lengths[i]);
			assert_true(files_equal("source", "destination"));
			bench_close(&bench);
		}
	}
}

static void flip(int fd, off_t at)
{
	char byte;

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

static void test_compare_finds_one_wrong_byte(void **state)
{
	struct bench bench;
	struct p2p_transfer transfer;
	struct p2p_transfer_result result;

	(void)state;
	bench_open(&bench, 100000, 4, 4096);
	transfer = transfer_of(&bench, 100000, 4096, 4);
	p2p_pipeline_run(bench.pipeline, &transfer);

	transfer.compare = bench.compare;
	result = p2p_pipeline_run(bench.pipeline, &transfer);
	assert_int_equal(result.code, 0);
	assert_int_equal(result.completed, 100000);

	flip(bench.destination, 70000);
	result = p2p_pipeline_run(bench.pipeline, &transfer);
	assert_int_equal(result.code, -EBADMSG);
	assert_int_equal(result.step, P2P_TRANSFER_COMPARE);
	assert_int_equal(result.at, 70000 / 4096 * 4096);
	assert_int_equal(result.completed, result.at);
	bench_close(&bench);
}

static void test_compare_looks_at_pieces_alone(void **state)
{
	static const struct p2p_piece pieces[] = { { 0, 4096 }, { 50000, 100 }, { 99999, 1 } };
	struct bench bench;
	struct p2p_transfer transfer;
	struct p2p_transfer_result result;

	(void)state;
	bench_open(&bench, 100000, 2, 4096);
	transfer = transfer_of(&bench, 100000, 4096, 2);
	p2p_pipeline_run(bench.pipeline, &transfer);

	transfer.length = 0;
	transfer.compare = bench.compare;
	transfer.pieces = pieces;
	transfer.piece_count = 3;
	flip(bench.destination, 4096);
	flip(bench.destination, 50100);
	result = p2p_pipeline_run(bench.pipeline, &transfer);
	assert_int_equal(result.code, 0);
	assert_int_equal(result.completed, 4096 + 100 + 1);

	flip(bench.destination, 50099);
	result = p2p_pipeline_run(bench.pipeline, &transfer);
	assert_int_equal(result.code, -EBADMSG);
	assert_int_equal(result.at, 50000);
	bench_close(&bench);
}

static void test_nothing_counts_without_the_canary(void **state)
{
	struct p2p_canary canary = { .offset = 4 * 4096 - 8 };
	struct bench bench;
	struct p2p_transfer transfer;
	struct p2p_transfer_result result;

	(void)state;
	bench_open(&bench, 100000, 4, 4096);
	transfer = transfer_of(&bench, 100000, 4096, 3);
	transfer.canary = &canary;
	assert_true(p2p_canary_set(&canary, bench.memory, 42));
	result = p2p_pipeline_run(bench.pipeline, &transfer);
	assert_int_equal(result.code, 0);
	assert_int_equal(result.completed, 100000);

	canary.stamp = 43;
	result = p2p_pipeline_run(bench.pipeline, &transfer);
	assert_int_equal(result.code, -EFAULT);
	assert_int_equal(result.step, P2P_TRANSFER_PROVIDER_LOST);
	assert_int_equal(result.completed, 0);
	bench_close(&bench);
}

static void test_a_short_source_is_an_error(void **state)
{
	struct bench bench;
	struct p2p_transfer transfer;
	struct p2p_transfer_result result;

	(void)state;
	bench_open(&bench, 10000, 2, 4096);
	transfer = transfer_of(&bench, 20000, 4096, 2);
	result = p2p_pipeline_run(bench.pipeline, &transfer);
	assert_int_equal(result.code, -EIO);
	assert_int_equal(result.step, P2P_TRANSFER_SOURCE_ENDED);
	assert_int_equal(result.completed, 8192);
	bench_close(&bench);
}

static void test_a_write_error_is_told_with_its_place(void **state)
{
	struct bench bench;
	struct p2p_transfer transfer;
	struct p2p_transfer_result result;

	(void)state;
	bench_open(&bench, 100000, 4, 4096);
	transfer = transfer_of(&bench, 100000, 4096, 4);
	transfer.destination = bench.source; /* read-only */
	result = p2p_pipeline_run(bench.pipeline, &transfer);
	assert_int_equal(result.code, -EBADF);
	assert_int_equal(result.step, P2P_TRANSFER_WRITE_DESTINATION);
	assert_int_equal(result.completed, 0);
	bench_close(&bench);
}

static void test_vanished_memory_is_efault(void **state)
{
	struct bench bench;
	struct p2p_transfer transfer;
	struct p2p_transfer_result result;
	struct p2p_memory gone;

	(void)state;
	bench_open(&bench, 100000, 4, 4096);
	gone = *bench.memory;
	gone.base = (char *)16; /* no page there, as after the provider's unbinding */
	transfer = transfer_of(&bench, 100000, 4096, 4);
	transfer.memory = &gone;
	result = p2p_pipeline_run(bench.pipeline, &transfer);
	assert_int_equal(result.code, -EFAULT);
	bench_close(&bench);
}

static void test_a_stop_and_a_deadline_start_nothing(void **state)
{
	struct bench bench;
	struct p2p_transfer transfer;
	struct p2p_transfer_result result;

	(void)state;
	bench_open(&bench, 100000, 4, 4096);
	transfer = transfer_of(&bench, 100000, 4096, 4);
	transfer.deadline = 1;
	result = p2p_pipeline_run(bench.pipeline, &transfer);
	assert_int_equal(result.code, 0);
	assert_int_equal(result.completed, 0);

	transfer.deadline = 0;
	atomic_store(&bench.stop, true);
	result = p2p_pipeline_run(bench.pipeline, &transfer);
	assert_int_equal(result.completed, 0);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moves_every_length),
		cmocka_unit_test(test_compare_finds_one_wrong_byte),
		cmocka_unit_test(test_compare_looks_at_pieces_alone),
		cmocka_unit_test(test_nothing_counts_without_the_canary),
		cmocka_unit_test(test_a_short_source_is_an_error),
		cmocka_unit_test(test_a_write_error_is_told_with_its_place),
		cmocka_unit_test(test_vanished_memory_is_efault),
		cmocka_unit_test(test_a_stop_and_a_deadline_start_nothing),
	};

	return cmocka_run_group_tests(tests, enter_workplace, leave_workplace);
}
