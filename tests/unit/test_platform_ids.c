// SPDX-License-Identifier: MIT
/*
 * What ids tell of the CPU and of a hypervisor, and what they do not; what is then said.
 */
#include <p2pmem/explain.h>

#include "sources_support.h"

#include <p2pmem/doctor.h>

#define ROOT_PORT                                                                                  \
	"\tBus: primary=00, secondary=%s, subordinate=%s, sec-latency=0\n"                         \
	"\tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 00\n"
#define ENDPOINT "\tCapabilities: [40] Express (v2) Endpoint, MSI 00\n"

/* A machine with one function of the root complex, and two cards below two ports of no maker. */
static struct p2p_machine *with(const char *root_complex)
{
	char text[4096];
	int length = snprintf(text, sizeof(text),
			      "%s\n"
			      "00:1e.0 PCI bridge [0604]: Bridge [1234:0001]\n" ROOT_PORT "\n"
			      "05:00.0 Non-Volatile memory controller [0108]: Drive [144d:a808]\n"
			      "%s\n"
			      "00:1f.0 PCI bridge [0604]: Bridge [1234:0001]\n" ROOT_PORT "\n"
			      "06:00.0 Non-Volatile memory controller [0108]: Drive [144d:a808]\n"
			      "%s\n",
			      root_complex, "05", "05", ENDPOINT, "06", "06", ENDPOINT);

	assert_true(length > 0 && (size_t)length < sizeof(text));
	return read_text(text);
}

static void expect_cpu(const char *root_complex, enum p2p_cpu_vendor vendor)
{
	struct p2p_machine *machine = with(root_complex);
	struct p2p_platform platform = p2p_machine_platform(machine);

	if (platform.cpu_vendor != vendor)
		print_error("%s", root_complex);
	assert_int_equal(platform.cpu_vendor, vendor);
	assert_int_equal(platform.cpu_family, vendor == P2P_CPU_AMD ? 0x17 : 0);
	assert_int_equal(p2p_machine_facts(machine)->cpu_shown_by != P2P_NO_NODE,
			 vendor != P2P_CPU_UNKNOWN);
	p2p_machine_free(machine);
}

static void expect_ids(const char *before, const char *after, const char *const *ids, size_t count,
		       enum p2p_cpu_vendor vendor)
{
	char text[512];

	for (size_t i = 0; i < count; i++) {
		int length = snprintf(text, sizeof(text), "%s%s%s", before, ids[i], after);

		assert_true(length > 0 && (size_t)length < sizeof(text));
		expect_cpu(text, vendor);
	}
}

#define EXPECT_IDS(around, vendor, ...)                                                            \
	expect_ids(around, (const char *const[]){ __VA_ARGS__ },                                   \
		   sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *), vendor)

#define HOST_BRIDGE "00:00.0 Host bridge [0600]: Bridge [", "]\n"
#define PORT        "00:01.0 PCI bridge [0604]: Port [", PORT_TAIL
#define PORT_TAIL                                                                                  \
	"]\n\tBus: primary=00, secondary=01, subordinate=01, sec-latency=0\n"                      \
	"\tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 00\n"

static void cpus(void **state)
{
	(void)state;
	EXPECT_IDS(HOST_BRIDGE, P2P_CPU_OTHER, "8086:3e30", "8086:09a2", "8086:2020", "1d94:1450",
		   "1d17:31b0", "1014:04c1");
	EXPECT_IDS(PORT, P2P_CPU_OTHER, "8086:1901", "8086:2030", "8086:a110", "f15e:0000",
		   "1def:e101", "1014:04c1", "10de:229e", "10de:2f95", "13b5:0100", "177d:af84",
		   "19e5:a120", "106b:100c", "1d0f:0200");
	EXPECT_IDS(HOST_BRIDGE, P2P_CPU_AMD, "1022:1450", "1022:1480", "1022:14a4", "1022:14b5",
		   "1022:14d8", "1022:14e8", "1022:1507", "1022:153a", "1022:15d0", "1022:1630",
		   "1022:1645", "1022:1122");
	EXPECT_IDS(PORT, P2P_CPU_AMD, "1022:1453", "1022:1483", "1022:15d3", "1022:1633",
		   "1022:1634", "1022:1647", "1022:14ba");
}

static void not_shown(void **state)
{
	(void)state;
	/* Families 10h to 16h, and AMD's chipsets; emulated ids; NVIDIA's nForce; no maker of CPUs.
	 */
	EXPECT_IDS(HOST_BRIDGE, P2P_CPU_UNKNOWN, "1022:9600", "1022:9601", "1022:1410", "1022:1422",
		   "1022:1510", "1022:1536", "1022:1566", "1022:1576", "1022:7432", "1022:1440",
		   "8086:1237", "8086:29c0", "8086:29e0", "8086:29a0", "8086:7190", "8086:7192",
		   "8086:0d57", "1002:5a14", "10de:0270", "1106:0336", "1b36:0008", "1275:1275",
		   "abcd:0001");
	EXPECT_IDS(PORT, P2P_CPU_UNKNOWN, "1022:1412", "1022:9603", "8086:3420", "8086:7075",
		   "10de:0377", "1002:5a16", "1b36:000c", "15ad:07a0", "10b5:8747");
	/* Where the function is not of the root complex. */
	expect_cpu("05:01.0 Host bridge [0600]: Card [8086:3e30]\n", P2P_CPU_UNKNOWN);
	expect_cpu("00:02.0 VGA compatible controller [0300]: GPU [8086:3e98]\n", P2P_CPU_UNKNOWN);
	expect_cpu("00:02.0 PCI bridge [0604]: Bridge [8086:244e]\n", P2P_CPU_UNKNOWN);
	expect_cpu("00:02.0 PCI bridge [0604]: Port [8086:1901]\n"
		   "\tCapabilities: <access denied>\n",
		   P2P_CPU_UNKNOWN);
	/* Two machines in one text. */
	expect_cpu("00:00.0 Host bridge [0600]: Bridge [8086:3e30]\n\n"
		   "00:00.1 Host bridge [0600]: Bridge [1022:1480]\n",
		   P2P_CPU_UNKNOWN);
}

/* What a source says of the CPU is more than what ids show. */
static void the_source_decides(void **state)
{
	struct p2p_machine *machine =
		read_text("<system version=\"1\"><cpu numaid=\"0\" arch=\"x86_64\" "
			  "vendor=\"AuthenticAMD\" familyid=\"31\" modelid=\"9\">"
			  "<pci busid=\"0000:04:00.0\" class=\"0x030200\" vendor=\"0x10de\" "
			  "device=\"0x1db4\"/><pci busid=\"0000:84:00.0\" class=\"0x030200\" "
			  "vendor=\"0x10de\" device=\"0x1db4\"/></cpu></system>");

	(void)state;
	assert_int_equal(p2p_machine_facts(machine)->cpu_family, 16);
	assert_int_equal(p2p_machine_platform(machine).cpu_family, 16);
	assert_int_equal(p2p_machine_facts(machine)->cpu_shown_by, P2P_NO_NODE);
	p2p_machine_free(machine);
}

static void families_of_nccl(void **state)
{
	static const struct {
		const char *written;
		int32_t family;
	} rows[] = { { "6", 6 },      { "15", 15 },    { "31", 16 },
		     { "143", 0x17 }, { "175", 0x19 }, { "191", 0x1a } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct p2p_machine *machine;
		char text[256];

		snprintf(text, sizeof(text),
			 "<system version=\"1\"><cpu numaid=\"0\" arch=\"x86_64\" "
			 "vendor=\"AuthenticAMD\" familyid=\"%s\"><pci busid=\"0000:04:00.0\" "
			 "class=\"0x030200\"/></cpu></system>",
			 rows[i].written);
		machine = read_text(text);
		assert_int_equal(p2p_machine_facts(machine)->cpu_family, rows[i].family);
		p2p_machine_free(machine);
	}
}

static enum p2p_verdict verdict_of(const struct p2p_machine *machine, const char *client,
				   const char *provider, struct p2p_explanation **explanation)
{
	struct p2p_platform platform = p2p_machine_platform(machine);
	const struct p2p_policy *policy;
	struct p2p_router *router;
	struct p2p_explanation *answer;
	enum p2p_verdict verdict;
	enum p2p_policy_fit fit;

	assert_int_equal(p2p_policy_find("7.3", &policy, &fit), 0);
	assert_int_equal(p2p_router_new(p2p_machine_fabric(machine), policy, &platform, &router),
			 0);
	assert_int_equal(p2p_explain(machine, router, node_of(machine, client),
				     node_of(machine, provider), NULL, &answer, NULL),
			 0);
	verdict = answer->route.verdict;
	if (explanation)
		*explanation = answer;
	else
		p2p_explanation_free(answer);
	p2p_router_free(router);
	return verdict;
}

static void verdicts(void **state)
{
	static const struct {
		const char *root_complex;
		enum p2p_verdict verdict;
	} rows[] = {
		{ "00:00.0 Host bridge [0600]: Bridge [8086:3e30]\n", P2P_VERDICT_UNREACHABLE },
		{ "00:00.0 Host bridge [0600]: Bridge [8086:09a2]\n", P2P_VERDICT_VIA_HOST },
		{ "00:00.0 Host bridge [0600]: Bridge [1022:1480]\n", P2P_VERDICT_VIA_HOST },
		{ "00:00.0 Host bridge [0600]: Bridge [1022:9600]\n", P2P_VERDICT_UNKNOWN },
		{ "00:00.0 Host bridge [0600]: Bridge [8086:29c0]\n", P2P_VERDICT_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct p2p_machine *machine = with(rows[i].root_complex);

		assert_int_equal(verdict_of(machine, "05:00.0", "06:00.0", NULL), rows[i].verdict);
		p2p_machine_free(machine);
	}
}

/* AMD's CPUs have no root complex of other makers, whatever the source leaves out. */
static void old_amd_is_on_no_list(void **state)
{
	struct p2p_machine *machine =
		read_text("<system version=\"1\"><cpu numaid=\"0\" arch=\"x86_64\" "
			  "vendor=\"AuthenticAMD\" familyid=\"31\">"
			  "<pci busid=\"0000:04:00.0\" class=\"0x030200\"/>"
			  "<pci busid=\"0000:84:00.0\" class=\"0x030200\"/></cpu></system>");

	(void)state;
	assert_int_equal(verdict_of(machine, "04:00.0", "84:00.0", NULL), P2P_VERDICT_UNREACHABLE);
	p2p_machine_free(machine);
}

static void expect_guest(const char *root_complex, enum p2p_known known)
{
	struct p2p_machine *machine = with(root_complex);

	if (p2p_machine_facts(machine)->hypervisor != known)
		print_error("%s", root_complex);
	assert_int_equal(p2p_machine_facts(machine)->hypervisor, known);
	assert_int_equal(p2p_machine_facts(machine)->guest_shown_by != P2P_NO_NODE,
			 known == P2P_PRESENT);
	p2p_machine_free(machine);
}

static void guests(void **state)
{
	static const char *const devices[] = { "1b36:0010", "1b36:000d", "15ad:0405", "15ad:07b0",
					       "1414:5353", "80ee:cafe", "5853:0001", "1ab8:4000",
					       "1234:1111", "1275:1275", "1af4:1041", "1af4:1110" };
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		snprintf(text, sizeof(text), "00:05.0 Ethernet controller [0200]: Device [%s]\n",
			 devices[i]);
		expect_guest(text, P2P_PRESENT);
	}
	expect_guest("00:01.0 PCI bridge [0604]: Port [1b36:000c]\n", P2P_PRESENT);
	expect_guest("00:1f.2 SATA controller [0106]: AHCI [8086:2922]\n"
		     "\tSubsystem: Red Hat, Inc. QEMU Virtual Machine [1af4:1100]\n",
		     P2P_PRESENT);
	/* Ids of chipsets that were sold, too; a real card that speaks virtio; a Microsoft card. */
	expect_guest("00:00.0 Host bridge [0600]: Bridge [8086:29c0]\n", P2P_UNKNOWN);
	expect_guest("00:00.0 Host bridge [0600]: Bridge [8086:1237]\n", P2P_UNKNOWN);
	expect_guest("00:01.0 PCI bridge [0604]: Port [8086:2030]\n"
		     "\tBus: primary=00, secondary=01, subordinate=01, sec-latency=0\n\n"
		     "01:00.0 Ethernet controller [0200]: DPU [1af4:1041]\n",
		     P2P_UNKNOWN);
	expect_guest("00:05.0 Ethernet controller [0200]: MANA [1414:00ba]\n", P2P_UNKNOWN);
	expect_guest("00:05.0 Ethernet controller [0200]: Device [10de:1041]\n", P2P_UNKNOWN);
}

static const struct p2p_remedy *remedy(const struct p2p_explanation *explanation,
				       enum p2p_remedy_code code)
{
	for (uint32_t i = 0; i < explanation->remedy_count; i++)
		if (explanation->remedies[i].code == code)
			return &explanation->remedies[i];
	return NULL;
}

/* Nothing inside a guest can move cards or set firmware. */
static void a_guest_is_sent_to_its_host(void **state)
{
	struct p2p_machine *machine =
		with("00:00.0 Host bridge [0600]: Bridge [8086:29c0]\n\n"
		     "00:02.0 PCI bridge [0604]: QEMU PCIe Root port [1b36:000c]\n");
	struct p2p_explanation *answer;

	(void)state;
	assert_int_equal(verdict_of(machine, "05:00.0", "06:00.0", &answer), P2P_VERDICT_UNKNOWN);
	assert_null(remedy(answer, P2P_REMEDY_MOVE));
	assert_null(remedy(answer, P2P_REMEDY_FIRMWARE));
	assert_non_null(remedy(answer, P2P_REMEDY_ASK_HOST));
	assert_non_null(strstr(remedy(answer, P2P_REMEDY_ASK_HOST)->text,
			       "0000:00:02.0 [1b36:000c] is QEMU's"));
	p2p_explanation_free(answer);
	p2p_machine_free(machine);
}

static void the_doctor_says_by_what(void **state)
{
	struct p2p_machine *machine =
		with("00:02.0 PCI bridge [0604]: QEMU PCIe Root port [1b36:000c]\n");
	struct p2p_platform platform = p2p_machine_platform(machine);
	struct p2p_doctor_request request = { .size = sizeof(request),
					      .machine = machine,
					      .release = "7.3" };
	const struct p2p_policy *policy;
	struct p2p_router *router;
	struct p2p_doctor *doctor;
	struct p2p_error error;
	enum p2p_policy_fit fit;
	bool found = false;

	(void)state;
	assert_int_equal(p2p_policy_find("7.3", &policy, &fit), 0);
	assert_int_equal(p2p_router_new(p2p_machine_fabric(machine), policy, &platform, &router),
			 0);
	request.router = router;
	assert_int_equal(p2p_doctor_examine(&request, &doctor, &error), 0);
	for (uint32_t i = 0; i < doctor->count; i++) {
		const struct p2p_finding *finding = &doctor->findings[i];

		if (strcmp(finding->id, "hypervisor") != 0)
			continue;
		found = true;
		assert_int_equal(finding->severity, P2P_SEVERITY_WARNING);
		assert_string_equal(finding->evidence, "0000:00:02.0 [1b36:000c] is QEMU's");
	}
	assert_true(found);
	p2p_doctor_free(doctor);
	p2p_router_free(router);
	p2p_machine_free(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpus),
		cmocka_unit_test(not_shown),
		cmocka_unit_test(the_source_decides),
		cmocka_unit_test(families_of_nccl),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(old_amd_is_on_no_list),
		cmocka_unit_test(guests),
		cmocka_unit_test(a_guest_is_sent_to_its_host),
		cmocka_unit_test(the_doctor_says_by_what),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
