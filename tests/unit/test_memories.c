// SPDX-License-Identifier: MIT
/*
 * Memories: who provides them, the two ways to one pool merged, and /dev/p2pmemN as a memory.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_module.h"
#include "harness.h"
#include "memories/provider.h"
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

static const struct p2p_provider_name *function_on(uint8_t bus)
{
	static struct p2p_provider_name name;

	name = (struct p2p_provider_name){ .function = { 0, bus, 0 } };
	return &name;
}

static const struct p2p_provider_name *module_named(const char *text)
{
	static struct p2p_provider_name name;

	assert_int_equal(p2p_provider_name_read(&name, text, NULL, NULL), 0);
	assert_true(name.is_module);
	return &name;
}

/* One pool, two ways: its driver's unless that has nothing left. */
static void one_way_to_a_pool(void **state)
{
	static const struct p2p_driver_pool pools[] = {
		{ { 0, 1, 0 }, 1 << 20, 8192 },
		{ { 0, 2, 0 }, 1 << 20, 0 },
		{ { 0, 3, 0 }, 1 << 20, 0 },
	};
	struct p2p_module_memory memories[] = {
		memory_of(0, 1, true),  memory_of(1, 2, true), memory_of(2, 1, false),
		memory_of(3, 3, false), memory_of(4, 4, true),
	};
	static const bool second[] = { false, true, false, true, false, false, false, false };
	struct p2p_memory_provider *list;
	char text[P2P_PROVIDER_NODE];
	size_t count;

	(void)state;
	memories[4].available = memories[4].limit = P2P_UNCOUNTED;
	memories[2].limit = 2048;
	assert_int_equal(p2p_providers_merge(pools, 3, memories, 5, &list, &count), 0);
	assert_int_equal(count, 8);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(list[i].second, second[i]);
		assert_int_equal(list[i].kind, i < 3 ? P2P_MEMORY_DRIVER : P2P_MEMORY_MODULE);
	}
	assert_true(p2p_provider_is(&list[0], function_on(1)));
	assert_false(p2p_provider_is(&list[1], function_on(2)));
	assert_true(p2p_provider_is(&list[4], function_on(2)));
	assert_false(p2p_provider_is(&list[3], function_on(1)));
	/* By name it serves all the same. */
	assert_true(p2p_provider_is(&list[3], module_named("p2pmem0")));
	assert_true(p2p_provider_is(&list[3], module_named("/dev/p2pmem0")));
	assert_false(p2p_provider_is(&list[3], module_named("p2pmem1")));
	assert_false(p2p_provider_is(&list[0], module_named("p2pmem0")));
	assert_true(list[0].page_backed);
	assert_false(list[5].page_backed);
	assert_int_equal(list[4].available, 4096);
	assert_int_equal(list[5].available, 2048);
	assert_int_equal(list[7].available, 1 << 20);
	assert_string_equal(p2p_memory_provider_name(&list[0], text), "0000:01:00.0");
	assert_string_equal(p2p_memory_provider_node(&list[0], text),
			    "/sys/bus/pci/devices/0000:01:00.0/p2pmem/allocate");
	assert_string_equal(p2p_memory_provider_node(&list[7], text), "/dev/p2pmem4");
	free(list);
}

static void off_the_bus(void **state)
{
	struct p2p_module_memory memory = memory_of(3, 0, false);
	struct p2p_memory_provider *list;
	char text[P2P_PROVIDER_NAME];
	size_t count;

	(void)state;
	memory.on_pci = false;
	assert_int_equal(p2p_providers_merge(NULL, 0, &memory, 1, &list, &count), 0);
	assert_string_equal(p2p_memory_provider_name(&list[0], text), "p2pmem3");
	assert_true(p2p_provider_is(&list[0], module_named("p2pmem3")));
	assert_false(p2p_provider_is(&list[0], function_on(0)));
	free(list);
	assert_int_equal(p2p_providers_merge(NULL, 0, NULL, 0, &list, &count), 0);
	assert_int_equal(count, 0);
	free(list);
}

static void names(void **state)
{
	static const char *const wrong[] = { "", "0000:01:00", "0000:01:00.8", "p2pmem", "nvme0" };
	struct p2p_provider_name name;

	(void)state;
	assert_int_equal(p2p_provider_name_read(&name, "0001:02:1f.7", NULL, NULL), 0);
	assert_false(name.is_module);
	assert_int_equal(name.function.domain, 1);
	assert_int_equal(name.function.bus, 2);
	assert_int_equal(name.function.devfn, 0xff);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(p2p_provider_name_read(&name, wrong[i], NULL, NULL), -ENOENT);
}

/* The host's memory is like a device's, but for what only a device's module can. */
static void of_the_host(void **state)
{
	struct p2p_memory_provider provider;
	struct p2p_error error = { .code = 0 };
	struct p2p_memory_verdict *verdict;
	struct p2p_memory *memory;
	char got[8] = "";
	int fd;

	(void)state;
	assert_int_equal(p2p_memory_provider_find("host", &provider, &error), 0);
	assert_int_equal(provider.kind, P2P_MEMORY_HOST);
	assert_int_equal(p2p_memory_open(&provider, 100, P2P_MEMORY_FOR_IO, &memory, &error), 0);
	assert_int_equal(p2p_memory_size(memory) % (size_t)sysconf(_SC_PAGESIZE), 0);
	assert_int_equal(p2p_memory_store(memory, 8, "payload", 8), 0);
	assert_memory_equal((char *)p2p_memory_base(memory) + 8, "payload", 8);
	assert_int_equal(p2p_memory_load(memory, 8, got, 8), 0);
	assert_string_equal(got, "payload");
	assert_int_equal(p2p_memory_load(memory, p2p_memory_size(memory) - 7, got, 8), -EINVAL);
	assert_int_equal(p2p_memory_load(memory, SIZE_MAX, got, 8), -EINVAL);
	assert_int_equal(p2p_memory_store(memory, p2p_memory_size(memory) + 1, "", 0), -EINVAL);
	assert_int_equal(p2p_memory_export(memory, &fd, &error), -EOPNOTSUPP);
	assert_non_null(strstr(error.text, "dma-buf"));
	assert_int_equal(p2p_memory_ask(memory, provider.function, &verdict, &error), -EOPNOTSUPP);
	assert_null(verdict);
	p2p_memory_close(memory);

	assert_int_equal(p2p_memory_open(&provider, 0, 0, &memory, &error), -EINVAL);
	assert_int_equal(p2p_memory_open(&provider, SIZE_MAX, 0, &memory, &error), -EINVAL);
	assert_int_equal(p2p_memory_open(&provider, 1, 2, &memory, &error), -EINVAL);
	assert_null(memory);
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
	int rc = p2p_module_memory_open_on(&fake.system, index, 8192, P2P_MEMORY_FOR_IO, memory,
					   &error);

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
		{ -ENOSPC, P2PMEM_WHY_FULL, -ENOMEM, "no range of 8192 bytes free" },
		{ -EDQUOT, P2PMEM_WHY_LIMIT, -ENOMEM, "/sys/class/p2pmem/p2pmem3/limit" },
		{ -ENODEV, P2PMEM_WHY_NONE, -ENODEV, "No such device" },
	};
	struct p2p_memory *memory;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake.alloc = (struct fake_refusal){ cases[i].code, cases[i].why };
		assert_int_equal(open_memory(3, &memory), cases[i].returned);
		assert_non_null(strstr(error.text, cases[i].words));
		assert_int_equal(error.hint == P2P_HINT_IN_FLIGHT, cases[i].returned == -ENOMEM);
	}
	assert_int_equal(open_memory(4, &memory), -ENODEV);
	assert_int_equal(error.hint, P2P_HINT_PUBLISHED);
}

static void without_pages(void **state)
{
	static const struct {
		unsigned int why;
		enum p2p_hint hint;
		const char *words;
	} cases[] = {
		{ P2PMEM_WHY_NO_P2PDMA, P2P_HINT_PUBLISH_PAGES, "CONFIG_PCI_P2PDMA; boot" },
		{ P2PMEM_WHY_ALIGNMENT, P2P_HINT_PUBLISH_PART, "2 MiB; publish such a part" },
		{ P2PMEM_WHY_NO_PAGES, P2P_HINT_DRIVER_MEMORY, "what its driver publishes" },
		{ P2PMEM_WHY_NONE, P2P_HINT_PUBLISH_PAGES, "without; publish it again" },
	};
	struct p2p_memory *memory;
	char got[8] = "";

	(void)state;
	fake.info.flags = 0;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake.info.no_pages = cases[i].why;
		assert_int_equal(open_memory(3, &memory), -EOPNOTSUPP);
		assert_non_null(strstr(error.text, cases[i].words));
		assert_int_equal(error.hint, cases[i].hint);
	}
	/* For a dma-buf it is good enough. */
	error.code = 0;
	assert_int_equal(p2p_module_memory_open_on(&fake.system, 3, 8192, 0, &memory, &error), 0);
	assert_null(p2p_memory_base(memory));
	assert_int_equal(p2p_memory_store(memory, 100, "payload", 8), 0);
	assert_int_equal(p2p_memory_load(memory, 100, got, 8), 0);
	assert_string_equal(got, "payload");
	p2p_memory_close(memory);
}

/* Only what the CPU has carried since it was opened. */
static void bounced(void **state)
{
	struct p2p_memory *memory;

	(void)state;
	fake.info.bounced = 4096;
	assert_int_equal(open_memory(3, &memory), 0);
	assert_false(p2p_memory_bounces(memory));
	fake.info.bounced++;
	assert_true(p2p_memory_bounces(memory));
	p2p_memory_close(memory);
	assert_int_equal(p2p_host_memory_open(4096, &memory, &error), 0);
	assert_false(p2p_memory_bounces(memory));
	p2p_memory_close(memory);
}

/* What leaves the process and what comes back in words are the module's own. */
static void exported_and_judged(void **state)
{
	struct p2p_bdf client = { 1, 2, 8 };
	struct p2p_memory_verdict *verdict;
	struct p2p_memory *memory;
	int fd = -1;

	(void)state;
	assert_int_equal(open_memory(3, &memory), 0);
	fake.exported = 77;
	assert_int_equal(p2p_memory_export(memory, &fd, &error), 0);
	assert_int_equal(fd, 77);

	fake.verdict = (struct p2pmem_verdict){
		.verdict = P2PMEM_DIRECT, .distance = 4, .count = 40, .policy = "7.3"
	};
	for (uint32_t i = 0; i < fake.verdict.count; i++)
		fake.reason[i] = (struct p2pmem_reason){ .name = "acs-redirect",
							 .node = { .bus = (uint8_t)i },
							 .has_node = 1,
							 .bits = 0x1c };
	fake.reason[1].node_is_host_bridge = 1;
	fake.reason[2].has_other = 1;
	assert_int_equal(p2p_memory_ask(memory, client, &verdict, &error), 0);
	assert_int_equal(fake.verdict_client.domain, 1);
	assert_int_equal(fake.verdict_client.bus, 2);
	assert_int_equal(fake.verdict_client.devfn, 8);
	assert_int_equal(verdict->verdict, P2P_VERDICT_DIRECT);
	assert_int_equal(verdict->distance, 4);
	assert_string_equal(verdict->policy, "7.3");
	assert_int_equal(verdict->reason_count, 40);
	assert_string_equal(verdict->reasons[39].code, "acs-redirect");
	assert_int_equal(verdict->reasons[39].node.bus, 39);
	assert_int_equal(verdict->reasons[39].bits, 0x1c);
	assert_non_null(strstr(verdict->text,
			       "direct, distance 4, by the rules of Linux 7.3: acs-redirect at "
			       "0000:00:00.0, acs-redirect at host bridge 0000:01, acs-redirect at "
			       "0000:02:00.0 and 0000:00:00.0, "));
	p2p_memory_verdict_free(verdict);

	fake.verdict = (struct p2pmem_verdict){ .verdict = P2PMEM_UNREACHABLE,
						.distance = -1,
						.policy = "driver" };
	assert_int_equal(p2p_memory_ask(memory, client, &verdict, &error), 0);
	assert_string_equal(verdict->text, "unreachable, by the word of its driver");
	p2p_memory_verdict_free(verdict);

	fake.answer = fake.exported = -ENODEV;
	assert_int_equal(p2p_memory_ask(memory, client, &verdict, &error), -ENODEV);
	assert_non_null(strstr(error.text, "0001:02:01.0"));
	assert_null(verdict);
	assert_int_equal(p2p_memory_export(memory, &fd, &error), -ENODEV);
	assert_non_null(strstr(error.text, "its device is gone"));
	assert_int_equal(fd, -1);
	p2p_memory_close(memory);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_way_to_a_pool),
		cmocka_unit_test(off_the_bus),
		cmocka_unit_test(names),
		cmocka_unit_test(of_the_host),
		TEST(bytes_go_through),
		TEST(gone),
		TEST(refused),
		TEST(without_pages),
		TEST(bounced),
		TEST(exported_and_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
