// SPDX-License-Identifier: MIT
/*
 * The pipeline when its ring fails: nothing is in flight afterwards, and nothing is tried for ever.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "copy/pipeline.h"
#include "copy/ring.h"
#include "harness.h"
#include "workplace.h"

#define SIZE  (1u << 20)
#define BLOCK 65536u
#define DEPTH 4u

/* What the ring under test does wrong. */
static int waits_until_failure; /* 0: never */
static int wait_failure;
static bool waits_not; /* the kernel starts nothing */
static bool turns_away;
static uint64_t now;

int __real_p2p_ring_wait(struct p2p_ring *ring, uint64_t timeout);
bool __real_p2p_ring_reap(struct p2p_ring *ring, void **tag, int *result);
int __wrap_p2p_ring_wait(struct p2p_ring *ring, uint64_t timeout);
bool __wrap_p2p_ring_reap(struct p2p_ring *ring, void **tag, int *result);
uint64_t __wrap_p2p_now_ns(void);
void __wrap_p2p_pause_ns(uint64_t duration);

int __wrap_p2p_ring_wait(struct p2p_ring *ring, uint64_t timeout)
{
	if (waits_not)
		return -EAGAIN;
	if (waits_until_failure && !--waits_until_failure) {
		/* Requests run, and their results wait for whoever comes next. */
		__real_p2p_ring_wait(ring, 0);
		return wait_failure;
	}
	return __real_p2p_ring_wait(ring, timeout);
}

bool __wrap_p2p_ring_reap(struct p2p_ring *ring, void **tag, int *result)
{
	bool reaped = __real_p2p_ring_reap(ring, tag, result);

	if (reaped && turns_away)
		*result = -EAGAIN;
	return reaped;
}

uint64_t __wrap_p2p_now_ns(void)
{
	return ++now;
}

void __wrap_p2p_pause_ns(uint64_t duration)
{
	now += duration;
	usleep(1); /* as a sleep does, it enters the kernel */
}

struct bench {
	struct p2p_pipeline *pipeline;
	struct p2p_memory *memory;
	int source, destination;
	atomic_bool stop;
	int calls;
};

static void count_and_stop(void *context, uint64_t done)
{
	struct bench *bench = context;

	(void)done;
	if (++bench->calls == 20)
		atomic_store(&bench->stop, true);
}

static void bench_open(struct bench *bench)
{
	*bench = (struct bench){ .calls = 0 };
	make_file("source", SIZE, 1);
	make_file("destination", SIZE, 2);
	bench->source = open("source", O_RDONLY);
	bench->destination = open("destination", O_RDWR);
	assert_true(bench->source >= 0 && bench->destination >= 0);
	assert_int_equal(p2p_pipeline_open(DEPTH, &bench->pipeline, NULL), 0);
	assert_int_equal(p2p_host_memory_open((size_t)DEPTH * BLOCK, &bench->memory, NULL), 0);
	waits_until_failure = 0;
	waits_not = turns_away = false;
}

static void bench_close(struct bench *bench)
{
	p2p_pipeline_close(bench->pipeline);
	p2p_memory_close(bench->memory);
	close(bench->source);
	close(bench->destination);
}

static struct p2p_transfer_result move(struct bench *bench,
				       void (*progress)(void *context, uint64_t done))
{
	struct p2p_transfer transfer = {
		.source = bench->source,
		.destination = bench->destination,
		.length = SIZE,
		.block = BLOCK,
		.depth = DEPTH,
		.align = 1,
		.memory = bench->memory,
		.stop = &bench->stop,
		.progress = progress,
		.context = bench,
	};

	return p2p_pipeline_run(bench->pipeline, &transfer);
}

static void test_nothing_is_in_flight_after_a_failed_wait(void **state)
{
	struct p2p_transfer_result result;
	struct bench bench;
	int waits = 1; /* until one fails: every moment of a run */

	(void)state;
	for (;; waits++) {
		bench_open(&bench);
		waits_until_failure = waits;
		wait_failure = -EBADR;
		result = move(&bench, NULL);
		if (!result.code)
			break;
		assert_int_equal(result.code, -EBADR);
		assert_int_equal(result.completed, 0);

		/* A run that took the other's results would call unread blocks moved. */
		p2p_memory_close(bench.memory);
		assert_int_equal(p2p_host_memory_open((size_t)DEPTH * BLOCK, &bench.memory, NULL),
				 0);
		make_file("destination", SIZE, 2);
		result = move(&bench, NULL);
		assert_int_equal(result.code, 0);
		assert_int_equal(result.completed, SIZE);
		assert_true(files_equal("source", "destination"));
		bench_close(&bench);
	}
	assert_true(waits > 2);
	bench_close(&bench);
}

static void test_what_was_only_queued_is_dropped(void **state)
{
	struct p2p_transfer_result result;
	struct bench bench;

	(void)state;
	bench_open(&bench);
	waits_not = true;
	result = move(&bench, NULL);
	assert_int_equal(result.code, -EAGAIN);
	waits_not = false;
	result = move(&bench, NULL);
	assert_int_equal(result.code, 0);
	assert_true(files_equal("source", "destination"));
	bench_close(&bench);
}

static void test_patience_with_refusals_ends(void **state)
{
	struct p2p_transfer_result result;
	struct bench bench;

	(void)state;
	bench_open(&bench);
	turns_away = true;
	result = move(&bench, NULL);
	assert_int_equal(result.code, -EAGAIN);
	assert_int_equal(result.completed, 0);
	bench_close(&bench);
}

static void test_a_stop_ends_refusals(void **state)
{
	struct p2p_transfer_result result;
	struct bench bench;

	(void)state;
	for (int all = 0; all < 2; all++) {
		bench_open(&bench);
		turns_away = !all;
		waits_not = all;
		result = move(&bench, count_and_stop);
		assert_int_equal(result.code, -EINTR);
		assert_int_equal(result.completed, 0);
		assert_true(bench.calls < 30);
		bench_close(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_in_flight_after_a_failed_wait),
		cmocka_unit_test(test_what_was_only_queued_is_dropped),
		cmocka_unit_test(test_patience_with_refusals_ends),
		cmocka_unit_test(test_a_stop_ends_refusals),
	};

	return cmocka_run_group_tests(tests, enter_workplace, leave_workplace);
}
