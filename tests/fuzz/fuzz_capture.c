// SPDX-License-Identifier: MIT
/*
 * Fuzzes directories as a source, and captures: a directory of the fuzzer's making is read and
 * captured. The capture can be read, and a capture of it has the same bytes. It is not the same
 * machine always: names with MAC addresses and functions without any file are left out.
 */
#include "read_any.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entries.h"
#include "machine/sources/file.h"

/* In memory: writing a capture waits for the disk. */
static char root[64];
static char tree[80], first[80], again[80];

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

static void remove_all(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void remove_root(void)
{
	remove_all(root);
}

static void make_root(void)
{
	if (*root)
		return;
	snprintf(root, sizeof(root), "%s/p2pmem-fuzz-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(root))
		abort();
	atexit(remove_root);
	snprintf(tree, sizeof(tree), "%s/tree", root);
	snprintf(first, sizeof(first), "%s/first", root);
	snprintf(again, sizeof(again), "%s/again", root);
}

/*
 * The directory that a path's last part belongs in, made if need be, and that part; -1: nothing can
 * be there. Never out of the tree: no link is followed, and no "..".
 */
static int open_parent(int directory, const char *path, char name[P2P_TREE_PATH])
{
	int at = dup(directory);

	for (;;) {
		size_t length = strcspn(path, "/");
		int next;

		if (at < 0 || !length || length > NAME_MAX ||
		    (length == 2 && !memcmp(path, "..", 2)))
			break;
		memcpy(name, path, length);
		name[length] = '\0';
		if (!path[length])
			return at;
		mkdirat(at, name, 0700);
		next = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(at);
		at = next;
		path += length + 1;
	}
	if (at >= 0)
		close(at);
	return -1;
}

static void write_contents(int directory, const char *name, const struct p2p_blob *blob)
{
	int file =
		openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (file < 0)
		return;
	if (write(file, blob->data, blob->size) != (ssize_t)blob->size)
		abort();
	close(file);
}

static void write_entry(int directory, const struct p2p_entry *entry)
{
	char name[P2P_TREE_PATH];
	int parent = open_parent(directory, entry->path, name);

	if (parent < 0)
		return;
	if (entry->kind == P2P_ENTRY_DIRECTORY)
		mkdirat(parent, name, 0700);
	else if (entry->kind == P2P_ENTRY_FILE)
		write_contents(parent, name, &entry->blob);
	else if (symlinkat(entry->blob.data, parent, name) && errno != EEXIST && errno != ENOENT &&
		 errno != ENAMETOOLONG)
		abort();
	close(parent);
}

static bool write_tree(const uint8_t *data, size_t size)
{
	struct p2p_memory_tree *memory = read_entries(data, size);
	int directory;

	if (!memory)
		return false;
	remove_all(tree);
	if (mkdir(tree, 0700))
		abort();
	directory = open(tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		abort();
	for (size_t i = 0; i < memory->count; i++)
		write_entry(directory, &memory->entries[i]);
	close(directory);
	p2p_memory_tree_free(memory);
	return true;
}

/* Reads a machine and uses it; false: it cannot be read, for which there is a reason. */
static bool use(const char *path)
{
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;

	if (p2p_machine_open(path, &machine, &error)) {
		if (!error.text[0] || strchr(error.text, '\n'))
			abort();
		return false;
	}
	use_machine(machine);
	p2p_machine_free(machine);
	return true;
}

static void compare_files(void)
{
	struct p2p_error error = { .text = "" };
	struct p2p_blob one, two;

	if (p2p_file_read(first, P2P_FILE_MAX, &one, &error) ||
	    p2p_file_read(again, P2P_FILE_MAX, &two, &error))
		abort();
	if (one.size != two.size || memcmp(one.data, two.data, one.size) != 0)
		abort();
	free(one.data);
	free(two.data);
}

static void check_capture(void)
{
	struct p2p_error error = { .text = "" };

	if (!use(first) || p2p_capture_write(again, first, &error))
		abort();
	compare_files();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct p2p_error error = { .text = "" };
	bool readable;

	make_root();
	if (!write_tree(data, size))
		return 0;
	readable = use(tree);
	if (readable == !!p2p_capture_write(first, tree, &error))
		abort();
	if (readable)
		check_capture();
	else if (!error.text[0] || strchr(error.text, '\n'))
		abort();
	return 0;
}
