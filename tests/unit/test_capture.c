// SPDX-License-Identifier: MIT
/*
 * Captures: the same machine when read again, and nothing in them that says whose it is.
 */
#include "sources_support.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine_dump.h"
#include "machine/sources/config_space.h"
#include "machine/sources/file.h"

static char directory[] = "/tmp/p2pmem-capture-XXXXXX";

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

static void in_directory(char path[256], const char *name)
{
	snprintf(path, 256, "%s/%s", directory, name);
}

static char *dump(const char *path)
{
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;
	char *text = NULL;
	size_t size;
	FILE *out;

	if (p2p_machine_open(path, &machine, &error))
		print_error("%s\n", error.text);
	assert_non_null(machine);
	out = open_memstream(&text, &size);
	dump_machine(out, machine);
	fclose(out);
	p2p_machine_free(machine);
	return text;
}

/* Source, capture of it, capture of the capture: one machine. And the same bytes each time. */
static void round_trip(const char *source)
{
	struct p2p_error error = { .text = "" };
	struct p2p_blob first_bytes, again_bytes;
	char first[256], again[256];
	char *before, *after;

	in_directory(first, "first.tar.gz");
	in_directory(again, "again.tar.gz");
	if (p2p_capture_write(first, source, &error))
		print_error("%s\n", error.text);
	before = dump(source);
	after = dump(first);
	assert_string_equal(before, after);
	assert_int_equal(p2p_capture_write(again, first, &error), 0);
	assert_int_equal(p2p_file_read(first, P2P_FILE_MAX, &first_bytes, &error), 0);
	assert_int_equal(p2p_file_read(again, P2P_FILE_MAX, &again_bytes, &error), 0);
	assert_int_equal(first_bytes.size, again_bytes.size);
	assert_memory_equal(first_bytes.data, again_bytes.data, first_bytes.size);
	free(first_bytes.data);
	free(again_bytes.data);
	free(before);
	free(after);
	unlink(first);
	unlink(again);
}

static void real_trees(void **state)
{
	(void)state;
	round_trip(TOPOLOGIES "/2n8c-dax-nvme-mic.sysfs.tar.bz2");
	round_trip(TOPOLOGIES "/desktop-iommu-groups.sysfs.tar.gz");
	round_trip(TOPOLOGIES "/icelake-14-host-bridges.sysfs.tgz");
}

/* Whatever machine this runs on: with and without PCI, in containers, as root and not. */
static void this_machine(void **state)
{
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;

	(void)state;
	if (access("/sys", R_OK))
		skip();
	assert_int_equal(p2p_machine_open(NULL, &machine, &error), 0);
	assert_string_equal(p2p_machine_source(machine), "live");
	assert_true(p2p_machine_is_live(machine));
	assert_non_null(p2p_machine_facts(machine)->kernel_release);
	if (access("/sys/bus/pci/devices", R_OK))
		assert_true(has_warning(machine, "no /sys/bus/pci/devices"));
	else
		round_trip(NULL);
	p2p_machine_free(machine);
}

static void write_text(const char *path, const void *data, size_t size)
{
	char full[256], *slash;
	int file;

	in_directory(full, path);
	for (slash = strchr(full + strlen(directory) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	file = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_int_not_equal(file, -1);
	assert_int_equal(write(file, data, size), size);
	close(file);
}

static void make_link(const char *path, const char *target)
{
	char full[256];

	write_text(path, "", 0);
	in_directory(full, path);
	unlink(full);
	assert_int_equal(symlink(target, full), 0);
}

#define SECRET "00163e5e6c00"

/* What a capture must leave out, under every name that a reader could meet it by. */
static void make_private_tree(void)
{
	uint8_t config[P2P_CONFIG_PCIE] = { 0xb3, 0x15, 0x21, 0x10, 0, 0, 0x10 };

	config[0x34] = 0x40;
	config[0x40] = 0x03; /* vital product data: its data register keeps what was read last */
	for (unsigned int i = 0; i < 4; i++)
		config[0x44 + i] = (uint8_t) "SN#1"[i];
	config[0x100] = 0x03; /* device serial number */
	config[0x102] = 0x01;
	for (unsigned int i = 0; i < 8; i++)
		config[0x104 + i] = (uint8_t)SECRET[i];
	write_text("t/sys/devices/pci0000:00/0000:00:01.0/config", config, sizeof(config));
	write_text("t/sys/devices/pci0000:00/0000:00:01.0/class", "0x020000\n", 9);
	write_text("t/sys/devices/pci0000:00/0000:00:01.0/vpd", SECRET, 12);
	write_text("t/sys/devices/pci0000:00/0000:00:01.0/net/eth0/address", SECRET, 12);
	write_text("t/sys/devices/pci0000:00/0000:00:01.0/nvme/nvme0/serial", SECRET, 12);
	write_text("t/sys/devices/pci0000:00/0000:00:01.0/wwid", SECRET, 12);
	write_text("t/proc/cmdline", "ip=" SECRET " iommu=pt\n", 3 + 12 + 10);
	write_text("t/proc/iomem", "1000-2000 : " SECRET "\n", 12 + 12 + 1);
	make_link("t/sys/bus/pci/devices/0000:00:01.0", "../../../devices/pci0000:00/0000:00:01.0");
	make_link("t/sys/class/net/enx" SECRET,
		  "../../devices/pci0000:00/0000:00:01.0/net/enx" SECRET);
	make_link("t/sys/class/net/eth0", "../../devices/pci0000:00/0000:00:01.0/net/eth0");
	make_link("t/sys/class/net/vpn-" SECRET, "../../devices/virtual/net/vpn-" SECRET);
}

static void remove_tree(const char *name)
{
	char command[300];

	snprintf(command, sizeof(command), "rm -r '%s/%s'", directory, name);
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a path made here */
}

static void leaves_out_identities(void **state)
{
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;
	char tree[256], file[256], unpacked[600];
	p2p_node node;

	(void)state;
	make_private_tree();
	in_directory(tree, "t");
	in_directory(file, "c.tar.gz");
	assert_int_equal(p2p_capture_write(file, tree, &error), 0);
	/* 0: no line with the secret in any file, name or link target. */
	snprintf(unpacked, sizeof(unpacked),
		 "gzip -dc '%s' | grep -a -c -e " SECRET " -e 'SN#1' -e '%.8s'", file, SECRET);
	assert_int_not_equal(system(unpacked), 0); /* NOLINT(cert-env33-c): a path made here */
	assert_int_equal(p2p_machine_open(file, &machine, &error), 0);
	assert_int_equal(p2p_machine_find(machine, "eth0", &node, &error), 0);
	assert_int_equal(info_of(machine, "0000:00:01.0")->vendor, 0x15b3);
	assert_string_equal(p2p_machine_facts(machine)->command_line, "iommu=pt");
	p2p_machine_free(machine);
	unlink(file);
	remove_tree("t");
}

static void errors(void **state)
{
	struct p2p_error error = { .text = "" };
	char file[256];

	(void)state;
	in_directory(file, "c.tar.gz");
	assert_int_equal(p2p_capture_write(file, TOPOLOGIES "/dgx2.hwloc.xml", &error), -EINVAL);
	assert_non_null(strstr(error.text, "not a sysfs tree"));
	assert_int_equal(p2p_capture_write(file, "/nonexistent", &error), -ENOENT);
	assert_int_equal(access(file, F_OK), -1);
	assert_int_equal(p2p_capture_write("/nonexistent/c.tar.gz",
					   TOPOLOGIES "/desktop-iommu-groups.sysfs.tar.gz", &error),
			 -ENOENT);
	assert_non_null(strstr(error.text, "cannot create a file there"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_trees),
		cmocka_unit_test(this_machine),
		cmocka_unit_test(leaves_out_identities),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
