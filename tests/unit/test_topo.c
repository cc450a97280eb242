// SPDX-License-Identifier: MIT
/*
 * The commands topo, capture and providers as people run them, on captures of real machines. What
 * is expected was worked out from the files themselves, with the reason beside it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <jansson.h>

#include "harness.h"

#define MIC    "2n8c-dax-nvme-mic.sysfs.tar.bz2"
#define XE9680 TOPOLOGIES "/xe9680-8xh100.lspci-vvv.txt"

static const char *const files[] = {
	"xe9680-8xh100.lspci-vvv.txt",
	"2n8c-dax-nvme-mic.sysfs.tar.bz2",
	"desktop-iommu-groups.sysfs.tar.gz",
	"icelake-14-host-bridges.sysfs.tgz",
	"dgx2.hwloc.xml",
	"8xmi300x.nccl.xml",
	"aws-p4d.nccl.xml",
};

static char directory[] = "/tmp/p2pmem-topo-XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

/* What a shell gets from "p2pmem ARGUMENTS"; the text is the caller's to free. */
static char *output(int expected, const char *format, ...) __attribute__((format(printf, 2, 3)));

static char *output(int expected, const char *format, ...)
{
	char arguments[1024], command[2048], *text = NULL;
	va_list list;
	size_t room = 0, size = 0;
	FILE *pipe;
	int status;

	va_start(list, format);
	vsnprintf(arguments, sizeof(arguments), format, list);
	va_end(list);
	snprintf(command, sizeof(command), "unset COLUMNS; LC_ALL=C " P2PMEM " %s", arguments);
	/* As people run it: from a shell. */
	pipe = popen(command, "r"); /* NOLINT(cert-env33-c) */
	assert_non_null(pipe);
	do {
		room += 65536;
		text = realloc(text, room + 1);
		assert_non_null(text);
		size += fread(text + size, 1, room - size, pipe);
	} while (size == room);
	text[size] = '\0';
	status = pclose(pipe);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != expected)
		print_error("%s: status %x\n%s\n", command, (unsigned int)status, text);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), expected);
	return text;
}

/* How many lines hold both texts. */
static unsigned int lines_with(const char *text, const char *one, const char *two)
{
	char *copy = strdup(text), *rest = copy, *line;
	unsigned int count = 0;

	while ((line = strsep(&rest, "\n")))
		count += strstr(line, one) && strstr(line, two);
	free(copy);
	return count;
}

static void expect_line(const char *text, const char *one, const char *two)
{
	if (lines_with(text, one, two) != 1)
		print_error("\"%s\" and \"%s\" in one line of\n%s\n", one, two, text);
	assert_int_equal(lines_with(text, one, two), 1);
}

static void expect_error(int status, const char *words, const char *arguments)
{
	char *text = output(status, "%s 2>&1 >/dev/null", arguments);

	expect_line(text, "p2pmem ", words);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	free(text);
}

/*
 * grep -n -A60 '^19:00.0' F: LnkSta Speed 32GT/s, Width x16; Region 2 [size=128G]; its port 17:01.0
 * has Physical Slot 28, ACSCtl without ReqRedir. ACSCtl with ReqRedir+ and CmpltRedir+: 82:00.0 to
 * 82:03.0 only. 1b:00.0 and .1 are one ConnectX-6 Dx below 17:03.0.
 */
static void h100_server(void **state)
{
	char *text = output(0, "topo --source " XE9680);

	(void)state;
	expect_line(text, "|- 17:01.0 > 19:00.0 ", "gpu ");
	expect_line(text, "17:01.0 > 19:00.0 ", " 32 GT/s x16  off ");
	expect_line(text, "17:01.0 > 19:00.0 ", "BAR 2 of 128 GiB");
	expect_line(text, "17:03.0 > 1b:00.0-1 ", "2x Mellanox MT2892");
	assert_int_equal(lines_with(text, "RR CR", ""), 4);
	for (unsigned int port = 0; port < 4; port++) {
		char address[16];

		snprintf(address, sizeof(address), " 82:0%u.0 > 8", port);
		expect_line(text, address, "RR CR");
	}
	/* 24 host bridges; those of 00 15 37 48 59 6a 80 97 b7 c7 d7 e7 have more than chipset. */
	expect_line(text, "Not shown: ", "all of 12 host bridges");
	expect_line(text, "517 functions", "24 host bridges");
	expect_line(text, "Unknown: ", "the CPU");
	/* For no terminal: no colours, nothing cut. */
	assert_null(strchr(text, '\033'));
	expect_line(text, "5b:00.0 > 5c:00.0",
		    "Sentinel Rock Controller], \"PCIe SSD in Slot 4 Bay 1\"");
	free(text);
}

/* --all: each of 517 functions and 24 host bridges once, and titles, and nothing left out. */
static void everything(void **state)
{
	char *text = output(0, "topo --all --source " XE9680);

	(void)state;
	expect_line(text, "- 7f:1e.7 ", "system");
	assert_null(strstr(text, "Not shown"));
	assert_null(strstr(text, " > "));
	assert_int_equal(lines_with(text, "|- ", "") + lines_with(text, "`- ", ""), 517);
	assert_int_equal(lines_with(text, "0000:", "  host"), 24);
	free(text);
}

/* The 2n8c server: eth0 and eth1 are 02:00.0 and 02:00.3, mic0 is 83:00.0 in slot 02. */
static void names(void **state)
{
	char *text = output(0, "topo --source " TOPOLOGIES "/2n8c-dax-nvme-mic.sysfs.tar.bz2");

	(void)state;
	expect_line(text, "02:00.0,3 ", "eth0 eth1");
	expect_line(text, "80:03.0 > 83:00.0 ", "mic0");
	expect_line(text, "80:02.2 > 82:00.0 ", "ib0 mlx4_0");
	expect_line(text, "00:04.0-7 ", "8x ");
	/* Not read as root: all that tells is the last line, and no column of question marks. */
	expect_line(text, "Unknown: ACS of 9 ports", "");
	assert_null(strstr(text, "  ?  "));
	free(text);
}

/* An empty port that redirects is not in the table, so its bits are not explained. */
#define EMPTY_PORT                                                                                 \
	"00:01.0 0604: 8086:2030\n"                                                                \
	"\tControl: I/O+ Mem+ BusMaster+\n"                                                        \
	"\tStatus: Cap+ 66MHz-\n"                                                                  \
	"\tBus: primary=00, secondary=01, subordinate=01, sec-latency=0\n"                         \
	"\tCapabilities: [90] Express (v2) Root Port (Slot+), MSI 00\n"                            \
	"\tCapabilities: [110 v1] Access Control Services\n"                                       \
	"\t\tACSCap:\tSrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- "         \
	"DirectTrans-\n"                                                                           \
	"\t\tACSCtl:\tSrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- "         \
	"DirectTrans-\n"

static void legend_of_acs(void **state)
{
	char *text = output(0, "topo --source - <<'E'\n" EMPTY_PORT "E\n");

	(void)state;
	expect_line(text, "Not shown: ", "all of 1 host bridge");
	assert_null(strstr(text, "ACS: RR"));
	free(text);
	text = output(0, "topo --all --source - <<'E'\n" EMPTY_PORT "E\n");
	expect_line(text, "00:01.0", "RR CR");
	expect_line(text, "ACS: RR and CR", "");
	free(text);
}

static void groups_and_downgrades(void **state)
{
	char *text = output(0, "topo --source " TOPOLOGIES "/desktop-iommu-groups.sysfs.tar.gz");

	(void)state;
	/* readlink iommu_group of 0000:04:00.0: 14. */
	expect_line(text, "00:06.0 > 04:00.0 ", "nvme0n1  14 ");
	free(text);
	/* 82:00.0's upstream port runs x2 where 81:00.1, of the same chip, says it can x16. */
	text = output(0, "topo --all --source " XE9680);
	expect_line(text, "- 81:00.1 ", "x2 of x16");
	free(text);
}

static void line_drawing(void **state)
{
	char *text = output(0, "topo --source " XE9680 " >/dev/null; LC_ALL=C.UTF-8 " P2PMEM
			       " topo --source " XE9680);

	(void)state;
	expect_line(text, "\u251c\u2500 17:01.0 \u2192 19:00.0 ", "gpu");
	free(text);
}

static const json_t *node_at(const json_t *root, const char *address)
{
	const json_t *node;
	size_t i;

	json_array_foreach(json_object_get(root, "nodes"), i, node)
	{
		const char *text = json_string_value(json_object_get(node, "address"));

		if (text && !strcmp(text, address))
			return node;
	}
	fail_msg("no node at %s", address);
	return NULL;
}

static json_t *load(const char *text)
{
	json_error_t error;
	json_t *root = json_loads(text, 0, &error);

	if (!root)
		print_error("%d:%d: %s\n", error.line, error.column, error.text);
	assert_non_null(root);
	return root;
}

static json_int_t integer(const json_t *node, const char *key)
{
	const json_t *value = json_object_get(node, key);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static void json_of_h100_server(void **state)
{
	char *text = output(0, "topo --json --source " XE9680);
	json_t *root = load(text);
	const json_t *gpu = node_at(root, "0000:19:00.0");
	const json_t *port = node_at(root, "0000:82:00.0"), *nodes = json_object_get(root, "nodes");
	const json_t *node;
	size_t i;

	(void)state;
	assert_int_equal(integer(root, "format"), 2);
	assert_int_equal(json_array_size(nodes), 517 + 24);
	json_array_foreach(nodes, i, node)
	{
		const json_t *parent = json_object_get(node, "parent");

		assert_int_equal(integer(node, "id"), i);
		assert_true(json_is_null(parent) || (size_t)json_integer_value(parent) < i);
	}
	/* [10de:2330], class 0302, NUMA node 0, driver nvidia; 128 GiB at 0x210000000000. */
	assert_string_equal(json_string_value(json_object_get(gpu, "class")), "030200");
	assert_string_equal(json_string_value(json_object_get(gpu, "driver")), "nvidia");
	assert_int_equal(integer(gpu, "numa_node"), 0);
	assert_true(json_is_null(json_object_get(gpu, "iommu_group")));
	assert_int_equal(integer(json_object_get(gpu, "link"), "speed"), 32000);
	assert_int_equal(integer(json_object_get(gpu, "link"), "width"), 16);
	node = json_array_get(json_object_get(gpu, "bars"), 1);
	assert_int_equal(integer(node, "index"), 2);
	assert_int_equal(integer(node, "size"), 128LL << 30);
	assert_string_equal(json_string_value(json_object_get(node, "cpu")), "0x210000000000");
	/* ACSCtl: SrcValid+ ReqRedir+ CmpltRedir+ UpstreamFwd+ */
	assert_int_equal(json_array_size(json_object_get(json_object_get(port, "acs"), "control")),
			 4);
	assert_string_equal(json_string_value(json_object_get(port, "type")), "downstream-port");
	json_decref(root);
	free(text);
}

/* Every file, every way to show it; the JSON is JSON. */
static void every_capture(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		free(output(0, "topo --source %s/%s 2>&1", TOPOLOGIES, files[i]));
		free(output(0, "topo --all -s %s/%s 2>&1", TOPOLOGIES, files[i]));
		for (unsigned int j = 0; j < 2; j++) {
			char *text = output(0, "%s --json -s %s/%s", j ? "topo" : "providers",
					    TOPOLOGIES, files[i]);

			json_decref(load(text));
			free(text);
		}
		free(output(0, "providers -s %s/%s 2>&1", TOPOLOGIES, files[i]));
	}
}

/* A capture says of a machine exactly what its source said, save where it comes from. */
static void captures_replay(void **state)
{
	(void)state;
	for (size_t i = 1; i < 4; i++) {
		json_t *before, *after;
		char *text =
			output(0, "capture -s %s/%s %s/c.tar.gz", TOPOLOGIES, files[i], directory);

		assert_non_null(strstr(text, "functions, whether read as root is unknown"));
		free(text);
		text = output(0, "topo --json -s %s/%s", TOPOLOGIES, files[i]);
		before = load(text);
		free(text);
		text = output(0, "topo --json -s %s/c.tar.gz", directory);
		after = load(text);
		free(text);
		assert_int_equal(json_object_del(before, "source"), 0);
		assert_string_equal(json_string_value(json_object_get(after, "source")), "capture");
		assert_int_equal(json_object_del(after, "source"), 0);
		assert_true(json_equal(before, after));
		json_decref(before);
		json_decref(after);
		free(output(0, "capture -f -s %s/c.tar.gz %s/d.tar.gz", directory, directory));
		text = output(0,
			      "topo --all -s %s/d.tar.gz 2>&1 >/dev/null; cmp %s/c.tar.gz "
			      "%s/d.tar.gz 2>&1",
			      directory, directory, directory);
		assert_string_equal(text, "");
		free(text);
		free(output(0, "--version; rm %s/c.tar.gz %s/d.tar.gz", directory, directory));
	}
}

/* A failure is JSON, too, and what is typed wrong before --json is. */
static void failures_in_json(void **state)
{
	static const struct {
		const char *arguments;
		int status;
	} cases[] = {
		{ "topo --json --source /nonexistent", EX_NOINPUT },
		{ "topo --nonsense --json", EX_USAGE },
		{ "doctor -j --source " P2PMEM, EX_DATAERR },
		{ "doctor --json --only nothing --source " XE9680, EX_USAGE },
		{ "check --json --source " XE9680 " 19:00.0 nvme9", EX_NOINPUT },
		{ "check --json", EX_USAGE },
		{ "matrix --json --csv --source " XE9680, EX_USAGE },
		{ "matrix --json --clients nvme9 --source " XE9680, EX_NOINPUT },
		{ "providers --json nvme9 --source " XE9680, EX_NOINPUT },
		{ "capture --json /", EX_NOINPUT },
		{ "stat --json memory0", EX_USAGE },
		{ "publish --json 1:0.0", EX_USAGE },
		{ "unpublish --json", EX_USAGE },
		{ "sim --json /nonexistent", EX_NOINPUT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = output(cases[i].status, "%s 2>/dev/null", cases[i].arguments);
		json_t *root = load(text);
		const json_t *error = json_object_get(root, "error");

		assert_int_equal(integer(error, "status"), cases[i].status);
		assert_true(json_is_string(json_object_get(error, "text")));
		assert_int_equal(strncmp(json_string_value(json_object_get(root, "command")),
					 cases[i].arguments, strcspn(cases[i].arguments, " ")),
				 0);
		json_decref(root);
		free(text);
	}
}

/* One thing has one name: what a device is called, its type, its kind, by every command. */
static void devices_in_json(void **state)
{
	static const char *const fields[] = { "address", "type",  "kind",
					      "model",   "names", "numa_node" };
	char *text = output(0, "topo --json --source " TOPOLOGIES "/" MIC);
	json_t *topo = load(text), *check, *providers;
	const json_t *node, *device, *device_json = NULL;
	size_t i;

	(void)state;
	free(text);
	text = output(1, "check --json --source " TOPOLOGIES "/" MIC " nvme0n1 mic0");
	check = load(text);
	free(text);
	text = output(0, "providers --json --source " TOPOLOGIES "/" MIC);
	providers = load(text);
	free(text);
	node = node_at(topo, "0000:83:00.0");
	device = json_object_get(check, "provider");
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		assert_true(json_equal(json_object_get(node, fields[i]),
				       json_object_get(device, fields[i])));
	json_array_foreach(
		json_object_get(providers, "providers"), i,
		device_json) if (!strcmp(json_string_value(json_object_get(device_json, "address")),
					 "0000:83:00.0")) break;
	assert_non_null(device_json);
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		assert_true(json_equal(json_object_get(node, fields[i]),
				       json_object_get(device_json, fields[i])));
	json_decref(topo);
	json_decref(check);
	json_decref(providers);
}

/* lspci text does not say who provides: no list of it is the whole. Nor does it say its kernel. */
static void unknown_in_json(void **state)
{
	char *text = output(0, "providers --json --source " XE9680);
	json_t *root = load(text);

	(void)state;
	free(text);
	assert_true(json_is_false(json_object_get(root, "complete")));
	assert_true(json_is_null(json_object_get(json_object_get(root, "policy"), "fit")));
	assert_true(json_is_null(json_object_get(json_object_get(root, "policy"), "asked")));
	json_decref(root);
}

static void capture_refusals(void **state)
{
	char arguments[512];
	char *text;

	(void)state;
	snprintf(arguments, sizeof(arguments), "capture -s %s/%s %s/c", TOPOLOGIES, files[2],
		 directory);
	free(output(0, "%s", arguments));
	expect_error(EX_USAGE, "exists; name another file, or replace it with --force", arguments);
	free(output(0, "capture --force -s %s/%s %s/c", TOPOLOGIES, files[2], directory));
	/* A source that is none leaves the old file alone, even with --force. */
	snprintf(arguments, sizeof(arguments), "capture --force -s %s/%s %s/c", TOPOLOGIES,
		 files[4], directory);
	expect_error(EX_USAGE, "not a sysfs tree", arguments);
	text = output(0, "topo -s %s/c", directory);
	expect_line(text, "23 functions", "");
	free(text);
	snprintf(arguments, sizeof(arguments), "capture %s", directory);
	expect_error(EX_NOINPUT, "is a directory", arguments);
	expect_error(EX_USAGE, "not a stream", "capture -- -");
	expect_error(EX_USAGE, "is not a regular file", "capture --force /dev/null");
	expect_error(EX_NOINPUT, "/nonexistent", "capture /nonexistent/c.tar.gz");
	expect_error(EX_USAGE, "takes 1 argument, 0 given", "capture");
	free(output(0, "--version; rm %s/c", directory));
}

static void bad_input(void **state)
{
	(void)state;
	expect_error(EX_NOINPUT, "/nonexistent", "topo --source /nonexistent");
	expect_error(EX_DATAERR, "", "topo --source " P2PMEM);
	expect_error(EX_USAGE, "takes no arguments", "topo 00:00.0");
	expect_error(EX_USAGE, "is not a kernel release", "topo --kernel new --source " XE9680);
	expect_error(EX_USAGE, "takes 0 to 1 arguments", "providers a b");
	expect_error(EX_NOINPUT, "77:00.0", "providers 77:00.0 -k 6.12 --source " XE9680);
	free(output(EX_IOERR, "topo --source " XE9680 " 2>/dev/null >/dev/full"));
	free(output(EX_IOERR, "topo --json --source " XE9680 " 2>/dev/null >/dev/full"));
	free(output(EX_IOERR, "providers --source " XE9680 " 2>/dev/null >/dev/full"));
}

/*
 * Eight GPUs with 128 GiB, of which 9b:00.0 is below the same switch as the NIC 9c:00.0: four hops
 * (two ports up to the switch's inside, two down). No other provider is direct but NICs.
 */
static void providers(void **state)
{
	char *text = output(0, "providers --source " XE9680);
	const char *first;

	(void)state;
	assert_int_equal(lines_with(text, " gpu ", "  possible  "), 8);
	assert_int_equal(lines_with(text, "128 GiB", "NVIDIA "), 8);
	assert_null(strstr(text, "VERDICT"));
	free(text);
	text = output(0, "providers -k 6.12 9c:00.0 --source " XE9680);
	first = strchr(text, '\n') + 1;
	assert_int_equal(strncmp(first, "9b:00.0  gpu ", 13), 0);
	expect_line(text, "9b:00.0 ", "  direct ");
	assert_int_equal(lines_with(text, " gpu ", "  direct "), 1);
	free(text);
	/* An old kernel's flags: mic0 has 8 GiB of prefetchable memory. */
	text = output(0, "providers --source " TOPOLOGIES "/" MIC);
	expect_line(text, "mic0", "8 GiB");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(h100_server),
		cmocka_unit_test(everything),
		cmocka_unit_test(names),
		cmocka_unit_test(legend_of_acs),
		cmocka_unit_test(groups_and_downgrades),
		cmocka_unit_test(line_drawing),
		cmocka_unit_test(json_of_h100_server),
		cmocka_unit_test(every_capture),
		cmocka_unit_test(captures_replay),
		cmocka_unit_test(failures_in_json),
		cmocka_unit_test(devices_in_json),
		cmocka_unit_test(unknown_in_json),
		cmocka_unit_test(capture_refusals),
		cmocka_unit_test(bad_input),
		cmocka_unit_test(providers),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
