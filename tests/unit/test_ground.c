// SPDX-License-Identifier: MIT
/*
 * What two ends lie on, and whether that overlaps; the parser of mountinfo below it. Real stacks of
 * devices are tests/command/ground.sh's part, and the lab's.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "blockdev/ground.h"
#include "blockdev/mountinfo.h"
#include "harness.h"
#include "workplace.h"

static struct p2p_ground_range bytes(dev_t device, uint64_t start, uint64_t end)
{
	return (struct p2p_ground_range){ .device = device, .start = start, .end = end };
}

static struct p2p_ground_range below(dev_t device)
{
	return (struct p2p_ground_range){ .kind = P2P_GROUND_BELOW,
					  .device = device,
					  .end = UINT64_MAX };
}

static struct p2p_ground_range unknown(dev_t device)
{
	return (struct p2p_ground_range){ .kind = P2P_GROUND_UNKNOWN, .device = device };
}

static struct p2p_ground_range file(dev_t device, ino_t inode)
{
	return (struct p2p_ground_range){
		.is_file = true, .device = device, .inode = inode, .end = UINT64_MAX
	};
}

struct ranges {
	struct p2p_ground_range range[4];
	size_t count;
};

#define RANGES(...)                                                                                \
	(struct ranges)                                                                            \
	{                                                                                          \
		.range = { __VA_ARGS__ },                                                          \
		.count = sizeof((struct p2p_ground_range[]){ __VA_ARGS__ }) /                      \
			 sizeof(struct p2p_ground_range),                                          \
	}

static struct p2p_ground ground_of(const struct ranges *ranges)
{
	struct p2p_ground ground = { .count = 0 };

	for (size_t i = 0; i < ranges->count; i++)
		assert_int_equal(p2p_ground_add(&ground, &ranges->range[i]), 0);
	return ground;
}

static void check(struct ranges first, struct ranges second, enum p2p_overlap expected)
{
	struct p2p_ground a = ground_of(&first), b = ground_of(&second);
	char where[P2P_GROUND_TEXT];

	assert_int_equal(p2p_ground_overlap(&a, &b, where), expected);
	assert_int_equal(p2p_ground_overlap(&a, &b, NULL), expected);
	assert_true(expected == P2P_OVERLAP_UNKNOWN ||
		    (where[0] != '\0') == (expected != P2P_OVERLAP_NONE));
	p2p_ground_free(&a);
	p2p_ground_free(&b);
}

static void test_raw_ranges(void **state)
{
	(void)state;
	check(RANGES(bytes(1, 0, 100)), RANGES(bytes(1, 100, 200)), P2P_OVERLAP_NONE);
	check(RANGES(bytes(1, 0, 101)), RANGES(bytes(1, 100, 200)), P2P_OVERLAP_BYTES);
	check(RANGES(bytes(1, 150, 160)), RANGES(bytes(1, 100, 200)), P2P_OVERLAP_BYTES);
	check(RANGES(bytes(1, 0, 100)), RANGES(bytes(2, 0, 100)), P2P_OVERLAP_NONE);
}

static void test_files_and_their_disks(void **state)
{
	(void)state;
	check(RANGES(file(1, 5), below(1)), RANGES(file(1, 5), below(1)), P2P_OVERLAP_BYTES);
	check(RANGES(file(1, 5), below(1)), RANGES(file(1, 6), below(1)), P2P_OVERLAP_NONE);
	check(RANGES(file(1, 5), below(1)), RANGES(bytes(1, 0, 100)), P2P_OVERLAP_B_HOLDS_A);
	check(RANGES(bytes(1, 0, 100)), RANGES(file(1, 5), below(1)), P2P_OVERLAP_A_HOLDS_B);
	check(RANGES(bytes(2, 0, 100)), RANGES(file(1, 5), below(1)), P2P_OVERLAP_NONE);
	/* A file has no number that a device could be taken for. */
	check(RANGES(file(1, 0)), RANGES(bytes(1, 0, 100)), P2P_OVERLAP_NONE);
}

static void test_the_worst_counts(void **state)
{
	(void)state;
	check(RANGES(bytes(1, 0, 9), below(2)), RANGES(bytes(2, 0, 9), below(1)),
	      P2P_OVERLAP_B_HOLDS_A);
	check(RANGES(below(2), bytes(1, 0, 9)), RANGES(below(1), bytes(2, 0, 9)),
	      P2P_OVERLAP_B_HOLDS_A);
	check(RANGES(bytes(1, 0, 9), unknown(7)), RANGES(bytes(1, 0, 9)), P2P_OVERLAP_BYTES);
}

static void test_one_drive_under_two_names(void **state)
{
	struct p2p_ground_range a = bytes(1, 0, 100), b = bytes(2, 50, 200), c = b;

	(void)state;
	strcpy(a.identity, "eui.1, 200 sectors");
	strcpy(b.identity, "eui.1, 200 sectors");
	strcpy(c.identity, "eui.2, 200 sectors");
	check(RANGES(a), RANGES(b), P2P_OVERLAP_BYTES);
	check(RANGES(a), RANGES(c), P2P_OVERLAP_NONE);
	b.start = 100;
	check(RANGES(a), RANGES(b), P2P_OVERLAP_NONE);
}

static void test_the_unknown_refuses_unless_shared(void **state)
{
	(void)state;
	check(RANGES(file(1, 5), unknown(1)), RANGES(file(2, 5)), P2P_OVERLAP_UNKNOWN);
	check(RANGES(file(2, 5)), RANGES(file(1, 5), unknown(1)), P2P_OVERLAP_UNKNOWN);
	check(RANGES(file(1, 5), unknown(1)), RANGES(file(1, 6), unknown(1)), P2P_OVERLAP_NONE);
	check(RANGES(file(1, 5), unknown(1)), RANGES(file(2, 6), unknown(2)), P2P_OVERLAP_UNKNOWN);
}

/* overlayfs and network file systems give one file several numbers. */
static void test_a_file_is_known_again_by_its_times(void **state)
{
	struct p2p_ground_range a = file(1, 5), b = file(2, 6);

	(void)state;
	a.size = b.size = 10;
	a.modified = b.modified = (struct timespec){ 5, 6 };
	a.changed = b.changed = (struct timespec){ 7, 8 };
	check(RANGES(a), RANGES(b), P2P_OVERLAP_NONE);
	b.aliases = true;
	check(RANGES(a), RANGES(b), P2P_OVERLAP_BYTES);
	check(RANGES(b), RANGES(a), P2P_OVERLAP_BYTES);
	b.changed.tv_nsec++;
	check(RANGES(a), RANGES(b), P2P_OVERLAP_NONE);
	b.device = a.device; /* one file system has one number for each file */
	b.changed = a.changed;
	check(RANGES(a), RANGES(b), P2P_OVERLAP_NONE);
}

/* A list that was cut at 32 ranges lost the rest without a word. */
static void test_no_range_is_lost(void **state)
{
	struct p2p_ground many = { .count = 0 }, one = { .count = 0 };
	struct p2p_ground_range range;

	(void)state;
	for (dev_t device = 1; device <= 1000; device++) {
		range = bytes(device, 0, 1);
		assert_int_equal(p2p_ground_add(&many, &range), 0);
	}
	range = bytes(1000, 0, 1);
	assert_int_equal(p2p_ground_add(&one, &range), 0);
	assert_int_equal(p2p_ground_overlap(&many, &one, NULL), P2P_OVERLAP_BYTES);
	p2p_ground_free(&many);
	p2p_ground_free(&one);
	assert_int_equal(many.count, 0);
}

static void add_file(struct p2p_ground *ground, const char *name)
{
	struct stat facts;
	int fd = open(name, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &facts), 0);
	assert_int_equal(p2p_ground_add_file(ground, fd, &facts, 0, 10), 0);
	close(fd);
}

static void test_hard_links_are_one_file(void **state)
{
	struct p2p_ground a = { .count = 0 }, b = { .count = 0 }, c = { .count = 0 };

	(void)state;
	make_file("one", 10, 1);
	make_file("three", 10, 1);
	assert_int_equal(link("one", "two"), 0);
	add_file(&a, "one");
	add_file(&b, "two");
	add_file(&c, "three");
	assert_int_equal(p2p_ground_overlap(&a, &b, NULL), P2P_OVERLAP_BYTES);
	assert_int_equal(p2p_ground_overlap(&a, &c, NULL), P2P_OVERLAP_NONE);
	p2p_ground_free(&a);
	p2p_ground_free(&b);
	p2p_ground_free(&c);
}

static void test_mountinfo_lines(void **state)
{
	char line[] =
		"36 35 98:15 /mnt1 /a\\040b\\134 rw,noatime shared:1 master:2 - ext3 /dev/root "
		"rw,errors=continue\n";
	char plain[] = "1 0 0:2 / / rw - tmpfs none rw";
	static const char *const bad[] = {
		"",
		"36",
		"36 35 98:15 /mnt1 /mnt2 rw",
		"36 35 98:15 /mnt1 /mnt2 rw shared:1",
		"36 35 98 /mnt1 /mnt2 rw - ext3 /dev/root rw",
		"36 35 98:15 /mnt1 /mnt2 rw - ext3 /dev/root",
		"36 35 98:15 /mnt1 /mnt2 rw - ",
	};
	struct p2p_mount mount;

	(void)state;
	assert_true(p2p_mount_parse(line, &mount));
	assert_int_equal(mount.id, 36);
	assert_int_equal(mount.device, makedev(98, 15));
	assert_string_equal(mount.where, "/a b\\");
	assert_string_equal(mount.type, "ext3");
	assert_string_equal(mount.options, "rw,errors=continue");
	assert_true(p2p_mount_parse(plain, &mount));
	assert_string_equal(mount.type, "tmpfs");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char copy[80];

		snprintf(copy, sizeof(copy), "%s", bad[i]);
		assert_false(p2p_mount_parse(copy, &mount));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_raw_ranges),
		cmocka_unit_test(test_files_and_their_disks),
		cmocka_unit_test(test_the_worst_counts),
		cmocka_unit_test(test_one_drive_under_two_names),
		cmocka_unit_test(test_the_unknown_refuses_unless_shared),
		cmocka_unit_test(test_a_file_is_known_again_by_its_times),
		cmocka_unit_test(test_no_range_is_lost),
		cmocka_unit_test(test_hard_links_are_one_file),
		cmocka_unit_test(test_mountinfo_lines),
	};

	return cmocka_run_group_tests(tests, enter_workplace, leave_workplace);
}
