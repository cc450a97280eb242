// SPDX-License-Identifier: MIT
/*
 * Which functions of a machine a question is about.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "interest.h"

/* What people ask for, as kinds of device; "bridge" is every kind of bridge. */
static const struct {
	const char *word;
	enum p2p_device_kind kind;
} classes[] = {
	{ "gpu", P2P_DEVICE_GPU },           { "nvme", P2P_DEVICE_NVME },
	{ "storage", P2P_DEVICE_NVME },      { "storage", P2P_DEVICE_STORAGE },
	{ "net", P2P_DEVICE_NETWORK },       { "net", P2P_DEVICE_INFINIBAND },
	{ "accelerator", P2P_DEVICE_ACCEL },
};

#define BRIDGE "bridge"

const char *const *p2p_class_words(void)
{
	static const char *const words[] = { "gpu", "accelerator", "nvme", "storage",
					     "net", BRIDGE,        NULL };

	return words;
}

static bool is_class_word(const char *word)
{
	const char *const *words = p2p_class_words();

	while (*words && strcmp(*words, word))
		words++;
	return *words;
}

static bool is_of_class(const struct p2p_machine *machine, p2p_node node, const char *word)
{
	enum p2p_device_kind kind = p2p_device_kind(machine, node);

	if (!strcmp(word, BRIDGE))
		return p2p_kind_is_bridge(p2p_fabric_info(p2p_machine_fabric(machine), node)->kind);
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (classes[i].kind == kind && !strcmp(classes[i].word, word))
			return true;
	return false;
}

uint32_t p2p_class_count(const struct p2p_machine *machine, const char *word)
{
	uint32_t count = 0;

	for (p2p_node node = 0; node < p2p_fabric_count(p2p_machine_fabric(machine)); node++)
		count += is_of_class(machine, node, word);
	return count;
}

static bool tells_bars(const struct p2p_fabric *fabric)
{
	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++)
		if (p2p_device_largest_bar(p2p_fabric_info(fabric, node)))
			return true;
	return false;
}

static void mark_likely(const struct p2p_machine *machine, enum p2p_role role, bool *marks)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	bool bars_told = tells_bars(fabric);

	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++)
		marks[node] = role == P2P_ROLE_CLIENT
				      ? p2p_device_likely_client(machine, node)
				      : p2p_device_likely_provider(machine, node, bars_told);
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
	for (p2p_node node = 0; node < p2p_fabric_count(fabric); node++)
		marks[node] |= p2p_fabric_info(fabric, node)->kind != P2P_KIND_HOST_BRIDGE &&
			       (all || is_of_class(machine, node, word));
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

/* Both in one piece of memory; one more, so that an empty machine is no special case. */
static struct p2p_selection *collect(const struct p2p_fabric *fabric, const bool *marks)
{
	const p2p_node *order = p2p_fabric_order(fabric);
	uint32_t count = p2p_fabric_count(fabric);
	struct p2p_selection *selection =
		malloc(sizeof(*selection) + ((size_t)count + 1) * sizeof(*selection->nodes));

	if (!selection)
		return NULL;
	*selection = (struct p2p_selection){ .nodes = (p2p_node *)(selection + 1) };
	for (uint32_t i = 0; i < count; i++)
		if (marks[order[i]])
			selection->nodes[selection->count++] = order[i];
	return selection;
}

int p2p_select(const struct p2p_machine *machine, const char *words, enum p2p_role role,
	       struct p2p_selection **selection, struct p2p_error *error)
{
	const struct p2p_fabric *fabric = p2p_machine_fabric(machine);
	bool *marks = calloc((size_t)p2p_fabric_count(fabric) + 1, sizeof(*marks));
	int rc = 0;

	*selection = NULL;
	if (!marks)
		return p2p_error_set(error, -ENOMEM, "out of memory");
	if (words)
		rc = mark_words(machine, words, marks, error);
	else
		mark_likely(machine, role, marks);
	if (!rc)
		*selection = collect(fabric, marks);
	free(marks);
	return rc || *selection ? rc : p2p_error_set(error, -ENOMEM, "out of memory");
}

void p2p_selection_free(struct p2p_selection *selection)
{
	free(selection);
}
