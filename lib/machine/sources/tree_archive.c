// SPDX-License-Identifier: MIT
/*
 * A tree out of a tar archive. Only what the sysfs source reads is kept, and only so much: an
 * archive may be a bomb.
 */
#include "tree_memory.h"
#include "source.h"
#include "unpack.h"

#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "span.h"

/* Largest file the reader uses: /proc/config.gz and a config of that size in text. */
#define FILE_KEPT_MAX (1u << 20)

struct loader {
	struct p2p_packed packed;
	struct p2p_memory_tree *memory;
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
		"#address-cells",
		"address",
		"available",
		"class",
		"config",
		"current_link_speed",
		"current_link_width",
		"device",
		"ibm,opal-m64-window",
		"ibm,opal-num-pes",
		"label",
		"max_link_speed",
		"max_link_width",
		"modalias",
		"numa_node",
		"published",
		"ranges",
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

static int out_of_memory(const struct loader *loader)
{
	return p2p_error_set(loader->packed.error, -ENOMEM, "%s: out of memory",
			     loader->packed.path);
}

static int keep(struct loader *loader, enum p2p_entry_kind kind, const char *path, const void *data,
		size_t size)
{
	loader->packed.kept += size;
	if (p2p_memory_tree_add(loader->memory, kind, path, data, size))
		return out_of_memory(loader);
	return 0;
}

static int load_file(struct loader *loader, const char *path)
{
	char *data = malloc(FILE_KEPT_MAX);
	size_t size = 0, got = 1;
	int rc = 0;

	if (!data)
		return out_of_memory(loader);
	while (!rc && got && size < FILE_KEPT_MAX) {
		rc = p2p_packed_data(&loader->packed, data + size, FILE_KEPT_MAX - size, &got);
		size += got;
	}
	if (!rc)
		rc = keep(loader, P2P_ENTRY_FILE, path, data, size);
	free(data);
	return rc;
}

static int load_directory(struct loader *loader, const char *path)
{
	char directory[P2P_TREE_PATH];
	size_t length = strlen(path);

	memcpy(directory, path, length + 1);
	while (length && directory[length - 1] == '/')
		directory[--length] = '\0';
	return keep(loader, P2P_ENTRY_DIRECTORY, directory, NULL, 0);
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
		return load_directory(loader, path);
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
	int rc;

	do {
		rc = p2p_packed_next(&loader->packed, &entry);
		if (!rc && entry)
			rc = load_entry(loader, entry);
	} while (!rc && entry);
	if (rc)
		return rc;
	choose_root(loader->memory);
	p2p_memory_tree_seal(loader->memory);
	return 0;
}

int p2p_tree_open_archive_bytes(const char *path, const void *bytes, size_t size,
				struct p2p_tree *tree, struct p2p_error *error)
{
	struct loader loader = { .packed = { .path = path, .error = error } };
	int rc;

	tree->ops = NULL;
	loader.memory = p2p_memory_tree_new();
	if (!loader.memory)
		return out_of_memory(&loader);
	rc = p2p_packed_open(&loader.packed, bytes, size, false);
	if (!rc)
		rc = load(&loader);
	p2p_packed_close(&loader.packed);
	if (rc)
		p2p_memory_tree_free(loader.memory);
	else
		*tree = p2p_memory_tree_open(loader.memory);
	return rc;
}
