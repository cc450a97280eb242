// SPDX-License-Identifier: MIT
/*
 * How a forest is folded: hand-made machines, and on captures of real ones that nothing gets lost.
 */
#include "sources_support.h"

#include <p2pmem/topology.h>

#define BUSES(primary, secondary)                                                                  \
	"\tStatus: Cap+ 66MHz- UDF-\n\tBus: primary=" primary ", secondary=" secondary             \
	", subordinate=" secondary ", sec-latency=0\n"
#define PORT(address, type, primary, secondary)                                                    \
	address " 0604: 8086:352a\n" BUSES(                                                        \
		primary, secondary) "\tCapabilities: [40] Express (v2) " type ", MSI 00\n\n"
#define ENDPOINT(address, class, id)                                                               \
	address " " class ": " id "\n\tStatus: Cap+ 66MHz- UDF-\n\tCapabilities: [60] Express "    \
			  "(v2) Endpoint, MSI "                                                    \
			  "00\n\n"
#define PREFETCH(address, class, id, size)                                                         \
	address " " class ": " id "\n\tStatus: Cap- 66MHz- UDF-\n"                                 \
			  "\tRegion 2: Memory at 210000000000 (64-bit, prefetchable) [size=" size  \
			  "]\n\n"

static struct p2p_folded_tree *fold(const struct p2p_machine *machine, bool all)
{
	struct p2p_folded_tree *tree;

	assert_int_equal(p2p_fold(machine, all, &tree), 0);
	return tree;
}

static const struct p2p_folded_row *row_at(const struct p2p_machine *machine,
					   const struct p2p_folded_tree *tree, const char *first)
{
	p2p_node node = node_of(machine, first);

	for (uint32_t i = 0; i < tree->count; i++)
		if (tree->rows[i].first == node)
			return &tree->rows[i];
	fail_msg("no row starts at %s", first);
	return NULL;
}

/* A root port with one drive is one row: port and drive; the port beside it leads nowhere. */
static void port_with_one_device(void **state)
{
	struct p2p_machine *machine =
		read_text(PORT("00:01.0", "Root Port (Slot-)", "00", "01")
				  PORT("00:02.0", "Root Port (Slot-)", "00", "02")
					  ENDPOINT("01:00.0", "0108", "144d:a80a"));
	struct p2p_folded_tree *tree = fold(machine, false);
	const struct p2p_folded_row *row = row_at(machine, tree, "00:01.0");

	(void)state;
	assert_int_equal(tree->count, 2);
	assert_int_equal(row->last, node_of(machine, "01:00.0"));
	assert_int_equal(row->depth, 1);
	assert_int_equal(row->parent, 0);
	assert_true(row->final);
	assert_int_equal(tree->rows[0].empty, 1);
	assert_int_equal(tree->rows[0].minor, 0);
	p2p_folded_tree_free(tree);

	tree = fold(machine, true);
	assert_int_equal(tree->count, 4); /* host bridge, two ports, drive */
	assert_int_equal(tree->rows[0].empty, 0);
	assert_false(row_at(machine, tree, "00:01.0")->final);
	assert_true(row_at(machine, tree, "00:02.0")->final);
	assert_int_equal(row_at(machine, tree, "01:00.0")->depth, 2);
	p2p_folded_tree_free(tree);
	p2p_machine_free(machine);
}

/* Two functions alike are one row, and do not break a chain; a third that differs does. */
static void functions_alike(void **state)
{
	struct p2p_machine *machine =
		read_text(PORT("00:01.0", "Root Port (Slot-)", "00", "01") ENDPOINT(
			"01:00.0", "0200", "15b3:101d") ENDPOINT("01:00.1", "0200", "15b3:101d"));
	struct p2p_folded_tree *tree = fold(machine, false);
	const struct p2p_folded_row *row = row_at(machine, tree, "00:01.0");

	(void)state;
	assert_int_equal(tree->count, 2);
	assert_int_equal(row->last, node_of(machine, "01:00.0"));
	assert_int_equal(row->last_alike, node_of(machine, "01:00.1"));
	assert_int_equal(row->functions, 2);
	p2p_folded_tree_free(tree);
	p2p_machine_free(machine);

	machine = read_text(PORT("00:01.0", "Root Port (Slot-)", "00", "01")
				    ENDPOINT("01:00.0", "0200", "15b3:101d")
					    ENDPOINT("01:00.1", "0200", "15b3:101d")
						    ENDPOINT("01:00.2", "0108", "15b3:6001"));
	tree = fold(machine, false);
	assert_int_equal(tree->count, 4); /* host bridge, port, network, NVMe emulation */
	assert_int_equal(row_at(machine, tree, "01:00.0")->functions, 2);
	assert_int_equal(row_at(machine, tree, "01:00.2")->functions, 1);
	p2p_folded_tree_free(tree);
	p2p_machine_free(machine);
}

/* Devices at different slots of a bus are two, however alike they are. */
static void devices_are_not_functions(void **state)
{
	struct p2p_machine *machine = read_text(ENDPOINT("00:03.0", "0200", "1af4:1041")
							ENDPOINT("00:04.0", "0200", "1af4:1041"));
	struct p2p_folded_tree *tree = fold(machine, false);

	(void)state;
	assert_int_equal(tree->count, 3);
	p2p_folded_tree_free(tree);
	p2p_machine_free(machine);
}

/* A GPU's audio function only counts; a card that has nothing but USB is shown. */
static void minor_functions(void **state)
{
	struct p2p_machine *machine = read_text(
		PORT("00:01.0", "Root Port (Slot-)", "00", "01")
			PORT("00:02.0", "Root Port (Slot-)", "00", "02")
				ENDPOINT("00:14.0", "0c03", "8086:1bcd")
					ENDPOINT("01:00.0", "0300", "10de:2204")
						ENDPOINT("01:00.1", "0403", "10de:1aef")
							ENDPOINT("02:00.0", "0c03", "1912:0014"));
	struct p2p_folded_tree *tree = fold(machine, false);

	(void)state;
	assert_int_equal(tree->count, 3);
	assert_int_equal(row_at(machine, tree, "00:01.0")->last, node_of(machine, "01:00.0"));
	assert_int_equal(row_at(machine, tree, "00:01.0")->minor, 1);
	assert_int_equal(row_at(machine, tree, "00:02.0")->last, node_of(machine, "02:00.0"));
	assert_int_equal(tree->rows[0].minor, 1); /* the chipset's own USB */
	p2p_folded_tree_free(tree);
	p2p_machine_free(machine);
}

/* A host bridge with chipset functions only is listed as bare, beside one that has a drive. */
static void bare_host_bridges(void **state)
{
	struct p2p_machine *machine = read_text(ENDPOINT("00:03.0", "0108", "144d:a80a") ENDPOINT(
		"7f:00.0", "0880", "8086:3450") ENDPOINT("7f:00.1", "1101", "8086:3451"));
	struct p2p_folded_tree *tree = fold(machine, false);

	(void)state;
	assert_int_equal(tree->count, 2);
	assert_int_equal(tree->bare_count, 1);
	assert_int_equal(p2p_fabric_info(p2p_machine_fabric(machine), tree->bare[0])->bdf.bus,
			 0x7f);
	assert_int_equal(tree->bare_functions, 2);
	p2p_folded_tree_free(tree);
	p2p_machine_free(machine);
}

/* Class 0500 "RAM" is a chipset's, unless it has memory enough for others: ivshmem, in the lab. */
static void memory_is_worth_showing(void **state)
{
	struct p2p_machine *machine =
		read_text(PREFETCH("00:03.0", "0500", "1af4:1110", "4M")
				  PREFETCH("00:04.0", "0500", "1af4:1110", "1M"));

	(void)state;
	assert_false(p2p_device_is_minor(machine, node_of(machine, "00:03.0")));
	assert_true(p2p_device_is_minor(machine, node_of(machine, "00:04.0")));
	p2p_machine_free(machine);
}

static void kinds(void **state)
{
	static const struct {
		const char *text, *address, *kind;
	} cases[] = {
		{ ENDPOINT("01:00.0", "0108", "144d:a80a"), "01:00.0", "nvme" },
		{ ENDPOINT("01:00.0", "0302", "10de:2330"), "01:00.0", "gpu" },
		{ ENDPOINT("01:00.0", "0300", "10de:2204"), "01:00.0", "gpu" },
		{ ENDPOINT("01:00.0", "0300", "1a03:2000"), "01:00.0", "display" },
		{ ENDPOINT("01:00.0", "0207", "15b3:1021"), "01:00.0", "infiniband" },
		{ ENDPOINT("01:00.0", "1200", "1002:74a1"), "01:00.0", "accel" },
		{ ENDPOINT("01:00.0", "ff00", "1234:11e8"), "01:00.0", "other" },
		{ ENDPOINT("00:1f.4", "0c05", "8086:a2a3"), "00:1f.4", "smbus" },
		{ ENDPOINT("00:1f.5", "0c80", "8086:a0a4"), "00:1f.5", "serial-bus" },
		{ ENDPOINT("00:16.0", "0780", "8086:a2ba"), "00:16.0", "comm" },
		{ "00:16.0 0780: 8086:a2ba\n\tKernel driver in use: mei_me\n", "00:16.0",
		  "management" },
		{ ENDPOINT("00:16.3", "0700", "8086:a2bd"), "00:16.3", "serial" },
		{ PORT("00:01.0", "Root Port (Slot-)", "00", "01"), "00:01.0", "port" },
		{ PORT("01:00.0", "Upstream Port", "01", "02"), "01:00.0", "switch" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct p2p_machine *machine = read_text(cases[i].text);

		assert_string_equal(p2p_device_kind_name(p2p_device_kind(
					    machine, node_of(machine, cases[i].address))),
				    cases[i].kind);
		p2p_machine_free(machine);
	}
}

static uint32_t chain_length(const struct p2p_fabric *fabric, const struct p2p_folded_row *row)
{
	uint32_t length = 1;

	for (p2p_node node = row->last; node != row->first; node = p2p_fabric_parent(fabric, node))
		length++;
	return length;
}

/* Whatever is folded: each node is in one chain, a twin, or counted. */
static void nothing_lost(void **state)
{
	static const char *const files[] = {
		"xe9680-8xh100.lspci-vvv.txt",
		"2n8c-dax-nvme-mic.sysfs.tar.bz2",
		"desktop-iommu-groups.sysfs.tar.gz",
		"icelake-14-host-bridges.sysfs.tgz",
		"dgx2.hwloc.xml",
		"8xmi300x.nccl.xml",
		"aws-p4d.nccl.xml",
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(files) / sizeof(files[0]); i++) {
		struct p2p_error error = { .text = "" };
		struct p2p_machine *machine;
		struct p2p_folded_tree *tree;
		char path[512];
		uint32_t seen;

		snprintf(path, sizeof(path), "%s/%s", TOPOLOGIES, files[i / 2]);
		assert_int_equal(p2p_machine_open(path, &machine, &error), 0);
		tree = fold(machine, i % 2);
		seen = tree->bare_count + tree->bare_functions;
		for (uint32_t j = 0; j < tree->count; j++) {
			const struct p2p_folded_row *row = &tree->rows[j];

			seen += chain_length(p2p_machine_fabric(machine), row) + row->functions -
				1 + row->minor + row->empty;
			assert_true(j == 0 || row->depth <= tree->rows[j - 1].depth + 1);
		}
		assert_int_equal(seen, p2p_fabric_count(p2p_machine_fabric(machine)));
		if (i % 2)
			assert_int_equal(tree->count, seen);
		p2p_folded_tree_free(tree);
		p2p_machine_free(machine);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_with_one_device),
		cmocka_unit_test(functions_alike),
		cmocka_unit_test(devices_are_not_functions),
		cmocka_unit_test(minor_functions),
		cmocka_unit_test(bare_host_bridges),
		cmocka_unit_test(memory_is_worth_showing),
		cmocka_unit_test(kinds),
		cmocka_unit_test(nothing_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
