// SPDX-License-Identifier: MIT
/*
 * A tree held in memory: a sorted array of paths.
 */
#include "grow.h"
#include "tree_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct p2p_memory_tree *p2p_memory_tree_new(void)
{
	return calloc(1, sizeof(struct p2p_memory_tree));
}

static void entry_free(struct p2p_entry *entry)
{
	free(entry->path);
	free(entry->blob.data);
}

void p2p_memory_tree_free(struct p2p_memory_tree *memory)
{
	if (!memory)
		return;
	for (size_t i = 0; i < memory->count; i++)
		entry_free(&memory->entries[i]);
	free(memory->entries);
	free(memory);
}

int p2p_memory_tree_add(struct p2p_memory_tree *memory, enum p2p_entry_kind kind, const char *path,
			const void *data, size_t size)
{
	struct p2p_entry entry = { .kind = kind };

	if (!p2p_grow((void **)&memory->entries, memory->count, &memory->room,
		      sizeof(*memory->entries)))
		return -ENOMEM;
	entry.path = strdup(path);
	entry.blob.data = malloc(size + 1);
	if (!entry.path || !entry.blob.data) {
		entry_free(&entry);
		return -ENOMEM;
	}
	if (size)
		memcpy(entry.blob.data, data, size);
	entry.blob.data[size] = '\0';
	entry.blob.size = size;
	entry.order = memory->count;
	memory->entries[memory->count++] = entry;
	return 0;
}

void p2p_memory_tree_root(struct p2p_memory_tree *memory, const char *root)
{
	size_t length = strlen(root), kept = 0;

	for (size_t i = 0; i < memory->count; i++) {
		struct p2p_entry *entry = &memory->entries[i];

		if (strncmp(entry->path, root, length) != 0) {
			entry_free(entry);
			continue;
		}
		memmove(entry->path, entry->path + length, strlen(entry->path + length) + 1);
		memory->entries[kept++] = *entry;
	}
	memory->count = kept;
}

/*
 * '/' sorts before every other byte, so that a directory's contents follow it in one run:
 * "a", "a/b", "a-b" and not "a", "a-b", "a/b".
 */
static int path_compare(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	if (*a == *b)
		return 0;
	if (!*a || !*b)
		return *a ? 1 : -1;
	if (*a == '/' || *b == '/')
		return *a == '/' ? -1 : 1;
	return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
}

/* Of one path, the last added comes first. */
static int entry_compare(const void *a, const void *b)
{
	const struct p2p_entry *left = a, *right = b;

	int order = path_compare(left->path, right->path);

	if (order)
		return order;
	return left->order > right->order ? -1 : left->order < right->order;
}

void p2p_memory_tree_seal(struct p2p_memory_tree *memory)
{
	size_t kept = 0;

	if (!memory->count)
		return;
	qsort(memory->entries, memory->count, sizeof(*memory->entries), entry_compare);
	for (size_t i = 0; i < memory->count; i++) {
		if (kept && !strcmp(memory->entries[kept - 1].path, memory->entries[i].path)) {
			entry_free(&memory->entries[i]);
			continue;
		}
		memory->entries[kept++] = memory->entries[i];
	}
	memory->count = kept;
}

/* The first entry whose path is not before `path`. */
static size_t lower_bound(const struct p2p_memory_tree *memory, const char *path)
{
	size_t low = 0, high = memory->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (path_compare(memory->entries[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct p2p_entry *find(const struct p2p_memory_tree *memory, const char *path)
{
	size_t place = lower_bound(memory, path);

	if (place == memory->count || strcmp(memory->entries[place].path, path))
		return NULL;
	return &memory->entries[place];
}

static int memory_read(void *tree, const char *path, size_t limit, struct p2p_blob *blob)
{
	const struct p2p_entry *entry = find(tree, path);
	size_t size;

	if (!entry)
		return -ENOENT;
	if (entry->kind != P2P_ENTRY_FILE)
		return -EINVAL;
	size = entry->blob.size < limit ? entry->blob.size : limit;
	blob->data = malloc(size + 1);
	if (!blob->data)
		return -ENOMEM;
	memcpy(blob->data, entry->blob.data, size);
	blob->data[size] = '\0';
	blob->size = size;
	return 0;
}

static int memory_link(void *tree, const char *path, char target[P2P_TREE_PATH])
{
	const struct p2p_entry *entry = find(tree, path);

	if (!entry)
		return -ENOENT;
	if (entry->kind != P2P_ENTRY_LINK)
		return -EINVAL;
	if (entry->blob.size >= P2P_TREE_PATH)
		return -ENAMETOOLONG;
	memcpy(target, entry->blob.data, entry->blob.size + 1);
	return 0;
}

/* Directories need no entry of their own: archives may leave them out. */
static int memory_list(void *tree, const char *path, p2p_tree_each *each, void *context)
{
	const struct p2p_memory_tree *memory = tree;
	size_t length = strlen(path);
	char name[P2P_TREE_PATH] = "";
	bool there = false;

	for (size_t i = lower_bound(memory, path); i < memory->count; i++) {
		const char *found = memory->entries[i].path;
		size_t name_length;
		int rc;

		if (strncmp(found, path, length) || (found[length] && found[length] != '/'))
			break;
		there = true;
		if (!found[length])
			continue;
		found += length + 1;
		name_length = strcspn(found, "/");
		if (name_length >= sizeof(name) ||
		    (!strncmp(name, found, name_length) && !name[name_length]))
			continue;
		memcpy(name, found, name_length);
		name[name_length] = '\0';
		rc = each(context, name);
		if (rc)
			return rc;
	}
	return there ? 0 : -ENOENT;
}

static void memory_close(void *tree)
{
	p2p_memory_tree_free(tree);
}

static const struct p2p_tree_ops memory_ops = { memory_read, memory_link, memory_list,
						memory_close };

struct p2p_tree p2p_memory_tree_open(struct p2p_memory_tree *memory)
{
	return (struct p2p_tree){ &memory_ops, memory };
}
