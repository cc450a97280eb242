// SPDX-License-Identifier: MIT
/*
 * Trees: directories that try to lead the reader out, archives that are broken or too much.
 */
#include "sources_support.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/p2pmem-tree-XXXXXX";

static int make_directory(void **state)
{
	char path[256];
	FILE *file;

	(void)state;
	if (!mkdtemp(directory) || chdir(directory) || mkdir("sys", 0755) || mkdir("out", 0755))
		return -1;
	snprintf(path, sizeof(path), "%s/out/secret", directory);
	file = fopen(path, "w");
	if (!file || fputs("secret", file) < 0 || fclose(file))
		return -1;
	file = fopen("sys/plain", "w");
	if (!file || fputs("0123456789", file) < 0 || fclose(file))
		return -1;
	return symlink("../out/secret", "sys/link") || symlink("../out", "sys/way") ||
	       symlink("/etc", "sys/etc") || mkfifo("sys/fifo", 0644);
}

static int remove_directory(void **state)
{
	static const char *const files[] = { "sys/plain", "sys/link", "sys/way",
					     "sys/etc",   "sys/fifo", "out/secret" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
	return rmdir("sys") || rmdir("out") || chdir("/") || rmdir(directory);
}

static void expect_read(const struct p2p_tree *tree, const char *path, int status)
{
	struct p2p_blob blob = { NULL, 0 };
	int found = p2p_tree_read(tree, path, 100, &blob);

	if (!found)
		free(blob.data);
	assert_int_equal(found, status);
}

static void tree_of_a_directory(void **state)
{
	struct p2p_error error = { .text = "" };
	char target[P2P_TREE_PATH];
	struct p2p_blob blob;
	struct p2p_tree tree;

	(void)state;
	assert_int_equal(p2p_tree_open_dir(directory, &tree, &error), 0);
	assert_int_equal(p2p_tree_read(&tree, "sys/plain", 4, &blob), 0);
	assert_string_equal(blob.data, "0123");
	free(blob.data);
	assert_int_equal(p2p_tree_link(&tree, "sys/link", target), 0);
	assert_string_equal(target, "../out/secret");
	assert_int_equal(p2p_tree_link(&tree, "sys/plain", target), -EINVAL);
	assert_int_equal(p2p_tree_link(&tree, "sys/nothing", target), -ENOENT);
	/* Neither out by a link, nor stuck in a FIFO, nor a directory for a file. */
	expect_read(&tree, "sys/link", -ELOOP);
	expect_read(&tree, "sys/way/secret", -ELOOP);
	expect_read(&tree, "sys/etc/passwd", -ELOOP);
	expect_read(&tree, "sys/fifo", -EINVAL);
	expect_read(&tree, "sys", -EINVAL);
	expect_read(&tree, "sys/nothing", -ENOENT);
	p2p_tree_close(&tree);
	assert_int_equal(p2p_tree_open_dir("/nonexistent", &tree, &error), -ENOENT);
}

static void resolving(void **state)
{
	char path[P2P_TREE_PATH], long_name[P2P_TREE_PATH + 10];

	(void)state;
	assert_true(p2p_tree_resolve("sys/class/net/eth0", "../../devices/x", path));
	assert_string_equal(path, "sys/devices/x");
	assert_true(p2p_tree_resolve("sys/a", "./b//c/", path));
	assert_string_equal(path, "sys/b/c");
	assert_true(p2p_tree_resolve("sys/a", "/b", path));
	assert_string_equal(path, "b");
	assert_false(p2p_tree_resolve("sys/a", "../../etc", path));
	memset(long_name, 'x', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	assert_false(p2p_tree_resolve("a", long_name, path));
	assert_false(p2p_tree_resolve(long_name, "a", path));
}

static int count_name(void *context, const char *name)
{
	(void)name;
	++*(unsigned int *)context;
	return 0;
}

static void memory(void **state)
{
	struct p2p_memory_tree *memory = p2p_memory_tree_new();
	unsigned int count = 0;
	struct p2p_blob blob;
	struct p2p_tree tree;

	(void)state;
	tree_file(memory, "a/b-c", "1");
	tree_file(memory, "a/b/c", "2");
	tree_file(memory, "a/b/d", "3");
	tree_file(memory, "a-b", "4");
	tree_file(memory, "a/b-c", "5");
	p2p_memory_tree_seal(memory);
	tree = p2p_memory_tree_open(memory);
	assert_int_equal(p2p_tree_list(&tree, "a", count_name, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(p2p_tree_list(&tree, "a/x", count_name, &count), -ENOENT);
	/* As in tar, the last of one path counts. */
	assert_int_equal(p2p_tree_read(&tree, "a/b-c", 10, &blob), 0);
	assert_string_equal(blob.data, "5");
	free(blob.data);
	p2p_tree_close(&tree);
}

struct packed {
	char data[1 << 20];
	size_t size;
	struct archive *archive;
};

static void begin(struct packed *packed)
{
	packed->archive = archive_write_new();
	archive_write_set_format_pax_restricted(packed->archive);
	archive_write_add_filter_gzip(packed->archive);
	assert_int_equal(archive_write_open_memory(packed->archive, packed->data,
						   sizeof(packed->data), &packed->size),
			 ARCHIVE_OK);
}

static void put(struct packed *packed, const char *path, size_t size)
{
	static const char zeros[1 << 16];
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (la_int64_t)size);
	assert_int_equal(archive_write_header(packed->archive, entry), ARCHIVE_OK);
	for (size_t left = size; left;) {
		size_t piece = left < sizeof(zeros) ? left : sizeof(zeros);

		archive_write_data(packed->archive, zeros, piece);
		left -= piece;
	}
	archive_entry_free(entry);
}

static void end(struct packed *packed)
{
	archive_write_close(packed->archive);
	archive_write_free(packed->archive);
}

static void archive_paths(void **state)
{
	static struct packed packed;
	struct p2p_error error = { .text = "" };
	struct p2p_tree tree;

	(void)state;
	begin(&packed);
	put(&packed, "node0/proc/cpuinfo", 4);
	put(&packed, "node1/sys/bus/pci/devices/x/class", 4);
	put(&packed, "./node1/sys/devices/pci0000:00/class", 4);
	put(&packed, "node1/sys/../../../etc/config", 4);
	put(&packed, "node2/sys/devices/pci0000:00/vendor", 4);
	put(&packed, "node1/sys/devices/pci0000:00/unwanted", 4);
	end(&packed);
	assert_int_equal(p2p_tree_open_archive_bytes("a", packed.data, packed.size, &tree, &error),
			 0);
	expect_read(&tree, "sys/devices/pci0000:00/class", 0);
	expect_read(&tree, "proc/cpuinfo", -ENOENT);
	/* Another tree, an attribute that nobody reads, a way out. */
	expect_read(&tree, "sys/devices/pci0000:00/vendor", -ENOENT);
	expect_read(&tree, "sys/devices/pci0000:00/unwanted", -ENOENT);
	expect_read(&tree, "etc/config", -ENOENT);
	p2p_tree_close(&tree);
}

static void archive_bomb(void **state)
{
	static struct packed packed;
	struct p2p_error error = { .text = "" };
	struct p2p_tree tree;
	char path[64];

	(void)state;
	begin(&packed);
	for (unsigned int i = 0; i < 80; i++) {
		snprintf(path, sizeof(path), "sys/devices/%u/config", i);
		put(&packed, path, 1 << 20);
	}
	end(&packed);
	assert_int_equal(p2p_tree_open_archive_bytes("a", packed.data, packed.size, &tree, &error),
			 -EFBIG);
	assert_non_null(strstr(error.text, "more files or bytes"));
}

static void archive_damage(void **state)
{
	static struct packed packed;
	struct p2p_error error = { .text = "" };
	struct p2p_tree tree;

	(void)state;
	begin(&packed);
	put(&packed, "sys/devices/pci0000:00/class", 40000);
	put(&packed, "sys/devices/pci0000:00/vendor", 40000);
	end(&packed);
	for (size_t size = 0; size < packed.size - 20; size++) {
		int status = p2p_tree_open_archive_bytes("a", packed.data, size, &tree, &error);

		if (!status)
			p2p_tree_close(&tree);
		else
			assert_int_equal(status, -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tree_of_a_directory),
		cmocka_unit_test(resolving),
		cmocka_unit_test(memory),
		cmocka_unit_test(archive_paths),
		cmocka_unit_test(archive_bomb),
		cmocka_unit_test(archive_damage),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
