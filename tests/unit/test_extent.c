// SPDX-License-Identifier: MIT
/*
 * Data and holes: whatever the file system says, extents cover the range once and no data is ever
 * in a hole.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "copy/extent.h"
#include "harness.h"
#include "workplace.h"

static int sparse_file(uint64_t seed, char *bytes, uint64_t size)
{
	int fd = open("sparse", O_RDWR | O_CREAT | O_TRUNC, 0644);
	uint64_t random = seed;

	memset(bytes, 0, size);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	for (int i = 0; i < 6; i++) {
		uint64_t at = next_random(&random) % size, length = next_random(&random) % 20000;

		if (length > size - at)
			length = size - at;
		fill(bytes + at, at, length, seed);
		assert_int_equal(pwrite(fd, bytes + at, length, (off_t)at), length);
	}
	return fd;
}

static void test_extents_cover_and_lose_nothing(void **state)
{
	static char bytes[300001], zeros[300001];
	static const uint32_t aligns[] = { 1, 512, 4096, 65536 };

	(void)state;
	for (uint64_t seed = 1; seed <= 100; seed++) {
		int fd = sparse_file(seed, bytes, sizeof(bytes));
		uint32_t align = aligns[seed % 4];
		uint64_t position = align, limit = sizeof(bytes) - seed % 3 * 1000;

		while (position < limit) {
			struct p2p_extent extent = p2p_extent_at(fd, position, limit, align);

			assert_true(extent.end > position && extent.end <= limit);
			assert_true(extent.end == limit || extent.end % align == 0);
			if (extent.hole)
				assert_memory_equal(bytes + position, zeros, extent.end - position);
			position = extent.end;
		}
		close(fd);
	}
}

static void test_an_all_hole_file_is_one_hole(void **state)
{
	int fd = open("hole", O_RDWR | O_CREAT | O_TRUNC, 0644);
	struct p2p_extent extent;

	(void)state;
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	extent = p2p_extent_at(fd, 0, 1 << 20, 4096);
	assert_true(extent.hole);
	assert_int_equal(extent.end, 1 << 20);
	close(fd);
}

static void test_what_cannot_seek_is_data(void **state)
{
	int ends[2];
	struct p2p_extent extent;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	extent = p2p_extent_at(ends[0], 0, 4096, 512);
	assert_false(extent.hole);
	assert_int_equal(extent.end, 4096);
	close(ends[0]);
	close(ends[1]);
}

/* No data there, and no file there, are one errno: zeros must not stand for what was cut off. */
static void test_a_file_that_was_cut_is_no_hole(void **state)
{
	static char bytes[300001];
	int fd = sparse_file(1, bytes, sizeof(bytes));
	struct p2p_extent extent;

	(void)state;
	assert_int_equal(ftruncate(fd, 100000), 0);
	extent = p2p_extent_at(fd, 150000, 200000, 512);
	assert_false(extent.hole);
	assert_int_equal(extent.end, 200000);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_extents_cover_and_lose_nothing),
		cmocka_unit_test(test_an_all_hole_file_is_one_hole),
		cmocka_unit_test(test_what_cannot_seek_is_data),
		cmocka_unit_test(test_a_file_that_was_cut_is_no_hole),
	};

	return cmocka_run_group_tests(tests, enter_workplace, leave_workplace);
}
