/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the sources share: machines out of text or a tree in memory, and the nodes
 * in them by address.
 */
#ifndef P2P_TESTS_UNIT_SOURCES_SUPPORT_H
#define P2P_TESTS_UNIT_SOURCES_SUPPORT_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "machine/sources/source.h"
#include "span.h"
#include "machine/sources/tree_memory.h"

static inline int read_bytes(const char *data, size_t size, struct p2p_machine **machine,
			     struct p2p_error *error)
{
	struct p2p_input input = { "text", data, size, 0 };

	return p2p_machine_read(&input, machine, error);
}

static inline struct p2p_machine *read_text_of(const char *text, size_t size)
{
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;
	int status = read_bytes(text, size, &machine, &error);

	if (status)
		print_error("%s\n", error.text);
	assert_int_equal(status, 0);
	return machine;
}

static inline struct p2p_machine *read_text(const char *text)
{
	return read_text_of(text, strlen(text));
}

static inline p2p_node node_of(const struct p2p_machine *machine, const char *address)
{
	struct p2p_span span = p2p_span(address);
	struct p2p_bdf bdf;
	p2p_node node;

	assert_true(p2p_span_bdf(&span, &bdf));
	node = p2p_fabric_find(p2p_machine_fabric(machine), bdf);
	assert_int_not_equal(node, P2P_NO_NODE);
	return node;
}

static inline const struct p2p_node_info *info_of(const struct p2p_machine *machine,
						  const char *address)
{
	return p2p_fabric_info(p2p_machine_fabric(machine), node_of(machine, address));
}

static inline const struct p2p_device *device_of(const struct p2p_machine *machine,
						 const char *address)
{
	return p2p_machine_device(machine, node_of(machine, address));
}

static inline p2p_node parent_of(const struct p2p_machine *machine, const char *address)
{
	return p2p_fabric_parent(p2p_machine_fabric(machine), node_of(machine, address));
}

static inline bool has_warning(const struct p2p_machine *machine, const char *words)
{
	for (uint32_t i = 0; i < p2p_machine_warnings(machine); i++)
		if (strstr(p2p_machine_warning(machine, i), words))
			return true;
	return false;
}

static inline void tree_file(struct p2p_memory_tree *memory, const char *path, const char *text)
{
	assert_int_equal(p2p_memory_tree_add(memory, P2P_ENTRY_FILE, path, text, strlen(text)), 0);
}

static inline void tree_link(struct p2p_memory_tree *memory, const char *path, const char *target)
{
	assert_int_equal(p2p_memory_tree_add(memory, P2P_ENTRY_LINK, path, target, strlen(target)),
			 0);
}

/* A function at the end of `path` ("pci0000:00/0000:00:01.0"), with ids and class. */
static inline void tree_function(struct p2p_memory_tree *memory, const char *path,
				 const char *class)
{
	const char *bdf = strrchr(path, '/') + 1;
	char name[256], target[256];

	snprintf(name, sizeof(name), "sys/bus/pci/devices/%s", bdf);
	snprintf(target, sizeof(target), "../../../devices/%s", path);
	tree_link(memory, name, target);
	snprintf(name, sizeof(name), "sys/devices/%s/class", path);
	tree_file(memory, name, class);
}

/* Seals and reads the tree, and frees it. */
static inline int read_tree(struct p2p_memory_tree *memory, struct p2p_machine **machine,
			    struct p2p_error *error)
{
	struct p2p_tree tree;
	int status;

	p2p_memory_tree_seal(memory);
	tree = p2p_memory_tree_open(memory);
	assert_int_equal(p2p_build_new("sysfs", machine), 0);
	status = p2p_sysfs_read("tree", &tree, false, *machine, error);
	if (!status)
		status = p2p_build_finish(*machine, error);
	p2p_tree_close(&tree);
	if (status) {
		p2p_machine_free(*machine);
		*machine = NULL;
	}
	return status;
}

static inline struct p2p_machine *tree_machine(struct p2p_memory_tree *memory)
{
	struct p2p_error error = { .text = "" };
	struct p2p_machine *machine;
	int status = read_tree(memory, &machine, &error);

	if (status)
		print_error("%s\n", error.text);
	assert_int_equal(status, 0);
	return machine;
}

#endif
