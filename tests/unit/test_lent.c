// SPDX-License-Identifier: MIT
/*
 * Lent memory: the two ways to it merged, and /dev/p2pmemN as a memory for copies.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_module.h"
#include "harness.h"
#include "memories/lent.h"
#include "memories/module.h"

static struct p2p_module_memory memory_of(uint32_t index, uint8_t bus, bool page_backed)
{
	return (struct p2p_module_memory){
		.index = index,
		.on_pci = true,
		.function = { 0, bus, 0 },
		.size = 1 << 20,
		.available = 4096,
		.limit = 1 << 20,
		.page_backed = page_backed,
	};
}

/* One pool, two ways: its driver's unless that has nothing left. */
static void one_way_to_a_pool(void **state)
{
	static const struct p2p_published published[] = {
		{ "0000:01:00.0", 1 << 20, 8192 },
		{ "0000:02:00.0", 1 << 20, 0 },
		{ "0000:03:00.0", 1 << 20, 0 },
	};
	struct p2p_module_memory memories[] = {
		memory_of(0, 1, true),  memory_of(1, 2, true), memory_of(2, 1, false),
		memory_of(3, 3, false), memory_of(4, 4, true),
	};
	static const bool second[] = { false, true, false, true, false, false, false, false };
	struct p2p_lent *list;
	char text[P2P_LENT_NODE];
	size_t count;

	(void)state;
	memories[4].available = memories[4].limit = P2P_UNCOUNTED;
	memories[2].limit = 2048;
	assert_int_equal(p2p_lent_merge(published, 3, memories, 5, &list, &count), 0);
	assert_int_equal(count, 8);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(list[i].second, second[i]);
	assert_true(p2p_lent_is(&list[0], "0000:01:00.0"));
	assert_false(p2p_lent_is(&list[1], "0000:02:00.0"));
	assert_true(p2p_lent_is(&list[4], "0000:02:00.0"));
	assert_false(p2p_lent_is(&list[3], "0000:01:00.0"));
	/* By name it serves all the same. */
	assert_true(p2p_lent_is(&list[3], "p2pmem0"));
	assert_true(p2p_lent_is(&list[3], "/dev/p2pmem0"));
	assert_false(p2p_lent_is(&list[3], "p2pmem1"));
	assert_false(p2p_lent_is(&list[0], "p2pmem0"));
	assert_true(list[0].page_backed);
	assert_false(list[5].page_backed);
	assert_int_equal(list[4].available, 4096);
	assert_int_equal(list[5].available, 2048);
	assert_int_equal(list[7].available, 1 << 20);
	assert_string_equal(p2p_lent_node(&list[0], text),
			    "/sys/bus/pci/devices/0000:01:00.0/p2pmem/allocate");
	assert_string_equal(p2p_lent_node(&list[7], text), "/dev/p2pmem4");
	free(list);
}

static void off_the_bus(void **state)
{
	struct p2p_module_memory memory = memory_of(3, 0, false);
	struct p2p_lent *list;
	size_t count;

	(void)state;
	memory.on_pci = false;
	assert_int_equal(p2p_lent_merge(NULL, 0, &memory, 1, &list, &count), 0);
	assert_string_equal(list[0].owner, "p2pmem3");
	assert_true(p2p_lent_is(&list[0], "p2pmem3"));
	free(list);
	assert_int_equal(p2p_lent_merge(NULL, 0, NULL, 0, &list, &count), 0);
	assert_int_equal(count, 0);
	free(list);
}

static struct fake_module fake;
static struct p2p_error error;

static int setup(void **state)
{
	char bytes[32768];

	(void)state;
	fake_open(&fake);
	memset(bytes, 'x', sizeof(bytes) - 1);
	bytes[sizeof(bytes) - 1] = '\0';
	fake_file(&fake, "/dev/p2pmem3", bytes);
	fake.info.flags = P2PMEM_INFO_PAGES;
	error = (struct p2p_error){ .code = 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_close(&fake);
	return 0;
}

static int open_memory(uint32_t index, struct p2p_memory **memory)
{
	int rc = p2p_module_memory_open_on(&fake.system, index, 8192, memory, &error);

	assert_int_equal(rc, error.code);
	return rc;
}

/* Through the node and through the mapping they are the same bytes. */
static void bytes_go_through(void **state)
{
	struct p2p_memory *memory;
	char got[8] = "";

	(void)state;
	assert_int_equal(open_memory(3, &memory), 0);
	assert_int_equal(memory->size, 8192);
	assert_int_equal(p2p_memory_store(memory, 100, "payload", 8), 0);
	assert_memory_equal(memory->base + 100, "payload", 8);
	memcpy(memory->base + 8184, "mapping", 8);
	assert_int_equal(p2p_memory_load(memory, 8184, got, 8), 0);
	assert_string_equal(got, "mapping");
	p2p_memory_close(memory);
}

/* The node ends: -EFAULT, and no signal. */
static void gone(void **state)
{
	struct p2p_memory *memory;
	char path[64], got[8];

	(void)state;
	assert_int_equal(open_memory(3, &memory), 0);
	snprintf(path, sizeof(path), "%s/dev/p2pmem3", fake.root);
	assert_int_equal(truncate(path, 8192), 0);
	assert_int_equal(p2p_memory_load(memory, 0, got, 8), -EFAULT);
	p2p_memory_close(memory);
}

static void refused(void **state)
{
	static const struct {
		int code;
		unsigned int why;
		int returned;
		const char *words;
	} cases[] = {
		{ -ENOSPC, P2PMEM_WHY_FULL, -ENOMEM, "no free piece of 8192 bytes" },
		{ -EDQUOT, P2PMEM_WHY_LIMIT, -ENOMEM, "/sys/class/p2pmem/p2pmem3/limit" },
		{ -ENODEV, P2PMEM_WHY_NONE, -ENODEV, "No such device" },
	};
	struct p2p_memory *memory;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake.alloc = (struct fake_refusal){ cases[i].code, cases[i].why };
		assert_int_equal(open_memory(3, &memory), cases[i].returned);
		assert_non_null(strstr(error.text, cases[i].words));
	}
	assert_int_equal(open_memory(4, &memory), -ENODEV);
	assert_non_null(strstr(error.text, "p2pmem stat"));
}

static void without_pages(void **state)
{
	static const struct {
		unsigned int why;
		const char *words;
	} cases[] = {
		{ P2PMEM_WHY_NO_P2PDMA, "CONFIG_PCI_P2PDMA; boot" },
		{ P2PMEM_WHY_ALIGNMENT, "2 MiB; publish such a part" },
		{ P2PMEM_WHY_NONE, "published without; publish it again, with --pages" },
	};
	struct p2p_memory *memory;

	(void)state;
	fake.info.flags = 0;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake.info.no_pages = cases[i].why;
		assert_int_equal(open_memory(3, &memory), -EOPNOTSUPP);
		assert_non_null(strstr(error.text, cases[i].words));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_way_to_a_pool),
		cmocka_unit_test(off_the_bus),
		TEST(bytes_go_through),
		TEST(gone),
		TEST(refused),
		TEST(without_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
