// SPDX-License-Identifier: MIT
/*
 * What people paste: each file of tests/topologies/pasted stands for a kind. What is right of each
 * was found by reading it.
 */
#include "sources_support.h"

#include <p2pmem/route.h>

#define DIRECT      P2P_POSSIBLE(P2P_VERDICT_DIRECT)
#define VIA_HOST    P2P_POSSIBLE(P2P_VERDICT_VIA_HOST)
#define UNREACHABLE P2P_POSSIBLE(P2P_VERDICT_UNREACHABLE)
#define ANY         (DIRECT | VIA_HOST | UNREACHABLE)

static struct p2p_machine *open_pasted(const char *name)
{
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;
	char path[512];

	snprintf(path, sizeof(path), "%s/pasted/%s", TOPOLOGIES, name);
	if (p2p_machine_open(path, &machine, &error))
		print_error("%s\n", error.text);
	assert_non_null(machine);
	return machine;
}

static struct p2p_route route_by(const struct p2p_machine *machine, const struct p2p_policy *policy,
				 const char *client, const char *provider)
{
	struct p2p_platform platform = p2p_machine_platform(machine);
	struct p2p_router *router;
	struct p2p_route route;

	assert_int_equal(p2p_router_new(p2p_machine_fabric(machine), policy, &platform, &router),
			 0);
	assert_int_equal(p2p_route_find(router, node_of(machine, client),
					node_of(machine, provider), &route),
			 0);
	p2p_router_free(router);
	return route;
}

/* By the newest Linux. */
static struct p2p_route route_of(const struct p2p_machine *machine, const char *client,
				 const char *provider)
{
	uint32_t count;
	const struct p2p_policy *all = p2p_policies(&count);

	return route_by(machine, &all[count - 2], client, provider);
}

static void expect_route(const char *file, const char *client, const char *provider,
			 unsigned int possible, int32_t distance)
{
	struct p2p_machine *machine = open_pasted(file);
	struct p2p_route route = route_of(machine, client, provider);

	assert_int_equal(route.possible, possible);
	assert_int_equal(route.distance, distance);
	p2p_machine_free(machine);
}

static void filtered(void **state)
{
	struct p2p_machine *machine = open_pasted("filtered-acsctl.txt");

	(void)state;
	assert_int_equal(info_of(machine, "82:00.0")->acs.known, P2P_PRESENT);
	assert_int_equal(info_of(machine, "82:00.0")->acs.control,
			 P2P_ACS_SV | P2P_ACS_RR | P2P_ACS_CR | P2P_ACS_UF);
	assert_int_equal(info_of(machine, "81:00.0")->acs.known, P2P_UNKNOWN);
	p2p_machine_free(machine);
	expect_route("filtered-acsctl.txt", "83:00.0", "84:00.0", VIA_HOST | UNREACHABLE, 4);
	expect_route("filtered-acs.txt", "03:00.0", "04:00.0", ANY, 4);
	/* Two functions of one card: the port above may redirect, by Linux's rule. */
	expect_route("filtered-acs.txt", "03:00.0", "03:00.1", ANY, 2);
}

static void trimmed(void **state)
{
	struct p2p_machine *machine = open_pasted("snipped.txt");

	(void)state;
	assert_int_equal(info_of(machine, "02:08.0")->kind, P2P_KIND_DOWNSTREAM_PORT);
	assert_int_equal(info_of(machine, "02:08.0")->acs.known, P2P_UNKNOWN);
	p2p_machine_free(machine);
	expect_route("snipped.txt", "03:00.0", "04:00.0", ANY, 4);
}

/* Nobody said what is above buses 03 and 04: no host bridge, and no distance. */
static void plain_list(void **state)
{
	struct p2p_machine *machine =
		read_text("03:00.0 Non-Volatile memory controller [0108]: Intel [8086:5845]\n"
			  "03:00.1 Non-Volatile memory controller [0108]: Intel [8086:5845]\n"
			  "04:00.0 Non-Volatile memory controller [0108]: Intel [8086:5845]\n");
	struct p2p_route route = route_of(machine, "03:00.0", "04:00.0");

	(void)state;
	assert_int_equal(route.possible, ANY);
	assert_int_equal(route.distance, -1);
	route = route_by(machine, p2p_policy_hardware(), "03:00.0", "04:00.0");
	assert_true(route.possible & DIRECT);
	assert_int_equal(route.verdict, P2P_VERDICT_UNKNOWN);
	/* On one bus they are two hops apart, whatever is above it. */
	route = route_of(machine, "03:00.0", "03:00.1");
	assert_int_equal(route.possible, ANY);
	assert_int_equal(route.distance, 2);
	assert_true(p2p_fabric_info(p2p_machine_fabric(machine), parent_of(machine, "03:00.0"))
			    ->unplaced);
	p2p_machine_free(machine);
}

/* -k: the drivers, and no more of where anything is than a plain list. */
static void drivers(void **state)
{
	struct p2p_machine *machine =
		read_text("00:00.0 Host bridge [0600]: Intel Corporation Device [8086:09a2]\n"
			  "\tSubsystem: Intel Corporation Device [8086:0000]\n"
			  "03:00.0 Non-Volatile memory controller [0108]: Intel [8086:5845]\n"
			  "\tSubsystem: Red Hat, Inc. Device [1af4:1100]\n"
			  "\tKernel driver in use: nvme\n"
			  "\tKernel modules: nvme\n"
			  "04:00.0 Ethernet controller [0200]: Mellanox [15b3:1021]\n"
			  "\tKernel modules: mlx5_core\n"
			  "05:00.0 3D controller [0302]: NVIDIA Corporation [10de:2330]\n");
	struct p2p_route route = route_of(machine, "03:00.0", "04:00.0");

	(void)state;
	assert_string_equal(device_of(machine, "03:00.0")->driver, "nvme");
	assert_int_equal(info_of(machine, "03:00.0")->subsystem_vendor, 0x1af4);
	assert_int_equal(device_of(machine, "04:00.0")->driver_known, P2P_ABSENT);
	assert_int_equal(device_of(machine, "05:00.0")->driver_known, P2P_UNKNOWN);
	for (unsigned int bus = 3; bus <= 5; bus++) {
		char address[16];

		snprintf(address, sizeof(address), "%02x:00.0", bus);
		assert_int_equal(info_of(machine, address)->acs.known, P2P_UNKNOWN);
		assert_int_equal(info_of(machine, address)->pcie, P2P_UNKNOWN);
		assert_true(
			p2p_fabric_info(p2p_machine_fabric(machine), parent_of(machine, address))
				->unplaced);
	}
	assert_true(route.possible & DIRECT);
	assert_int_equal(route.distance, -1);
	p2p_machine_free(machine);
}

static void no_bridges(void **state)
{
	(void)state;
	/* AMD's family 19h: the host passes it on, if it comes so far. */
	expect_route("hwloc-no-bridges.xml", "03:00.0", "04:00.0", DIRECT | VIA_HOST, -1);
	expect_route("flat-sysfs.tgz", "0f:00.0", "1d:00.0", DIRECT | VIA_HOST, -1);
	/* NCCL leaves out ports, so distances are not Linux's. */
	expect_route("switch.nccl.xml", "03:00.0", "04:00.0", DIRECT | VIA_HOST, -1);
}

static void richer_record_wins(void **state)
{
	(void)state;
	expect_route("list-then-vvv.txt", "0e:00.0", "12:00.0", DIRECT, 8);
}

static void wrapped(void **state)
{
	struct p2p_machine *machine = open_pasted("mail-wrapped.txt");
	unsigned int redirecting = 0;

	(void)state;
	for (p2p_node node = 0; node < p2p_fabric_count(p2p_machine_fabric(machine)); node++) {
		const struct p2p_node_info *info =
			p2p_fabric_info(p2p_machine_fabric(machine), node);

		redirecting += info->acs.known == P2P_PRESENT && info->acs.control & P2P_ACS_RR;
	}
	assert_int_equal(redirecting, 4); /* grep -c 'ACSCtl.*ReqRedir+' */
	p2p_machine_free(machine);
	/* An Intel host bridge that is on no list. */
	expect_route("mail-wrapped.txt", "0e:00.0", "12:00.0", UNREACHABLE, -1);
}

static void prose(void **state)
{
	struct p2p_machine *machine = open_pasted("prose.txt");

	(void)state;
	assert_int_equal(p2p_fabric_count(p2p_machine_fabric(machine)), 13 + 1);
	p2p_machine_free(machine);
	expect_route("prose.txt", "0e:00.0", "12:00.0", DIRECT, 8);
}

/* lspci -PP: the path says who is above. */
static void paths(void **state)
{
	struct p2p_machine *machine = open_pasted("paths.txt");

	(void)state;
	assert_int_equal(p2p_fabric_count(p2p_machine_fabric(machine)), 13 + 1);
	assert_int_equal(info_of(machine, "00:01.0")->acs.known, P2P_ABSENT);
	assert_int_equal(info_of(machine, "0b:10.0")->acs.control & P2P_ACS_RR, P2P_ACS_RR);
	assert_int_equal(parent_of(machine, "0e:00.0"), node_of(machine, "0d:01.0"));
	p2p_machine_free(machine);
	machine = read_text(
		"00:01.0 PCI bridge: Intel Corporation Device 352a\n"
		"00:01.0/01:00.0 PCI bridge: PMC-Sierra Inc. Device 4128\n"
		"00:01.0/01:00.0/02:00.0 PCI bridge: PMC-Sierra Inc. Device 4128\n"
		"00:01.0/01:00.0/02:01.0 PCI bridge: PMC-Sierra Inc. Device 4128\n"
		"00:01.0/01:00.0/02:00.0/03:00.0 Bridge: NVIDIA Corporation Device 22a3\n"
		"00:01.0/01:00.0/02:01.0/04:00.0 Bridge: NVIDIA Corporation Device 22a3\n");
	assert_int_equal(parent_of(machine, "04:00.0"), node_of(machine, "02:01.0"));
	assert_int_equal(route_of(machine, "03:00.0", "04:00.0").distance, 4);
	p2p_machine_free(machine);
}

static void hex_class(void **state)
{
	struct p2p_machine *machine = open_pasted("hex-class.txt");

	(void)state;
	assert_int_equal(info_of(machine, "00:01.0")->kind, P2P_KIND_BRIDGE);
	assert_int_equal(info_of(machine, "00:01.0")->device, 0x2030);
	assert_int_equal(info_of(machine, "01:00.0")->class_code, 0x030200);
	assert_int_equal(info_of(machine, "02:00.0")->class_code, 0x010802);
	p2p_machine_free(machine);
}

/* The host's functions alone; the guest's are named, and can be had. */
static void two_machines(void **state)
{
	struct p2p_machine *machine = open_pasted("host-and-guest.txt");
	struct p2p_bdf guest = { .bus = 5 };

	(void)state;
	assert_true(has_warning(machine, "machine 2 of 2"));
	assert_int_equal(p2p_fabric_find(p2p_machine_fabric(machine), guest), P2P_NO_NODE);
	assert_int_equal(info_of(machine, "00:00.0")->device, 0x09a2);
	p2p_machine_free(machine);
}

static void families(void **state)
{
	struct p2p_machine *machine = open_pasted("familyid.nccl.xml");
	struct p2p_route route = route_of(machine, "04:00.0", "84:00.0");

	(void)state;
	assert_int_equal(p2p_machine_facts(machine)->cpu_family, 0x10);
	/* Two <cpu>s have no port in common. */
	assert_int_equal(route.verdict, P2P_VERDICT_UNREACHABLE);
	assert_int_equal(route.distance, -1);
	p2p_machine_free(machine);
	machine = open_pasted("switch.nccl.xml");
	assert_int_equal(p2p_machine_facts(machine)->cpu_family, 0x17);
	p2p_machine_free(machine);
}

/* lspci -t shows all that is above, and the list with it the rest. */
static void tree_and_list(void **state)
{
	struct p2p_machine *machine = open_pasted("plain-and-tree.txt");
	struct p2p_route route = route_of(machine, "03:00.0", "04:00.0");

	(void)state;
	assert_int_equal(p2p_machine_warnings(machine), 0);
	assert_int_equal(p2p_fabric_count(p2p_machine_fabric(machine)), 12 + 1);
	assert_int_equal(route.distance, 4);
	assert_int_equal(route.possible, ANY); /* if no port has ACS it is direct */
	assert_int_equal(route.common, node_of(machine, "01:00.0"));
	assert_int_equal(info_of(machine, "02:01.0")->vendor, 0x104c);
	p2p_machine_free(machine);
}

static void trees(void **state)
{
	static const char text[] =
		"> -+-[0000:80]-+-00.0  Intel Corporation Device [8086:09a2]\n"
		">  |           \\-01.0-[81-84]----00.0-[82-84]--+-00.0-[83]--+-00.0  A "
		"[10de:22a3]\n"
		">  |                                           |            \\-00.1\n"
		">  |                                           \\-01.0-[84]----00.0\n"
		">  \\-[0000:00]---1f.0\n";
	struct p2p_machine *machine = read_text(text);

	(void)state;
	assert_int_equal(p2p_fabric_count(p2p_machine_fabric(machine)), 9 + 2);
	assert_int_equal(parent_of(machine, "84:00.0"), node_of(machine, "82:01.0"));
	assert_int_equal(info_of(machine, "80:00.0")->device, 0x09a2);
	assert_int_equal(info_of(machine, "83:00.0")->device, 0x22a3);
	assert_int_equal(route_of(machine, "83:00.1", "84:00.0").distance, 4);
	assert_false(p2p_fabric_info(p2p_machine_fabric(machine), parent_of(machine, "00:1f.0"))
			     ->unplaced);
	p2p_machine_free(machine);
	/* The line of the bridge is missing: what is below it is not below its neighbour. */
	machine = read_text("-[0000:00]-+-01.0-[01]--+-00.0\n"
			    "           |            \\-00.1\n"
			    "           |            \\-01.0-[04]----00.0\n");
	assert_int_equal(p2p_fabric_count(p2p_machine_fabric(machine)), 3 + 1);
	p2p_machine_free(machine);
}

static void for_programs(void **state)
{
	struct p2p_machine *machine = read_text(
		"00:01.0 \"PCI bridge [0604]\" \"Intel Corporation [8086]\" \"Device [352a]\" "
		"-r04 -p00 \"\" \"\"\n"
		"01:00.0 \"0302\" \"10de\" \"2330\" -ra1 \"10de\" \"16c1\"\n");

	(void)state;
	assert_int_equal(info_of(machine, "00:01.0")->device, 0x352a);
	assert_int_equal(info_of(machine, "00:01.0")->kind, P2P_KIND_BRIDGE);
	assert_int_equal(info_of(machine, "01:00.0")->class_code >> 8, 0x0302);
	p2p_machine_free(machine);
	machine =
		read_text("Slot:\t00:01.0\nClass:\tPCI bridge [0604]\n"
			  "Vendor:\tIntel Corporation [8086]\nDevice:\tDevice [352a]\nRev:\t04\n\n"
			  "Slot:\t01:00.0\nClass:\t0302\nVendor:\t10de\nDevice:\t2330\n"
			  "Driver:\tnvidia\nNUMANode:\t1\nIOMMUGroup:\t12\n\n");
	assert_int_equal(info_of(machine, "00:01.0")->device, 0x352a);
	assert_int_equal(info_of(machine, "01:00.0")->numa_node, 1);
	assert_int_equal(info_of(machine, "01:00.0")->iommu_group, 12);
	assert_string_equal(device_of(machine, "01:00.0")->driver, "nvidia");
	p2p_machine_free(machine);
}

static void udev_database(void **state)
{
	struct p2p_machine *machine = read_text(
		"P: /devices/pci0000:00/0000:00:01.0\nE: DEVPATH=/devices/pci0000:00/0000:00:01.0\n"
		"E: SUBSYSTEM=pci\nE: DRIVER=pcieport\nE: PCI_CLASS=60400\n"
		"E: MODALIAS=pci:v00008086d0000352Asv00000000sd00000000bc06sc04i00\n\n"
		"P: /devices/pci0000:00/0000:00:01.0/0000:01:00.0\nE: SUBSYSTEM=pci\n"
		"E: MODALIAS=pci:v000015B3d00001021sv000015B3sd00000023bc02sc00i00\n\n"
		"P: /devices/pci0000:00/0000:00:01.0/0000:01:00.0/net/eth0\nE: SUBSYSTEM=net\n\n");
	p2p_node node;

	(void)state;
	assert_string_equal(p2p_machine_source(machine), "udev");
	assert_int_equal(info_of(machine, "00:01.0")->device, 0x352a);
	assert_int_equal(parent_of(machine, "01:00.0"), node_of(machine, "00:01.0"));
	assert_string_equal(device_of(machine, "00:01.0")->driver, "pcieport");
	assert_int_equal(p2p_machine_find(machine, "eth0", &node, NULL), 0);
	assert_int_equal(node, node_of(machine, "01:00.0"));
	p2p_machine_free(machine);
}

static void as_it_was_copied(void **state)
{
	/* The last one begins 83 KB inside a report. */
	static const char *const files[] = { "nbsp.txt", "lspci.txt.gz", "lspci.txt.xz",
					     "markdown.txt", "behind-a-log.txt.gz" };
	struct p2p_machine *fenced;

	(void)state;
	expect_route("nbsp.txt", "0e:00.0", "12:00.0", DIRECT, 8);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct p2p_machine *machine = open_pasted(files[i]);

		assert_int_equal(p2p_machine_warnings(machine), 0);
		assert_int_equal(p2p_fabric_count(p2p_machine_fabric(machine)), 13 + 1);
		assert_int_equal(info_of(machine, "0b:10.0")->acs.known, P2P_PRESENT);
		assert_int_equal(info_of(machine, "0a:00.0")->acs.known, P2P_ABSENT);
		p2p_machine_free(machine);
	}
	fenced = open_pasted("fence.nccl.xml.txt");
	assert_int_equal(p2p_fabric_count(p2p_machine_fabric(fenced)), 3 + 1);
	p2p_machine_free(fenced);
}

/* A digit that differs from line to line stands for "%". */
static void put_prefix(FILE *out, const char *prefix, unsigned int number)
{
	for (; *prefix; prefix++)
		fputc(*prefix == '%' ? (int)('0' + number % 10) : *prefix, out);
}

/* A text with something in front of each line, and prose long before the first. */
static void behind_prefixes(void **state)
{
	static const char *const prefixes[] = {
		"Nov 25 19:12:2% gpu7 lspci[123]: ", "[   12.34567%] ", "2026-11-25T19:12:20.12%Z ",
		"[2026-11-25 19:12:2%] stdout ",     "  4%\t",          "12%:",
	};
	static const char *const lines[] = {
		"00:01.0 0604: 8086:352a (rev 04) (prog-if 00 [Normal decode])",
		"\tControl: I/O+ Mem+ BusMaster+",
		"\tStatus: Cap+ 66MHz- UDF-",
		"\tBus: primary=00, secondary=01, subordinate=01, sec-latency=0",
		"\tCapabilities: [40] Express (v2) Root Port (Slot-), MSI 00",
		"\tCapabilities: [100 v1] Access Control Services",
		"\t\tACSCap:\tSrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- "
		"DirectTrans-",
		"\t\tACSCtl:\tSrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- "
		"DirectTrans-",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		struct p2p_machine *machine;
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		for (unsigned int j = 0; j < 3000; j++)
			fprintf(out, "nothing that matters, line %u of a long report\n", j);
		for (unsigned int j = 0; j < sizeof(lines) / sizeof(lines[0]); j++) {
			put_prefix(out, prefixes[i], j);
			fprintf(out, "%s\n", lines[j]);
		}
		fclose(out);
		machine = read_text(text);
		assert_int_equal(info_of(machine, "00:01.0")->kind, P2P_KIND_ROOT_PORT);
		assert_int_equal(info_of(machine, "00:01.0")->acs.control, 0x1d);
		p2p_machine_free(machine);
		free(text);
	}
}

static void expect_refusal(const char *text, const char *words)
{
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;

	assert_int_equal(read_bytes(text, strlen(text), &machine, &error), -EBADMSG);
	if (!strstr(error.text, words))
		print_error("%s\n", error.text);
	assert_non_null(strstr(error.text, words));
}

static void not_enough(void **state)
{
	(void)state;
	expect_refusal("\tGPU0\tGPU1\tCPU Affinity\nGPU0\t X \tPIX\t0-31\n\nLegend:\n",
		       "`nvidia-smi topo -m`");
	expect_refusal("\t\tACSCtl:\tSrcValid+ TransBlk- ReqRedir+\n\t\tACSCtl:\tSrcValid-\n",
		       "a filter took away");
	expect_refusal("# setpci -s 00:01.0 ECAP_ACS+6.w\n001d\n", "registers without");
	expect_refusal("<topology version=\"2.0\"><object type=\"Machine\"/></topology>",
		       "lstopo --whole-io");
}

/* Whose the CPU is, and who made the machine, is told by ids of its root complex alone. */
static void root_complexes(void **state)
{
	struct p2p_machine *machine = open_pasted("intel-host-bridge.txt");

	(void)state;
	assert_int_equal(p2p_machine_platform(machine).cpu_vendor, P2P_CPU_OTHER);
	assert_int_equal(p2p_machine_facts(machine)->cpu_shown_by, node_of(machine, "00:00.0"));
	p2p_machine_free(machine);
	expect_route("intel-host-bridge.txt", "03:00.0", "06:00.0", UNREACHABLE, -1);
	machine = open_pasted("amd-root-complex.txt");
	assert_int_equal(p2p_machine_platform(machine).cpu_vendor, P2P_CPU_AMD);
	p2p_machine_free(machine);
	expect_route("amd-root-complex.txt", "03:00.0", "23:00.0", VIA_HOST, 8);
	machine = open_pasted("qemu-guest.txt");
	assert_int_equal(p2p_machine_platform(machine).cpu_vendor, P2P_CPU_UNKNOWN);
	assert_int_equal(p2p_machine_facts(machine)->hypervisor, P2P_PRESENT);
	assert_int_equal(p2p_machine_facts(machine)->guest_shown_by, node_of(machine, "00:02.0"));
	p2p_machine_free(machine);
	expect_route("qemu-guest.txt", "01:00.0", "05:00.0", VIA_HOST | UNREACHABLE, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filtered),
		cmocka_unit_test(trimmed),
		cmocka_unit_test(plain_list),
		cmocka_unit_test(drivers),
		cmocka_unit_test(no_bridges),
		cmocka_unit_test(richer_record_wins),
		cmocka_unit_test(wrapped),
		cmocka_unit_test(prose),
		cmocka_unit_test(paths),
		cmocka_unit_test(hex_class),
		cmocka_unit_test(two_machines),
		cmocka_unit_test(families),
		cmocka_unit_test(tree_and_list),
		cmocka_unit_test(trees),
		cmocka_unit_test(for_programs),
		cmocka_unit_test(udev_database),
		cmocka_unit_test(as_it_was_copied),
		cmocka_unit_test(behind_prefixes),
		cmocka_unit_test(root_complexes),
		cmocka_unit_test(not_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
