// SPDX-License-Identifier: MIT
/* Gives every device of a machine its place on its bus. */
#include "place.h"

#include "arch.h"

#include <stdarg.h>
#include <stdio.h>

struct placer {
	struct lab_machine *machine;
	const char *name;
	struct lab_error *error;
};

static int place_fail(const struct placer *placer, const struct lab_node *node, const char *format,
		      ...) __attribute__((format(printf, 3, 4)));

static int place_fail(const struct placer *placer, const struct lab_node *node, const char *format,
		      ...)
{
	char text[384];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return lab_fail(placer->error, "%s:%u: %s", placer->name, node->line, text);
}

static bool has_slots(const struct lab_node *parent)
{
	return parent->kind == LAB_MACHINE || parent->kind == LAB_HOST_BRIDGE ||
	       parent->kind == LAB_SWITCH;
}

static int place_child(struct placer *placer, struct lab_node *node, bool used[32][8], int *slot,
		       int end)
{
	if (node->slot < 0) {
		while (*slot < end && used[*slot][0])
			(*slot)++;
		node->slot = *slot;
	}
	if (node->slot >= end) {
		if (end == 1)
			return place_fail(placer, node,
					  "'%s' leads to device 0 only; give further "
					  "functions addr=0.1 and so on, the first one "
					  "'multifunction'",
					  node->parent->id);
		return place_fail(placer, node,
				  "no device number left for '%s' on its bus (below %x)", node->id,
				  (unsigned int)end);
	}
	return 0;
}

/* A function that is not 0 is only looked for where function 0 says that there are more. */
static int check_function(struct placer *placer, const struct lab_node *node)
{
	const struct lab_node *first = node->parent->child;

	if (node->function == 0)
		return 0;
	while (first && (first->slot != node->slot || first->function != 0))
		first = first->next;
	if (first && first->multifunction)
		return 0;
	return place_fail(
		placer, node, "addr=%x.%x needs a device at addr=%x.0 that is 'multifunction'",
		(unsigned int)node->slot, (unsigned int)node->function, (unsigned int)node->slot);
}

/* Explicit addresses are taken first, so that the others find what is free. */
static int place_children(struct placer *placer, struct lab_node *parent)
{
	const struct lab_arch *arch = placer->machine->arch;
	bool used[32][8] = { { false } };
	int slot = parent->kind == LAB_MACHINE ? arch->first_slot : 0;
	int end = parent->kind == LAB_MACHINE ? arch->end_slot : has_slots(parent) ? 32 : 1;

	if (parent->kind == LAB_MACHINE) {
		for (int taken = 0; taken < slot; taken++)
			used[taken][0] = true;
	}
	for (struct lab_node *node = parent->child; node; node = node->next) {
		if (node->slot < 0)
			continue;
		if (used[node->slot][node->function])
			return place_fail(placer, node, "addr=%x.%x is taken",
					  (unsigned int)node->slot, (unsigned int)node->function);
		used[node->slot][node->function] = true;
	}
	for (struct lab_node *node = parent->child; node; node = node->next) {
		if (place_child(placer, node, used, &slot, end) < 0)
			return -1;
		used[node->slot][node->function] = true;
	}
	for (struct lab_node *node = parent->child; node; node = node->next) {
		if (check_function(placer, node) < 0)
			return -1;
	}
	return 0;
}

int lab_place_all(struct lab_machine *machine, const char *name, struct lab_error *error)
{
	struct placer placer = { .machine = machine, .name = name, .error = error };

	for (unsigned int i = 0; i < machine->count; i++) {
		if (place_children(&placer, &machine->nodes[i]) < 0)
			return -1;
	}
	return 0;
}
