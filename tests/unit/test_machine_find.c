// SPDX-License-Identifier: MIT
/*
 * Devices by what people type.
 */
#include "sources_support.h"

static struct p2p_machine *machine;

#define NVME "pci0000:00/0000:00:01.0/0000:03:00.0"

static int open_machine(void **state)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();

	(void)state;
	tree_function(memory, "pci0000:00/0000:00:01.0", "0x060400\n");
	tree_function(memory, NVME, "0x010802\n");
	tree_function(memory, "pci0000:00/0000:00:02.0/0000:04:00.0", "0x020700\n");
	tree_function(memory, "pci0000:00/0000:00:02.0/0000:04:00.1", "0x020700\n");
	tree_function(memory, "pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0", "0x010802\n");
	tree_function(memory, "pci0001:00/0001:00:01.0", "0x060400\n");
	tree_link(memory, "sys/class/nvme/nvme0", "../../devices/" NVME "/nvme/nvme0");
	tree_link(memory, "sys/class/block/nvme0n1", "../../devices/" NVME "/nvme/nvme0/nvme0n1");
	tree_link(memory, "sys/class/block/nvme0n1p1",
		  "../../devices/" NVME "/nvme/nvme0/nvme0n1/nvme0n1p1");
	tree_link(memory, "sys/class/block/sda",
		  "../../devices/pci0000:00/0000:00:02.0/0000:04:00.0/host0/block/sda");
	tree_link(memory, "sys/class/infiniband/mlx5_0",
		  "../../devices/pci0000:00/0000:00:02.0/0000:04:00.0/infiniband/mlx5_0");
	tree_link(memory, "sys/class/infiniband/mlx5_1",
		  "../../devices/pci0000:00/0000:00:02.0/0000:04:00.1/infiniband/mlx5_1");
	tree_link(memory, "sys/class/net/eth0",
		  "../../devices/pci0000:00/0000:00:02.0/0000:04:00.0/net/eth0");
	/* A disk that both ports lead to. */
	tree_link(memory, "sys/class/block/nvme9n1",
		  "../../devices/virtual/nvme-subsystem/nvme-subsys9/nvme9n1");
	tree_link(memory, "sys/devices/virtual/nvme-subsystem/nvme-subsys9/nvme1",
		  "../../../pci0000:00/0000:00:02.0/0000:04:00.0/nvme/nvme1");
	tree_link(memory, "sys/devices/virtual/nvme-subsystem/nvme-subsys9/nvme2",
		  "../../../pci0000:00/0000:00:02.0/0000:04:00.1/nvme/nvme2");
	machine = tree_machine(memory);
	return 0;
}

static int close_machine(void **state)
{
	(void)state;
	p2p_machine_free(machine);
	return 0;
}

static void expect(const char *text, const char *address)
{
	struct p2p_error error = { .text = "" };
	p2p_node node;

	if (p2p_machine_find(machine, text, &node, &error))
		print_error("%s\n", error.text);
	assert_int_equal(node, node_of(machine, address));
}

static void expect_error(const char *text, int status, const char *words)
{
	struct p2p_error error = { .text = "" };
	p2p_node node;

	assert_int_equal(p2p_machine_find(machine, text, &node, &error), status);
	assert_int_equal(node, P2P_NO_NODE);
	if (!strstr(error.text, words))
		print_error("%s\n", error.text);
	assert_non_null(strstr(error.text, words));
	assert_null(strchr(error.text, '\n'));
}

static void addresses(void **state)
{
	(void)state;
	expect("0000:03:00.0", "0000:03:00.0");
	expect("03:00.0", "0000:03:00.0");
	expect("3:0.0", "0000:03:00.0");
	expect("3:0", "0000:03:00.0");
	expect("0:3:0.0", "0000:03:00.0");
	expect("/sys/bus/pci/devices/0000:03:00.0", "0000:03:00.0");
	expect("10000:e0:06.0", "10000:e0:06.0");
	expect("e0:06.0", "10000:e0:06.0");
	/* Domain 0 has one, too, and is what is meant without a domain. */
	expect("00:01.0", "0000:00:01.0");
	expect("0001:00:01.0", "0001:00:01.0");
}

static void names(void **state)
{
	(void)state;
	expect("nvme0", "0000:03:00.0");
	expect("/dev/nvme0", "0000:03:00.0");
	expect("nvme0n1", "0000:03:00.0");
	expect("/dev/nvme0n1", "0000:03:00.0");
	expect("/dev/nvme0n1p2", "0000:03:00.0");
	expect("sda", "0000:04:00.0");
	expect("/dev/sda3", "0000:04:00.0");
	expect("mlx5_0", "0000:04:00.0");
	expect("mlx5_1", "0000:04:00.1");
	expect("eth0", "0000:04:00.0");
}

static void errors(void **state)
{
	(void)state;
	expect_error("", -EINVAL, "names no device");
	expect_error("/dev/", -EINVAL, "names no device");
	expect_error("04:00", -ENOTUNIQ, "0000:04:00.0 nvme9n1, 0000:04:00.1 nvme9n1");
	expect_error("nvme9n1", -ENOTUNIQ, "several devices: 0000:04:00.0");
	expect_error("04:00.5", -ENOENT, "near it: 0000:04:00.0");
	expect_error("04:1f.0", -ENOENT, "near it: 0000:04:00.0");
	expect_error("77:00.0", -ENOENT, "no such device in this source");
	expect_error("mlx5_2", -ENOENT, "mlx5_1");
	expect_error("nvme1n1", -ENOENT, "near it: 0000:03:00.0 nvme0");
	expect_error("gpu0", -ENOENT, "no such device in this source");
	expect_error("03:20.0", -ENOENT, "no such device");
	expect_error("03:00.8", -ENOENT, "no such device");
}

/* Everything that topo prints of a device, and what other programs call it. */
static void printed_names(void **state)
{
	char *text = strdup("19:00.0 0302: 10de:2330\n\tDeviceName: SLOT 28\n\n"
			    "1a:00.0 0302: 10de:2330\n\tDeviceName: SLOT 38\n\n"
			    "1b:00.0 0200: 15b3:101d\n\tPhysical Slot: 7\n\n"
			    "1b:00.1 0200: 15b3:101d\n\tPhysical Slot: 7\n\n");
	struct p2p_machine *kept = machine;
	struct p2p_error error;
	p2p_node node;

	(void)state;
	assert_non_null(text);
	machine = read_text(text);
	expect("SLOT 28", "0000:19:00.0");
	expect("slot 38", "0000:1a:00.0");
	expect_error("slot 7", -ENOTUNIQ, "0000:1b:00.0 7, 0000:1b:00.1 7");
	expect_error("SLOT 29", -ENOENT, "near it: 0000:19:00.0 SLOT 28");
	expect_error("SLOT", -ENOENT, "0000:19:00.0 SLOT 28, 0000:1a:00.0 SLOT 38");
	expect_error("19", -ENOENT, "no such device in this source; near it: 0000:19:00.0");
	expect_error("1b", -ENOENT, "near it: 0000:1b:00.0, 0000:1b:00.1");
	expect_error("GPU0", -ENOENT, "near it: 0000:19:00.0, 0000:1a:00.0");
	expect_error("nic1", -ENOENT, "near it: 0000:1b:00.0, 0000:1b:00.1");
	/* Nothing is near it: a program may list what there is. */
	assert_int_equal(p2p_machine_find(machine, "1c", &node, &error), -ENOENT);
	assert_string_equal(error.text, "1c: no such device in this source");
	assert_int_equal(error.hint, P2P_HINT_DEVICES);
	machine->live = true;
	expect_error("1c", -ENOENT, "1c: no such device on this machine");
	p2p_machine_free(machine);
	machine = kept;
	free(text);
}

static void listed_names(void **state)
{
	uint32_t count;
	const struct p2p_name *found =
		p2p_machine_names(machine, node_of(machine, "0000:03:00.0"), &count);

	(void)state;
	assert_int_equal(count, 2); /* partitions are not listed */
	assert_string_equal(found[0].text, "nvme0");
	assert_string_equal(found[1].text, "nvme0n1");
	assert_null(p2p_machine_names(machine, node_of(machine, "0000:00:01.0"), &count));
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),    cmocka_unit_test(names),
		cmocka_unit_test(errors),       cmocka_unit_test(printed_names),
		cmocka_unit_test(listed_names),
	};

	return cmocka_run_group_tests(tests, open_machine, close_machine);
}
