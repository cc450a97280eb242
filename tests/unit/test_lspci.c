// SPDX-License-Identifier: MIT
/*
 * Text of lspci as people paste it: numbers, names, hex, quoted, cut, doubled, hostile.
 */
#include "sources_support.h"

/* A root port with ACS and a GPU below it, as root, numeric. */
#define PORT_HEAD "00:01.0 0604: 8086:352a (rev 04) (prog-if 00 [Normal decode])\n"
#define PORT_BODY                                                                                  \
	"\tControl: I/O+ Mem+ BusMaster+\n"                                                        \
	"\tStatus: Cap+ 66MHz- UDF-\n"                                                             \
	"\tNUMA node: 1\n"                                                                         \
	"\tIOMMU group: 7\n"                                                                       \
	"\tRegion 0: Memory at 21e00a100000 (64-bit, non-prefetchable) [size=128K]\n"              \
	"\tBus: primary=00, secondary=01, subordinate=02, sec-latency=0\n"                         \
	"\tI/O behind bridge: 0000f000-00000fff [disabled]\n"                                      \
	"\tMemory behind bridge: 96000000-974fffff [size=21M]\n"                                   \
	"\tPrefetchable memory behind bridge: 0000210000000000-0000218fffffffff [size=576G]\n"     \
	"\tCapabilities: [40] Express (v2) Root Port (Slot-), MSI 00\n"                            \
	"\t\tLnkCap:\tPort #6, Speed 32GT/s, Width x16, ASPM L1, Exit Latency L1 <16us\n"          \
	"\t\tLnkSta:\tSpeed 16GT/s (downgraded), Width x8 (downgraded)\n"                          \
	"\tCapabilities: [100 v1] Access Control Services\n"                                       \
	"\t\tACSCap:\tSrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- "         \
	"DirectTrans-\n"                                                                           \
	"\t\tACSCtl:\tSrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- "         \
	"DirectTrans-\n"                                                                           \
	"\tKernel driver in use: pcieport\n\n"
#define GPU                                                                                        \
	"01:00.0 0302: 10de:2330 (rev a1)\n"                                                       \
	"\tSubsystem: 10de:16c1\n"                                                                 \
	"\tControl: I/O+ Mem+ BusMaster+\n"                                                        \
	"\tStatus: Cap+ 66MHz- UDF-\n"                                                             \
	"\tPhysical Slot: 12\n"                                                                    \
	"\tRegion 2: Memory at 210000000000 (64-bit, prefetchable) [size=128G]\n"                  \
	"\tRegion 4: Memory at <ignored> (64-bit, prefetchable)\n"                                 \
	"\tCapabilities: [60] Express (v2) Endpoint, MSI 00\n"                                     \
	"\tCapabilities: [100 v1] Single Root I/O Virtualization (SR-IOV)\n"                       \
	"\t\tRegion 0: Memory at 0000219000000000 (64-bit, prefetchable)\n"                        \
	"\tKernel modules: nvidia\n\n"
#define PORT PORT_HEAD PORT_BODY

static void numeric(void **state)
{
	struct p2p_machine *machine = read_text(PORT GPU);
	const struct p2p_node_info *port = info_of(machine, "00:01.0");
	const struct p2p_node_info *gpu = info_of(machine, "01:00.0");

	(void)state;
	assert_int_equal(p2p_machine_warnings(machine), 0);
	assert_int_equal(port->kind, P2P_KIND_ROOT_PORT);
	assert_int_equal(port->vendor, 0x8086);
	assert_int_equal(port->device, 0x352a);
	assert_int_equal(port->class_code, 0x060400);
	assert_int_equal(port->numa_node, 1);
	assert_int_equal(port->iommu_group, 7);
	assert_int_equal(port->acs.known, P2P_PRESENT);
	assert_int_equal(port->acs.capability, 0x1f);
	assert_int_equal(port->acs.control, 0x1d);
	/* pciutils before 3.8 shows the registers, so these are bus addresses; 0: closed. */
	assert_int_equal(port->window[0].size, 0);
	assert_int_equal(port->window[1].bus.value, 0x96000000);
	assert_true(port->window[1].bus_known && !port->window[1].cpu_known);
	assert_int_equal(port->window[2].size, 576ull << 30);
	assert_int_equal(port->bar[0].cpu.value, 0x21e00a100000);
	assert_int_equal(device_of(machine, "00:01.0")->link_below.width, 8);
	assert_int_equal(port->link.width, 0);

	assert_int_equal(gpu->subsystem_device, 0x16c1);
	assert_int_equal(gpu->bar[2].size, 128ull << 30);
	assert_int_equal(gpu->bar[0].size, 0); /* that one is of the virtual functions */
	assert_int_equal(gpu->bar[4].size, 0);
	assert_int_equal(gpu->acs.known, P2P_ABSENT);
	assert_int_equal(gpu->link.speed, 16000); /* from the port it is plugged into */
	assert_int_equal(gpu->link.max_speed, 0);
	assert_int_equal(device_of(machine, "01:00.0")->driver_known, P2P_ABSENT);
	assert_string_equal(device_of(machine, "01:00.0")->slot, "12");
	assert_int_equal(parent_of(machine, "01:00.0"), node_of(machine, "00:01.0"));
	assert_int_equal(p2p_machine_facts(machine)->root, P2P_PRESENT);
	p2p_machine_free(machine);
}

static void window_of_new_pciutils(void **state)
{
	struct p2p_machine *machine = read_text(
		PORT_HEAD "\tBus: primary=00, secondary=01, subordinate=02, sec-latency=0\n"
			  "\tMemory behind bridge: 96000000-974fffff [size=21M] [32-bit]\n");
	const struct p2p_range *window = &info_of(machine, "00:01.0")->window[1];

	(void)state;
	assert_true(window->cpu_known && !window->bus_known);
	p2p_machine_free(machine);
}

static void names_and_numbers(void **state)
{
	struct p2p_machine *machine = read_text(
		"10000:e1:00.0 Non-Volatile memory controller [0108]: Intel Corporation NVMe DC "
		"SSD "
		"[3DNAND, Sentinel Rock Controller] [8086:0b60] (prog-if 02 [NVM Express])\n");
	const struct p2p_node_info *info = info_of(machine, "10000:e1:00.0");

	(void)state;
	assert_int_equal(info->bdf.domain, 0x10000);
	assert_int_equal(info->vendor, 0x8086);
	assert_int_equal(info->device, 0x0b60);
	assert_int_equal(info->class_code, 0x010802);
	assert_string_equal(device_of(machine, "10000:e1:00.0")->model,
			    "Intel Corporation NVMe DC SSD [3DNAND, Sentinel Rock Controller]");
	p2p_machine_free(machine);
}

/* A name that no list has: unknown, not the nearest. */
static void unknown_names(void **state)
{
	struct p2p_machine *machine = read_text("01:00.0 Ethernet controller: Nobody Ever Card 9\n"
						"02:00.0 Ethernet controller: Intel Corporation "
						"No Such Card 12345\n");

	(void)state;
	assert_int_equal(info_of(machine, "01:00.0")->vendor, P2P_ID_UNKNOWN);
	assert_int_equal(info_of(machine, "02:00.0")->device, P2P_ID_UNKNOWN);
	assert_string_equal(device_of(machine, "01:00.0")->model, "Nobody Ever Card 9");
	p2p_machine_free(machine);
}

static void not_root(void **state)
{
	struct p2p_machine *machine = read_text(
		PORT_HEAD "\tStatus: Cap+ 66MHz-\n"
			  "\tBus: primary=00, secondary=01, subordinate=02, sec-latency=0\n"
			  "\tCapabilities: <access denied>\n"
			  "\tKernel driver in use: pcieport\n\n");
	const struct p2p_node_info *info = info_of(machine, "00:01.0");

	(void)state;
	assert_int_equal(info->kind, P2P_KIND_BRIDGE);
	assert_int_equal(info->pcie, P2P_UNKNOWN);
	assert_int_equal(info->acs.known, P2P_UNKNOWN);
	assert_int_equal(p2p_machine_facts(machine)->root, P2P_ABSENT);
	p2p_machine_free(machine);
}

static void less_verbose(void **state)
{
	struct p2p_machine *machine =
		read_text("00:01.0 0604: 8086:352a\n"
			  "\tFlags: bus master, fast devsel\n"
			  "\tBus: primary=00, secondary=01, subordinate=02, sec-latency=0\n"
			  "\tCapabilities: [40] Express Root Port (Slot-), MSI 00\n"
			  "\tCapabilities: [110] Access Control Services\n"
			  "\tKernel driver in use: pcieport\n\n"
			  "01:00.0 0302: 10de:2330\n\n");

	(void)state;
	assert_int_equal(info_of(machine, "00:01.0")->kind, P2P_KIND_ROOT_PORT);
	/* -v names the capability and not its bits. */
	assert_int_equal(info_of(machine, "00:01.0")->acs.known, P2P_UNKNOWN);
	assert_int_equal(info_of(machine, "01:00.0")->pcie, P2P_UNKNOWN);
	p2p_machine_free(machine);
}

/* Nobody's extended capabilities are shown: they may be there all the same. */
static void no_extended_space(void **state)
{
	struct p2p_machine *machine =
		read_text("01:00.0 0302: 10de:2330\n\tControl: I/O-\n\tStatus: Cap+ 66MHz-\n"
			  "\tCapabilities: [60] Express (v2) Endpoint, MSI 00\n\n");

	(void)state;
	assert_int_equal(info_of(machine, "01:00.0")->acs.known, P2P_UNKNOWN);
	p2p_machine_free(machine);
	machine = read_text("01:00.0 0302: 10de:2330\n\tControl: I/O-\n\tStatus: Cap+ 66MHz-\n"
			    "\tCapabilities: [60] Express (v2) Endpoint, MSI 00\n\n" PORT);
	assert_int_equal(info_of(machine, "01:00.0")->acs.known, P2P_ABSENT);
	p2p_machine_free(machine);
	machine = read_text("01:00.0 0302: 10de:2330\n\tControl: I/O-\n\tStatus: Cap- 66MHz-\n\n");
	assert_int_equal(info_of(machine, "01:00.0")->acs.known, P2P_ABSENT);
	p2p_machine_free(machine);
}

/* Every line of `text` behind `prefix` and before `end`. */
static char *quoted(const char *text, const char *prefix, const char *end)
{
	char *result = NULL;
	size_t size;
	FILE *out = open_memstream(&result, &size);

	while (*text) {
		size_t length = strcspn(text, "\n");

		fputs(prefix, out);
		fwrite(text, 1, length, out);
		fputs(end, out);
		text += length + (text[length] == '\n');
	}
	fclose(out);
	return result;
}

static void from_a_mail(void **state)
{
	static const char *const prefixes[] = { "> ", ">>\t", "    ", "| ", "" };
	static const char *const ends[] = { "\n", "\r\n" };

	(void)state;
	for (unsigned int i = 0; i < 10; i++) {
		char *text =
			quoted("root@gpu7:~# lspci -vvv\n" PORT GPU, prefixes[i % 5], ends[i / 5]);
		struct p2p_machine *machine = read_text(text);

		assert_int_equal(p2p_machine_warnings(machine), 0);
		assert_int_equal(info_of(machine, "00:01.0")->acs.control, 0x1d);
		assert_int_equal(info_of(machine, "01:00.0")->bar[2].size, 128ull << 30);
		p2p_machine_free(machine);
		free(text);
	}
}

static void two_machines(void **state)
{
	struct p2p_machine *machine =
		read_text(PORT GPU "other$ lspci -vvv\n"
				   "00:01.0 0604: 1022:1483\n\n01:00.0 0302: 1002:74a1\n\n");

	(void)state;
	assert_int_equal(info_of(machine, "00:01.0")->vendor, 0x8086);
	assert_true(has_warning(machine, "text:32: machine 2 of 2 in this text"));
	assert_true(has_warning(machine, "its 2 functions are left out"));
	p2p_machine_free(machine);
}

/* At any byte: never an error, and never a fact that the whole text does not have. */
static void cut_anywhere(void **state)
{
	static const char text[] = PORT GPU;
	struct p2p_error error;

	(void)state;
	for (size_t size = 20; size < sizeof(text) - 1; size++) {
		struct p2p_machine *machine;
		const struct p2p_node_info *info;

		if (read_bytes(text, size, &machine, &error))
			continue;
		info = info_of(machine, "00:01.0");
		assert_int_not_equal(info->acs.known, P2P_ABSENT);
		if (info->acs.known == P2P_PRESENT)
			assert_int_equal(info->acs.control, 0x1d);
		assert_int_not_equal(info->pcie, P2P_ABSENT);
		p2p_machine_free(machine);
	}
}

static void cut_warns(void **state)
{
	struct p2p_machine *machine =
		read_text(PORT "01:00.0 0302: 10de:2330\n"
			       "\tControl: I/O- Mem+ BusMaster+\n"
			       "\tStatus: Cap+ 66MHz- UDF-\n"
			       "\tCapabilities: [60] Express (v2) Endpoint, MSI 00\n"
			       "\tCapabilities: [100 v1] Advanced Err");

	(void)state;
	assert_true(has_warning(machine, "cut off inside 0000:01:00.0"));
	assert_int_equal(info_of(machine, "01:00.0")->pcie, P2P_PRESENT);
	assert_int_equal(info_of(machine, "01:00.0")->acs.known, P2P_UNKNOWN);
	p2p_machine_free(machine);
}

#define HEX_HEAD "00:1c.0 0604: 8086:1bbe\n"
#define HEX_64                                                                                     \
	"00: 86 80 be 1b 07 05 10 00 11 00 04 06 10 00 81 00\n"                                    \
	"10: 00 00 00 00 00 00 00 00 00 03 04 00 f0 00 00 20\n"                                    \
	"20: 00 90 f0 90 f1 ff 01 00 ff ff ff ff 00 00 00 00\n"                                    \
	"30: 00 00 00 00 40 00 00 00 00 00 00 00 ff 01 12 00\n"

static void hex(void **state)
{
	struct p2p_machine *machine =
		read_text(HEX_HEAD HEX_64 "40: 10 00 42 00 00 00 00 00 00 00 00 00 13 48 73 00\n"
					  "50: 00 00 42 70 00 00 00 00 00 00 00 00 00 00 00 00\n");
	const struct p2p_node_info *info = info_of(machine, "00:1c.0");

	(void)state;
	assert_true(has_warning(machine, "cut off")); /* 96 bytes are no size of lspci's */
	assert_int_equal(info->kind, P2P_KIND_ROOT_PORT);
	assert_int_equal(info->secondary, 3);
	assert_int_equal(info->subordinate, 4);
	assert_int_equal(info->window[1].bus.value, 0x90000000);
	assert_int_equal(info->window[1].size, 0x1000000);
	assert_int_equal(info->acs.known, P2P_UNKNOWN);
	p2p_machine_free(machine);

	machine = read_text(HEX_HEAD HEX_64 "\n");
	assert_int_equal(info_of(machine, "00:1c.0")->kind, P2P_KIND_BRIDGE);
	assert_int_equal(p2p_machine_warnings(machine), 0);
	p2p_machine_free(machine);
}

/* A root port with bytes up to `size`: PCI Express at 40h, ACS at 100h that redirects. */
static struct p2p_machine *port_in_hex(unsigned int size)
{
	static const struct {
		unsigned int offset;
		uint32_t value;
	} registers[] = {
		{ 0x00, 0x1bbe8086 }, { 0x04, 0x00100507 },  { 0x08, 0x06040011 },
		{ 0x0c, 0x00810010 }, { 0x18, 0x00040300 },  { 0x34, 0x00000040 },
		{ 0x40, 0x00420010 }, { 0x100, 0x0001000d }, { 0x104, 0x000c001f },
	};
	unsigned char bytes[4096] = { 0 };
	struct p2p_machine *machine;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		for (unsigned int j = 0; j < 4; j++)
			bytes[registers[i].offset + j] =
				(unsigned char)(registers[i].value >> 8 * j);
	fputs("00:1c.0 0604: 8086:1bbe", out);
	for (unsigned int i = 0; i < size; i++)
		if (i % 16)
			fprintf(out, " %02x", bytes[i]);
		else
			fprintf(out, "\n%02x: %02x", i, bytes[i]);
	fputs("\n\n", out);
	fclose(out);
	machine = read_text(text);
	free(text);
	return machine;
}

/* -x has the header alone, -xxx what is below ACS, -xxxx all: and none says more than it has. */
static void hex_sizes(void **state)
{
	static const struct {
		unsigned int size;
		enum p2p_kind kind;
		enum p2p_known pcie, acs;
	} cases[] = {
		{ 64, P2P_KIND_BRIDGE, P2P_UNKNOWN, P2P_UNKNOWN },
		{ 256, P2P_KIND_ROOT_PORT, P2P_PRESENT, P2P_UNKNOWN },
		{ 4096, P2P_KIND_ROOT_PORT, P2P_PRESENT, P2P_PRESENT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct p2p_machine *machine = port_in_hex(cases[i].size);
		const struct p2p_node_info *info = info_of(machine, "00:1c.0");

		assert_int_equal(p2p_machine_warnings(machine), 0);
		assert_int_equal(info->secondary, 3);
		assert_int_equal(info->subordinate, 4);
		assert_int_equal(info->kind, cases[i].kind);
		assert_int_equal(info->pcie, cases[i].pcie);
		assert_int_equal(info->acs.known, cases[i].acs);
		if (info->acs.known == P2P_PRESENT)
			assert_int_equal(info->acs.control, P2P_ACS_RR | P2P_ACS_CR);
		p2p_machine_free(machine);
	}
}

/* -vvvx: what the words say beyond the 64 bytes stays. */
static void words_and_hex(void **state)
{
	struct p2p_machine *machine = read_text(
		HEX_HEAD "\tStatus: Cap+ 66MHz-\n"
			 "\tCapabilities: [40] Express (v2) Root Port (Slot-), MSI 00\n"
			 "\tCapabilities: [148 v1] Access Control Services\n"
			 "\t\tACSCap: SrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd+ "
			 "EgressCtrl+ DirectTrans-\n"
			 "\t\tACSCtl: SrcValid- TransBlk- ReqRedir- CmpltRedir- UpstreamFwd- "
			 "EgressCtrl+ DirectTrans-\n" HEX_64 "\n");

	(void)state;
	assert_int_equal(info_of(machine, "00:1c.0")->kind, P2P_KIND_ROOT_PORT);
	assert_int_equal(info_of(machine, "00:1c.0")->secondary, 3);
	assert_int_equal(info_of(machine, "00:1c.0")->acs.control, P2P_ACS_EC);
	p2p_machine_free(machine);
}

static void hex_gap(void **state)
{
	struct p2p_machine *machine =
		read_text(HEX_HEAD "10: 00 00 00 00 00 00 00 00 00 03 04 00 f0 00 00 20\n\n");

	(void)state;
	assert_true(has_warning(machine, "text:2: bytes at 010 where 000 should follow"));
	p2p_machine_free(machine);
}

/* Bus numbers that would make a loop are no bus numbers. */
static void impossible_buses(void **state)
{
	struct p2p_machine *machine = read_text(
		"05:00.0 0604: 8086:352a\n\tBus: primary=05, secondary=05, subordinate=05\n\n"
		"06:00.0 0604: 8086:352a\n\tBus: primary=06, secondary=05, subordinate=06\n\n");

	(void)state;
	assert_int_equal(info_of(machine, "05:00.0")->secondary, 0);
	assert_true(has_warning(machine, "cannot lie below bus"));
	p2p_machine_free(machine);
}

static void no_lspci(void **state)
{
	static const char *const texts[] = { "",          "\n\n\n",         "hello: world\n",
					     "00:00.0\n", "00:20.0 a: b\n", "00:00.8 a: b\n",
					     "\0\0\0" };
	struct p2p_machine *machine;
	struct p2p_error error;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(read_bytes(texts[i], strlen(texts[i]), &machine, &error),
				 -EBADMSG);
		assert_non_null(strstr(error.text, "the format is not recognized"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numeric),           cmocka_unit_test(window_of_new_pciutils),
		cmocka_unit_test(names_and_numbers), cmocka_unit_test(unknown_names),
		cmocka_unit_test(not_root),          cmocka_unit_test(less_verbose),
		cmocka_unit_test(no_extended_space), cmocka_unit_test(from_a_mail),
		cmocka_unit_test(two_machines),      cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(cut_warns),         cmocka_unit_test(hex),
		cmocka_unit_test(hex_sizes),         cmocka_unit_test(words_and_hex),
		cmocka_unit_test(hex_gap),           cmocka_unit_test(impossible_buses),
		cmocka_unit_test(no_lspci),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
