// SPDX-License-Identifier: MIT
/*
 * What two ends lie on, and whether that overlaps.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "blockdev.h"
#include "harness.h"
#include "workplace.h"

static struct p2p_ground raw(dev_t device, uint64_t start, uint64_t end)
{
	struct p2p_ground ground = { .count = 1 };

	ground.range[0] = (struct p2p_ground_range){ .device = device, .start = start, .end = end };
	return ground;
}

static struct p2p_ground file_on(dev_t device, ino_t inode)
{
	struct p2p_ground ground = { .count = 2 };

	ground.range[0] =
		(struct p2p_ground_range){ .device = device, .inode = inode, .end = UINT64_MAX };
	ground.range[1] = (struct p2p_ground_range){ .device = device,
						     .end = UINT64_MAX,
						     .holds_file = true };
	return ground;
}

static void check(struct p2p_ground a, struct p2p_ground b, enum p2p_overlap expected)
{
	assert_int_equal(p2p_ground_overlap(&a, &b), expected);
}

static void test_raw_ranges(void **state)
{
	(void)state;
	check(raw(1, 0, 100), raw(1, 100, 200), P2P_OVERLAP_NONE);
	check(raw(1, 0, 101), raw(1, 100, 200), P2P_OVERLAP_BYTES);
	check(raw(1, 150, 160), raw(1, 100, 200), P2P_OVERLAP_BYTES);
	check(raw(1, 0, 100), raw(2, 0, 100), P2P_OVERLAP_NONE);
}

static void test_files_and_their_disks(void **state)
{
	(void)state;
	check(file_on(1, 5), file_on(1, 5), P2P_OVERLAP_BYTES);
	check(file_on(1, 5), file_on(1, 6), P2P_OVERLAP_NONE);
	check(file_on(1, 5), raw(1, 0, 100), P2P_OVERLAP_B_HOLDS_A);
	check(raw(1, 0, 100), file_on(1, 5), P2P_OVERLAP_A_HOLDS_B);
	check(raw(2, 0, 100), file_on(1, 5), P2P_OVERLAP_NONE);
}

static void test_hard_links_are_one_file(void **state)
{
	struct p2p_ground a = { .count = 0 }, b = { .count = 0 };
	struct stat facts;

	(void)state;
	make_file("one", 10, 1);
	assert_int_equal(link("one", "two"), 0);
	assert_int_equal(stat("one", &facts), 0);
	p2p_ground_add_file(&a, &facts, 0, 10);
	assert_int_equal(stat("two", &facts), 0);
	p2p_ground_add_file(&b, &facts, 0, 10);
	check(a, b, P2P_OVERLAP_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_raw_ranges),
		cmocka_unit_test(test_files_and_their_disks),
		cmocka_unit_test(test_hard_links_are_one_file),
	};

	return cmocka_run_group_tests(tests, enter_workplace, leave_workplace);
}
