// SPDX-License-Identifier: MIT
/*
 * Who provides memory and who could: trees made up for each reason.
 */
#include "sources_support.h"

#include <p2pmem/providers.h>
#include "machine/sources/platform.h"

#define DIRECTORY "sys/devices/pci0000:00/"
#define PORT      "pci0000:00/0000:00:01.0"
#define GPU       PORT "/0000:01:00.0"

/* resource lines: start, end, flags; 0x14220c is prefetchable 64-bit memory (linux/ioport.h). */
#define NONE       "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
#define REGISTERS  "0x00000000fe000000 0x00000000fe003fff 0x0000000000140204\n"
#define CMB(end)   "0x0000004000000000 " end " 0x000000000014220c\n"
#define MIB_1      "0x00000040000fffff"
#define MIB_2      "0x00000040001fffff"
#define MIB_64     "0x0000004003ffffff"
#define BARS(a, b) a NONE b NONE NONE NONE NONE

static void add(struct p2p_memory_tree *memory, const char *bdf, const char *class,
		const char *resource)
{
	char path[128];

	snprintf(path, sizeof(path), "pci0000:00/%s", bdf);
	tree_function(memory, path, class);
	snprintf(path, sizeof(path), DIRECTORY "%s/resource", bdf);
	tree_file(memory, path, resource);
}

static void publish(struct p2p_memory_tree *memory, const char *bdf, const char *size,
		    const char *available, const char *published)
{
	char path[128];

	snprintf(path, sizeof(path), DIRECTORY "%s/p2pmem/size", bdf);
	tree_file(memory, path, size);
	snprintf(path, sizeof(path), DIRECTORY "%s/p2pmem/available", bdf);
	tree_file(memory, path, available);
	snprintf(path, sizeof(path), DIRECTORY "%s/p2pmem/published", bdf);
	tree_file(memory, path, published);
}

struct listed {
	struct p2p_machine *machine;
	struct p2p_provider_info *providers;
	uint32_t count;
};

static struct listed list_with(struct p2p_memory_tree *memory,
			       const struct p2p_module_memory *memories, size_t count)
{
	struct listed listed = { .machine = tree_machine(memory) };
	struct p2p_providers_request request;

	p2p_providers_request_init(&request, sizeof(request));
	request.machine = listed.machine;
	request.memories = memories;
	request.memory_count = count;

	assert_int_equal(p2p_providers_list(&request, &listed.providers, &listed.count), 0);
	return listed;
}

static struct listed list(struct p2p_memory_tree *memory)
{
	return list_with(memory, NULL, 0);
}

static void forget(struct listed *listed)
{
	free(listed->providers);
	p2p_machine_free(listed->machine);
}

static void expect(const struct listed *listed, uint32_t index, const char *address,
		   enum p2p_provider_state state, enum p2p_provider_reason reason)
{
	assert_true(index < listed->count);
	assert_int_equal(listed->providers[index].node, node_of(listed->machine, address));
	assert_string_equal(p2p_provider_state_name(listed->providers[index].state),
			    p2p_provider_state_name(state));
	assert_string_equal(p2p_provider_reason_name(listed->providers[index].reason),
			    p2p_provider_reason_name(reason));
}

/* The states in their order, whatever the addresses; a drive without memory is not listed. */
static void states(void **state)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	struct listed listed;

	(void)state;
	add(memory, "0000:00:02.0", "0x010802\n", BARS(REGISTERS, CMB(MIB_1)));
	add(memory, "0000:00:03.0", "0x020000\n", BARS(CMB(MIB_64), NONE));
	add(memory, "0000:00:04.0", "0x030200\n", BARS(REGISTERS, CMB(MIB_2)));
	add(memory, "0000:00:05.0", "0x010802\n", BARS(REGISTERS, CMB(MIB_64)));
	publish(memory, "0000:00:05.0", "67108864\n", "66060288\n", "0\n");
	add(memory, "0000:00:06.0", "0x010802\n", BARS(REGISTERS, CMB(MIB_64)));
	publish(memory, "0000:00:06.0", "67108864\n", "66060288\n", "1\n");
	add(memory, "0000:00:07.0", "0x010802\n", BARS(REGISTERS, NONE));
	listed = list(memory);
	assert_int_equal(listed.count, 5);
	expect(&listed, 0, "00:06.0", P2P_PROVIDER_PUBLISHED, P2P_PROVIDER_LENDS);
	assert_int_equal(listed.providers[0].size, 64 << 20);
	assert_int_equal(listed.providers[0].available, 63 << 20);
	assert_int_equal(listed.providers[0].bar, 2);
	expect(&listed, 1, "00:05.0", P2P_PROVIDER_PRIVATE, P2P_PROVIDER_NOT_PUBLISHED);
	assert_int_equal(listed.providers[1].step.code, P2P_STEP_PUBLISH_DRIVERS);
	assert_int_equal(listed.providers[1].step.node, listed.providers[1].node);
	expect(&listed, 2, "00:04.0", P2P_PROVIDER_POSSIBLE, P2P_PROVIDER_UNKNOWN);
	assert_int_equal(listed.providers[2].size, 2 << 20);
	expect(&listed, 3, "00:03.0", P2P_PROVIDER_UNLIKELY, P2P_PROVIDER_REGISTERS);
	/* A drive's 1 MiB beside its registers: below the 2 MiB that Linux can publish. */
	expect(&listed, 4, "00:02.0", P2P_PROVIDER_TOO_SMALL, P2P_PROVIDER_SMALL);
	assert_int_equal(listed.providers[4].size, 1 << 20);
	forget(&listed);
}

/* A small prefetchable BAR says nothing on what is not a drive, or where a drive has its registers.
 */
static void small_bars(void **state)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	struct listed listed;

	(void)state;
	add(memory, "0000:00:02.0", "0x030000\n", BARS(REGISTERS, CMB(MIB_1)));
	add(memory, "0000:00:03.0", "0x010802\n", BARS(CMB(MIB_1), NONE));
	listed = list(memory);
	assert_int_equal(listed.count, 0);
	forget(&listed);
}

/* A bridge's published memory (a switch with memory of its own) counts; its BAR alone does not. */
static void bridges(void **state)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	struct listed listed;

	(void)state;
	add(memory, "0000:00:01.0", "0x060400\n", BARS(CMB(MIB_64), NONE));
	add(memory, "0000:00:02.0", "0x060400\n", BARS(CMB(MIB_64), NONE));
	publish(memory, "0000:00:02.0", "67108864\n", "67108864\n", "1\n");
	listed = list(memory);
	assert_int_equal(listed.count, 1);
	expect(&listed, 0, "00:02.0", P2P_PROVIDER_PUBLISHED, P2P_PROVIDER_LENDS);
	forget(&listed);
}

/* Why a GPU's memory is not published, from what the manifest of a capture says of the machine. */
static void reasons_of_a_gpu(void **state)
{
	static const struct {
		const char *manifest, *driver;
		enum p2p_provider_reason reason;
		enum p2p_step_code step;
	} cases[] = {
		/* The kernel comes before the driver: no driver could do it there. */
		{ "format 1\ncomplete yes\noption CONFIG_PCI_P2PDMA=n\n", "nvidia",
		  P2P_PROVIDER_NO_P2PDMA, P2P_STEP_PUBLISH_BAR },
		{ "format 1\ncomplete yes\noption CONFIG_PCI_P2PDMA=y\n", "nvidia",
		  P2P_PROVIDER_DRIVER, P2P_STEP_NONE },
		{ "format 1\ncomplete yes\noption CONFIG_PCI_P2PDMA=y\n", NULL,
		  P2P_PROVIDER_NO_DRIVER, P2P_STEP_PUBLISH_BAR },
		{ "format 1\ncomplete yes\n", "nvidia", P2P_PROVIDER_DRIVER, P2P_STEP_NONE },
		/* Not complete: that there is no p2pmem directory says nothing. */
		{ "format 1\n", "nvidia", P2P_PROVIDER_UNKNOWN, P2P_STEP_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct p2p_memory_tree *memory = p2p_memory_tree_new();
		struct listed listed;

		add(memory, "0000:00:04.0", "0x030200\n", BARS(REGISTERS, CMB(MIB_64)));
		if (cases[i].driver)
			tree_link(memory, DIRECTORY "0000:00:04.0/driver",
				  "../../../bus/pci/drivers/nvidia");
		tree_file(memory, P2P_MANIFEST, cases[i].manifest);
		listed = list(memory);
		assert_int_equal(listed.count, 1);
		expect(&listed, 0, "00:04.0", P2P_PROVIDER_POSSIBLE, cases[i].reason);
		assert_int_equal(listed.providers[0].step.code, cases[i].step);
		assert_int_equal(listed.providers[0].step.bar, 2);
		/* What a GPU's own driver may do with dma-bufs does not show in sysfs. */
		assert_int_equal(listed.providers[0].advice != NULL,
				 cases[i].reason == P2P_PROVIDER_DRIVER);
		forget(&listed);
	}
}

/* For a client: direct before via the host, then the nearer; state still comes first. */
static void ranked_for_a_client(void **state)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	struct p2p_machine *machine;
	struct p2p_providers_request request;
	struct p2p_provider_info *providers;
	struct p2p_router *router;
	uint32_t count;

	(void)state;
	/* 01:00.0 and 01:00.1 are functions behind one port; 00:02.0 is beside the port. */
	add(memory, "0000:00:02.0", "0x030200\n", BARS(REGISTERS, CMB(MIB_64)));
	tree_function(memory, PORT, "0x060400\n");
	tree_file(memory, "sys/devices/" PORT "/resource", BARS(NONE, NONE));
	tree_function(memory, GPU, "0x030200\n");
	tree_file(memory, "sys/devices/" GPU "/resource", BARS(REGISTERS, CMB(MIB_64)));
	machine = tree_machine(memory);
	assert_int_equal(
		p2p_router_new(p2p_machine_fabric(machine), p2p_policy_hardware(), NULL, &router),
		0);
	request = (struct p2p_providers_request){
		.size = sizeof(request),
		.machine = machine,
		.router = router,
		.client = node_of(machine, "01:00.0"),
	};
	assert_int_equal(p2p_providers_list(&request, &providers, &count), 0);
	assert_int_equal(count, 2);
	/* Itself is nearest: distance 0, although 00:02.0 has the lower address. */
	assert_int_equal(providers[0].node, node_of(machine, "01:00.0"));
	assert_int_equal(providers[0].route.distance, 0);
	assert_int_equal(providers[1].node, node_of(machine, "00:02.0"));
	assert_true(providers[1].route.distance > 0);
	free(providers);
	p2p_router_free(router);
	p2p_machine_free(machine);
}

static struct p2p_module_memory published_at(uint32_t index, uint8_t device, int bar,
					     bool page_backed)
{
	return (struct p2p_module_memory){
		.index = index,
		.on_pci = true,
		.function = { 0, 0, (uint8_t)(device << 3) },
		.bar = bar,
		.size = 8 << 20,
		.available = 4 << 20,
		.page_backed = page_backed,
	};
}

/* What the module provides: a line for each range, and none twice. */
static void lent_by_the_module(void **state)
{
	struct p2p_module_memory memories[] = {
		published_at(0, 2, 2, false), published_at(1, 2, 2, false),
		published_at(2, 3, 2, true),  published_at(3, 4, 2, true),
		published_at(4, 5, 4, false), published_at(5, 9, 2, true),
		published_at(6, 2, 2, true),
	};
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	struct listed listed;

	(void)state;
	memories[1].available = P2P_UNCOUNTED;
	memories[6].on_pci = false;
	for (int device = 2; device <= 5; device++) {
		char bdf[16];

		snprintf(bdf, sizeof(bdf), "0000:00:%02x.0", (unsigned int)device);
		add(memory, bdf, "0x030200\n", BARS(REGISTERS, CMB(MIB_64)));
	}
	/* The module has taken its whole pool; a driver that still has some; one beside. */
	publish(memory, "0000:00:03.0", "67108864\n", "0\n", "1\n");
	publish(memory, "0000:00:04.0", "67108864\n", "4096\n", "1\n");
	publish(memory, "0000:00:05.0", "67108864\n", "4096\n", "1\n");
	listed = list_with(memory, memories, sizeof(memories) / sizeof(memories[0]));
	assert_int_equal(listed.count, 6);
	for (uint32_t i = 0; i < listed.count; i++) {
		static const char *const addresses[] = { "00:02.0", "00:02.0", "00:03.0",
							 "00:04.0", "00:05.0", "00:05.0" };
		static const int modules[] = { 0, 1, 2, -1, 4, -1 };

		expect(&listed, i, addresses[i], P2P_PROVIDER_PUBLISHED, P2P_PROVIDER_LENDS);
		assert_int_equal(listed.providers[i].module, modules[i]);
	}
	assert_int_equal(listed.providers[0].size, 8 << 20);
	assert_int_equal(listed.providers[0].available, 4 << 20);
	assert_int_equal(listed.providers[1].available, 8 << 20);
	assert_int_equal(listed.providers[4].bar, 4);
	assert_false(listed.providers[0].page_backed);
	assert_true(listed.providers[2].page_backed);
	forget(&listed);
}

/* A program that was compiled for less than this library has, and one that forgot to initialize. */
static void request_of_another_size(void **state)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	struct p2p_module_memory published = published_at(0, 2, 2, false);
	struct p2p_providers_request request;
	struct p2p_provider_info *providers;
	struct p2p_machine *machine;
	uint32_t count;

	(void)state;
	add(memory, "0000:00:02.0", "0x030200\n", BARS(REGISTERS, CMB(MIB_64)));
	p2p_providers_request_init(&request, sizeof(request));
	assert_int_equal(request.size, sizeof(request));
	assert_true(request.client == P2P_NO_NODE);
	machine = tree_machine(memory);
	request.machine = machine;
	request.memories = &published;
	request.memory_count = 1;
	request.size = offsetof(struct p2p_providers_request, memories);
	assert_int_equal(p2p_providers_list(&request, &providers, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(providers[0].module, P2P_BY_DRIVER);
	free(providers);
	request.size = 0;
	assert_int_equal(p2p_providers_list(&request, &providers, &count), -EINVAL);
	assert_null(providers);
	assert_int_equal(count, 0);
	p2p_machine_free(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states),
		cmocka_unit_test(small_bars),
		cmocka_unit_test(bridges),
		cmocka_unit_test(reasons_of_a_gpu),
		cmocka_unit_test(ranked_for_a_client),
		cmocka_unit_test(lent_by_the_module),
		cmocka_unit_test(request_of_another_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
