// SPDX-License-Identifier: MIT
/* The witness against traces and memory maps made here: whole, odd and hostile. */
#include "tally.h"
#include "trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char views[] = "FlatView #0\n"
			    " AS \"memory\", root: system\n"
			    " AS \"nvme\", root: bus master container\n"
			    " Root memory region: system\n"
			    "  0000000000000000-000000000009ffff (prio 0, ram): lab-ram0\n"
			    "  00000000000a0000-00000000000fffff (prio 0, rom): lab-ram0 @a0000\n"
			    "  0000000000100000-000000003fffffff (prio 0, ram): lab-ram0 @100000\n"
			    "  00000000f4000000-00000000f7ffffff (prio 1, i/o): nvme-cmb\n"
			    "  00000000f8000000-00000000f8ffffff (prio 1, ram): lab-bar-gpu0\n"
			    "  00000000fee00000-00000000feefffff (prio 4096, i/o): apic-msi\n"
			    "\n";

static const char second_view[] = "FlatView #1\n"
				  " AS \"nvme\", root: bus master container\n"
				  " Root memory region: vtd\n"
				  "  0000000000000000-ffffffffffffffff (prio 0, i/o): vtd-dmar\n";

static const char functions[] =
	"[{\"bus\":0,\"devices\":[{\"bus\":0,\"slot\":1,\"function\":0,\"qdev_id\":\"rp0\","
	"\"regions\":[],\"pci_bridge\":{\"devices\":["
	"{\"bus\":1,\"slot\":0,\"function\":0,\"qdev_id\":\"src\",\"regions\":["
	"{\"type\":\"memory\",\"address\":4093640704,\"size\":67108864},"
	"{\"type\":\"memory\",\"address\":-1,\"size\":4096},"
	"{\"type\":\"io\",\"address\":1048576,\"size\":4096}]},"
	"{\"bus\":1,\"slot\":2,\"function\":3,\"qdev_id\":\"\",\"regions\":["
	"{\"type\":\"memory\",\"address\":4160749568,\"size\":16777216}]}]}}]}]";

/* A run's directory in a temporary place. */
struct directory {
	char path[64];
};

static void write_file(const struct directory *directory, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory->path, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static int make_directory(void **state)
{
	struct directory *directory = calloc(1, sizeof(*directory));

	snprintf(directory->path, sizeof(directory->path), "/tmp/p2pmem-witness.XXXXXX");
	assert_non_null(mkdtemp(directory->path));
	write_file(directory, "map.a", views);
	write_file(directory, "map.b", views);
	write_file(directory, "pci.a", functions);
	write_file(directory, "pci.b", functions);
	write_file(directory, "drives", "1 src\n2 dst\n");
	*state = directory;
	return 0;
}

static int remove_directory(void **state)
{
	static const char *const names[] = { "map.a",  "map.b", "pci.a", "pci.b",
					     "drives", "marks", "trace" };
	struct directory *directory = *state;
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory->path, names[i]);
		unlink(path);
	}
	rmdir(directory->path);
	free(directory);
	return 0;
}

static void test_ranges(void **state)
{
	struct lab_ranges a = { 0 };
	struct lab_ranges b = { 0 };

	(void)state;
	lab_ranges_sort(&a);
	assert_int_equal(lab_ranges_bytes(&a), 0);
	assert_true(lab_ranges_add(&a, 100, 200));
	assert_true(lab_ranges_add(&a, 200, 300));
	assert_int_equal(a.count, 1);
	assert_true(lab_ranges_add(&a, 0, 50));
	assert_true(lab_ranges_add(&a, 150, 400));
	assert_true(lab_ranges_add(&a, 7, 7));
	lab_ranges_sort(&a);
	assert_int_equal(a.count, 2);
	assert_int_equal(lab_ranges_bytes(&a), 350);
	assert_true(lab_ranges_add(&b, 40, 120));
	assert_true(lab_ranges_add(&b, 390, 500));
	lab_ranges_sort(&b);
	assert_int_equal(lab_ranges_common(&a, &b), 10 + 20 + 10);
	assert_int_equal(lab_ranges_common(&b, &a), 10 + 20 + 10);
	for (uint64_t i = 0; i < 1000; i++)
		assert_true(lab_ranges_add(&b, 10000 - i * 8, 10004 - i * 8));
	lab_ranges_sort(&b);
	assert_int_equal(lab_ranges_bytes(&b), 80 + 110 + 4000);
	lab_ranges_free(&a);
	lab_ranges_free(&b);
}

static struct lab_memmap *read_map(const struct directory *directory, enum lab_dma_space space)
{
	struct lab_error error = { "" };
	struct lab_memmap *map = lab_memmap_read(directory->path, "a", space, &error);

	assert_string_equal(error.text, "");
	assert_non_null(map);
	return map;
}

static void test_places(void **state)
{
	struct lab_memmap *map = read_map(*state, LAB_DMA_OWN);

	assert_int_equal(lab_memmap_find(map, 0x1000, 4096).kind, LAB_PLACE_RAM);
	assert_int_equal(lab_memmap_find(map, 0x3ffff000, 4096).kind, LAB_PLACE_RAM);
	assert_int_equal(lab_memmap_find(map, 0xf4000000, 0x4000000).kind, LAB_PLACE_BAR);
	assert_string_equal(lab_memmap_find(map, 0xf4000000, 512).owner, "src");
	assert_string_equal(lab_memmap_find(map, 0xf8000000, 512).owner, "0000:01:02.3");
	/* A ROM, nothing at all, a register block of no device, two places at once, no length. */
	assert_int_equal(lab_memmap_find(map, 0xc0000, 512).kind, LAB_PLACE_OTHER);
	assert_int_equal(lab_memmap_find(map, 0x50000000, 512).kind, LAB_PLACE_OTHER);
	assert_int_equal(lab_memmap_find(map, 0xfee00000, 4).kind, LAB_PLACE_UNKNOWN);
	assert_int_equal(lab_memmap_find(map, 0xf7fff000, 8192).kind, LAB_PLACE_UNKNOWN);
	assert_int_equal(lab_memmap_find(map, 0x1000, 0).kind, LAB_PLACE_UNKNOWN);
	assert_int_equal(lab_memmap_find(map, UINT64_MAX, 2).kind, LAB_PLACE_UNKNOWN);
	lab_memmap_free(map);
}

/* An IOMMU's region covers every address, so none may pass for a BAR's. */
static void test_iommu(void **state)
{
	struct directory *directory = *state;
	struct lab_memmap *map;
	char both[4096];

	write_file(directory, "map.a", second_view);
	map = read_map(directory, LAB_DMA_OWN);
	assert_int_equal(lab_memmap_find(map, 0xf4000000, 512).kind, LAB_PLACE_UNKNOWN);
	assert_int_equal(lab_memmap_find(map, 0x1000, 512).kind, LAB_PLACE_UNKNOWN);
	lab_memmap_free(map);

	/* Translated for one controller, not for the other: which one it was cannot be told. */
	snprintf(both, sizeof(both), "%s%s", views, second_view);
	write_file(directory, "map.a", both);
	map = read_map(directory, LAB_DMA_OWN);
	assert_int_equal(lab_memmap_find(map, 0xf4000000, 512).kind, LAB_PLACE_UNKNOWN);
	lab_memmap_free(map);

	/* Said to translate nothing, it is not looked at. */
	map = read_map(directory, LAB_DMA_MACHINE);
	assert_string_equal(lab_memmap_find(map, 0xf4000000, 512).owner, "src");
	assert_int_equal(lab_memmap_find(map, 0x1000, 512).kind, LAB_PLACE_RAM);
	assert_int_equal(lab_memmap_find(map, 0x50000000, 512).kind, LAB_PLACE_OTHER);
	lab_memmap_free(map);
}

static void test_bad_maps(void **state)
{
	static const char *const bad[] = { "", "[", "{}", "[1,{\"devices\":3}]", "[[[[[[" };
	struct directory *directory = *state;
	struct lab_memmap *map;

	write_file(directory, "map.a",
		   " AS \"nvme\"\n  zz-1 (prio\n  5-1 (prio 0, ram): lab-ram0\n");
	map = read_map(directory, LAB_DMA_OWN);
	assert_int_equal(lab_memmap_find(map, 1, 1).kind, LAB_PLACE_UNKNOWN);
	lab_memmap_free(map);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct lab_error error = { "" };

		write_file(directory, "pci.a", bad[i]);
		map = lab_memmap_read(directory->path, "a", LAB_DMA_OWN, &error);
		assert_int_equal(map == NULL, error.text[0] != '\0');
		if (map)
			lab_memmap_free(map);
	}
}

/* The tally of a trace that is made of these pieces, a NULL after the last. */
static struct lab_tally *tally_of(struct directory *directory, const char *const *pieces)
{
	struct lab_error error = { "" };
	struct lab_tally *tally;
	char trace[8192] = "";
	size_t length = 0;
	char marks[64];

	for (; *pieces; pieces++)
		length += (size_t)snprintf(trace + length, sizeof(trace) - length, "%s", *pieces);
	assert_true(length < sizeof(trace));
	snprintf(marks, sizeof(marks), "a 0\nb %zu\n", length);
	write_file(directory, "marks", marks);
	write_file(directory, "trace", trace);
	tally = lab_tally_read(directory->path, "a", "b", LAB_DMA_OWN, &error);
	assert_string_equal(error.text, "");
	assert_non_null(tally);
	return tally;
}

/* Commands of 8192 bytes; what they map follows. */
static const char read_first[] =
	"1@2.3:pci_nvme_io_cmd cid 1 nsid 0x1 sqid 1 opc 0x2 opname 'NVME_NVM_CMD_READ'\n"
	"pci_nvme_read cid 1 nsid 1 nlb 16 count 8192 lba 0x0\n"
	"pci_nvme_map_prp trans_len 4096 len 8192 prp1 0x1 prp2 0x2 num_prps 3\n";
static const char write_second[] =
	"pci_nvme_io_cmd cid 1 nsid 0x2 sqid 1 opc 0x1 opname 'NVME_NVM_CMD_WRITE'\n"
	"pci_nvme_write cid 1 opname 'NVME_NVM_CMD_WRITE' nsid 2 nlb 16 count 8192 lba 0x10\n";
static const char write_zeroes[] =
	"pci_nvme_io_cmd cid 1 nsid 0x2 sqid 1 opc 0x8 opname 'NVME_NVM_CMD_WRITE_ZEROES'\n"
	"pci_nvme_write cid 1 opname 'NVME_NVM_CMD_WRITE_ZEROES' nsid 2 nlb 16 count 8192 lba "
	"0x0\n";
static const char discard[] =
	"pci_nvme_io_cmd cid 1 nsid 0x2 sqid 1 opc 0x9 opname 'NVME_NVM_CMD_DSM'\n";
static const char identify[] =
	"pci_nvme_admin_cmd cid 1 sqid 0 opc 0x6 opname 'NVME_ADM_CMD_IDENTIFY'\n";
static const char map_low_ram[] = "pci_nvme_map_addr addr 0x1000 len 4096\n";
static const char map_all_ram[] = "pci_nvme_map_addr addr 0x1000 len 8192\n";
static const char map_all_peer[] = "pci_nvme_map_addr addr 0xf4000000 len 8192\n";
static const char map_own_0[] = "pci_nvme_map_addr addr 0xf4000000 len 4096\n"
				"pci_nvme_map_addr_cmb addr 0xf4000000 len 4096\n";
static const char map_own_1[] = "pci_nvme_map_addr addr 0xf4001000 len 4096\n"
				"pci_nvme_map_addr_cmb addr 0xf4001000 len 4096\n";
static const char map_messages[] = "pci_nvme_map_addr addr 0xfee00000 len 4096\n";

static void test_copy_through_peer(void **state)
{
	static const char *const pieces[] = {
		read_first,   map_own_0,    map_own_1, /* the payload */
		read_first,   map_low_ram,             /* proof: half of the same, into RAM */
		identify,     map_low_ram,             /* no payload, though the read wants more */
		write_second, map_all_peer,            /* the payload */
		write_zeroes, discard,      map_low_ram, /* no payload */
		NULL,
	};
	struct lab_tally *tally = tally_of(*state, pieces);
	struct lab_payload payload = lab_tally_payload(tally, 1, 2);

	assert_int_equal(tally->drives[1].read.own, 8192);
	assert_int_equal(tally->drives[1].read.ram, 4096);
	assert_int_equal(tally->drives[2].written.peers[0].bytes, 8192);
	assert_string_equal(tally->drives[2].written.peers[0].owner, "src");
	assert_int_equal(tally->drives[2].written.ram, 0);
	assert_int_equal(payload.source_in_ram, 0);
	assert_int_equal(payload.destination_in_ram, 0);
	assert_int_equal(payload.in_doubt, 0);
	assert_int_equal(payload.through_peer, 8192);
	assert_int_equal(payload.source_again, 4096);
	lab_tally_free(tally);
}

static void test_copy_through_host(void **state)
{
	static const char *const pieces[] = {
		read_first, map_all_ram, write_second, map_low_ram, map_messages, NULL,
	};
	struct lab_tally *tally = tally_of(*state, pieces);
	struct lab_payload payload = lab_tally_payload(tally, 1, 2);

	assert_int_equal(payload.source_in_ram, 8192);
	assert_int_equal(payload.destination_in_ram, 4096);
	assert_int_equal(payload.in_doubt, 4096);
	lab_tally_free(tally);
}

/* The maps of the two marks differ: the answer is neither one's. */
static void test_map_changed(void **state)
{
	static const char *const pieces[] = { read_first, map_all_peer, NULL };
	struct lab_tally *tally;

	write_file(*state, "pci.b", "[]");
	tally = tally_of(*state, pieces);
	assert_int_equal(tally->drives[1].read.unknown, 8192);
	lab_tally_free(tally);
}

static void test_hostile_trace(void **state)
{
	static const char *const pieces[] = {
		"pci_nvme_read cid 1 nsid 1 nlb 0 count 0 lba 0x0\n",
		map_low_ram,
		discard,
		"pci_nvme_read cid 1 nsid 1 nlb 8 count 4096 lba 0xffffffffffffffff\n",
		map_low_ram,
		discard,
		"pci_nvme_read cid 1 nsid 4000000000 nlb 8 count 4096 lba 0x0\n",
		map_low_ram,
		discard,
		"pci_nvme_read cid 1 nsid 1 nlb 8 count 4096 lba 0x0\n",
		"pci_nvme_map_addr addr 0x1000 len 18446744073709551615\n",
		"pci_nvme_map_addr addr 0x1000 len 0\n",
		"pci_nvme_map_addr_cmb addr 0x1000 len 4096\n",
		"pci_nvme_\npci_nvme_map_addr\n",
		"pci_nvme_map_addr addr 0x1000 len 512\n",
		"pci_nvme_map_addr addr 0x1",
		NULL,
	};
	struct lab_tally *tally = tally_of(*state, pieces);

	assert_int_equal(tally->drives[1].read.ram, 512);
	assert_int_equal(tally->drives[1].read.own, 0);
	lab_tally_free(tally);
}

static void test_missing_parts(void **state)
{
	struct directory *directory = *state;
	struct lab_error error = { "" };

	assert_null(lab_tally_read(directory->path, "a", "b", LAB_DMA_OWN, &error));
	assert_non_null(strstr(error.text, "/marks: No such file"));
	write_file(directory, "marks", "a 10\nb 5\n");
	write_file(directory, "trace", "");
	error.text[0] = '\0';
	assert_null(lab_tally_read(directory->path, "a", "b", LAB_DMA_OWN, &error));
	assert_string_equal(error.text, "mark 'a' comes after 'b'");
	error.text[0] = '\0';
	assert_null(lab_tally_read(directory->path, "a", "c", LAB_DMA_OWN, &error));
	assert_non_null(strstr(error.text, "map.c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test_setup_teardown(test_places, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(test_iommu, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(test_bad_maps, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(test_copy_through_peer, make_directory,
						remove_directory),
		cmocka_unit_test_setup_teardown(test_copy_through_host, make_directory,
						remove_directory),
		cmocka_unit_test_setup_teardown(test_map_changed, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(test_hostile_trace, make_directory,
						remove_directory),
		cmocka_unit_test_setup_teardown(test_missing_parts, make_directory,
						remove_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
