// SPDX-License-Identifier: MIT
/*
 * Remembers what is read of a tree, without what says who owns the machine: serial numbers, MAC
 * addresses, names of virtual devices.
 */
#include "tree_record.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config_space.h"
#include "span.h"

static void record(struct p2p_recorder *recorder, enum p2p_entry_kind kind, const char *path,
		   const char *data, size_t size)
{
	if (p2p_memory_tree_add(recorder->memory, kind, path, data, size))
		recorder->out_of_memory = true;
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Only the lines of root buses and bridges: the rest tells where the kernel and its modules are. */
static void record_iomem(struct p2p_recorder *recorder, const char *path,
			 const struct p2p_blob *blob)
{
	struct p2p_span rest = { blob->data, blob->size }, line;
	char *kept = malloc(blob->size + 1);
	size_t size = 0;

	if (!kept) {
		recorder->out_of_memory = true;
		return;
	}
	while (p2p_span_line(&rest, &line, NULL)) {
		if (!p2p_span_after(line, " : PCI Bus ").text)
			continue;
		memcpy(kept + size, line.text, line.length);
		size += line.length;
		if (size < blob->size)
			kept[size++] = '\n';
	}
	record(recorder, P2P_ENTRY_FILE, path, kept, size);
	free(kept);
}

static void record_config(struct p2p_recorder *recorder, const char *path,
			  const struct p2p_blob *blob)
{
	uint8_t *kept = malloc(blob->size + 1);

	if (!kept) {
		recorder->out_of_memory = true;
		return;
	}
	memcpy(kept, blob->data, blob->size);
	p2p_config_blank(kept, blob->size);
	record(recorder, P2P_ENTRY_FILE, path, (const char *)kept, blob->size);
	free(kept);
}

/* The platform's facts go into the manifest, so proc/ and boot/ are not needed. */
static int recorder_read(void *tree, const char *path, size_t limit, struct p2p_blob *blob)
{
	struct p2p_recorder *recorder = tree;
	int rc = p2p_tree_read(recorder->from, path, limit, blob);

	if (rc)
		return rc;
	if (!strcmp(path, "proc/iomem"))
		record_iomem(recorder, path, blob);
	else if (!strncmp(path, "sys/", 4) && !strcmp(last_component(path), "config"))
		record_config(recorder, path, blob);
	else if (!strncmp(path, "sys/", 4))
		record(recorder, P2P_ENTRY_FILE, path, blob->data, blob->size);
	return 0;
}

/* systemd names interfaces without a better name by their MAC address: enx001122334455. */
static bool holds_mac_address(const char *path)
{
	const char *name = last_component(path);
	size_t digits = 0;

	for (; *name; name++) {
		digits = isxdigit((unsigned char)*name) ? digits + 1 : 0;
		if (digits == 12)
			return true;
	}
	return false;
}

static bool is_class_link(const char *path)
{
	return !strncmp(path, "sys/class/", 10) || !strncmp(path, "sys/block/", 10);
}

/* A class device that is on no PCI function names nothing in the fabric. */
static bool is_needed(const char *path, const char *target)
{
	if (!is_class_link(path))
		return true;
	return (strstr(target, "/pci") || strstr(target, "/nvme-subsystem/")) &&
	       !holds_mac_address(path) && !holds_mac_address(target);
}

static int recorder_link(void *tree, const char *path, char target[P2P_TREE_PATH])
{
	struct p2p_recorder *recorder = tree;
	int rc = p2p_tree_link(recorder->from, path, target);

	if (!rc && is_needed(path, target))
		record(recorder, P2P_ENTRY_LINK, path, target, strlen(target));
	return rc;
}

/* A directory may be empty, and that may be the point: sys/kernel/iommu_groups. */
static int recorder_list(void *tree, const char *path, p2p_tree_each *each, void *context)
{
	struct p2p_recorder *recorder = tree;
	int rc = p2p_tree_list(recorder->from, path, each, context);

	if (!rc)
		record(recorder, P2P_ENTRY_DIRECTORY, path, NULL, 0);
	return rc;
}

static void recorder_close(void *tree)
{
	(void)tree;
}

static const struct p2p_tree_ops recorder_ops = { recorder_read, recorder_link, recorder_list,
						  recorder_close };

struct p2p_tree p2p_recorder_tree(struct p2p_recorder *recorder)
{
	return (struct p2p_tree){ &recorder_ops, recorder };
}
