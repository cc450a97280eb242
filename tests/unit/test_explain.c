// SPDX-License-Identifier: MIT
/*
 * What people are told: verdicts of a real server, worked out by hand from its lspci text; reasons,
 * remedies, groups and selections of machines made for the purpose.
 */
#include "sources_support.h"

#include <p2pmem/explain.h>
#include <p2pmem/topology.h>

#include "machine/sources/platform.h"

static const struct p2p_platform intel = { .arch = P2P_ARCH_X86,
					   .cpu_vendor = P2P_CPU_OTHER,
					   .cpu_family = 6 };
static const struct p2p_platform epyc = { .arch = P2P_ARCH_X86,
					  .cpu_vendor = P2P_CPU_AMD,
					  .cpu_family = 25 };

static struct p2p_machine *xe9680;
static const struct p2p_proofs *results; /* that questions are asked with */

/* One question, with all that it needs. */
struct asked {
	struct p2p_router *router, *hardware;
	struct p2p_explanation *answer;
};

static struct p2p_router *router_for(const struct p2p_machine *machine, const char *kernel,
				     const struct p2p_platform *platform)
{
	const struct p2p_policy *policy;
	enum p2p_policy_fit fit;
	struct p2p_router *router;

	assert_int_equal(p2p_policy_find(kernel, &policy, &fit), 0);
	assert_int_equal(p2p_router_new(p2p_machine_fabric(machine), policy, platform, &router), 0);
	return router;
}

static void ask_with(const struct p2p_machine *machine, const char *kernel,
		     const struct p2p_platform *platform, p2p_node client, p2p_node provider,
		     const struct p2p_provider_info *providers, uint32_t provider_count,
		     struct asked *asked)
{
	struct p2p_explain_options options;

	asked->router = router_for(machine, kernel, platform);
	asked->hardware = router_for(machine, "hardware", platform);
	p2p_explain_options_init(&options, sizeof(options));
	options.hardware = asked->hardware;
	options.providers = providers;
	options.provider_count = provider_count;
	options.proofs = results;
	assert_int_equal(p2p_explain(machine, asked->router, client, provider, &options,
				     &asked->answer, NULL),
			 0);
}

static void ask(const struct p2p_machine *machine, const char *kernel,
		const struct p2p_platform *platform, const char *client, const char *provider,
		struct asked *asked)
{
	ask_with(machine, kernel, platform, node_of(machine, client), node_of(machine, provider),
		 NULL, 0, asked);
}

static void forget(struct asked *asked)
{
	p2p_explanation_free(asked->answer);
	p2p_router_free(asked->router);
	p2p_router_free(asked->hardware);
}

static const struct p2p_remedy *remedy(const struct asked *asked, enum p2p_remedy_code code)
{
	for (uint32_t i = 0; i < asked->answer->remedy_count; i++)
		if (asked->answer->remedies[i].code == code)
			return &asked->answer->remedies[i];
	return NULL;
}

static bool has_reason(const struct asked *asked, const char *words)
{
	for (uint32_t i = 0; i < asked->answer->reason_count; i++)
		if (strstr(asked->answer->reasons[i].text, words))
			return true;
	for (uint32_t i = 0; i < asked->answer->reason_count; i++)
		print_error("%s\n", asked->answer->reasons[i].text);
	return false;
}

static void expect(const char *kernel, const struct p2p_platform *platform, const char *client,
		   const char *provider, enum p2p_verdict verdict, int distance)
{
	struct asked asked;

	ask(xe9680, kernel, platform, client, provider, &asked);
	if (asked.answer->route.verdict != verdict || asked.answer->route.distance != distance)
		print_error("%s -> %s by %s: %s %d\n", client, provider, kernel,
			    p2p_verdict_name(asked.answer->route.verdict),
			    (int)asked.answer->route.distance);
	assert_int_equal(asked.answer->route.verdict, verdict);
	assert_int_equal(asked.answer->route.distance, distance);
	forget(&asked);
}

/* How often a path or a route was found since this was set to 0. */
static unsigned int questions;

int __real_p2p_path_find(const struct p2p_router *router, p2p_node client, p2p_node provider,
			 struct p2p_path *path);
int __wrap_p2p_path_find(const struct p2p_router *router, p2p_node client, p2p_node provider,
			 struct p2p_path *path);
int __real_p2p_route_find(const struct p2p_router *router, p2p_node client, p2p_node provider,
			  struct p2p_route *route);
int __wrap_p2p_route_find(const struct p2p_router *router, p2p_node client, p2p_node provider,
			  struct p2p_route *route);

int __wrap_p2p_path_find(const struct p2p_router *router, p2p_node client, p2p_node provider,
			 struct p2p_path *path)
{
	questions++;
	return __real_p2p_path_find(router, client, provider, path);
}

int __wrap_p2p_route_find(const struct p2p_router *router, p2p_node client, p2p_node provider,
			  struct p2p_route *route)
{
	questions++;
	return __real_p2p_route_find(router, client, provider, route);
}

static int open_xe9680(void **state)
{
	struct p2p_error error = { .text = "" };

	(void)state;
	return p2p_machine_open(TOPOLOGIES "/xe9680-8xh100.lspci-vvv.txt", &xe9680, &error);
}

static int close_xe9680(void **state)
{
	(void)state;
	p2p_machine_free(xe9680);
	return 0;
}

/*
 * 16:00.0 is a Broadcom PEX890xx upstream port below root port 15:01.0. Its downstream ports
 * 17:01.0 and 17:02.0 lead to the GPU 19:00.0 and the NIC 1a:00.0, and their ACSCtl is all minus.
 * Up to the common port are 2 hops from each end: endpoint to downstream port, that to the upstream
 * port. 4 in all, direct, whoever decides: no host bridge is asked. LnkSta of both: 32GT/s x16,
 * which is 32 * 16 * 128/130 / 8 = 63.01 GB/s.
 */
static void below_one_switch(void **state)
{
	struct asked asked;

	(void)state;
	expect("6.1", NULL, "0000:19:00.0", "0000:1a:00.0", P2P_VERDICT_DIRECT, 4);
	expect("6.12", &intel, "0000:1a:00.0", "0000:19:00.0", P2P_VERDICT_DIRECT, 4);
	expect("7.3", &epyc, "0000:1a:00.0", "0000:19:00.0", P2P_VERDICT_DIRECT, 4);
	expect("hardware", NULL, "0000:1a:00.0", "0000:19:00.0", P2P_VERDICT_DIRECT, 4);
	/* Two functions of one card meet in its downstream port, one hop from each. */
	expect("6.1", NULL, "0000:1b:00.0", "0000:1b:00.1", P2P_VERDICT_DIRECT, 2);

	ask(xe9680, "7.3", &intel, "0000:1a:00.0", "0000:19:00.0", &asked);
	assert_int_equal(asked.answer->remedy_count, 0);
	assert_int_equal(asked.answer->ceiling.bandwidth, 63015);
	assert_int_equal(asked.answer->ceiling.links, 2);
	assert_int_equal(asked.answer->hop_count, 5);
	assert_true(has_reason(&asked, "meet in 0000:16:00.0 (switch upstream port)"));
	forget(&asked);
}

/*
 * 82:00.0 to 82:03.0 are the downstream ports of the PMC-Sierra switch 81:00.0; the four have
 * ACSCtl ReqRedir+ CmpltRedir+, the only ones in the file. 83:00.0 and 84:00.0 are below the first
 * two. Linux counts RR and CR of both ports: through the host, which 80:00.0 (8086:09a2, device
 * 00.0 of root bus 80) has on every list. Distance still 2 + 2. The wires agree: the request turns
 * at 82:00.0, which redirects it.
 */
static void below_redirecting_switch(void **state)
{
	const struct p2p_remedy *found;
	struct asked asked;

	(void)state;
	expect("6.1", &intel, "0000:83:00.0", "0000:84:00.0", P2P_VERDICT_VIA_HOST, 4);
	expect("7.3", &intel, "0000:83:00.0", "0000:84:00.0", P2P_VERDICT_VIA_HOST, 4);
	expect("hardware", NULL, "0000:83:00.0", "0000:84:00.0", P2P_VERDICT_VIA_HOST, 4);
	/* The list decides for Intel and the CPU rule for AMD; both let it pass, so not unknown. */
	expect("6.1", NULL, "0000:83:00.0", "0000:84:00.0", P2P_VERDICT_VIA_HOST, 4);

	ask(xe9680, "6.1", NULL, "0000:83:00.0", "0000:86:00.0", &asked);
	assert_true(has_reason(&asked, "0000:82:00.0 (switch downstream port) has ACS redirect set "
				       "(RR, CR)"));
	assert_true(has_reason(&asked, "0000:82:03.0 (switch downstream port) has ACS redirect"));
	assert_true(has_reason(&asked, "[8086:09a2]"));
	found = remedy(&asked, P2P_REMEDY_BOOT_OPTION);
	assert_non_null(found);
	assert_string_equal(found->paste, "pci=disable_acs_redir=0000:82:00.0;0000:82:03.0");
	assert_non_null(strstr(found->cost, "IOMMU group"));
	found = remedy(&asked, P2P_REMEDY_LIVE);
	assert_non_null(found);
	/* RR 0x04, CR 0x08, EC 0x20. */
	assert_string_equal(found->paste, "setpci -s 0000:82:00.0 ECAP_ACS+6.w=0000:002c\n"
					  "setpci -s 0000:82:03.0 ECAP_ACS+6.w=0000:002c");
	assert_non_null(remedy(&asked, P2P_REMEDY_FIRMWARE));
	/* A port is above both already, and the host is on the list. */
	assert_null(remedy(&asked, P2P_REMEDY_MOVE));
	assert_null(remedy(&asked, P2P_REMEDY_ALLOWLIST));
	forget(&asked);
}

/*
 * Root ports 15:01.0 and 37:01.0 are on two root buses; the first device of each is 00.0 with
 * 8086:09a2, listed without REQ_SAME_HOST_BRIDGE by 6.1 and 7.3 alike. 19:00.0 and 3b:00.0 are each
 * 4 levels below their host bridge (downstream, upstream, root port): 4 + 4 hops.
 */
static void two_listed_host_bridges(void **state)
{
	(void)state;
	expect("6.1", &intel, "0000:19:00.0", "0000:3b:00.0", P2P_VERDICT_VIA_HOST, 8);
	expect("7.3", &intel, "0000:19:00.0", "0000:3b:00.0", P2P_VERDICT_VIA_HOST, 8);
	/* 03:00.0 (VGA) and the NIC 01:00.0: root ports 00:0e.0 and 00:0c.0 of one root bus. */
	expect("6.1", &intel, "0000:01:00.0", "0000:03:00.0", P2P_VERDICT_VIA_HOST, 5);
	expect("7.3", &intel, "0000:01:00.0", "0000:03:00.0", P2P_VERDICT_VIA_HOST, 5);
}

/*
 * Root bus 7e begins with 7e:00.0, 8086:3250, which no list has: refused on Intel, passed by AMD's
 * CPU rule, and unknown where, as in lspci text, the CPU is not known.
 */
static void not_listed(void **state)
{
	struct asked asked;

	(void)state;
	expect("6.1", &intel, "0000:7e:00.3", "0000:19:00.0", P2P_VERDICT_UNREACHABLE, -1);
	expect("7.3", &intel, "0000:7e:00.3", "0000:19:00.0", P2P_VERDICT_UNREACHABLE, -1);
	expect("6.1", &epyc, "0000:7e:00.3", "0000:19:00.0", P2P_VERDICT_VIA_HOST, 5);
	expect("hardware", NULL, "0000:7e:00.3", "0000:19:00.0", P2P_VERDICT_VIA_HOST, 5);

	ask(xe9680, "7.3", NULL, "0000:7e:00.3", "0000:19:00.0", &asked);
	assert_int_equal(asked.answer->route.verdict, P2P_VERDICT_UNKNOWN);
	assert_true(p2p_explanation_differs(asked.answer));
	assert_true(has_reason(&asked, "the CPU is not known"));
	assert_true(has_reason(&asked, "pci0000:7e (host bridge) is not on the allowlist"));
	assert_non_null(remedy(&asked, P2P_REMEDY_READ));
	assert_int_equal(remedy(&asked, P2P_REMEDY_READ)->step.code, P2P_STEP_CAPTURE);
	assert_non_null(strstr(remedy(&asked, P2P_REMEDY_ALLOWLIST)->text, "none is certain"));
	assert_null(remedy(&asked, P2P_REMEDY_BOOT_OPTION));
	forget(&asked);
}

/* The path by the rules, that by the wires, and the way back: whatever is told of a pair. */
static void each_question_once(void **state)
{
	struct asked asked;

	(void)state;
	questions = 0;
	ask(xe9680, "7.3", &intel, "0000:19:00.0", "0000:1a:00.0", &asked);
	assert_int_equal(questions, 3);
	forget(&asked);
	questions = 0;
	ask(xe9680, "6.1", &intel, "0000:83:00.0", "0000:86:00.0", &asked);
	assert_int_equal(questions, 3);
	forget(&asked);
}

/* Who has no more than a machine and a router is told the same. */
static void without_options(void **state)
{
	p2p_node client = node_of(xe9680, "0000:83:00.0"), provider;
	struct p2p_explain_options bad = { .size = 0 };
	struct p2p_explanation *alone;
	struct asked asked;

	(void)state;
	provider = node_of(xe9680, "0000:86:00.0");
	ask(xe9680, "6.1", NULL, "0000:83:00.0", "0000:86:00.0", &asked);
	assert_int_equal(p2p_explain(xe9680, asked.router, client, provider, NULL, &alone, NULL),
			 0);
	assert_string_equal(alone->hardware_text, asked.answer->hardware_text);
	assert_int_equal(alone->caution_count, asked.answer->caution_count);
	assert_int_equal(alone->remedy_count, asked.answer->remedy_count);
	p2p_explanation_free(alone);
	assert_int_equal(p2p_explain(xe9680, asked.router, client, provider, &bad, &alone, NULL),
			 -EINVAL);
	assert_null(alone);
	p2p_explanation_free(NULL);
	forget(&asked);
}

static void one_function(void **state)
{
	struct asked asked;

	(void)state;
	expect("6.1", NULL, "0000:19:00.0", "0000:19:00.0", P2P_VERDICT_DIRECT, 0);
	ask(xe9680, "6.1", NULL, "0000:19:00.0", "0000:19:00.0", &asked);
	assert_true(has_reason(&asked, "one function, 0000:19:00.0"));
	forget(&asked);
}

static void host_bridges_are_refused(void **state)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(xe9680);
	p2p_node bridge = p2p_fabric_host_bridge(fabric, node_of(xe9680, "0000:19:00.0"));
	struct p2p_router *router = router_for(xe9680, "6.1", NULL);
	struct p2p_explanation *answer;
	struct p2p_error error = { .code = 0 };
	char address[P2P_ADDRESS];

	(void)state;
	assert_int_equal(p2p_explain(xe9680, router, bridge, bridge, NULL, &answer, &error),
			 -EINVAL);
	assert_null(answer);
	assert_non_null(strstr(error.text, "host bridge"));
	assert_string_equal(p2p_address(fabric, bridge, address), "pci0000:15");
	p2p_router_free(router);
}

#define RP1 "pci0000:00/0000:00:01.0"
#define RP2 "pci0000:00/0000:00:02.0"

/* Two drives below two root ports; `first` are the ids of 00:00.0, `cpu` of /proc/cpuinfo. */
static struct p2p_machine *two_ports(const char *device, const char *cpu, const char *command_line)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();

	tree_function(memory, "pci0000:00/0000:00:00.0", "0x060000\n");
	tree_file(memory, "sys/devices/pci0000:00/0000:00:00.0/vendor", "0x8086\n");
	tree_file(memory, "sys/devices/pci0000:00/0000:00:00.0/device", device);
	tree_function(memory, RP1, "0x060400\n");
	tree_function(memory, RP1 "/0000:01:00.0", "0x010802\n");
	tree_function(memory, RP1 "/0000:01:00.1", "0x010802\n");
	tree_function(memory, RP2, "0x060400\n");
	tree_function(memory, RP2 "/0000:02:00.0", "0x030000\n");
	tree_file(memory, "proc/cpuinfo", cpu);
	tree_file(memory, "proc/cmdline", command_line);
	return tree_machine(memory);
}

#define INTEL_CPU                                                                                  \
	"processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\n"             \
	"flags\t\t: fpu lm\n"

/* 8086:0b25 (DSA) came to the list after 6.12: drivers/pci/p2pdma.c of 7.3.4 and not of 6.12.107.
 */
static void newer_kernel_lists(void **state)
{
	struct p2p_machine *machine = two_ports("0x0b25\n", INTEL_CPU, "quiet\n");
	const struct p2p_remedy *found;
	struct asked asked;

	(void)state;
	ask(machine, "6.12", &intel, "0000:01:00.0", "0000:02:00.0", &asked);
	assert_int_equal(asked.answer->route.verdict, P2P_VERDICT_UNREACHABLE);
	assert_int_equal(asked.answer->hardware_route.verdict, P2P_VERDICT_VIA_HOST);
	assert_true(has_reason(&asked, "is not on the allowlist of Linux 6.12, which knows it by "
				       "the first device on its root bus, 0000:00:00.0"));
	found = remedy(&asked, P2P_REMEDY_ALLOWLIST);
	assert_non_null(found);
	assert_non_null(strstr(found->text, "Linux 7.2 to 7.3 allow it (through the host bridge)"));
	assert_null(strstr(found->text, "Linux 6.1"));
	assert_non_null(remedy(&asked, P2P_REMEDY_MOVE));
	forget(&asked);

	ask(machine, "7.3", &intel, "0000:01:00.0", "0000:02:00.0", &asked);
	assert_int_equal(asked.answer->route.verdict, P2P_VERDICT_VIA_HOST);
	assert_null(remedy(&asked, P2P_REMEDY_ALLOWLIST));
	forget(&asked);
	p2p_machine_free(machine);
}

/* sysfs without root: no ACS anywhere, so what is below one port is unknown, not direct. */
static void without_root(void **state)
{
	struct p2p_machine *machine = two_ports("0x1237\n", INTEL_CPU, "quiet\n");
	struct asked asked;

	(void)state;
	ask(machine, "6.12", &intel, "0000:01:00.0", "0000:01:00.1", &asked);
	assert_int_equal(asked.answer->route.verdict, P2P_VERDICT_UNKNOWN);
	assert_int_equal(asked.answer->route.possible,
			 P2P_POSSIBLE(P2P_VERDICT_DIRECT) | P2P_POSSIBLE(P2P_VERDICT_UNREACHABLE));
	assert_true(has_reason(&asked, "ACS of 0000:01:00.0"));
	assert_non_null(remedy(&asked, P2P_REMEDY_READ));
	forget(&asked);
	p2p_machine_free(machine);
}

#define LSPCI_STATUS "\tControl: I/O+ Mem+ BusMaster+\n\tStatus: Cap+ 66MHz- UDF-\n"
#define LSPCI_TWO                                                                                  \
	"00:00.0 0600: 8086:2030\n\n"                                                              \
	"00:01.0 0604: 8086:2030 (prog-if 00 [Normal decode])\n" LSPCI_STATUS                      \
	"\tBus: primary=00, secondary=01, subordinate=01, sec-latency=0\n"                         \
	"\tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 00\n"                            \
	"\tCapabilities: [100 v1] Access Control Services\n"                                       \
	"\t\tACSCap:\tSrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- "         \
	"DirectTrans-\n"                                                                           \
	"\t\tACSCtl:\tSrcValid+ TransBlk- ReqRedir+ CmpltRedir- UpstreamFwd+ EgressCtrl- "         \
	"DirectTrans-\n\n"                                                                         \
	"01:00.0 0108: 1b36:0010 (prog-if 02 [NVM Express])\n" LSPCI_STATUS                        \
	"\tCapabilities: [40] Express (v2) Endpoint, MSI 00\n\n"                                   \
	"01:00.1 0300: 1b36:0010\n" LSPCI_STATUS                                                   \
	"\tCapabilities: [40] Express (v2) Endpoint, MSI 00\n\n"

/*
 * Redirect on a port above both ends: Linux counts the common port's own bits
 * (calc_map_type_and_dist() begins with it), the wires do not, because the request turns below it.
 */
static void rules_and_wires_differ(void **state)
{
	struct p2p_machine *machine = read_text(LSPCI_TWO);
	struct asked asked;

	(void)state;
	ask(machine, "6.12", &intel, "0000:01:00.0", "0000:01:00.1", &asked);
	assert_int_equal(asked.answer->route.verdict, P2P_VERDICT_VIA_HOST);
	assert_int_equal(asked.answer->hardware_route.verdict, P2P_VERDICT_DIRECT);
	assert_true(p2p_explanation_differs(asked.answer));
	assert_true(has_reason(&asked, "0000:00:01.0 (root port) has ACS redirect set (RR)"));
	assert_string_equal(remedy(&asked, P2P_REMEDY_BOOT_OPTION)->paste,
			    "pci=disable_acs_redir=0000:00:01.0");
	forget(&asked);
	p2p_machine_free(machine);
}

/* 4096 bytes of a root port at 00:01.0 to bus 1 whose ACS control is `control`. */
static void add_port_config(struct p2p_memory_tree *memory, uint8_t control)
{
	static const struct {
		uint16_t offset;
		uint8_t value;
	} bytes[] = {
		{ 0x00, 0x86 },  { 0x01, 0x80 }, { 0x02, 0x30 },  { 0x03, 0x20 }, /* 8086:2030 */
		{ 0x06, 0x10 },                                                   /* has a list */
		{ 0x0a, 0x04 },  { 0x0b, 0x06 },                                  /* PCI bridge */
		{ 0x0e, 0x01 },  { 0x19, 0x01 }, { 0x1a, 0x01 },                  /* bus 1 */
		{ 0x34, 0x40 },  { 0x40, 0x10 }, { 0x42, 0x42 },                  /* root port */
		{ 0x100, 0x0d }, { 0x102, 1 },   { 0x104, 0x1f },                 /* ACS */
	};
	uint8_t config[4096] = { 0 };

	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++)
		config[bytes[i].offset] = bytes[i].value;
	config[0x106] = control;
	assert_int_equal(p2p_memory_tree_add(memory, P2P_ENTRY_FILE, "sys/devices/" RP1 "/config",
					     (const char *)config, sizeof(config)),
			 0);
}

static void expect_boot_option(const char *command_line, const char *wanted)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	const struct p2p_remedy *found;
	struct p2p_machine *machine;
	struct asked asked;

	tree_function(memory, RP1, "0x060400\n");
	tree_function(memory, RP1 "/0000:01:00.0", "0x010802\n");
	tree_function(memory, RP1 "/0000:01:00.1", "0x010802\n");
	tree_file(memory, "proc/cmdline", command_line);
	add_port_config(memory, P2P_ACS_RR | P2P_ACS_CR);
	machine = tree_machine(memory);
	ask(machine, "6.12", &intel, "0000:01:00.0", "0000:01:00.1", &asked);
	found = remedy(&asked, P2P_REMEDY_BOOT_OPTION);
	assert_non_null(found);
	assert_string_equal(found->paste, wanted);
	forget(&asked);
	p2p_machine_free(machine);
}

/*
 * pci_setup() in drivers/pci/pci.c keeps the last disable_acs_redir= only, and splits pci= at
 * commas: what the machine was booted with has to be repeated, without what follows the comma.
 */
static void boot_option_repeats(void **state)
{
	(void)state;
	expect_boot_option("quiet\n", "pci=disable_acs_redir=0000:00:01.0");
	expect_boot_option("pci=disable_acs_redir=0000:05:00.0;0000:06:00.0,noaer iommu=pt\n",
			   "pci=disable_acs_redir=0000:05:00.0;0000:06:00.0;0000:00:01.0");
	expect_boot_option("pci=disable_acs_redir=1:2.3 pci=disable_acs_redir=0000:00:01.0\n",
			   "pci=disable_acs_redir=0000:00:01.0");
	expect_boot_option("pci=disable_acs_redir=pci:10b5:8747;0:1.0/2.0 x\n",
			   "pci=disable_acs_redir=pci:10b5:8747;0:1.0/2.0;0000:00:01.0");
	/* What Linux could not read either is not for pasting. */
	expect_boot_option("pci=disable_acs_redir=0:1.0;$(x) y\n",
			   "pci=disable_acs_redir=0000:00:01.0");
	/* Another domain's device is another device. */
	expect_boot_option("pci=disable_acs_redir=10000:00:01.0\n",
			   "pci=disable_acs_redir=10000:00:01.0;0000:00:01.0");
	expect_boot_option("pci=disable_acs_redir=\n", "pci=disable_acs_redir=0000:00:01.0");
}

/* Text from files goes to terminals: nothing but printable ASCII gets through. */
static void hostile_names(void **state)
{
	struct p2p_machine *machine = read_text(
		"00:01.0 0108: Evil\033]0;x\007 \303\244 Corp\n\tKernel driver in use: nvme\n");
	char title[P2P_TITLE];

	(void)state;
	p2p_title(machine, node_of(machine, "0000:00:01.0"), title);
	for (const char *at = title; *at; at++)
		assert_true(*at >= 0x20 && *at < 0x7f);
	assert_string_equal(title, "0000:00:01.0 (Evil ?? Corp)");
	p2p_machine_free(machine);
}

static void warn(const struct p2p_machine *machine, const char *kernel, const char *client,
		 const char *provider, const struct p2p_module_memory *memories, size_t count,
		 struct asked *warned)
{
	struct p2p_providers_request request = { .size = sizeof(request),
						 .machine = machine,
						 .client = P2P_NO_NODE,
						 .memories = memories,
						 .memory_count = count };
	struct p2p_provider_info *providers;
	uint32_t provider_count;

	assert_int_equal(p2p_providers_list(&request, &providers, &provider_count), 0);
	ask_with(machine, kernel, &epyc, node_of(machine, client), node_of(machine, provider),
		 providers, provider_count, warned);
	free(providers);
}

/* What is to know of a pair, by code, or NULL. */
static const struct p2p_caution *caution(const struct asked *warned, enum p2p_caution_code code)
{
	for (uint32_t i = 0; i < warned->answer->caution_count; i++)
		if (warned->answer->cautions[i].code == code)
			return &warned->answer->cautions[i];
	return NULL;
}

#define BELOW   "pci0000:00/0000:00:01.0/"
#define SYS     "sys/devices/" BELOW
#define LENDING SYS "0000:01:01.0/p2pmem/"

/* Two drives below one bridge without ACS, each in a group of that type. */
static struct p2p_memory_tree *pair_in(const char *type)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();

	tree_file(memory, P2P_MANIFEST,
		  "format 1\nroot yes\ncomplete yes\nhypervisor no\noption "
		  "CONFIG_PCI_P2PDMA=y\n");
	tree_function(memory, "pci0000:00/0000:00:01.0", "0x060400\n");
	tree_function(memory, BELOW "0000:01:00.0", "0x010802\n");
	tree_function(memory, BELOW "0000:01:01.0", "0x010802\n");
	if (!type)
		return memory;
	for (unsigned int i = 0; i < 2; i++) {
		char path[96];

		snprintf(path, sizeof(path), SYS "0000:01:0%u.0/iommu_group", i);
		tree_link(memory, path, "../../../../kernel/iommu_groups/7");
	}
	tree_file(memory, "sys/kernel/iommu_groups/7/type", type);
	return memory;
}

static void lend(struct p2p_memory_tree *memory, const char *available, const char *published)
{
	tree_file(memory, LENDING "size", "67108864\n");
	tree_file(memory, LENDING "available", available);
	tree_file(memory, LENDING "published", published);
}

#define PAIR "0000:01:00.0", "0000:01:01.0"

static void record(struct p2p_proofs *proofs, enum p2p_proof_direction direction,
		   enum p2p_proof_state state)
{
	struct p2p_proof_result result;

	p2p_proof_result_init(&result, sizeof(result));
	result.client = p2p_proof_function((struct p2p_bdf){ 0, 1, 0 });
	result.provider = p2p_proof_function((struct p2p_bdf){ 0, 1, 1 << 3 });
	result.direction = direction;
	result.state = state;
	result.damage = P2P_DAMAGE_STALE;
	assert_int_equal(p2p_proofs_record(proofs, &result), 0);
}

static void severity_is(const struct asked *warned, enum p2p_caution_code code,
			enum p2p_severity severity)
{
	assert_non_null(caution(warned, code));
	assert_int_equal(caution(warned, code)->severity, severity);
}

/* Doubts about a path are none once data have gone over it both ways; a wrong pair is a problem. */
static void knows_what_was_proven(void **state)
{
	struct p2p_proofs_options options;
	struct p2p_memory_tree *memory = pair_in("DMA\n");
	struct p2p_machine *machine;
	struct p2p_proofs *proofs;
	struct asked warned;

	(void)state;
	lend(memory, "67108864\n", "1\n");
	machine = tree_machine(memory);
	p2p_proofs_options_init(&options, sizeof(options));
	options.path = "/nonexistent/results";
	assert_int_equal(p2p_proofs_open(machine, &options, &proofs, NULL), 0);
	warn(machine, "hardware", PAIR, NULL, 0, &warned);
	assert_null(warned.answer->proofs);
	assert_false(p2p_explanation_proven(warned.answer));
	forget(&warned);

	results = proofs;
	record(proofs, P2P_PROOF_TO_PROVIDER, P2P_PROOF_PROVEN);
	warn(machine, "hardware", PAIR, NULL, 0, &warned);
	assert_int_equal(warned.answer->proofs[P2P_PROOF_TO_PROVIDER].result.state,
			 P2P_PROOF_PROVEN);
	assert_string_equal(warned.answer->proofs[P2P_PROOF_FROM_PROVIDER].text, "not tried");
	severity_is(&warned, P2P_CAUTION_IOMMU, P2P_SEVERITY_WARNING);
	forget(&warned);

	record(proofs, P2P_PROOF_FROM_PROVIDER, P2P_PROOF_PROVEN);
	warn(machine, "hardware", PAIR, NULL, 0, &warned);
	assert_true(p2p_explanation_proven(warned.answer));
	severity_is(&warned, P2P_CAUTION_IOMMU, P2P_SEVERITY_NOTE);
	assert_int_equal(caution(&warned, P2P_CAUTION_IOMMU)->step.code, P2P_STEP_NONE);
	forget(&warned);

	record(proofs, P2P_PROOF_FROM_PROVIDER, P2P_PROOF_WRONG);
	warn(machine, "hardware", PAIR, NULL, 0, &warned);
	severity_is(&warned, P2P_CAUTION_IOMMU, P2P_SEVERITY_WARNING);
	severity_is(&warned, P2P_CAUTION_PROVEN_WRONG, P2P_SEVERITY_PROBLEM);
	assert_int_equal(warned.answer->cautions[0].code, P2P_CAUTION_PROVEN_WRONG);
	assert_non_null(
		strstr(warned.answer->cautions[0].text,
		       "wrong bytes arrive where 0000:01:00.0 reads memory of 0000:01:01.0: "
		       "wrong (stale)"));
	forget(&warned);

	/* A pair's results are not those of the reverse. */
	warn(machine, "hardware", "0000:01:01.0", "0000:01:00.0", NULL, 0, &warned);
	assert_null(caution(&warned, P2P_CAUTION_PROVEN_WRONG));
	forget(&warned);
	results = NULL;
	p2p_proofs_close(proofs);
	p2p_machine_free(machine);
}

static void ask_allowed(const struct p2p_machine *machine, const struct p2p_router *router,
			const struct p2p_proofs *allowed, struct asked *asked)
{
	struct p2p_explain_options options;

	p2p_explain_options_init(&options, sizeof(options));
	options.allowed = allowed;
	*asked = (struct asked){ .router = NULL };
	assert_int_equal(p2p_explain(machine, router, node_of(machine, "0000:00:02.0"),
				     node_of(machine, "0000:00:03.0"), &options, &asked->answer,
				     NULL),
			 0);
}

static void record_allowed(struct p2p_proofs *proofs, enum p2p_proof_direction direction,
			   enum p2p_proof_state state)
{
	struct p2p_proof_result result;

	p2p_proof_result_init(&result, sizeof(result));
	result.client = p2p_proof_function((struct p2p_bdf){ 0, 0, 2 << 3 });
	result.provider = p2p_proof_function((struct p2p_bdf){ 0, 0, 3 << 3 });
	result.direction = direction;
	result.state = state;
	assert_int_equal(p2p_proofs_record(proofs, &result), 0);
}

/* Let through now, or once; by a proof that holds, or by none. */
static void knows_what_was_allowed(void **state)
{
	static const char *const ids[] = { "0000:00:00.0", "0000:00:02.0", "0000:00:03.0" };
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	struct p2p_proofs_options options;
	struct p2p_machine *machine;
	struct p2p_router *router;
	struct p2p_proofs *proofs;
	struct asked asked;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char path[96];

		snprintf(path, sizeof(path), "pci0000:00/%s", ids[i]);
		tree_function(memory, path, "0x010802\n");
		snprintf(path, sizeof(path), "sys/devices/pci0000:00/%s/vendor", ids[i]);
		tree_file(memory, path, "0x8086\n");
		snprintf(path, sizeof(path), "sys/devices/pci0000:00/%s/device", ids[i]);
		tree_file(memory, path, "0x29c0\n");
	}
	machine = tree_machine(memory);
	router = router_for(
		machine, "6.12",
		&(struct p2p_platform){ .arch = P2P_ARCH_X86, .cpu_vendor = P2P_CPU_OTHER });
	p2p_proofs_options_init(&options, sizeof(options));
	options.path = "/nonexistent/allowed";
	assert_int_equal(p2p_proofs_open(machine, &options, &proofs, NULL), 0);
	ask_allowed(machine, router, proofs, &asked);
	assert_int_equal(asked.answer->route.verdict, P2P_VERDICT_UNREACHABLE);
	assert_null(caution(&asked, P2P_CAUTION_ALLOWED));
	assert_null(asked.answer->allowed);
	forget(&asked);

	assert_int_equal(p2p_router_allow(router, node_of(machine, "0000:00:02.0"),
					  node_of(machine, "0000:00:03.0")),
			 0);
	ask_allowed(machine, router, proofs, &asked);
	assert_int_equal(asked.answer->route.verdict, P2P_VERDICT_VIA_HOST);
	severity_is(&asked, P2P_CAUTION_ALLOWED, P2P_SEVERITY_WARNING);
	assert_int_equal(caution(&asked, P2P_CAUTION_ALLOWED)->step.code, P2P_STEP_ALLOW);
	forget(&asked);

	record_allowed(proofs, P2P_PROOF_TO_PROVIDER, P2P_PROOF_PROVEN);
	ask_allowed(machine, router, proofs, &asked);
	severity_is(&asked, P2P_CAUTION_ALLOWED, P2P_SEVERITY_WARNING);
	forget(&asked);
	record_allowed(proofs, P2P_PROOF_FROM_PROVIDER, P2P_PROOF_PROVEN);
	ask_allowed(machine, router, proofs, &asked);
	severity_is(&asked, P2P_CAUTION_ALLOWED, P2P_SEVERITY_NOTE);
	assert_non_null(strstr(caution(&asked, P2P_CAUTION_ALLOWED)->text,
			       "root has allowed this pair: proven on"));
	assert_int_equal(caution(&asked, P2P_CAUTION_ALLOWED)->step.code, P2P_STEP_NONE);
	forget(&asked);

	p2p_router_disallow(router, node_of(machine, "0000:00:02.0"),
			    node_of(machine, "0000:00:03.0"));
	ask_allowed(machine, router, proofs, &asked);
	assert_int_equal(asked.answer->route.verdict, P2P_VERDICT_UNREACHABLE);
	severity_is(&asked, P2P_CAUTION_ALLOWED, P2P_SEVERITY_NOTE);
	assert_non_null(strstr(caution(&asked, P2P_CAUTION_ALLOWED)->text, "not allowed now"));
	forget(&asked);
	p2p_proofs_close(proofs);
	p2p_router_free(router);
	p2p_machine_free(machine);
}

/* Where QEMU's Intel IOMMU translates, 99.6 % of the bytes of such a pair were wrong. */
static void warns_of_translation(void **state)
{
	static const char *const types[] = { "DMA\n", "DMA-FQ\n", "identity\n", NULL };
	struct p2p_machine *machine;
	struct asked warned;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct p2p_memory_tree *memory = pair_in(types[i]);

		lend(memory, "67108864\n", "1\n");
		machine = tree_machine(memory);
		warn(machine, "hardware", PAIR, NULL, 0, &warned);
		assert_true(warned.answer->route.possible & P2P_POSSIBLE(P2P_VERDICT_DIRECT));
		if (i < 2) {
			assert_non_null(caution(&warned, P2P_CAUTION_IOMMU));
			assert_int_equal(caution(&warned, P2P_CAUTION_IOMMU)->step.code,
					 P2P_STEP_PROVE);
			assert_int_equal(warned.answer->caution_tally[P2P_SEVERITY_WARNING], 1);
		} else {
			if (warned.answer->caution_count)
				print_error("%s\n", warned.answer->cautions[0].text);
			assert_int_equal(warned.answer->caution_count, 0);
		}
		forget(&warned);
		p2p_machine_free(machine);
	}
}

/* A verdict is about the path; whose memory it leads to is another question. */
static void warns_of_nothing_lent(void **state)
{
	struct p2p_module_memory published = { .index = 3,
					       .function = { 0, 1, 1 << 3 },
					       .on_pci = true,
					       .size = 4096,
					       .available = 4096 };
	struct p2p_memory_tree *memory = pair_in(NULL);
	struct p2p_machine *machine = tree_machine(memory);
	const struct p2p_caution *found;
	struct asked warned;

	(void)state;
	warn(machine, "hardware", PAIR, NULL, 0, &warned);
	assert_non_null(strstr(caution(&warned, P2P_CAUTION_LENDS_NOTHING)->text,
			       "0000:01:01.0 provides no memory now"));
	assert_int_equal(caution(&warned, P2P_CAUTION_LENDS_NOTHING)->step.code,
			 P2P_STEP_LIST_PROVIDERS);
	forget(&warned);
	/* What the module publishes is published. */
	warn(machine, "hardware", PAIR, &published, 1, &warned);
	assert_int_equal(warned.answer->caution_count, 0);
	forget(&warned);
	p2p_machine_free(machine);

	memory = pair_in(NULL);
	tree_file(memory, SYS "0000:01:01.0/resource",
		  "0x0 0x0 0x0\n0x0 0x0 0x0\n0x4000000000 0x40001fffff 0x14220c\n");
	machine = tree_machine(memory);
	warn(machine, "hardware", PAIR, NULL, 0, &warned);
	found = caution(&warned, P2P_CAUTION_LENDS_NOTHING);
	assert_int_equal(found->step.code, P2P_STEP_PUBLISH_BAR);
	assert_int_equal(found->step.node, node_of(machine, "0000:01:01.0"));
	assert_int_equal(found->step.bar, 2);
	forget(&warned);
	p2p_machine_free(machine);

	memory = pair_in(NULL);
	lend(memory, "0\n", "1\n");
	machine = tree_machine(memory);
	warn(machine, "hardware", PAIR, NULL, 0, &warned);
	assert_non_null(strstr(caution(&warned, P2P_CAUTION_TAKEN)->text, "64 MiB"));
	forget(&warned);
	p2p_machine_free(machine);

	memory = pair_in(NULL);
	lend(memory, "0\n", "0\n");
	machine = tree_machine(memory);
	warn(machine, "hardware", PAIR, NULL, 0, &warned);
	found = caution(&warned, P2P_CAUTION_LENDS_NOTHING);
	assert_int_equal(found->step.code, P2P_STEP_PUBLISH_DRIVERS);
	assert_int_equal(found->step.node, node_of(machine, "0000:01:01.0"));
	forget(&warned);
	p2p_machine_free(machine);
}

/* lspci text tells none of it: unknown, and no warning. */
static void unknown_is_no_warning(void **state)
{
	struct asked warned;

	(void)state;
	warn(xe9680, "7.3", "0000:19:00.0", "0000:1a:00.0", NULL, 0, &warned);
	assert_non_null(caution(&warned, P2P_CAUTION_IOMMU_UNKNOWN));
	assert_non_null(caution(&warned, P2P_CAUTION_LENDS_UNKNOWN));
	assert_non_null(caution(&warned, P2P_CAUTION_VIRTUAL_UNKNOWN));
	assert_int_equal(warned.answer->caution_tally[P2P_SEVERITY_WARNING], 0);
	assert_int_equal(warned.answer->caution_tally[P2P_SEVERITY_UNKNOWN], 3);
	forget(&warned);
}

static void warns_of_redirect_and_guests(void **state)
{
	struct p2p_machine *machine = read_text(LSPCI_TWO);
	struct asked warned;

	(void)state;
	/* The wires turn the request below the port that redirects; Linux does not. */
	machine->platform.hypervisor = P2P_PRESENT;
	warn(machine, "hardware", "0000:01:00.0", "0000:01:00.1", NULL, 0, &warned);
	assert_non_null(
		strstr(caution(&warned, P2P_CAUTION_ACS_ELSEWHERE)->text, "(0000:00:01.0)"));
	assert_non_null(caution(&warned, P2P_CAUTION_VIRTUAL));
	assert_int_equal(warned.answer->cautions[0].severity, P2P_SEVERITY_WARNING);
	forget(&warned);
	/* Nothing of it matters where nothing is to be reached. */
	warn(machine, "7.3", "0000:01:00.0", "0000:01:00.0", NULL, 0, &warned);
	assert_int_equal(warned.answer->caution_count, 0);
	forget(&warned);
	p2p_machine_free(machine);
}

static bool selects(const struct p2p_machine *machine, const char *words, enum p2p_role role,
		    const char *address)
{
	struct p2p_selection *selection;
	bool found = false;

	assert_int_equal(p2p_select(machine, words, role, &selection, NULL), 0);
	for (uint32_t i = 0; i < selection->count; i++)
		found |= selection->nodes[i] == node_of(machine, address);
	p2p_selection_free(selection);
	return found;
}

/* Addresses and their classes as the lspci text has them. */
static void selection(void **state)
{
	struct p2p_error error = { .text = "" };
	struct p2p_selection *all, *words;

	(void)state;
	assert_int_equal(p2p_select(xe9680, "all", P2P_ROLE_CLIENT, &all, &error), 0);
	assert_int_equal(all->count, 517); /* 517 functions, host bridges are none */
	p2p_selection_free(all);
	/* grep -c "3D controller" 8; the one "VGA compatible" is the management controller's. */
	assert_int_equal(p2p_select(xe9680, "gpu", P2P_ROLE_PROVIDER, &words, &error), 0);
	assert_int_equal(words->count, 8);
	p2p_selection_free(words);
	/* A device that two words name is there once. */
	assert_int_equal(p2p_select(xe9680, "gpu,19:00.0", P2P_ROLE_CLIENT, &words, &error), 0);
	assert_int_equal(words->count, 8);
	p2p_selection_free(words);

	assert_true(selects(xe9680, NULL, P2P_ROLE_CLIENT, "0000:19:00.0"));
	assert_true(selects(xe9680, NULL, P2P_ROLE_CLIENT, "0000:18:00.0"));
	assert_true(selects(xe9680, NULL, P2P_ROLE_PROVIDER, "0000:19:00.0"));
	/* Its one BAR has 256 KiB. */
	assert_false(selects(xe9680, NULL, P2P_ROLE_PROVIDER, "0000:18:00.0"));
	assert_false(selects(xe9680, NULL, P2P_ROLE_CLIENT, "0000:17:00.0")); /* a port */
	assert_false(selects(xe9680, NULL, P2P_ROLE_CLIENT, "0000:00:14.0")); /* chipset USB */
	assert_true(selects(xe9680, "bridge", P2P_ROLE_CLIENT, "0000:17:00.0"));

	assert_int_equal(p2p_select(xe9680, "gpu,nvme77", P2P_ROLE_CLIENT, &words, &error),
			 -ENOENT);
	assert_non_null(strstr(error.text, "nvme77"));
	assert_null(words);
	assert_int_equal(p2p_select(xe9680, "gpu,,nvme", P2P_ROLE_CLIENT, &words, &error), -EINVAL);
	assert_null(words);
}

/*
 * 18:00.0, 19:00.0 and 1a:00.0 are below one switch without redirect: direct to each other, and the
 * same to everything else. 83:00.0 and 84:00.0 are below another with redirect: via host to all.
 * So two groups, although every pair across and 83-84 is via-host.
 */
static void equivalence(void **state)
{
	struct p2p_router *router = router_for(xe9680, "6.12", &intel);
	struct p2p_router *hardware = router_for(xe9680, "hardware", &intel);
	struct p2p_selection *selection;
	struct p2p_equivalence *groups;

	(void)state;
	assert_int_equal(p2p_select(xe9680, "18:0.0,19:0.0,1a:0.0,83:0.0,84:0.0", P2P_ROLE_CLIENT,
				    &selection, NULL),
			 0);
	assert_int_equal(selection->count, 5);
	assert_int_equal(
		p2p_equivalence_find(router, hardware, selection->nodes, selection->count, &groups),
		0);
	assert_int_equal(groups->count, 2);
	assert_int_equal(groups->start[0], 0);
	assert_int_equal(groups->start[1], 3);
	assert_int_equal(groups->start[2], 5);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(groups->member[i], i);
	p2p_equivalence_free(groups);
	p2p_selection_free(selection);
	p2p_router_free(router);
	p2p_router_free(hardware);
}

#define PORT(n, redirect)                                                                          \
	"02:0" n ".0 0604: 10b5:8747\n"                                                            \
	"\tBus: primary=02, secondary=1" n ", subordinate=1" n ", sec-latency=0\n"                 \
	"\tCapabilities: [40] Express (v2) Downstream Port (Slot+), MSI 00\n"                      \
	"\tCapabilities: [100 v1] Access Control Services\n"                                       \
	"\t\tACSCap:\tSrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- "         \
	"DirectTrans-\n"                                                                           \
	"\t\tACSCtl:\tSrcValid- TransBlk- " redirect " UpstreamFwd- EgressCtrl- DirectTrans-\n\n"  \
	"1" n ":00.0 0108: 1b36:0010\n"                                                            \
	"\tCapabilities: [40] Express (v2) Endpoint, MSI 00\n\n"

static const char three_below[] =
	"00:01.0 0604: 8086:2030\n\tBus: primary=00, secondary=01, subordinate=1f, sec-latency=0\n"
	"\tCapabilities: [40] Express (v2) Root Port (Slot-), MSI 00\n\n"
	"01:00.0 0604: 10b5:8747\n\tBus: primary=01, secondary=02, subordinate=1f, sec-latency=0\n"
	"\tCapabilities: [40] Express (v2) Upstream Port, MSI 00\n\n" PORT("0",
									   "ReqRedir+ CmpltRedir+")
		PORT("1", "ReqRedir- CmpltRedir+") PORT("2", "ReqRedir- CmpltRedir-");

static uint32_t count_groups(const struct p2p_machine *machine, const char *words)
{
	struct p2p_router *router = router_for(machine, "hardware", &intel);
	struct p2p_selection *selection;
	struct p2p_equivalence *groups;
	uint32_t count;

	assert_int_equal(p2p_select(machine, words, P2P_ROLE_CLIENT, &selection, NULL), 0);
	assert_int_equal(
		p2p_equivalence_find(router, router, selection->nodes, selection->count, &groups),
		0);
	count = groups->count;
	p2p_equivalence_free(groups);
	p2p_selection_free(selection);
	p2p_router_free(router);
	return count;
}

/*
 * To the wires, a request goes by the host when the client's port has RR or the provider's has CR.
 * Ports of 10, 11, 12: RR and CR, CR, nothing. 11 to 12 is direct and 12 to 11 is not. 10 and 11
 * reach each other by the host both ways, and 12 reaches both so, but 10 reaches 12 so and 11 does
 * not: only the way as client tells them apart.
 */
static void equivalence_both_ways(void **state)
{
	struct p2p_machine *machine = read_text(three_below);

	(void)state;
	assert_int_equal(count_groups(machine, "11:0.0,12:0.0"), 2);
	assert_int_equal(count_groups(machine, "10:0.0,11:0.0,12:0.0"), 3);
	assert_int_equal(count_groups(machine, "10:0.0,11:0.0"), 1);
	p2p_machine_free(machine);
}

static void same_as_first(const struct p2p_router *router, const struct p2p_selection *all,
			  uint32_t first, uint32_t member)
{
	struct p2p_route a, b;

	for (uint32_t other = 0; other < all->count; other++) {
		if (other == first || other == member)
			continue;
		p2p_route_find(router, all->nodes[first], all->nodes[other], &a);
		p2p_route_find(router, all->nodes[member], all->nodes[other], &b);
		assert_int_equal(a.verdict, b.verdict);
	}
}

/* The promise of a group, tried on all pairs of the whole server. */
static void equivalence_promise(void **state)
{
	struct p2p_router *router = router_for(xe9680, "6.12", NULL);
	struct p2p_router *hardware = router_for(xe9680, "hardware", NULL);
	struct p2p_selection *all;
	struct p2p_equivalence *groups;

	(void)state;
	assert_int_equal(p2p_select(xe9680, "all", P2P_ROLE_CLIENT, &all, NULL), 0);
	assert_int_equal(p2p_equivalence_find(router, hardware, all->nodes, all->count, &groups),
			 0);
	assert_in_range(groups->count, 2, 100);
	assert_int_equal(groups->start[groups->count], all->count);
	for (uint32_t group = 0; group < groups->count; group++)
		for (uint32_t m = groups->start[group]; m < groups->start[group + 1]; m++)
			same_as_first(router, all, groups->member[groups->start[group]],
				      groups->member[m]);
	p2p_equivalence_free(groups);
	p2p_selection_free(all);
	p2p_router_free(router);
	p2p_router_free(hardware);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(below_one_switch),
		cmocka_unit_test(below_redirecting_switch),
		cmocka_unit_test(two_listed_host_bridges),
		cmocka_unit_test(not_listed),
		cmocka_unit_test(each_question_once),
		cmocka_unit_test(without_options),
		cmocka_unit_test(one_function),
		cmocka_unit_test(host_bridges_are_refused),
		cmocka_unit_test(newer_kernel_lists),
		cmocka_unit_test(without_root),
		cmocka_unit_test(rules_and_wires_differ),
		cmocka_unit_test(boot_option_repeats),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(warns_of_translation),
		cmocka_unit_test(knows_what_was_proven),
		cmocka_unit_test(knows_what_was_allowed),
		cmocka_unit_test(warns_of_nothing_lent),
		cmocka_unit_test(unknown_is_no_warning),
		cmocka_unit_test(warns_of_redirect_and_guests),
		cmocka_unit_test(selection),
		cmocka_unit_test(equivalence),
		cmocka_unit_test(equivalence_both_ways),
		cmocka_unit_test(equivalence_promise),
	};

	return cmocka_run_group_tests(tests, open_xe9680, close_xe9680);
}
