// SPDX-License-Identifier: MIT
/*
 * Which functions of a machine a question is about.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "device_kind.h"
#include "order.h"
#include "select.h"

#define BRIDGE "bridge"

/* What people ask for, as kinds of device. */
static const struct class_word {
	const char *word, *kind;
	bool matters; /* also when integrated in the root complex */
} class_words[] = {
	{ "gpu", "gpu", true },           { "nvme", "nvme", true },   { "storage", "nvme", false },
	{ "storage", "storage", false },  { "net", "network", true }, { "net", "infiniband", true },
	{ "accelerator", "accel", true },
};

#define CLASS_WORDS (sizeof(class_words) / sizeof(class_words[0]))

bool p2p_is_bridge(const struct p2p_node_info *info)
{
	return info->kind != P2P_KIND_ENDPOINT && info->kind != P2P_KIND_OFF_BUS &&
	       info->kind != P2P_KIND_HOST_BRIDGE;
}

static bool is_device(const struct p2p_node_info *info)
{
	return info->kind == P2P_KIND_ENDPOINT || info->kind == P2P_KIND_OFF_BUS;
}

static bool is_of_word(const struct p2p_machine *machine, p2p_node node, const char *word)
{
	const char *kind = p2p_device_kind(machine, node);

	if (!strcmp(word, BRIDGE))
		return p2p_is_bridge(p2p_fabric_info(p2p_machine_fabric(machine), node));
	for (size_t i = 0; i < CLASS_WORDS; i++)
		if (!strcmp(class_words[i].word, word) && !strcmp(class_words[i].kind, kind))
			return true;
	return false;
}

static bool is_class_word(const char *word)
{
	for (size_t i = 0; i < CLASS_WORDS; i++)
		if (!strcmp(class_words[i].word, word))
			return true;
	return !strcmp(word, BRIDGE);
}

static bool matters_integrated(const struct p2p_machine *machine, p2p_node node)
{
	const char *kind = p2p_device_kind(machine, node);

	for (size_t i = 0; i < CLASS_WORDS; i++)
		if (class_words[i].matters && !strcmp(class_words[i].kind, kind))
			return true;
	return false;
}

static bool is_likely_client(const struct p2p_machine *machine, p2p_node node)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	const struct p2p_node_info *info = p2p_fabric_info(fabric, node);
	p2p_node parent = p2p_fabric_parent(fabric, node);

	if (!is_device(info) || p2p_machine_device(machine, node)->physical_function != P2P_NO_NODE)
		return false;
	if (parent == P2P_NO_NODE || p2p_is_bridge(p2p_fabric_info(fabric, parent)))
		return true;
	return matters_integrated(machine, node) ||
	       p2p_machine_device(machine, node)->memory.known == P2P_PRESENT;
}

static uint64_t largest_bar(const struct p2p_node_info *info)
{
	uint64_t size = 0;

	for (unsigned int i = 0; i < P2P_BARS; i++)
		if (!(info->bar[i].flags & P2P_RANGE_IO) && info->bar[i].size > size)
			size = info->bar[i].size;
	return size;
}

static bool tells_bars(const struct p2p_fabric *fabric)
{
	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++)
		if (largest_bar(p2p_fabric_info(fabric, node)))
			return true;
	return false;
}

static bool is_likely_provider(const struct p2p_machine *machine, p2p_node node, bool bars_told)
{
	const struct p2p_node_info *info = p2p_fabric_info(p2p_machine_fabric(machine), node);

	if (!is_likely_client(machine, node))
		return false;
	return !bars_told || largest_bar(info) >= P2P_LENDABLE_SIZE ||
	       p2p_machine_device(machine, node)->memory.known == P2P_PRESENT;
}

static void mark_likely(const struct p2p_machine *machine, enum p2p_role role, bool *marks)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	bool bars_told = tells_bars(fabric);

	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++)
		marks[node] = role == P2P_ROLE_CLIENT
				      ? is_likely_client(machine, node)
				      : is_likely_provider(machine, node, bars_told);
}

static int mark_word(const struct p2p_machine *machine, const char *word, bool *marks,
		     struct p2p_error *error)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	bool all = !strcmp(word, "all");
	p2p_node found;
	int rc;

	if (!all && !is_class_word(word)) {
		rc = p2p_machine_find(machine, word, &found, error);
		if (!rc)
			marks[found] = true;
		return rc;
	}
	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++) {
		const struct p2p_node_info *info = p2p_fabric_info(fabric, node);

		if (info->kind != P2P_KIND_HOST_BRIDGE && (all || is_of_word(machine, node, word)))
			marks[node] = true;
	}
	return 0;
}

static int mark_words(const struct p2p_machine *machine, const char *words, bool *marks,
		      struct p2p_error *error)
{
	char *copy = strdup(words), *rest = copy, *word;
	int rc = 0;

	if (!copy)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	while (!rc && (word = strsep(&rest, ",")))
		rc = mark_word(machine, word, marks, error);
	free(copy);
	return rc;
}

static int collect(const struct p2p_fabric *fabric, const bool *marks,
		   struct p2p_selection *selection, struct p2p_error *error)
{
	p2p_node node = P2P_NO_NODE;

	selection->nodes = malloc((p2p_fabric_count(fabric) + 1) * sizeof(*selection->nodes));
	if (!selection->nodes)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	while ((node = p2p_next_in_tree(fabric, node)) != P2P_NO_NODE)
		if (marks[node])
			selection->nodes[selection->count++] = node;
	return 0;
}

int p2p_select(const struct p2p_machine *machine, const char *words, enum p2p_role role,
	       struct p2p_selection *selection, struct p2p_error *error)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	bool *marks = calloc(p2p_fabric_count(fabric) + 1, sizeof(*marks));
	int rc = 0;

	*selection = (struct p2p_selection){ .nodes = NULL };
	if (!marks)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	if (words)
		rc = mark_words(machine, words, marks, error);
	else
		mark_likely(machine, role, marks);
	if (!rc)
		rc = collect(fabric, marks, selection, error);
	free(marks);
	return rc;
}

static uint32_t count_of_word(const struct p2p_machine *machine, const char *word)
{
	uint32_t count = 0;

	for (p2p_node node = 0; node < p2p_fabric_count(p2p_machine_fabric(machine)); node++)
		count += is_of_word(machine, node, word);
	return count;
}

void p2p_select_write_classes(FILE *file, const struct p2p_machine *machine)
{
	static const char *const words[] = { "gpu", "accelerator", "nvme", "storage", "net" };
	bool any = false;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		uint32_t count = count_of_word(machine, words[i]);

		if (!count)
			continue;
		fprintf(file, "%s%" PRIu32 " %s", any ? ", " : "", count, words[i]);
		any = true;
	}
	if (!any)
		fprintf(file, "none of a class");
}

void p2p_selection_free(struct p2p_selection *selection)
{
	free(selection->nodes);
	*selection = (struct p2p_selection){ .nodes = NULL };
}
