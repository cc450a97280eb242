// SPDX-License-Identifier: MIT
/*
 * Packed sources: attachments and reports as people send them, archives that are made to hurt.
 */
#include "sources_support.h"

#include <archive.h>
#include <archive_entry.h>

#include <p2pmem/text.h>

/* Of one machine: a tree, and a list that fills it in. */
#define TREE "-[0000:00]---01.0-[01]----00.0\n"
#define LIST                                                                                       \
	"00:01.0 0604: 8086:352a (rev 04) (prog-if 00 [Normal decode])\n"                          \
	"01:00.0 0302: 10de:2330 (rev a1)\n"
/* Another one's: nobody may mix it in. */
#define DECOY "00:01.0 0604: 1022:1483\n02:00.0 0108: 144d:a80a\n"

struct member {
	const char *path, *text;
};

struct packer {
	char data[1 << 20];
	size_t size;
	struct archive *archive;
};

static void begin(struct packer *packer, int (*format)(struct archive *),
		  int (*filter)(struct archive *))
{
	packer->archive = archive_write_new();
	format(packer->archive);
	filter(packer->archive);
	assert_int_equal(archive_write_open_memory(packer->archive, packer->data,
						   sizeof(packer->data), &packer->size),
			 ARCHIVE_OK);
}

static void head(struct packer *packer, const char *path, int type, const char *target, size_t size)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, (unsigned int)type);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (la_int64_t)size);
	if (target)
		archive_entry_set_symlink(entry, target);
	assert_int_equal(archive_write_header(packer->archive, entry), ARCHIVE_OK);
	archive_entry_free(entry);
}

static void put(struct packer *packer, const char *path, const char *text)
{
	head(packer, path, AE_IFREG, NULL, strlen(text));
	assert_int_equal(archive_write_data(packer->archive, text, strlen(text)), strlen(text));
}

static void end(struct packer *packer)
{
	archive_write_close(packer->archive);
	archive_write_free(packer->archive);
}

static void expect_machine(const struct packer *packer)
{
	struct p2p_machine *machine = read_text_of(packer->data, packer->size);

	assert_string_equal(p2p_machine_source(machine), "lspci");
	assert_false(p2p_machine_is_live(machine));
	assert_int_equal(info_of(machine, "00:01.0")->device, 0x352a);
	assert_int_equal(info_of(machine, "01:00.0")->class_code >> 8, 0x0302);
	assert_int_equal(parent_of(machine, "01:00.0"), node_of(machine, "00:01.0"));
	assert_int_equal(p2p_machine_warnings(machine), 0);
	p2p_machine_free(machine);
}

/* file.txt.gz and its like, and a text of any name in a .zip. */
static void attachments(void **state)
{
	static struct packer packer;
	int (*const filters[])(struct archive *) = {
		archive_write_add_filter_gzip,
		archive_write_add_filter_bzip2,
		archive_write_add_filter_xz,
		archive_write_add_filter_zstd,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		begin(&packer, archive_write_set_format_raw, filters[i]);
		put(&packer, "data", TREE LIST);
		end(&packer);
		expect_machine(&packer);
	}
	begin(&packer, archive_write_set_format_zip, archive_write_add_filter_none);
	put(&packer, "node7 lspci output.txt", TREE LIST);
	end(&packer);
	expect_machine(&packer);
}

/* What tools for support gather: of all the files those count that are lspci's, else any text. */
static void reports(void **state)
{
	static const struct member sosreport[] = {
		{ "sosreport-node7/sos_commands/kernel/dmesg", DECOY },
		{ "sosreport-node7/var/log/messages.txt", DECOY },
		{ "sosreport-node7/sos_commands/pci/lspci_-nnvv", LIST },
		{ "sosreport-node7/sos_commands/pci/lspci_-tv", TREE },
		{ "sosreport-node7/lspci.notes/summary", DECOY },
	};
	static const struct member supportconfig[] = {
		{ "scc_node7_261125/basic-environment.txt", "#==[ Command ]==#\n# /bin/date\n" },
		{ "scc_node7_261125/hardware.txt",
		  "#==[ Command ]===#\n# /sbin/lspci -tv\n" TREE
		  "\n#==[ Command ]===#\n# /sbin/lspci -nn\n" LIST },
		{ "scc_node7_261125/rpm.rpmlist", DECOY },
	};
	static const struct {
		const struct member *members;
		size_t count;
		int (*filter)(struct archive *);
	} cases[] = {
		{ sosreport, 5, archive_write_add_filter_xz },
		{ supportconfig, 3, archive_write_add_filter_bzip2 },
	};
	static struct packer packer;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(&packer, archive_write_set_format_pax_restricted, cases[i].filter);
		for (size_t j = 0; j < cases[i].count; j++)
			put(&packer, cases[i].members[j].path, cases[i].members[j].text);
		end(&packer);
		expect_machine(&packer);
	}
}

/* One member that unpacks to more than any machine has, and nothing after it to stop at. */
static void one_large_member(void **state)
{
	struct p2p_error error = { .text = "" };
	static char zeros[1 << 20];
	static struct packer packer;
	struct p2p_machine *machine;

	(void)state;
	begin(&packer, archive_write_set_format_pax_restricted, archive_write_add_filter_zstd);
	head(&packer, "unwanted", AE_IFREG, NULL, P2P_ARCHIVE_READ_MAX + sizeof(zeros));
	for (size_t left = P2P_ARCHIVE_READ_MAX / sizeof(zeros) + 1; left; left--)
		archive_write_data(packer.archive, zeros, sizeof(zeros));
	end(&packer);
	assert_int_equal(read_bytes(packer.data, packer.size, &machine, &error), -EFBIG);
	assert_non_null(strstr(error.text, "more files or bytes"));
}

/* Bytes that a terminal acts on, as they are and as C1 controls in UTF-8. */
static bool acts_on_terminal(const char *text)
{
	for (size_t i = 0; text[i]; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f ||
		    ((unsigned char)text[i] == 0xc2 && ((unsigned char)text[i + 1] & 0xe0) == 0x80))
			return true;
	return false;
}

#define EVIL "\033[2J\n\302\2331m"

/* Names that come out of an archive are said without what a terminal would act on. */
static void names_of_members(void **state)
{
	static const char device[] = "sys/devices/pci0000:00/0000:00:01.0";
	struct p2p_error error = { .text = "" };
	static struct packer packer;
	struct p2p_machine *machine;
	char path[256];
	p2p_node node;

	(void)state;
	begin(&packer, archive_write_set_format_ustar, archive_write_add_filter_gzip);
	snprintf(path, sizeof(path), "%s/class", device);
	put(&packer, path, "0x020000\n");
	snprintf(path, sizeof(path), "%s/vendor", device);
	put(&packer, path, EVIL);
	head(&packer, "sys/bus/pci/devices/0000:00:01.0", AE_IFLNK,
	     "../../../devices/pci0000:00/0000:00:01.0", 0);
	head(&packer, "sys/bus/pci/devices/" EVIL, AE_IFLNK, "../../../devices/pci0000:00/" EVIL,
	     0);
	head(&packer, "sys/class/net/eth" EVIL, AE_IFLNK,
	     "../../devices/pci0000:00/0000:00:01.0/net/eth" EVIL, 0);
	end(&packer);
	machine = read_text_of(packer.data, packer.size);
	for (uint32_t i = 0; i < p2p_machine_warnings(machine); i++)
		assert_false(acts_on_terminal(p2p_machine_warning(machine, i)));
	/* The near match is the card's name. */
	assert_int_equal(p2p_machine_find(machine, "eth", &node, &error), -ENOENT);
	assert_non_null(strstr(error.text, "eth?[2J"));
	assert_false(acts_on_terminal(error.text));
	p2p_machine_free(machine);
	p2p_error_set(&error, -EINVAL, "%s: \"%s\"", EVIL, EVIL);
	assert_false(acts_on_terminal(error.text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attachments),
		cmocka_unit_test(reports),
		cmocka_unit_test(one_large_member),
		cmocka_unit_test(names_of_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
