// SPDX-License-Identifier: MIT
/*
 * Names of ids, both ways, over a small list with every trap of the real one.
 */
#include "sources_support.h"

#include <unistd.h>

#include "machine/sources/models.h"
#include "machine/sources/pci_ids.h"

static const char list[] = "# a comment\n"
			   "1000  Broadcom / LSI\n"
			   "\t00b2  PCIe Switch management endpoint\n"
			   "\tc030  PEX890xx PCIe Gen 5 Switch\n"
			   "\t\t1000 0024  PEX89024 Upstream Port\n"
			   "\t\t1028 0b73  Blade Switch\n"
			   "# between\n"
			   "\t\t1028 0b74  Other Switch\n"
			   "\tc034  PEX890xx PCIe Gen 5 Switch\n"
			   "10de  NVIDIA Corporation\n"
			   "\t2330  GH100 [H100 SXM5 80GB]\n"
			   "\tfffe  GX999 [Made Up]\n"
			   "1028  Dell\n"
			   "14e4  Broadcom Inc. and subsidiaries\n"
			   "\t165f  NetXtreme BCM5720\n"
			   "1234  Unsorted\n"
			   "\t0009  Nine\n"
			   "\t0001  One\n"
			   "\t0009  Nine again\n"
			   "\t0005  Five\n"
			   "aaaa  Twin\n"
			   "\t0001  One\n"
			   "bbbb  Twin\n"
			   "\t0002  Two\n"
			   "C 06  Bridge\n"
			   "\t00  Host bridge\n"
			   "\t04  PCI bridge\n"
			   "\t\t00  Normal decode\n"
			   "C 08  Generic system peripheral\n"
			   "\t80  System peripheral\n";

static struct p2p_pci_ids *ids;
static char list_path[] = "/tmp/p2pmem-ids-XXXXXX";

static int open_list(void **state)
{
	int file = mkstemp(list_path);

	(void)state;
	if (write(file, list, sizeof(list) - 1) != sizeof(list) - 1)
		return -1;
	close(file);
	return p2p_pci_ids_open(list_path, &ids);
}

static int close_list(void **state)
{
	(void)state;
	p2p_pci_ids_free(ids);
	return unlink(list_path);
}

/*
 * lspci names what its list knows; ours may know more. No real list has 10de:fffe, so
 * what is in this one alone gets a name, and nothing else is touched.
 */
static void names_for_the_nameless(void **state)
{
	static const struct {
		const char *text, *model;
	} cases[] = {
		{ "01:00.0 3D controller [0302]: NVIDIA Corporation Device fffe [10de:fffe]\n",
		  "NVIDIA Corporation GX999 [Made Up]" },
		{ "01:00.0 0302: 10de:fffe\n", "NVIDIA Corporation GX999 [Made Up]" },
		/* Its own name stays, whatever ours would be. */
		{ "01:00.0 3D controller [0302]: NVIDIA Corporation Own [10de:fffe]\n",
		  "NVIDIA Corporation Own" },
		/* Another number in the name is no want of one; nor is there a name for all. */
		{ "01:00.0 3D controller [0302]: NVIDIA Corporation Device fffd [10de:fffe]\n",
		  "NVIDIA Corporation Device fffd" },
		{ "01:00.0 3D controller [0302]: NVIDIA Corporation Device fffd [10de:fffd]\n",
		  "NVIDIA Corporation Device fffd" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct p2p_machine *machine = read_text(cases[i].text);

		p2p_models_name(machine, list_path);
		assert_string_equal(device_of(machine, "0000:01:00.0")->model, cases[i].model);
		/* No list, no names, and nothing lost. */
		p2p_models_name(machine, "/nonexistent");
		assert_string_equal(device_of(machine, "0000:01:00.0")->model, cases[i].model);
		p2p_machine_free(machine);
	}
}

static void expect_device(const char *text, unsigned int vendor, unsigned int device)
{
	uint16_t found_vendor, found_device;

	p2p_pci_ids_parse_device(ids, p2p_span(text), &found_vendor, &found_device);
	assert_int_equal(found_vendor, vendor);
	assert_int_equal(found_device, device);
}

static void ids_to_names(void **state)
{
	char text[64];

	(void)state;
	assert_true(p2p_span_is(p2p_pci_ids_vendor(ids, 0x10de), "NVIDIA Corporation"));
	assert_true(p2p_pci_ids_model(ids, 0x10de, 0x2330, text, sizeof(text)));
	assert_string_equal(text, "NVIDIA Corporation GH100 [H100 SXM5 80GB]");
	assert_true(p2p_pci_ids_model(ids, 0x10de, 0x9999, text, sizeof(text)));
	assert_string_equal(text, "NVIDIA Corporation Device 9999");
	assert_false(p2p_pci_ids_model(ids, 0x9999, 0x9999, text, sizeof(text)));
	/* Of two with one number the first, in a list out of order, too. */
	assert_true(p2p_span_is(p2p_pci_ids_device(ids, 0x1234, 0x0009), "Nine"));
	assert_true(p2p_span_is(p2p_pci_ids_device(ids, 0x1234, 0x0001), "One"));
	assert_true(p2p_span_is(p2p_pci_ids_device(ids, 0x1234, 0x0005), "Five"));
	assert_null(p2p_pci_ids_device(ids, 0x1234, 0x0002).text);
	assert_null(p2p_pci_ids_device(ids, 0x1028, 0x0b73).text);
	/* A subsystem's line is no device's. */
	assert_null(p2p_pci_ids_device(ids, 0x1000, 0x1000).text);
}

static void names_to_ids(void **state)
{
	(void)state;
	expect_device("NVIDIA Corporation GH100 [H100 SXM5 80GB]", 0x10de, 0x2330);
	expect_device("NVIDIA Corporation Device 2330", 0x10de, 0x2330);
	expect_device("Broadcom / LSI PCIe Switch management endpoint", 0x1000, 0x00b2);
	expect_device("Broadcom Inc. and subsidiaries NetXtreme BCM5720", 0x14e4, 0x165f);
	/* One name, two ids. */
	expect_device("Broadcom / LSI PEX890xx PCIe Gen 5 Switch", 0x1000, P2P_ID_UNKNOWN);
	/* Part of a name, and a name with something behind it. */
	expect_device("NVIDIA Corporation GH100", 0x10de, P2P_ID_UNKNOWN);
	expect_device("NVIDIA Corporation GH100 [H100 SXM5 80GB] x", 0x10de, P2P_ID_UNKNOWN);
	/* One vendor name, two ids: the device tells which, a number does not. */
	expect_device("Twin Two", 0xbbbb, 0x0002);
	expect_device("Twin Device 0001", P2P_ID_UNKNOWN, P2P_ID_UNKNOWN);
	expect_device("Nobody Device 0001", P2P_ID_UNKNOWN, P2P_ID_UNKNOWN);
	expect_device("", P2P_ID_UNKNOWN, P2P_ID_UNKNOWN);
	expect_device(" ", P2P_ID_UNKNOWN, P2P_ID_UNKNOWN);
}

static void expect_subsystem(const char *text, unsigned int vendor, unsigned int device)
{
	uint16_t found_vendor, found_device;

	p2p_pci_ids_parse_subsystem(ids, p2p_span(text), 0x1000, 0xc030, &found_vendor,
				    &found_device);
	assert_int_equal(found_vendor, vendor);
	assert_int_equal(found_device, device);
}

static void subsystems(void **state)
{
	(void)state;
	expect_subsystem("Dell Device 0b73", 0x1028, 0x0b73);
	expect_subsystem("Dell Blade Switch", 0x1028, 0x0b73);
	expect_subsystem("Dell Other Switch", 0x1028, 0x0b74);
	expect_subsystem("Broadcom / LSI PEX89024 Upstream Port", 0x1000, 0x0024);
	/* The function's own ids again. */
	expect_subsystem("Broadcom / LSI PEX890xx PCIe Gen 5 Switch", 0x1000, 0xc030);
	expect_subsystem("Dell Third Switch", 0x1028, P2P_ID_UNKNOWN);
}

static void classes(void **state)
{
	(void)state;
	assert_int_equal(p2p_pci_ids_parse_class(ids, p2p_span("PCI bridge")), 0x0604);
	assert_int_equal(p2p_pci_ids_parse_class(ids, p2p_span("System peripheral")), 0x0880);
	assert_int_equal(p2p_pci_ids_parse_class(ids, p2p_span("Normal decode")), UINT32_MAX);
	assert_int_equal(p2p_pci_ids_parse_class(ids, p2p_span("bridge")), UINT32_MAX);
}

static void no_list(void **state)
{
	struct p2p_pci_ids *none;
	uint16_t vendor, device;

	(void)state;
	assert_int_equal(p2p_pci_ids_open("/nonexistent/pci.ids", &none), -ENOENT);
	assert_null(none);
	p2p_pci_ids_parse_device(none, p2p_span("Dell Device 0001"), &vendor, &device);
	assert_int_equal(vendor, P2P_ID_UNKNOWN);
	assert_null(p2p_pci_ids_vendor(none, 0x1028).text);
	p2p_pci_ids_free(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_to_names), cmocka_unit_test(names_for_the_nameless),
		cmocka_unit_test(names_to_ids), cmocka_unit_test(subsystems),
		cmocka_unit_test(classes),      cmocka_unit_test(no_list),
	};

	return cmocka_run_group_tests(tests, open_list, close_list);
}
