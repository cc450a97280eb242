// SPDX-License-Identifier: MIT
/*
 * A copy while others do something to its source or to what a file may be; and what its file looks
 * like until it is whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <p2pmem/copy.h>

#include "harness.h"
#include "workplace.h"

#define SIZE  (8u << 20)
#define BLOCK 65536u

struct run {
	struct p2p_copy_options options;
	struct p2p_copy_report report;
	struct p2p_error error;
	void (*disturb)(void); /* once, in the middle */
	unsigned int events;
	bool looked_finished; /* before it was */
};

static uint64_t size_of(const char *name)
{
	struct stat facts;

	return stat(name, &facts) ? UINT64_MAX : (uint64_t)facts.st_size;
}

static void on_event(void *context, enum p2p_copy_event event, const char *text,
		     const struct p2p_copy_report *report)
{
	struct run *run = context;

	(void)text;
	if (event != P2P_COPY_EVENT_PROGRESS)
		return;
	if (report->good < report->length - BLOCK &&
	    size_of("b") >= report->destination_offset + report->length)
		run->looked_finished = true;
	if (++run->events == 3 && run->disturb)
		run->disturb();
}

static struct run run_of(void (*disturb)(void))
{
	struct run run = { .disturb = disturb };

	p2p_copy_options_init(&run.options, sizeof(run.options));
	run.options.source = "a";
	run.options.destination = "b";
	run.options.block = BLOCK;
	run.options.depth = 4;
	return run;
}

static int copy(struct run *run)
{
	struct p2p_copy *opened;
	int rc;

	run->options.event = on_event;
	run->options.context = run;
	rc = p2p_copy_open(&run->options, &opened, &run->error);
	if (rc)
		return rc;
	rc = p2p_copy_run(opened, &run->error);
	run->report = *p2p_copy_report(opened);
	p2p_copy_close(opened);
	return rc;
}

/* Data and holes by turns: the end of each piece of data is where a hole may be seen. */
static void make_fragmented(const char *name)
{
	int fd;

	make_file(name, SIZE, 1);
	fd = open(name, O_WRONLY);
	for (off_t at = 0; at < SIZE; at += (off_t)2 * BLOCK)
		assert_int_equal(
			fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, BLOCK), 0);
	close(fd);
}

static void shorten(void)
{
	assert_int_equal(truncate("a", SIZE / 2), 0);
}

static void lengthen(void)
{
	int fd = open("a", O_WRONLY | O_APPEND);

	assert_int_equal(write(fd, "more", 4), 4);
	close(fd);
}

static void write_in_place(void)
{
	int fd = open("a", O_WRONLY);

	assert_int_equal(pwrite(fd, "other", 5, 100), 5);
	close(fd);
}

static void test_a_source_that_shrinks(void **state)
{
	(void)state;
	for (int fragmented = 0; fragmented < 2; fragmented++) {
		struct run run = run_of(shorten);

		if (fragmented)
			make_fragmented("a");
		else
			make_file("a", SIZE, 1);
		assert_int_equal(copy(&run), -ESTALE);
		assert_non_null(strstr(run.error.text, "became shorter"));
		assert_int_equal(run.report.good, 0);
		assert_int_equal(size_of("b"), 0);
	}
}

static void test_a_source_that_grows(void **state)
{
	struct run run = run_of(lengthen);

	(void)state;
	make_file("a", SIZE, 1);
	assert_int_equal(copy(&run), -EIO);
	assert_non_null(strstr(run.error.text, "grew by 4 bytes"));
	assert_int_equal(run.report.good, SIZE);
	assert_int_equal(size_of("b"), SIZE);

	run = run_of(NULL);
	run.options.offset = SIZE;
	assert_int_equal(copy(&run), 0);
	assert_true(files_equal("a", "b"));

	/* What was asked for is there. */
	run = run_of(lengthen);
	run.options.length = SIZE;
	assert_int_equal(copy(&run), 0);
	assert_int_equal(run.report.good, SIZE);
}

static void test_a_source_that_is_written(void **state)
{
	struct run run = run_of(write_in_place);

	(void)state;
	make_file("a", SIZE, 1);
	assert_int_equal(copy(&run), -ESTALE);
	assert_non_null(strstr(run.error.text, "was changed while"));
	assert_int_equal(run.report.good, 0);
	assert_int_equal(run.report.host_bytes, 0);
	assert_int_equal(size_of("b"), 0);
}

static void test_files_that_are_made_when_read(void **state)
{
	static const char *const names[] = { "/proc/cpuinfo", "/proc/self/status",
					     "/sys/kernel/uevent_seqnum" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct run run = run_of(NULL);

		if (access(names[i], R_OK))
			continue;
		make_file("b", 100, 2);
		run.options.source = names[i];
		assert_int_equal(copy(&run), -EINVAL);
		assert_non_null(strstr(run.error.text, "use cat"));
		assert_int_equal(size_of("b"), 100);
	}
}

static void test_an_unfinished_file_is_not_as_large_as_a_finished_one(void **state)
{
	(void)state;
	for (int sparse = 0; sparse < 3; sparse++) {
		struct run run = run_of(NULL);

		if (sparse)
			make_fragmented("a");
		else
			make_file("a", SIZE, 1);
		if (sparse == 2)
			assert_int_equal(truncate("a", SIZE + 100 * BLOCK), 0);
		make_file("b", UINT64_C(2) * SIZE, 2);
		run.options.verify = sparse == 1;
		assert_int_equal(copy(&run), 0);
		assert_true(files_equal("a", "b"));
		assert_true(run.events > 3);
		assert_false(run.looked_finished);
	}
}

static void die(void)
{
	_exit(9);
}

/* However it ends: here by what kill -9 does. */
static void test_a_killed_copy_leaves_a_file_that_looks_unfinished(void **state)
{
	int status;
	pid_t child;

	(void)state;
	make_file("a", SIZE, 1);
	make_file("b", UINT64_C(2) * SIZE, 2);
	child = fork();
	if (!child) {
		struct run run = run_of(die);

		copy(&run);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 9);
	assert_true(size_of("b") < SIZE);
}

static void test_samples_are_a_piece_of_every_block(void **state)
{
	struct run run = run_of(NULL);

	(void)state;
	make_file("a", SIZE + 1, 1);
	assert_int_equal(copy(&run), 0);
	assert_int_equal(run.report.sampled_bytes, SIZE / BLOCK * 4096 + 1);
	assert_int_equal(run.report.verified_bytes, 0);
	assert_int_equal(run.report.comparison, P2P_COPY_COMPARES_SAMPLES);

	run.options.verify = true;
	assert_int_equal(copy(&run), 0);
	assert_int_equal(run.report.sampled_bytes, 0);
	assert_int_equal(run.report.verified_bytes, SIZE + 1);
	assert_int_equal(run.report.comparison, P2P_COPY_COMPARES_ALL);
}

static void test_a_file_that_may_not_become_so_large_is_left_alone(void **state)
{
	struct rlimit before, limit;
	struct run run = run_of(NULL);
	int rc;

	(void)state;
	make_file("a", SIZE, 1);
	make_file("b", 10000, 2);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = (struct rlimit){ SIZE / 2, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	rc = copy(&run);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(rc, -EFBIG);
	assert_non_null(strstr(run.error.text, "ulimit -f"));
	assert_int_equal(size_of("b"), 10000);

	/* A file system's own limit: no file ends beyond what off_t can say, ext4's end earlier. */
	run.options.length = 4096;
	run.options.destination_offset = INT64_MAX - 8192;
	assert_int_equal(copy(&run), -EFBIG);
	assert_int_equal(size_of("b"), 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_source_that_shrinks),
		cmocka_unit_test(test_a_source_that_grows),
		cmocka_unit_test(test_a_source_that_is_written),
		cmocka_unit_test(test_files_that_are_made_when_read),
		cmocka_unit_test(test_an_unfinished_file_is_not_as_large_as_a_finished_one),
		cmocka_unit_test(test_a_killed_copy_leaves_a_file_that_looks_unfinished),
		cmocka_unit_test(test_samples_are_a_piece_of_every_block),
		cmocka_unit_test(test_a_file_that_may_not_become_so_large_is_left_alone),
	};

	return cmocka_run_group_tests(tests, enter_workplace, leave_workplace);
}
