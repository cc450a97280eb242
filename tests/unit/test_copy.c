// SPDX-License-Identifier: MIT
/*
 * p2p_copy_*() between files: results, refusals, and files that are left as they should be. Devices
 * and peer memory are the lab's part.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <p2pmem/copy.h>

#include "harness.h"
#include "workplace.h"

static struct p2p_copy_options options_for(const char *source, const char *destination)
{
	struct p2p_copy_options options;

	p2p_copy_options_init(&options, sizeof(options));
	options.source = source;
	options.destination = destination;
	return options;
}

static int copy(const struct p2p_copy_options *options, struct p2p_copy_report *report)
{
	struct p2p_error error = { .code = 0 };
	struct p2p_copy *opened;
	int rc = p2p_copy_open(options, &opened, &error);

	if (report)
		*report = (struct p2p_copy_report){ .depth = 0 };
	if (!rc) {
		rc = p2p_copy_run(opened, &error);
		if (report)
			*report = *p2p_copy_report(opened);
		p2p_copy_close(opened);
	}
	assert_int_equal(rc, error.code);
	assert_int_equal(rc != 0, error.text[0] != '\0');
	return rc;
}

/* A program that is older or newer than the library says so by its options' size. */
static void test_sizes_of_options(void **state)
{
	struct {
		struct p2p_copy_options known;
		uint64_t unknown;
	} newer;
	struct p2p_copy_options older = options_for("a", "b"), zero = { .size = 0 };

	(void)state;
	make_file("a", 5000, 1);
	older.depth = UINT_MAX; /* refused where it is seen */
	older.size = offsetof(struct p2p_copy_options, depth);
	assert_int_equal(copy(&older, NULL), 0);
	older.size = sizeof(older);
	assert_int_equal(copy(&older, NULL), -EINVAL);

	memset(&newer, 0xff, sizeof(newer));
	p2p_copy_options_init(&newer.known, sizeof(newer));
	assert_int_equal(newer.unknown, 0);
	newer.known.source = "a";
	newer.known.destination = "c";
	assert_int_equal(copy(&newer.known, NULL), 0);
	assert_int_equal(copy(&zero, NULL), -EINVAL);
}

static uint64_t size_of(const char *name)
{
	struct stat facts;

	return stat(name, &facts) ? UINT64_MAX : (uint64_t)facts.st_size;
}

static void test_whole_files_of_odd_sizes(void **state)
{
	static const uint64_t sizes[] = { 0, 1, 511, 512, 4096, 4097, 1000001, 5 << 20 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct p2p_copy_options options = options_for("a", "b");
		struct p2p_copy_report report;

		make_file("a", sizes[i], 1);
		make_file("b", 70000, 2); /* what was there must not show through */
		options.verify = i % 2;
		assert_int_equal(copy(&options, &report), 0);
		assert_true(files_equal("a", "b"));
		assert_int_equal(report.good, sizes[i]);
		assert_int_equal(report.host_bytes, sizes[i]);
		assert_int_equal(report.verified_bytes, options.verify ? sizes[i] : 0);
	}
}

/* The naive twin: a copy in memory. */
static void test_random_ranges(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (int round = 0; round < 60; round++) {
		struct p2p_copy_options options = options_for("a", "b");
		uint64_t size = 200000, existing = next_random(&random) % 300000, expected_size,
			 got_size;
		char *expected, *source, *got;

		make_file("a", size, 1);
		make_file("b", existing, 2);
		options.offset = next_random(&random) % size;
		options.destination_offset = next_random(&random) % 100000;
		if (round % 3)
			options.offset &= ~UINT64_C(4095);
		if (round % 3)
			options.destination_offset &= ~UINT64_C(4095);
		options.length = next_random(&random) % (size - options.offset);
		options.block = (uint64_t)4096 << next_random(&random) % 4;
		options.depth = 1 + (unsigned int)(next_random(&random) % 4);

		expected = calloc(1, 500000);
		assert_non_null(expected);
		fill(expected, 0, existing, 2);
		source = read_file("a", &size);
		memcpy(expected + options.destination_offset, source + options.offset,
		       options.length);
		expected_size = options.destination_offset + options.length;
		if (existing > expected_size)
			expected_size = existing;

		assert_int_equal(copy(&options, NULL), 0);
		got = read_file("b", &got_size);
		assert_int_equal(got_size, expected_size);
		assert_memory_equal(got, expected, expected_size);
		free(expected);
		free(source);
		free(got);
	}
}

static void test_going_on_keeps_what_is_there(void **state)
{
	struct p2p_copy_options options = options_for("a", "b");

	(void)state;
	make_file("a", 1000001, 1);
	options.length = 500000;
	assert_int_equal(copy(&options, NULL), 0);
	options = options_for("a", "b");
	options.offset = 500000;
	assert_int_equal(copy(&options, NULL), 0);
	assert_true(files_equal("a", "b"));
}

static void test_holes_stay_holes(void **state)
{
	struct p2p_copy_options options = options_for("a", "b");
	struct p2p_copy_report report;
	struct stat facts;
	int fd;

	(void)state;
	make_file("a", 4096, 1);
	fd = open("a", O_WRONLY);
	assert_int_equal(pwrite(fd, "end", 3, 9 << 20), 3);
	assert_int_equal(ftruncate(fd, (10 << 20) + 123), 0);
	close(fd);
	make_file("b", 11 << 20, 2);
	options.verify = true;
	assert_int_equal(copy(&options, &report), 0);
	assert_true(files_equal("a", "b"));
	assert_int_equal(report.host_bytes + report.hole_bytes, report.length);
	assert_true(report.hole_bytes > 9 << 20);
	assert_int_equal(stat("b", &facts), 0);
	assert_true(facts.st_blocks * 512 < 1 << 20);
}

static void test_a_directory_takes_a_file_of_that_name(void **state)
{
	struct p2p_copy_options options = options_for("a", "directory");

	(void)state;
	make_file("a", 5000, 1);
	mkdir("directory", 0755);
	assert_int_equal(copy(&options, NULL), 0);
	assert_true(files_equal("a", "directory/a"));
	unlink("directory/a");
}

static void test_the_mode_comes_along(void **state)
{
	struct p2p_copy_options options = options_for("a", "new");
	struct stat facts;

	(void)state;
	make_file("a", 10, 1);
	chmod("a", 0700);
	assert_int_equal(copy(&options, NULL), 0);
	assert_int_equal(stat("new", &facts), 0);
	assert_int_equal(facts.st_mode & 0777, 0700);
	chmod("a", 0644);
}

/* Refusals leave the destination as it was, and make none. */
static void refuse(const struct p2p_copy_options *options, int code)
{
	uint64_t before = size_of("b");

	unlink("new");
	assert_int_equal(copy(options, NULL), code);
	assert_int_equal(size_of("b"), before);
	assert_int_equal(access("new", F_OK), -1);
}

static void test_refusals(void **state)
{
	struct p2p_copy_options options;

	(void)state;
	make_file("a", 10000, 1);
	make_file("b", 10000, 2);
	unlink("linked");
	assert_int_equal(link("a", "linked"), 0);

	options = options_for("a", "a");
	refuse(&options, -EINVAL);
	options = options_for("a", "linked");
	refuse(&options, -EINVAL);
	options = options_for("missing", "new");
	refuse(&options, -ENOENT);
	options = options_for("a", "missing/new");
	refuse(&options, -ENOENT);
	options = options_for(".", "new");
	refuse(&options, -EINVAL);
	options = options_for("/dev/zero", "new");
	refuse(&options, -EINVAL);
	options = options_for("a", "/dev/null");
	refuse(&options, -EINVAL);

	options = options_for("a", "new");
	options.offset = 10001;
	refuse(&options, -EINVAL);
	options = options_for("a", "new");
	options.length = 10001;
	refuse(&options, -EINVAL);
	options = options_for("a", "new");
	options.destination_offset = UINT64_C(1) << 63;
	refuse(&options, -EINVAL);
	options = options_for("a", "new");
	options.block = 1000;
	refuse(&options, -EINVAL);
	options = options_for("a", "new");
	options.block = UINT64_C(1) << 40;
	refuse(&options, -EINVAL);
	options = options_for("a", "new");
	options.depth = 5000;
	refuse(&options, -EINVAL);

	options = options_for("a", "new");
	options.strategy = P2P_COPY_HOST;
	options.require_p2p = true;
	refuse(&options, -EINVAL);
	options = options_for("a", "new");
	options.provider = "no-such-device";
	assert_int_not_equal(copy(&options, NULL), 0);
	assert_int_equal(access("new", F_OK), -1);
}

static void stop_at_once(void *context, enum p2p_copy_event event, const char *text,
			 const struct p2p_copy_report *report)
{
	(void)text;
	(void)report;
	if (event == P2P_COPY_EVENT_PROGRESS)
		p2p_copy_stop(*(struct p2p_copy **)context);
}

/* All that was written, in its first checkpoint, counts. */
static void stop_and_go_on(bool verify)
{
	struct p2p_copy_options options = options_for("a", "b");
	struct p2p_copy_report report;
	struct p2p_copy *opened;
	struct p2p_error error;
	uint64_t size, good_size;
	char *source, *good;

	make_file("a", 20 << 20, 1);
	unlink("b");
	options.verify = verify;
	options.event = stop_at_once;
	options.context = &opened;
	options.block = 65536;
	assert_int_equal(p2p_copy_open(&options, &opened, &error), 0);
	assert_int_equal(p2p_copy_run(opened, &error), -EINTR);
	report = *p2p_copy_report(opened);
	p2p_copy_close(opened);

	assert_true(report.good > 0 && report.good < report.length);
	assert_int_equal(report.good, report.done);
	assert_int_equal(report.host_bytes + report.hole_bytes, report.good);
	assert_int_equal(report.verified_bytes, verify ? report.good : 0);
	source = read_file("a", &size);
	good = read_file("b", &good_size);
	assert_int_equal(good_size, report.good);
	assert_memory_equal(source, good, report.good);
	free(source);
	free(good);

	options = options_for("a", "b");
	options.offset = report.good;
	assert_int_equal(copy(&options, NULL), 0);
	assert_true(files_equal("a", "b"));
}

static void test_a_stopped_copy_is_good_as_far_as_it_says(void **state)
{
	(void)state;
	stop_and_go_on(false);
	stop_and_go_on(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_files_of_odd_sizes),
		cmocka_unit_test(test_sizes_of_options),
		cmocka_unit_test(test_random_ranges),
		cmocka_unit_test(test_going_on_keeps_what_is_there),
		cmocka_unit_test(test_holes_stay_holes),
		cmocka_unit_test(test_a_directory_takes_a_file_of_that_name),
		cmocka_unit_test(test_the_mode_comes_along),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_a_stopped_copy_is_good_as_far_as_it_says),
	};

	return cmocka_run_group_tests(tests, enter_workplace, leave_workplace);
}
