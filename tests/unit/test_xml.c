// SPDX-License-Identifier: MIT
/*
 * XML that is damaged or meant to harm.
 */
#include "sources_support.h"

#include <p2pmem/route.h>

static void expect_error(const char *text, const char *words)
{
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;

	assert_int_equal(read_bytes(text, strlen(text), &machine, &error), -EBADMSG);
	assert_null(machine);
	if (!strstr(error.text, words))
		print_error("%s\n", error.text);
	assert_non_null(strstr(error.text, words));
}

static void bombs(void **state)
{
	(void)state;
	expect_error("<?xml version=\"1.0\"?>\n<!DOCTYPE topology [\n"
		     "<!ENTITY a \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\">\n"
		     "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>\n<topology>&b;</topology>",
		     "text:3: it defines entities");
	expect_error("<!DOCTYPE system [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
		     "<system>&x;</system>",
		     "it defines entities");
}

static void too_deep(void **state)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	fputs("<system>", out);
	for (unsigned int i = 0; i < 100000; i++)
		fputs("<pci busid=\"0000:00:00.0\">", out);
	fclose(out);
	expect_error(text, "too deep");
	free(text);
}

static void cut(void **state)
{
	struct p2p_machine *machine;

	(void)state;
	expect_error("<system version=\"1\">\n<cpu numaid=\"0\">\n", "text:3: no element found");
	machine = read_text("<system version=\"1\">\n<cpu numaid=\"0\">\n"
			    "<pci busid=\"0000:01:00.0\" class=\"0x060400\">\n"
			    "<pci busid=\"0000:02:00.0\" vendor=\"0x10de\"/>\n<pci bus");
	assert_true(has_warning(machine, "text:5: "));
	assert_int_equal(parent_of(machine, "0000:02:00.0"), node_of(machine, "0000:01:00.0"));
	p2p_machine_free(machine);
}

static void bad_attributes(void **state)
{
	struct p2p_machine *machine = read_text(
		"<system><cpu numaid=\"-1\" familyid=\"9999999999999\">"
		"<pci busid=\"0000:01:00.0\" vendor=\"0x10000\" class=\"x\" link_width=\"99\"/>"
		"<pci busid=\"0000:01:00.0\"/><pci busid=\"nonsense\"/><pci/>"
		"<net name=\"nobody\"/></cpu></system>");
	const struct p2p_node_info *info = info_of(machine, "0000:01:00.0");

	(void)state;
	assert_int_equal(info->vendor, P2P_ID_UNKNOWN);
	assert_int_equal(info->class_code, UINT32_MAX);
	assert_int_equal(info->link.max_width, 0);
	assert_int_equal(info->numa_node, P2P_NUMA_UNKNOWN);
	assert_true(has_warning(machine, "0000:01:00.0 is there already"));
	assert_true(has_warning(machine, "<pci> without a busid"));
	p2p_machine_free(machine);
}

/* A device inside what is not a bridge hangs below the bridge above both. */
static void inside_an_endpoint(void **state)
{
	struct p2p_machine *machine =
		read_text("<system><pci busid=\"0000:01:00.0\" class=\"0x060400\">"
			  "<pci busid=\"0000:02:00.0\" class=\"0x030200\">"
			  "<pci busid=\"0000:03:00.0\"/></pci></pci></system>");

	(void)state;
	assert_int_equal(parent_of(machine, "0000:03:00.0"), node_of(machine, "0000:01:00.0"));
	p2p_machine_free(machine);
}

static void hwloc_versions(void **state)
{
	struct p2p_machine *machine = read_text(
		"<?xml version=\"1.0\"?>\n<topology>\n<object type=\"Machine\">\n"
		"<object type=\"Bridge\" bridge_type=\"0-1\" bridge_pci=\"0000:[00-08]\">\n"
		"<object type=\"Bridge\" bridge_type=\"1-1\" bridge_pci=\"0000:[03-03]\" "
		"pci_busid=\"0000:00:01.0\" pci_type=\"0604 [8086:3c02] [0000:0000] 07\">\n"
		"<object type=\"PCIDev\" pci_busid=\"0000:03:00.0\" "
		"pci_type=\"0200 [8086:1521] [1028:0518] 01\">\n"
		"<info name=\"PCISlot\" value=\"4\"/>\n"
		"<object type=\"OSDev\" name=\"eth0\" osdev_type=\"2\"/>\n"
		"</object></object></object></object></topology>");
	const struct p2p_name *name;
	uint32_t count;

	(void)state;
	name = p2p_machine_names(machine, node_of(machine, "0000:03:00.0"), &count);
	assert_int_equal(count, 1);
	assert_int_equal(name->kind, P2P_NAME_NET);
	assert_string_equal(name->text, "eth0");
	assert_int_equal(info_of(machine, "0000:00:01.0")->secondary, 3);
	assert_int_equal(info_of(machine, "0000:03:00.0")->subsystem_device, 0x0518);
	assert_string_equal(device_of(machine, "0000:03:00.0")->slot, "4");
	p2p_machine_free(machine);
}

/*
 * NCCL leaves out root ports and host bridges: 0000:05:00.0 has a bus of its own below something
 * that is not in the file, so it says nothing about an allowlist, though its device number is 0.
 */
static void verdicts_are_not_guessed(void **state)
{
	static const char text[] =
		"<system version=\"1\"><cpu numaid=\"0\" arch=\"x86_64\" vendor=\"GenuineIntel\" "
		"familyid=\"6\" modelid=\"143\">"
		"<pci busid=\"0000:05:00.0\" class=\"0x120000\" vendor=\"0x1002\" "
		"device=\"0x74a1\"/>"
		"<pci busid=\"0000:0e:00.0\" class=\"0x020700\" vendor=\"0x15b3\" "
		"device=\"0x1021\"/>"
		"</cpu></system>";
	struct p2p_machine *machine = read_text(text);
	struct p2p_platform platform = p2p_machine_platform(machine);
	const struct p2p_policy *policy;
	struct p2p_router *router;
	enum p2p_policy_fit fit;
	struct p2p_route route;

	(void)state;
	assert_int_equal(p2p_policy_find("7.3", &policy, &fit), 0);
	assert_int_equal(p2p_router_new(p2p_machine_fabric(machine), policy, &platform, &router),
			 0);
	assert_int_equal(p2p_route_find(router, node_of(machine, "0000:05:00.0"),
					node_of(machine, "0000:0e:00.0"), &route),
			 0);
	assert_int_equal(route.verdict, P2P_VERDICT_UNKNOWN);
	p2p_router_free(router);
	p2p_machine_free(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_are_not_guessed),
		cmocka_unit_test(bombs),
		cmocka_unit_test(too_deep),
		cmocka_unit_test(cut),
		cmocka_unit_test(bad_attributes),
		cmocka_unit_test(inside_an_endpoint),
		cmocka_unit_test(hwloc_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
