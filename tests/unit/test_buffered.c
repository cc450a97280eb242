// SPDX-License-Identifier: MIT
/*
 * Whether the page cache took part is seen. A descriptor without O_DIRECT stands for a file system
 * that takes O_DIRECT and buffers.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "copy/buffered.h"
#include "harness.h"
#include "workplace.h"

#define LENGTH (8 << 20)

static int open_file(const char *name, int direct)
{
	int fd = open(name, O_RDWR | direct);

	assert_true(fd >= 0);
	return fd;
}

static enum p2p_buffered look(int source_direct, int destination_direct)
{
	struct p2p_moved_block block = { .length = LENGTH };
	enum p2p_buffered seen;

	make_file("a", LENGTH, 1);
	make_file("b", LENGTH, 2);
	sync();
	block.source = open_file("a", source_direct);
	block.destination = open_file("b", destination_direct);
	assert_int_equal(posix_memalign(&block.memory, 4096, LENGTH), 0);
	fill(block.memory, 0, LENGTH, 1);
	seen = p2p_buffered_look(&block);
	close(block.source);
	close(block.destination);
	free(block.memory);
	/* However it looks, it does no harm. */
	assert_true(files_equal("a", "b"));
	return seen;
}

static void test_the_page_cache_is_seen(void **state)
{
	int fd;

	(void)state;
	make_file("a", 4096, 1);
	fd = open("a", O_RDONLY | O_DIRECT);
	if (fd < 0)
		skip(); /* a file system without direct I/O */
	close(fd);
	assert_int_equal(look(O_DIRECT, O_DIRECT), P2P_BUFFERED_NOT_SEEN);
	assert_int_equal(look(0, O_DIRECT), P2P_BUFFERED_READING);
	assert_int_equal(look(O_DIRECT, 0), P2P_BUFFERED_WRITING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_page_cache_is_seen),
	};

	return cmocka_run_group_tests(tests, enter_workplace, leave_workplace);
}
