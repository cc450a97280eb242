// SPDX-License-Identifier: MIT
/*
 * A tree out of a tar archive. Only what the sysfs source reads is kept, and only so much: an
 * archive may be a bomb.
 */
#include "tree_memory.h"
#include "source.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Largest file the reader uses: /proc/config.gz and a config of that size in text. */
#define FILE_KEPT_MAX (1u << 20)

struct loader {
	const char *path;
	struct archive *archive;
	struct p2p_memory_tree *memory;
	size_t kept;
	struct p2p_error *error;
};

/* Where sys/, proc/, boot/ or the capture's own file begins in an entry's path, or NULL. */
static const char *find_root(const char *path)
{
	static const char *const tops[] = { "sys/", "proc/", "boot/", "p2pmem-capture" };

	while (path) {
		for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++)
			if (!strncmp(path, tops[i], strlen(tops[i])))
				return path;
		path = strchr(path, '/');
		path = path ? path + 1 : NULL;
	}
	return NULL;
}

static bool has_dotdot(const char *path)
{
	for (;;) {
		size_t length = strcspn(path, "/");

		if (length == 2 && !memcmp(path, "..", 2))
			return true;
		if (!path[length])
			return false;
		path += length + 1;
	}
}

/* The path without what tar may put before it; NULL when it is of no interest or leads out. */
static const char *plain_path(const char *path)
{
	while (path[0] == '/' || (path[0] == '.' && path[1] == '/'))
		path++;
	if (strlen(path) >= P2P_TREE_PATH || has_dotdot(path) || !find_root(path))
		return NULL;
	return path;
}

/* Attributes of devices: a must-gather has thousands of others. */
static bool is_wanted_file(const char *path)
{
	static const char *const names[] = {
		"address",
		"available",
		"class",
		"config",
		"current_link_speed",
		"current_link_width",
		"device",
		"label",
		"max_link_speed",
		"max_link_width",
		"modalias",
		"numa_node",
		"published",
		"resource",
		"secondary_bus_number",
		"size",
		"subordinate_bus_number",
		"subsystem_device",
		"subsystem_vendor",
		"type",
		"vendor",
	};
	const char *name = strrchr(path, '/');

	if (strncmp(find_root(path), "sys/", 4))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (name && !strcmp(name + 1, names[i]))
			return true;
	return false;
}

static int keep(struct loader *loader, enum p2p_entry_kind kind, const char *path, const void *data,
		size_t size)
{
	loader->kept += size;
	if (p2p_memory_tree_add(loader->memory, kind, path, data, size))
		return p2p_error_set(loader->error, -ENOMEM, "%s: out of memory", loader->path);
	return 0;
}

static int load_file(struct loader *loader, const char *path)
{
	char *data = malloc(FILE_KEPT_MAX);
	size_t size = 0;
	int status = 0;

	if (!data)
		return p2p_error_set(loader->error, -ENOMEM, "%s: out of memory", loader->path);
	while (size < FILE_KEPT_MAX) {
		la_ssize_t got =
			archive_read_data(loader->archive, data + size, FILE_KEPT_MAX - size);

		if (got < 0)
			status = p2p_error_set(loader->error, -EBADMSG, "%s: %s: %s", loader->path,
					       path, archive_error_string(loader->archive));
		if (got <= 0)
			break;
		size += (size_t)got;
	}
	if (!status)
		status = keep(loader, P2P_ENTRY_FILE, path, data, size);
	free(data);
	return status;
}

static int load_folder(struct loader *loader, const char *path)
{
	char folder[P2P_TREE_PATH];
	size_t length = strlen(path);

	memcpy(folder, path, length + 1);
	while (length && folder[length - 1] == '/')
		folder[--length] = '\0';
	return keep(loader, P2P_ENTRY_FOLDER, folder, NULL, 0);
}

static int load_entry(struct loader *loader, struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);
	const char *target = archive_entry_symlink(entry);

	path = path ? plain_path(path) : NULL;
	if (!path || archive_entry_hardlink(entry))
		return 0;
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
		return is_wanted_file(path) ? load_file(loader, path) : 0;
	case AE_IFDIR:
		return load_folder(loader, path);
	case AE_IFLNK:
		if (target && strlen(target) < P2P_TREE_PATH)
			return keep(loader, P2P_ENTRY_LINK, path, target, strlen(target));
		return 0;
	default:
		return 0;
	}
}

/* Archives may hold more than one machine; the first with PCI devices is the one. */
static void choose_root(struct p2p_memory_tree *memory)
{
	for (size_t i = 0; i < memory->count; i++) {
		const char *path = memory->entries[i].path;
		const char *inside = find_root(path);
		char root[P2P_TREE_PATH] = "";

		if (!inside || !p2p_span_starts(p2p_span(inside), "sys/bus/pci/devices"))
			continue;
		memcpy(root, path, (size_t)(inside - path));
		p2p_memory_tree_root(memory, root);
		return;
	}
}

static int load(struct loader *loader)
{
	struct archive_entry *entry;

	for (unsigned int count = 0;; count++) {
		int status = archive_read_next_header(loader->archive, &entry);

		if (status == ARCHIVE_EOF)
			break;
		if (status < ARCHIVE_WARN)
			return p2p_error_set(loader->error, -EBADMSG,
					     "%s: damaged archive at byte %lld of its contents: "
					     "%s; copy it again",
					     loader->path,
					     (long long)archive_filter_bytes(loader->archive, 0),
					     archive_error_string(loader->archive));
		if (count == P2P_ARCHIVE_FILES_MAX || loader->kept > P2P_ARCHIVE_KEPT_MAX ||
		    archive_filter_bytes(loader->archive, 0) > P2P_ARCHIVE_READ_MAX)
			return p2p_error_set(loader->error, -EFBIG,
					     "%s: an archive of more files or bytes than any "
					     "machine's sysfs has; give one of sys/ only",
					     loader->path);
		status = load_entry(loader, entry);
		if (status)
			return status;
	}
	choose_root(loader->memory);
	p2p_memory_tree_seal(loader->memory);
	return 0;
}

/*
 * No archive_read_support_filter_all(): some of its filters start other programs.
 */
static struct archive *new_reader(void)
{
	struct archive *archive = archive_read_new();

	if (!archive)
		return NULL;
	archive_read_support_format_tar(archive);
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_zstd(archive);
	return archive;
}

static int unpack(struct loader *loader, const void *bytes, size_t size)
{
	if (archive_read_open_memory(loader->archive, bytes, size))
		return p2p_error_set(loader->error, -EBADMSG, "%s: no tar archive: %s",
				     loader->path, archive_error_string(loader->archive));
	return load(loader);
}

int p2p_tree_open_archive_bytes(const char *path, const void *bytes, size_t size,
				struct p2p_tree *tree, struct p2p_error *error)
{
	struct loader loader = { .path = path, .error = error };
	int status = -ENOMEM;

	tree->ops = NULL;
	loader.memory = p2p_memory_tree_new();
	loader.archive = new_reader();
	if (!loader.memory || !loader.archive)
		p2p_error_set(error, status, "%s: out of memory", path);
	else
		status = unpack(&loader, bytes, size);
	if (loader.archive)
		archive_read_free(loader.archive);
	if (status)
		p2p_memory_tree_free(loader.memory);
	else
		*tree = p2p_memory_tree_open(loader.memory);
	return status;
}

/* Magic numbers of what new_reader() unpacks; a plain tar has its own at byte 257. */
static bool detect(const struct p2p_input *input)
{
	struct p2p_span head = { input->data, input->size };

	if (p2p_span_starts(head, "\x1f\x8b") || p2p_span_starts(head, "BZh") ||
	    p2p_span_starts(head, "\xfd"
				  "7zXZ") ||
	    p2p_span_starts(head, "\x28\xb5\x2f\xfd"))
		return true;
	return input->size > 262 && !memcmp(input->data + 257, "ustar", 5);
}

static int read_archive(const struct p2p_input *input, struct p2p_machine *machine,
			struct p2p_error *error)
{
	struct p2p_tree tree;
	int status =
		p2p_tree_open_archive_bytes(input->path, input->data, input->size, &tree, error);

	if (status)
		return status;
	status = p2p_sysfs_read(input->path, &tree, false, machine, error);
	p2p_tree_close(&tree);
	return status;
}

const struct p2p_source p2p_source_archive = {
	.name = "sysfs",
	.detect = detect,
	.read = read_archive,
};
