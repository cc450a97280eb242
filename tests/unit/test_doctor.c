// SPDX-License-Identifier: MIT
/*
 * The doctor's findings, each in both states, on machines made for it; then on captures of real
 * machines, with what is expected worked out in the files by hand.
 */
#include "sources_support.h"

#include <sys/stat.h>
#include <unistd.h>

#include <p2pmem/doctor.h>
#include "machine/sources/platform.h"

/* One examination, with what it was made of. */
struct visit {
	struct p2p_machine *machine;
	struct p2p_router *router;
	struct p2p_doctor *doctor;
};

static bool is_id(const char *word)
{
	const char *const *ids = p2p_doctor_ids();

	for (size_t i = 0; ids[i]; i++)
		if (!strcmp(ids[i], word))
			return true;
	return false;
}

static struct visit visit_with(struct p2p_machine *machine, const char *kernel, const char *devices,
			       const char *module, const struct p2p_module_memory *memories,
			       size_t memory_count)
{
	struct p2p_platform platform = p2p_machine_platform(machine);
	struct visit visit = { .machine = machine };
	struct p2p_doctor_request request;
	const struct p2p_policy *policy;
	enum p2p_policy_fit fit;

	assert_int_equal(p2p_policy_find(kernel ? kernel : "7.3", &policy, &fit), 0);
	assert_int_equal(
		p2p_router_new(p2p_machine_fabric(machine), policy, &platform, &visit.router), 0);
	p2p_doctor_request_init(&request, sizeof(request));
	request.machine = machine;
	request.router = visit.router;
	request.release = kernel;
	request.devices = devices;
	request.module = module;
	request.memories = memories;
	request.memory_count = memory_count;
	assert_int_equal(p2p_doctor_examine(&request, &visit.doctor, NULL), 0);
	/* What people can ignore by name is all that there is. */
	for (uint32_t i = 0; i < visit.doctor->count; i++)
		assert_true(is_id(visit.doctor->findings[i].id));
	return visit;
}

static struct visit visit_live(struct p2p_machine *machine, const char *kernel, const char *devices,
			       const char *module)
{
	return visit_with(machine, kernel, devices, module, NULL, 0);
}

static struct visit visit_at(struct p2p_machine *machine, const char *kernel, const char *devices)
{
	return visit_live(machine, kernel, devices, NULL);
}

static void leave(struct visit *visit)
{
	p2p_doctor_free(visit->doctor);
	p2p_router_free(visit->router);
	p2p_machine_free(visit->machine);
}

static const struct p2p_finding *find(const struct visit *visit, const char *id)
{
	for (uint32_t i = 0; i < visit->doctor->count; i++)
		if (!strcmp(visit->doctor->findings[i].id, id))
			return &visit->doctor->findings[i];
	return NULL;
}

static const struct p2p_finding *expect(const struct visit *visit, const char *id,
					enum p2p_severity severity)
{
	const struct p2p_finding *finding = find(visit, id);

	if (!finding) {
		print_error("no finding \"%s\"\n", id);
		fail();
		abort(); /* for analysers: fail() does not return */
	}
	if (finding->severity != severity)
		print_error("%s: %s: %s\n%s\n", id, p2p_severity_name(finding->severity),
			    finding->text, finding->evidence ? finding->evidence : "");
	assert_int_equal(finding->severity, severity);
	assert_non_null(finding->text);
	return finding;
}

static void expect_text(const char *text, const char *words)
{
	const char *found = text ? strstr(text, words) : NULL;

	if (!found)
		print_error("\"%s\" is not in \"%s\"\n", words, text ? text : "(nothing)");
	assert_non_null(found);
}

/* That a finding advises something with these words, and by that step. */
static void expect_advice(const struct p2p_finding *finding, const char *words,
			  enum p2p_step_code step)
{
	for (uint32_t i = 0; i < finding->advice_count; i++)
		if (strstr(finding->advice[i].text, words)) {
			assert_int_equal(finding->advice[i].step.code, step);
			return;
		}
	fail_msg("%s does not advise \"%s\"", finding->id, words);
}

/* Text of lspci does not name the CPU, which could be an AMD that passes every host bridge. */
static struct visit visit_text(const char *text, const char *kernel)
{
	struct p2p_machine *machine = read_text(text);

	machine->platform.arch = "x86_64";
	machine->platform.cpu_vendor = "GenuineIntel";
	machine->platform.cpu_family = 6;
	return visit_at(machine, kernel, NULL);
}

/*
 * lspci -nvv of one root port, a switch with two ports and a drive below each. What a test is
 * about it gives: the first device's ids, ACS of root port and both ports, groups, more text of
 * the first drive, and its link.
 */
#define ACS(control)                                                                               \
	"\tCapabilities: [100 v1] Access Control Services\n"                                       \
	"\t\tACSCap:\tSrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- "         \
	"DirectTrans-\n\t\tACSCtl:\t" control " EgressCtrl- DirectTrans-\n"
#define OFF      "SrcValid- TransBlk- ReqRedir- CmpltRedir- UpstreamFwd-"
#define ISOLATES "SrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd+"
#define NO_ACS   "\tCapabilities: [100 v1] Advanced Error Reporting\n"
#define DENIED   "\tCapabilities: <access denied>\n"

/* Without these lines a text was filtered, and nothing is absent for not being there. */
#define STATUS "\tControl: I/O+ Mem+ BusMaster+\n\tStatus: Cap+ 66MHz- UDF-\n"

#define PORT(address, type, buses, group, link, acs)                                               \
	address " 0604: 10b5:8747\n" STATUS group "\tBus: " buses ", sec-latency=0\n"              \
		"\tMemory behind bridge: 80000000-80ffffff [size=16M] [32-bit]\n"                  \
		"\tCapabilities: [40] Express (v2) " type ", MSI 00\n" link acs "\n"
#define LINK(most, now) "\t\tLnkCap:\tPort #0, " most "\n\t\tLnkSta:\t" now "\n"
#define GEN3            LINK("Speed 8GT/s, Width x4", "Speed 8GT/s, Width x4")

#define DRIVE(address, group, bar, link, more)                                                     \
	address " 0108: 144d:a80a\n" STATUS group bar                                              \
		"\tCapabilities: [70] Express (v2) Endpoint, MSI 00\n" link NO_ACS more "\n"
#define BAR0 "\tRegion 0: Memory at 80000000 (64-bit, non-prefetchable) [size=16K]\n"
#define BAR1 "\tRegion 0: Memory at 80100000 (64-bit, non-prefetchable) [size=16K]\n"

#define FIRST(ids)                                                                                 \
	"00:00.0 0600: " ids "\n" STATUS "\tCapabilities: [90] Power Management version 3\n\n"
#define GROUP(n) "\tIOMMU group: " n "\n"
#define ROOT(acs, g)                                                                               \
	PORT("00:01.0", "Root Port (Slot-)", "primary=00, secondary=01, subordinate=04", g, GEN3,  \
	     acs)
#define UP(g)                                                                                      \
	PORT("01:00.0", "Upstream Port", "primary=01, secondary=02, subordinate=04", g, GEN3,      \
	     NO_ACS)
#define DOWN0(acs, g)                                                                              \
	PORT("02:00.0", "Downstream Port (Slot+)", "primary=02, secondary=03, subordinate=03", g,  \
	     GEN3, acs)
#define DOWN1(acs, g)                                                                              \
	PORT("02:01.0", "Downstream Port (Slot+)", "primary=02, secondary=04, subordinate=04", g,  \
	     GEN3, acs)

#define SWITCH(ids, acs)                                                                           \
	FIRST(ids)                                                                                 \
	ROOT(NO_ACS, "")                                                                           \
	UP("")                                                                                     \
	DOWN0(acs, "")                                                                             \
	DOWN1(acs, "") DRIVE("03:00.0", "", BAR0, GEN3, "") DRIVE("04:00.0", "", BAR1, GEN3, "")

/* 8086:1237 is on no list; 8086:2030 on all of them: core/route/policy.c and p2pdma.c. */
#define UNLISTED "8086:1237"
#define LISTED   "8086:2030"

static void acs_clear(void **state)
{
	struct visit visit = visit_text(SWITCH(UNLISTED, ACS(OFF)), "7.3");

	(void)state;
	expect_text(expect(&visit, "acs-redirect", P2P_SEVERITY_OK)->evidence,
		    "1 switch (or bridge)");
	assert_int_equal(expect(&visit, "devices", P2P_SEVERITY_OK)->node_count, 2);
	/* The only two devices meet below the switch, so the host is not asked. */
	expect(&visit, "host-bridge", P2P_SEVERITY_NOTE);
	leave(&visit);
}

/* The host may not pass it on: refused. Both ports, in one option, and nothing else. */
static void acs_refused(void **state)
{
	struct visit visit = visit_text(SWITCH(UNLISTED, ACS(ISOLATES)), "7.3");
	const struct p2p_finding *finding = expect(&visit, "acs-redirect", P2P_SEVERITY_PROBLEM);

	(void)state;
	assert_string_equal(finding->paste, "pci=disable_acs_redir=0000:02:00.0;0000:02:01.0");
	expect_text(finding->affected, "nvme 0000:03:00.0 <-> nvme 0000:04:00.0");
	/* One pair, though both its ends' ports redirect. */
	assert_int_equal(finding->pair_count, 1);
	assert_false(finding->more_pairs);
	expect_text(finding->evidence, "0000:02:01.0 ACS control 0x001d: ReqRedir+ CmpltRedir+");
	expect_text(finding->cost, "virtual machines");
	assert_int_equal(finding->node_count, 2);
	expect_text(expect(&visit, "host-bridge", P2P_SEVERITY_PROBLEM)->evidence,
		    "first device 0000:00:00.0 (8086:1237)");
	leave(&visit);
}

/* The host passes it on: slower. By the hardware's rules alone it is the same. */
static void acs_via_host(void **state)
{
	struct visit visit = visit_text(SWITCH(LISTED, ACS(ISOLATES)), "6.1");

	(void)state;
	expect_text(expect(&visit, "acs-redirect", P2P_SEVERITY_WARNING)->text, "more slowly");
	expect(&visit, "host-bridge", P2P_SEVERITY_OK);
	leave(&visit);
	visit = visit_text(SWITCH(UNLISTED, ACS(ISOLATES)), "hardware");
	expect(&visit, "acs-redirect", P2P_SEVERITY_WARNING);
	expect(&visit, "host-bridge", P2P_SEVERITY_NOTE);
	leave(&visit);
}

#define UP_REDIRECTS                                                                               \
	FIRST(UNLISTED)                                                                            \
	ROOT(NO_ACS, "")                                                                           \
	PORT("01:00.0", "Upstream Port", "primary=01, secondary=02, subordinate=04", "", GEN3,     \
	     ACS(ISOLATES))                                                                        \
	DOWN0(NO_ACS, "")                                                                          \
	DOWN1(NO_ACS, "") DRIVE("03:00.0", "", BAR0, GEN3, "") DRIVE("04:00.0", "", BAR1, GEN3, "")

/*
 * Linux counts the common port, too (calc_map_type_and_dist()); on the wires nothing turns there.
 * A port above the common one never counts, and no two root ports have a common one.
 */
static void acs_where_it_counts(void **state)
{
	struct visit visit = visit_text(UP_REDIRECTS, "7.3");

	(void)state;
	assert_string_equal(expect(&visit, "acs-redirect", P2P_SEVERITY_PROBLEM)->paste,
			    "pci=disable_acs_redir=0000:01:00.0");
	/* All that meet in a switch that redirects itself. */
	assert_int_equal(find(&visit, "acs-redirect")->pair_count, 1);
	leave(&visit);
	visit = visit_text(UP_REDIRECTS, "hardware");
	expect(&visit, "acs-redirect", P2P_SEVERITY_OK);
	leave(&visit);
	visit = visit_text(FIRST(UNLISTED) ROOT(ACS(ISOLATES), "") UP("") DOWN0(ACS(OFF), "")
				   DOWN1(ACS(OFF), "") DRIVE("03:00.0", "", BAR0, GEN3, "")
					   DRIVE("04:00.0", "", BAR1, GEN3, ""),
			   "7.3");
	expect(&visit, "acs-redirect", P2P_SEVERITY_OK);
	leave(&visit);
	visit = visit_text(FIRST(UNLISTED) PORT("00:01.0", "Root Port (Slot-)",
						"primary=00, secondary=01, subordinate=01", "",
						GEN3, ACS(ISOLATES))
				   PORT("00:02.0", "Root Port (Slot-)",
					"primary=00, secondary=02, subordinate=02", "", GEN3,
					ACS(ISOLATES)) DRIVE("01:00.0", "", BAR0, GEN3, "")
					   DRIVE("02:00.0", "", BAR1, GEN3, ""),
			   "7.3");
	expect_text(expect(&visit, "acs-redirect", P2P_SEVERITY_OK)->text, "share a switch");
	leave(&visit);
}

static void acs_hidden(void **state)
{
	struct visit visit =
		visit_text(FIRST(UNLISTED) "00:01.0 0604: 8086:2f08\n" STATUS
					   "\tBus: primary=00, secondary=01, "
					   "subordinate=01, sec-latency=0\n" DENIED "\n"
					   "01:00.0 0604: 10b5:8747\n" STATUS
					   "\tBus: primary=01, secondary=02, "
					   "subordinate=04, sec-latency=0\n" DENIED "\n"
					   "02:01.0 0108: 144d:a80a\n" STATUS DENIED
					   "\n02:02.0 0108: 144d:a80a\n" STATUS DENIED "\n",
			   "7.3");
	const struct p2p_finding *finding = expect(&visit, "acs-redirect", P2P_SEVERITY_UNKNOWN);

	(void)state;
	expect_text(finding->evidence, "not read as root");
	expect_advice(finding, "take a capture as root", P2P_STEP_CAPTURE);
	/* Nothing that depends on what was not read is a problem. */
	assert_int_equal(visit.doctor->tally[P2P_SEVERITY_PROBLEM], 0);
	expect_text(expect(&visit, "host-bridge", P2P_SEVERITY_UNKNOWN)->text,
		    "whether any request has to pass it depends on ACS that could not be read");
	/* 01:00.0, where they meet, and both drives; not the root port above. */
	assert_int_equal(finding->node_count, 3);
	expect(&visit, "root", P2P_SEVERITY_UNKNOWN);
	expect(&visit, "link-downgraded", P2P_SEVERITY_UNKNOWN);
	expect(&visit, "bars", P2P_SEVERITY_UNKNOWN);
	leave(&visit);
}

/* Two functions of one card below a redirecting port are no pair that anybody asks for. */
static void acs_one_card(void **state)
{
	struct visit visit = visit_text(FIRST(UNLISTED) ROOT(ACS(ISOLATES), "")
						DRIVE("01:00.0", "", BAR0, GEN3, "")
							DRIVE("01:00.1", "", BAR1, GEN3, ""),
					"7.3");

	(void)state;
	expect_text(expect(&visit, "acs-redirect", P2P_SEVERITY_OK)->evidence,
		    "1 function redirects where no two of these devices meet, but others may: "
		    "0000:00:01.0");
	leave(&visit);
}

#define GROUPS(acs, root, up, down0, down1, drive0, drive1)                                        \
	FIRST(UNLISTED)                                                                            \
	ROOT(ACS(ISOLATES), GROUP(root))                                                           \
	UP(GROUP(up))                                                                              \
	DOWN0(acs, GROUP(down0))                                                                   \
	DOWN1(acs, GROUP(down1))                                                                   \
	DRIVE("03:00.0", GROUP(drive0), BAR0, GEN3, "")                                            \
	DRIVE("04:00.0", GROUP(drive1), BAR1, GEN3, "")

static void groups_agree(void **state)
{
	/* All isolate: everybody for himself. */
	struct visit visit = visit_text(GROUPS(ACS(ISOLATES), "1", "2", "3", "4", "5", "6"), "7.3");

	(void)state;
	expect_text(expect(&visit, "iommu-groups", P2P_SEVERITY_OK)->evidence, "3 ports");
	leave(&visit);
	/* The switch's ports do not: their drives are in their groups. */
	visit = visit_text(GROUPS(ACS(OFF), "1", "2", "3", "4", "3", "4"), "7.3");
	expect(&visit, "iommu-groups", P2P_SEVERITY_OK);
	leave(&visit);
}

/* What a port cannot control is hard-wired (pci_acs_flags_enabled()): RR and CR on suffice. */
#define FEW                                                                                        \
	"\tCapabilities: [100 v1] Access Control Services\n"                                       \
	"\t\tACSCap:\tSrcValid- TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd- EgressCtrl- "         \
	"DirectTrans-\n\t\tACSCtl:\tSrcValid- TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd- "       \
	"EgressCtrl- DirectTrans-\n"

static void groups_hard_wired(void **state)
{
	struct visit visit = visit_text(GROUPS(FEW, "1", "2", "3", "4", "5", "6"), "7.3");

	(void)state;
	expect_text(expect(&visit, "iommu-groups", P2P_SEVERITY_OK)->evidence, "3 ports");
	leave(&visit);
}

static void groups_stale(void **state)
{
	/* 02:00.0 and 02:01.0 do not isolate, and the groups say they do. */
	struct visit visit = visit_text(GROUPS(ACS(OFF), "1", "2", "3", "4", "5", "6"), "7.3");
	const struct p2p_finding *finding = expect(&visit, "iommu-groups", P2P_SEVERITY_PROBLEM);

	(void)state;
	assert_int_equal(finding->node_count, 2);
	expect_text(finding->evidence, "0000:02:00.0, ACS control 0x0000, in group 3; 0000:03:00.0 "
				       "below it in group 5");
	leave(&visit);
	/* The other way round. */
	visit = visit_text(GROUPS(ACS(ISOLATES), "1", "2", "3", "4", "3", "4"), "7.3");
	finding = expect(&visit, "iommu-groups", P2P_SEVERITY_WARNING);
	assert_int_equal(finding->node_count, 2);
	leave(&visit);
}

#define UNSET_RESOURCE "0x0 0xffffff 0x20140204\n"

/* IORESOURCE_UNSET: the kernel found no room. */
static void bar_unset(void **state)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	struct visit visit;

	(void)state;
	tree_function(memory, "pci0000:00/0000:00:02.0", "0x030200\n");
	tree_file(memory, "sys/devices/pci0000:00/0000:00:02.0/resource", UNSET_RESOURCE);
	visit = visit_at(tree_machine(memory), "7.3", NULL);
	expect_text(expect(&visit, "bar-unassigned", P2P_SEVERITY_PROBLEM)->evidence,
		    "0000:00:02.0 BAR 0 has no address");
	leave(&visit);
}

#define LONE_DRIVE(bar, link, more)                                                                \
	FIRST(LISTED) ROOT(NO_ACS, "") DRIVE("01:00.0", "", bar, link, more)

static void bars(void **state)
{
	struct visit visit = visit_text(LONE_DRIVE(BAR0, GEN3, ""), "7.3");

	(void)state;
	expect(&visit, "bars", P2P_SEVERITY_OK);
	assert_null(find(&visit, "bar-resizable"));
	leave(&visit);
	visit = visit_text(
		LONE_DRIVE("\tRegion 0: Memory at <unassigned> (64-bit, prefetchable)\n", GEN3, ""),
		"7.3");
	expect_text(expect(&visit, "bar-unassigned", P2P_SEVERITY_PROBLEM)->evidence,
		    "0000:01:00.0 BAR 0 has no address");
	assert_null(find(&visit, "bars"));
	leave(&visit);
	/* The port's window ends at 80ffffff; a BAR that only begins in it is outside, too. */
	visit = visit_text(LONE_DRIVE("\tRegion 2: Memory at 80f00000 (64-bit, prefetchable) "
				      "[size=2M]\n",
				      GEN3, ""),
			   "7.3");
	expect_text(expect(&visit, "bar-window", P2P_SEVERITY_PROBLEM)->evidence,
		    "0000:01:00.0 BAR 2 lies in no memory window of 0000:00:01.0");
	leave(&visit);
	visit = visit_text(LONE_DRIVE("\tRegion 0: Memory at 80000000 (64-bit, prefetchable) "
				      "[size=32M]\n",
				      GEN3, ""),
			   "7.3");
	expect(&visit, "bar-window", P2P_SEVERITY_PROBLEM);
	leave(&visit);
}

static void bar_resizable(void **state)
{
	static const char bar[] = LONE_DRIVE(
		"\tRegion 0: Memory at 80000000 (64-bit, prefetchable) [size=8M]\n", GEN3,
		"\tCapabilities: [200 v1] Physical Resizable BAR\n"
		"\t\tBAR 0: current size: 8MB, supported: 8MB 16GB 32MB\n"
		"\tCapabilities: [240 v1] Virtual Resizable BAR\n"
		"\t\tBAR 0: current size: 8MB, supported: 8MB 1TB\n");
	struct visit visit = visit_text(bar, "7.3");

	(void)state;
	expect_text(expect(&visit, "bar-resizable", P2P_SEVERITY_NOTE)->evidence,
		    "BAR 0 is 8 MiB, can be 16 GiB");
	leave(&visit);
}

/* A drive that can 16 GT/s in a port of 8 GT/s is not downgraded; x2 where both can x4 is. */
static void links(void **state)
{
	struct visit visit = visit_text(
		LONE_DRIVE(BAR0, LINK("Speed 16GT/s, Width x4", "Speed 8GT/s, Width x4"), ""),
		"7.3");

	(void)state;
	expect(&visit, "link-downgraded", P2P_SEVERITY_OK);
	leave(&visit);
	/* A port that does not say what it can: the drive's word, or nobody's. */
	visit = visit_text(FIRST(LISTED) PORT("00:01.0", "Root Port (Slot-)",
					      "primary=00, secondary=01, subordinate=04", "", "",
					      NO_ACS) DRIVE("01:00.0", "", BAR0, GEN3, ""),
			   "7.3");
	expect(&visit, "link-downgraded", P2P_SEVERITY_OK);
	leave(&visit);
	visit = visit_text(
		FIRST(LISTED) PORT("00:01.0", "Root Port (Slot-)",
				   "primary=00, secondary=01, subordinate=04", "", "", NO_ACS)
			DRIVE("01:00.0", "", BAR0,
			      LINK("Speed 16GT/s, Width x4", "Speed 8GT/s, Width x4"), ""),
		"7.3");
	expect(&visit, "link-downgraded", P2P_SEVERITY_UNKNOWN);
	leave(&visit);
	visit = visit_text(
		LONE_DRIVE(BAR0, LINK("Speed 16GT/s, Width x4", "Speed 8GT/s, Width x2"), ""),
		"7.3");
	expect_text(expect(&visit, "link-downgraded", P2P_SEVERITY_WARNING)->evidence,
		    "0000:01:00.0: 8 GT/s x2, both ends can do 8 GT/s x4");
	leave(&visit);
}

/* Two drives on the root bus: the host decides. Each row by p2pdma.c of that version. */
#define ROOT_BUS(ids)                                                                              \
	FIRST(ids)                                                                                 \
	"00:02.0 0108: 144d:a80a\n\n00:03.0 0108: 144d:a80a\n\n"

static void host_bridges(void **state)
{
	struct visit visit = visit_text(ROOT_BUS(LISTED), "6.12");
	const struct p2p_finding *finding;

	(void)state;
	expect(&visit, "host-bridge", P2P_SEVERITY_OK);
	leave(&visit);
	/* DSA of Sapphire Rapids came after 6.12. */
	visit = visit_text(ROOT_BUS("8086:0b25"), "6.12");
	finding = expect(&visit, "host-bridge", P2P_SEVERITY_PROBLEM);
	expect_text(finding->evidence, "(8086:0b25); allowed by Linux 7.2 to 7.3");
	expect_advice(finding, "no boot option", P2P_STEP_NONE);
	leave(&visit);
	visit = visit_text(ROOT_BUS(UNLISTED), "7.3");
	expect_text(expect(&visit, "host-bridge", P2P_SEVERITY_PROBLEM)->evidence,
		    "no other kernel known here allows it");
	leave(&visit);
	visit = visit_at(read_text(ROOT_BUS(UNLISTED)), "7.3", NULL);
	expect_text(expect(&visit, "host-bridge", P2P_SEVERITY_UNKNOWN)->evidence,
		    "the CPU is not known");
	leave(&visit);
	/* Another host bridge's drive: REQ_SAME_HOST_BRIDGE. */
	visit = visit_text(
		FIRST("8086:2f00") "00:02.0 0108: 144d:a80a\n\n"
				   "80:00.0 0600: 8086:2f00\n\n80:02.0 0108: 144d:a80a\n\n",
		"7.3");
	assert_int_equal(expect(&visit, "host-bridge", P2P_SEVERITY_WARNING)->node_count, 2);
	leave(&visit);
	/* That the first has two of its own, between which it passes, does not hide it. */
	visit = visit_text(ROOT_BUS("8086:2f00") "80:00.0 0600: 8086:2f00\n\n"
						 "80:02.0 0108: 144d:a80a\n\n",
			   "7.3");
	assert_int_equal(expect(&visit, "host-bridge", P2P_SEVERITY_WARNING)->node_count, 2);
	leave(&visit);
	/* A redirecting switch sends its requests to the only host bridge there is. */
	visit = visit_text(SWITCH(UNLISTED, ACS(ISOLATES)), "7.3");
	expect(&visit, "host-bridge", P2P_SEVERITY_PROBLEM);
	leave(&visit);
}

/* A capture of two drives on the root bus; `facts` are lines of its manifest. */
static struct p2p_memory_tree *capture(const char *facts)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	char manifest[512];

	snprintf(manifest, sizeof(manifest), "format 1\nroot yes\ncomplete yes\n%s", facts);
	tree_file(memory, P2P_MANIFEST, manifest);
	tree_function(memory, "pci0000:00/0000:00:02.0", "0x010802\n");
	tree_function(memory, "pci0000:00/0000:00:03.0", "0x010802\n");
	return memory;
}

#define DRIVE_DIRECTORY "sys/devices/pci0000:00/0000:00:02.0"

static void kernel(void **state)
{
	static const struct {
		const char *facts, *release;
		enum p2p_severity config, version;
	} cases[] = {
		{ "option CONFIG_PCI_P2PDMA=y\n", "6.12", P2P_SEVERITY_OK, P2P_SEVERITY_OK },
		{ "option CONFIG_PCI_P2PDMA=y\n", "6.2.0-1", P2P_SEVERITY_OK, P2P_SEVERITY_OK },
		{ "option CONFIG_PCI_P2PDMA=y\n", "6.1.192", P2P_SEVERITY_OK,
		  P2P_SEVERITY_PROBLEM },
		{ "option CONFIG_PCI_P2PDMA=y\n", "5.19", P2P_SEVERITY_OK, P2P_SEVERITY_PROBLEM },
		{ "", "7.3", P2P_SEVERITY_UNKNOWN, P2P_SEVERITY_OK },
		{ "", NULL, P2P_SEVERITY_UNKNOWN, P2P_SEVERITY_UNKNOWN },
	};
	struct visit visit;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		visit = visit_at(tree_machine(capture(cases[i].facts)), cases[i].release, NULL);
		expect(&visit, "kernel-config", cases[i].config);
		expect(&visit, "kernel-version", cases[i].version);
		leave(&visit);
	}
	visit = visit_at(tree_machine(capture("option CONFIG_PCI_P2PDMA=n\n")), "6.12", NULL);
	expect_text(expect(&visit, "kernel-config", P2P_SEVERITY_PROBLEM)->evidence,
		    "CONFIG_PCI_P2PDMA=n");
	assert_null(find(&visit, "kernel-version"));
	leave(&visit);
}

static void guest(void **state)
{
	struct visit visit = visit_at(tree_machine(capture("hypervisor yes\n")), "7.3", NULL);

	(void)state;
	expect_advice(expect(&visit, "hypervisor", P2P_SEVERITY_WARNING), "prove with data",
		      P2P_STEP_PROVE);
	leave(&visit);
	visit = visit_at(tree_machine(capture("hypervisor no\n")), "7.3", NULL);
	expect(&visit, "hypervisor", P2P_SEVERITY_OK);
	leave(&visit);
	visit = visit_at(tree_machine(capture("")), "7.3", NULL);
	expect(&visit, "hypervisor", P2P_SEVERITY_UNKNOWN);
	leave(&visit);
}

/* Two drives below one bridge, in group 7 of that type. */
static struct p2p_machine *grouped(const char *type)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();

	tree_file(memory, P2P_MANIFEST, "format 1\ncomplete yes\n");
	tree_function(memory, "pci0000:00/0000:00:01.0", "0x060400\n");
	tree_function(memory, "pci0000:00/0000:00:01.0/0000:01:00.0", "0x010802\n");
	tree_function(memory, "pci0000:00/0000:00:01.0/0000:01:01.0", "0x010802\n");
	tree_link(memory, "sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/iommu_group",
		  "../../../../kernel/iommu_groups/7");
	tree_link(memory, "sys/devices/pci0000:00/0000:00:01.0/0000:01:01.0/iommu_group",
		  "../../../../kernel/iommu_groups/7");
	if (type)
		tree_file(memory, "sys/kernel/iommu_groups/7/type", type);
	return tree_machine(memory);
}

static void iommu(void **state)
{
	static const char *const translating[] = { "DMA\n", "DMA-FQ\n" };
	struct visit visit;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		visit = visit_at(grouped(translating[i]), "7.3", NULL);
		expect_advice(expect(&visit, "iommu", P2P_SEVERITY_NOTE), "iommu=pt",
			      P2P_STEP_NONE);
		expect_text(expect(&visit, "iommu-direct", P2P_SEVERITY_WARNING)->evidence,
			    "below 0000:00:01.0: 0000:01:00.0 and 0000:01:01.0");
		leave(&visit);
	}
	visit = visit_at(grouped("identity\n"), "7.3", NULL);
	expect(&visit, "iommu", P2P_SEVERITY_OK);
	assert_null(find(&visit, "iommu-direct"));
	leave(&visit);
	visit = visit_at(grouped(NULL), "7.3", NULL);
	expect(&visit, "iommu", P2P_SEVERITY_UNKNOWN);
	leave(&visit);
	visit = visit_at(tree_machine(capture("")), "7.3", NULL);
	expect_text(expect(&visit, "iommu", P2P_SEVERITY_OK)->text, "no IOMMU is on");
	leave(&visit);
}

#define DOWN2                                                                                      \
	PORT("02:02.0", "Downstream Port (Slot+)", "primary=02, secondary=05, subordinate=05", "", \
	     GEN3, ACS(OFF))
#define THREE(acs)                                                                                 \
	FIRST(UNLISTED)                                                                            \
	ROOT(NO_ACS, "")                                                                           \
	UP("")                                                                                     \
	DOWN0(ACS(ISOLATES), "")                                                                   \
	DOWN1(acs, "")                                                                             \
	DOWN2 DRIVE("03:00.0", GROUP("7"), BAR0, GEN3, "")                                         \
		DRIVE("04:00.0", GROUP("7"), BAR1, GEN3, "")                                       \
			DRIVE("05:00.0", GROUP("7"), BAR1, GEN3, "")

/* Text of lspci has no domain types. */
static struct visit visit_translated(const char *text)
{
	struct p2p_machine *machine = read_text(text);

	p2p_build_group(machine, 7, "DMA", 3);
	return visit_at(machine, "7.3", NULL);
}

/* Two of three ports do not redirect, so theirs is a direct way; with one left there is none. */
static void iommu_direct(void **state)
{
	struct visit visit = visit_translated(THREE(ACS(OFF)));

	(void)state;
	expect_text(expect(&visit, "iommu-direct", P2P_SEVERITY_WARNING)->evidence,
		    "below 0000:01:00.0: 0000:04:00.0 and 0000:05:00.0");
	leave(&visit);
	visit = visit_translated(THREE(ACS(ISOLATES)));
	assert_null(find(&visit, "iommu-direct"));
	leave(&visit);
}

static void add_controller(struct p2p_memory_tree *memory, const char *cmb)
{
	tree_link(memory, "sys/class/nvme/nvme0",
		  "../../devices/pci0000:00/0000:00:02.0/nvme/nvme0");
	tree_file(memory, DRIVE_DIRECTORY "/nvme/nvme0/cmb", cmb);
}

/* 256 units of 4 KiB in BAR 2: 1 MiB. 512 units: 2 MiB. NVMe Base 2.0, 3.1.3.11 and 3.1.3.12. */
#define CMB_1M "cmbloc : 0x00000002\ncmbsz  : 0x00100019\n"
#define CMB_2M "cmbloc : 0x00000002\ncmbsz  : 0x00200019\n"

static void buffers(void **state)
{
	struct p2p_memory_tree *memory = capture("option CONFIG_PCI_P2PDMA=y\n");
	struct visit visit;

	(void)state;
	add_controller(memory, CMB_1M);
	visit = visit_at(tree_machine(memory), "7.3", NULL);
	expect_text(expect(&visit, "cmb", P2P_SEVERITY_PROBLEM)->evidence,
		    "0000:00:02.0 (nvme0): 1 MiB in BAR 2: its size is not a multiple of 2 MiB");
	expect(&visit, "peer-memory", P2P_SEVERITY_WARNING);
	leave(&visit);

	memory = capture("option CONFIG_PCI_P2PDMA=n\n");
	add_controller(memory, CMB_2M);
	visit = visit_at(tree_machine(memory), "6.12", NULL);
	expect_text(expect(&visit, "cmb", P2P_SEVERITY_PROBLEM)->evidence,
		    "2 MiB in BAR 2: the kernel has no CONFIG_PCI_P2PDMA");
	leave(&visit);

	/* BAR 2 begins at 1 MiB: no place for struct pages. */
	memory = capture("option CONFIG_PCI_P2PDMA=y\n");
	add_controller(memory, CMB_2M);
	tree_file(memory, DRIVE_DIRECTORY "/resource",
		  "0x0 0x0 0x0\n0x0 0x0 0x0\n0x80100000 0x802fffff 0x140204\n");
	visit = visit_at(tree_machine(memory), "7.3", NULL);
	expect_text(expect(&visit, "cmb", P2P_SEVERITY_PROBLEM)->evidence,
		    "BAR 2 does not begin at a multiple of 2 MiB");
	leave(&visit);

	/* Nonsense is no buffer: BAR 7, a unit beyond the last. */
	memory = capture("");
	add_controller(memory, "cmbloc : 0x00000007\ncmbsz  : 0x00100f19\n");
	visit = visit_at(tree_machine(memory), "7.3", NULL);
	assert_null(find(&visit, "cmb"));
	leave(&visit);
}

static struct p2p_machine *provider(void)
{
	struct p2p_memory_tree *memory = capture("");

	add_controller(memory, CMB_2M);
	tree_file(memory, DRIVE_DIRECTORY "/p2pmem/size", "67108864\n");
	tree_file(memory, DRIVE_DIRECTORY "/p2pmem/available", "1048576\n");
	tree_file(memory, DRIVE_DIRECTORY "/p2pmem/published", "1\n");
	return tree_machine(memory);
}

static void published(void **state)
{
	struct visit visit = visit_at(provider(), "7.3", NULL);

	(void)state;
	expect_text(expect(&visit, "peer-memory", P2P_SEVERITY_OK)->evidence,
		    "0000:00:02.0 (nvme0): published 64 MiB, 1 MiB free");
	/* What is published needs no explanation, and proves the kernel's configuration. */
	assert_null(find(&visit, "cmb"));
	expect(&visit, "kernel-config", P2P_SEVERITY_OK);
	/* Nobody's permission can be tried on a capture. */
	assert_null(find(&visit, "permission"));
	leave(&visit);
}

static void permission(void **state)
{
	char directory[] = "/tmp/doctor-XXXXXX", device[64], p2pmem[80], allocate[96];
	struct visit visit;
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(directory));
	assert_int_equal(chmod(directory, 0755), 0);
	snprintf(device, sizeof(device), "%s/0000:00:02.0", directory);
	snprintf(p2pmem, sizeof(p2pmem), "%s/p2pmem", device);
	snprintf(allocate, sizeof(allocate), "%s/allocate", p2pmem);
	assert_int_equal(mkdir(device, 0755), 0);
	assert_int_equal(mkdir(p2pmem, 0755), 0);
	visit = visit_at(provider(), "7.3", directory);
	expect_text(expect(&visit, "permission", P2P_SEVERITY_PROBLEM)->evidence, "No such file");
	leave(&visit);

	file = fopen(allocate, "w");
	assert_non_null(file);
	fclose(file);
	assert_int_equal(chmod(allocate, 0600), 0);
	visit = visit_at(provider(), "7.3", directory);
	expect(&visit, "permission", P2P_SEVERITY_OK);
	leave(&visit);
	if (geteuid() == 0) {
		assert_int_equal(seteuid(65534), 0);
		visit = visit_at(provider(), "7.3", directory);
		assert_int_equal(seteuid(0), 0);
		/* Not a fault of the machine: every user has it where memory is published. */
		expect_advice(expect(&visit, "permission", P2P_SEVERITY_WARNING), "chgrp",
			      P2P_STEP_NONE);
		leave(&visit);
	}
	unlink(allocate);
	rmdir(p2pmem);
	rmdir(device);
	rmdir(directory);
}

static void module(void **state)
{
	char directory[] = "/tmp/doctor-XXXXXX", version[64];
	struct p2p_machine *machine = provider();
	const struct p2p_finding *finding;
	struct visit visit;
	FILE *file;

	(void)state;
	/* A capture has no module, and does not say that there is none. */
	visit = visit_at(machine, "7.3", NULL);
	assert_null(find(&visit, "module"));
	leave(&visit);

	visit = visit_live(provider(), "7.3", NULL, "/nowhere/p2pmem");
	finding = expect(&visit, "module", P2P_SEVERITY_NOTE);
	expect_advice(finding, "modprobe p2pmem", P2P_STEP_PUBLISH_ANY);
	assert_null(strstr(finding->text, "only by wrapping"));
	leave(&visit);
	visit = visit_live(tree_machine(capture("option CONFIG_PCI_P2PDMA=n\n")), "6.12", NULL,
			   "/nowhere/p2pmem");
	expect_text(expect(&visit, "module", P2P_SEVERITY_NOTE)->text,
		    "on this kernel only by wrapping");
	leave(&visit);

	assert_non_null(mkdtemp(directory));
	visit = visit_live(provider(), "7.3", NULL, directory);
	expect_text(expect(&visit, "module", P2P_SEVERITY_OK)->evidence, "is there");
	leave(&visit);
	snprintf(version, sizeof(version), "%s/version", directory);
	file = fopen(version, "w");
	assert_non_null(file);
	fputs("0.0.1\n", file);
	fclose(file);
	visit = visit_live(provider(), "7.3", NULL, directory);
	expect_text(expect(&visit, "module", P2P_SEVERITY_OK)->evidence,
		    "version: 0.0.1, this library is");
	leave(&visit);
	unlink(version);
	rmdir(directory);
}

/* A drive, a GPU and a NIC below one switch, whose port redirects; the host bridge is listed. */
#define NAMED(address, class, more)                                                                \
	address " " class ": 10de:2330\n\tCapabilities: [70] Express (v2) Endpoint, MSI 00\n" GEN3 \
		NO_ACS more "\n"

static void acs_names_pairs(void **state)
{
	struct visit visit = visit_text(
		FIRST(LISTED) ROOT(NO_ACS, "") UP("") DOWN0(ACS(ISOLATES), "") DOWN1(ACS(OFF), "")
			DOWN2 NAMED("03:00.0", "0302", "") NAMED("04:00.0", "0200", "")
				NAMED("04:00.1", "0200", "") NAMED("05:00.0", "0108", ""),
		"7.3");
	const struct p2p_finding *finding = expect(&visit, "acs-redirect", P2P_SEVERITY_WARNING);

	(void)state;
	/* The GPU with each of the others; the NIC and the drive meet without it. */
	assert_int_equal(finding->pair_count, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(finding->pairs[i].client, node_of(visit.machine, "0000:03:00.0"));
	expect_text(finding->affected, "gpu 0000:03:00.0 <-> network 0000:04:00.0\n");
	expect_text(finding->affected, "gpu 0000:03:00.0 <-> nvme 0000:05:00.0");
	leave(&visit);
}

/* A conventional PCI device has no link, so nothing about one is unknown. */
static void links_of_express_only(void **state)
{
	struct visit visit = visit_text(
		LONE_DRIVE(BAR0, GEN3, "") "01:01.0 0302: 1234:11e8\n\tCapabilities: [40] MSI: "
					   "Enable- Count=1/1 Maskable- 64bit+\n\n",
		"7.3");

	(void)state;
	expect(&visit, "link-downgraded", P2P_SEVERITY_OK);
	leave(&visit);
}

/* The module has the kernel's pool of its function whole: nothing free, nothing published. */
static struct p2p_machine *provider_of_module(void)
{
	struct p2p_memory_tree *memory = capture("");

	tree_link(memory, DRIVE_DIRECTORY "/driver", "../../../bus/pci/drivers/p2pmem");
	tree_file(memory, DRIVE_DIRECTORY "/p2pmem/size", "67108864\n");
	tree_file(memory, DRIVE_DIRECTORY "/p2pmem/available", "0\n");
	tree_file(memory, DRIVE_DIRECTORY "/p2pmem/published", "0\n");
	return tree_machine(memory);
}

static void published_by_the_module(void **state)
{
	struct p2p_module_memory memory = {
		.index = 0,
		.bar = 2,
		.function = { 0, 0, 2 << 3 },
		.on_pci = true,
		.page_backed = true,
		.size = 64 << 20,
		.available = 32 << 20,
	};
	struct visit visit = visit_with(provider_of_module(), "7.3", NULL, NULL, &memory, 1);
	const struct p2p_finding *finding = expect(&visit, "peer-memory", P2P_SEVERITY_OK);

	(void)state;
	assert_string_equal(finding->evidence,
			    "0000:00:02.0: published 64 MiB, 32 MiB free, as p2pmem0");
	leave(&visit);
	/* A capture has not the module's list, and the driver's name says enough. */
	visit = visit_at(provider_of_module(), "7.3", NULL);
	assert_string_equal(expect(&visit, "peer-memory", P2P_SEVERITY_OK)->evidence,
			    "0000:00:02.0: published 64 MiB");
	leave(&visit);
	/* Without struct pages the kernel knows nothing of it, and it is published all the same. */
	memory.page_backed = false;
	visit = visit_with(tree_machine(capture("")), "7.3", NULL, NULL, &memory, 1);
	expect_text(expect(&visit, "peer-memory", P2P_SEVERITY_OK)->evidence, "as p2pmem0");
	leave(&visit);
}

/* Root is not told to become root, nor to publish what cannot be read. */
static void how_to_read(void **state)
{
	static const struct {
		const char *source, *root, *config, *flags;
		enum p2p_step_code config_step, flags_step;
	} cases[] = {
		/* The CPU's flags are there for any user to read, a configuration may not be. */
		{ "live", "no", "run it as root",
		  "root cannot read it either: this kernel does not show it", P2P_STEP_READ_AS_ROOT,
		  P2P_STEP_NONE },
		{ "live", "yes", "root cannot read it either", "root cannot read it either",
		  P2P_STEP_NONE, P2P_STEP_NONE },
		{ "capture", "yes", "root could not read it either when the capture was taken",
		  "root could not read it either when the capture was taken", P2P_STEP_NONE,
		  P2P_STEP_NONE },
		{ "capture", "no", "take a capture as root on that machine",
		  "take a capture as root on that machine", P2P_STEP_CAPTURE, P2P_STEP_CAPTURE },
		{ "lspci", "yes", "take a capture as root on that machine",
		  "take a capture as root on that machine", P2P_STEP_CAPTURE, P2P_STEP_CAPTURE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct p2p_memory_tree *memory = p2p_memory_tree_new();
		char manifest[64];
		struct p2p_machine *machine;
		struct visit visit;

		snprintf(manifest, sizeof(manifest), "format 1\nroot %s\n", cases[i].root);
		tree_file(memory, P2P_MANIFEST, manifest);
		tree_function(memory, "pci0000:00/0000:00:02.0", "0x010802\n");
		tree_function(memory, "pci0000:00/0000:00:03.0", "0x010802\n");
		machine = tree_machine(memory);
		machine->source = cases[i].source;
		visit = visit_at(machine, "7.3", NULL);
		expect_advice(expect(&visit, "kernel-config", P2P_SEVERITY_UNKNOWN),
			      cases[i].config, cases[i].config_step);
		expect_advice(expect(&visit, "hypervisor", P2P_SEVERITY_UNKNOWN), cases[i].flags,
			      cases[i].flags_step);
		leave(&visit);
	}
}

static bool is_devices(const char *id, void *context)
{
	++*(unsigned int *)context;
	return !strcmp(id, "devices");
}

static void keeping_some(void **state)
{
	struct visit visit = visit_text(SWITCH(UNLISTED, ACS(ISOLATES)), "7.3");
	uint32_t count = visit.doctor->count;
	unsigned int asked = 0;

	(void)state;
	p2p_doctor_keep(visit.doctor, is_devices, &asked);
	assert_int_equal(asked, count);
	assert_int_equal(visit.doctor->count, 1);
	assert_int_equal(visit.doctor->tally[P2P_SEVERITY_PROBLEM], 0);
	assert_int_equal(visit.doctor->tally[P2P_SEVERITY_OK], 1);
	leave(&visit);
}

static void nothing_to_talk_to(void **state)
{
	struct visit visit = visit_text("00:00.0 0600: 8086:1237\n\n", NULL);

	(void)state;
	expect(&visit, "devices", P2P_SEVERITY_PROBLEM);
	expect(&visit, "link-downgraded", P2P_SEVERITY_OK);
	leave(&visit);
	/* A class that was not read may be anything. */
	visit = visit_text("00:00.0 No such class: No such vendor No such device (rev 01)\n\n",
			   NULL);
	expect(&visit, "devices", P2P_SEVERITY_UNKNOWN);
	leave(&visit);
}

/* 32 ports that redirect: one option with all of them, and a text that stays short. */
static void many_ports(void **state)
{
	size_t size = 4u << 20, length;
	char *text = malloc(size);
	const struct p2p_finding *finding;
	struct visit visit;

	(void)state;
	assert_non_null(text);
	length =
		(size_t)snprintf(text, size, "%s",
				 "00:00.0 0604: 10b5:8747\n\tBus: primary=00, secondary=01, "
				 "subordinate=ff, sec-latency=0\n\tCapabilities: [40] Express (v2) "
				 "Upstream Port, MSI 00\n" NO_ACS "\n");
	for (unsigned int i = 0; i < 32; i++)
		length += (size_t)snprintf(text + length, size - length,
					   "01:%02x.0 0604: 10b5:8747\n\tBus: primary=01, "
					   "secondary=%02x, subordinate=%02x, sec-latency=0\n"
					   "\tCapabilities: [40] Express (v2) Downstream Port "
					   "(Slot+), MSI 00\n" ACS(ISOLATES) "\n%02x:00.0 0108: "
									     "144d:a80a\n\n",
					   i, i + 2, i + 2, i + 2);
	visit = visit_text(text, "7.3");
	finding = expect(&visit, "acs-redirect", P2P_SEVERITY_PROBLEM);
	assert_int_equal(finding->node_count, 32);
	expect_text(finding->paste, ";0000:01:1f.0");
	expect_text(finding->evidence, "and 16 more like these");
	/* 32 * 31 / 2 pairs, of which not all are named. */
	assert_int_equal(finding->pair_count, P2P_AFFECTED_MAX);
	assert_true(finding->more_pairs);
	free(text);
	leave(&visit);
}

static struct visit visit_topology(const char *name, const char *kernel)
{
	struct p2p_machine *machine;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", TOPOLOGIES, name);
	assert_int_equal(p2p_machine_open(path, &machine, NULL), 0);
	return visit_at(machine, kernel, NULL);
}

/*
 * F=xe9680-8xh100.lspci-vvv.txt. grep -cE '^..:..\.. (3D|Non-Vol|Ethernet)' F is 30: 8 GPUs, 8
 * drives and 14 network functions; the Matrox at 03:00.0 is a console of 16 MiB. The four ports
 * with ReqRedir+ are those of the PMC-Sierra switch at 82:, below which there are only the
 * NVSwitches (class 0680). The other 8 switches have a GPU, a NIC and a drive each. 9 root buses
 * have such devices, each beginning with System peripheral 8086:09a2, which is on all lists.
 * "downgraded" is always one end's word: 99:00.0 can 32 GT/s and its drive only 16.
 */
static void xe9680(void **state)
{
	static const char *const kernels[] = { "6.1", "6.12", "7.3" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct visit visit = visit_topology("xe9680-8xh100.lspci-vvv.txt", kernels[i]);
		const struct p2p_finding *finding = expect(&visit, "devices", P2P_SEVERITY_OK);

		assert_int_equal(finding->node_count, 30);
		finding = expect(&visit, "acs-redirect", P2P_SEVERITY_OK);
		expect_text(finding->evidence, "8 switches");
		/* What check tells of them is no contradiction: they are NVSwitches. */
		expect_text(finding->evidence,
			    "4 functions redirect where no two of these devices meet, but others "
			    "may: 0000:82:00.0, 0000:82:01.0");
		/* Without pci.ids the names have no numbers. */
		if (info_of(visit.machine, "0000:00:00.0")->vendor != P2P_ID_UNKNOWN)
			assert_int_equal(expect(&visit, "host-bridge", P2P_SEVERITY_OK)->node_count,
					 9);
		expect(&visit, "bars", P2P_SEVERITY_OK);
		expect(&visit, "link-downgraded", P2P_SEVERITY_OK);
		expect(&visit, "root", P2P_SEVERITY_OK);
		expect(&visit, "kernel-config", P2P_SEVERITY_UNKNOWN);
		assert_null(find(&visit, "bar-resizable"));
		/* Programs cannot allocate with 6.1: the only problem there is. */
		assert_int_equal(visit.doctor->tally[P2P_SEVERITY_PROBLEM], i == 0);
		leave(&visit);
	}
}

/*
 * 4 devices: a drive and two ports of a NIC below 0000:00, a MIC (class 0b40) below 0000:80. The
 * head of bus 80 is 80:02.0, 8086:3c04, which is no listed id; that of bus 00 is 00:00.0,
 * 8086:3c00, which passes between its own devices and nowhere else.
 */
static void xeon_mic(void **state)
{
	struct visit visit = visit_topology("2n8c-dax-nvme-mic.sysfs.tar.bz2", "7.3");
	const struct p2p_finding *finding = expect(&visit, "host-bridge", P2P_SEVERITY_PROBLEM);

	(void)state;
	assert_int_equal(expect(&visit, "devices", P2P_SEVERITY_OK)->node_count, 4);
	assert_int_equal(finding->node_count, 1);
	expect_text(finding->evidence, "0000:80:02.0 (8086:3c04)");
	expect(&visit, "hypervisor", P2P_SEVERITY_OK);
	leave(&visit);
}

/* NCCL's files begin with switch ports: nothing in them vouches for a host bridge. */
static void mi300x(void **state)
{
	struct visit visit = visit_topology("8xmi300x.nccl.xml", "7.3");

	(void)state;
	expect(&visit, "host-bridge", P2P_SEVERITY_UNKNOWN);
	expect(&visit, "acs-redirect", P2P_SEVERITY_UNKNOWN);
	assert_int_equal(visit.doctor->tally[P2P_SEVERITY_PROBLEM], 0);
	leave(&visit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acs_clear),
		cmocka_unit_test(acs_names_pairs),
		cmocka_unit_test(links_of_express_only),
		cmocka_unit_test(published_by_the_module),
		cmocka_unit_test(how_to_read),
		cmocka_unit_test(keeping_some),
		cmocka_unit_test(acs_refused),
		cmocka_unit_test(acs_via_host),
		cmocka_unit_test(acs_where_it_counts),
		cmocka_unit_test(acs_hidden),
		cmocka_unit_test(acs_one_card),
		cmocka_unit_test(groups_agree),
		cmocka_unit_test(groups_hard_wired),
		cmocka_unit_test(groups_stale),
		cmocka_unit_test(bars),
		cmocka_unit_test(bar_unset),
		cmocka_unit_test(bar_resizable),
		cmocka_unit_test(links),
		cmocka_unit_test(host_bridges),
		cmocka_unit_test(kernel),
		cmocka_unit_test(guest),
		cmocka_unit_test(iommu),
		cmocka_unit_test(iommu_direct),
		cmocka_unit_test(buffers),
		cmocka_unit_test(published),
		cmocka_unit_test(permission),
		cmocka_unit_test(module),
		cmocka_unit_test(nothing_to_talk_to),
		cmocka_unit_test(many_ports),
		cmocka_unit_test(xe9680),
		cmocka_unit_test(xeon_mic),
		cmocka_unit_test(mi300x),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
