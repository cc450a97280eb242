// SPDX-License-Identifier: MIT
/*
 * Collects what a source says and turns it into a finished machine.
 */
#include "build.h"
#include "grow.h"
#include <p2pmem/text.h>
#include "platform_ids.h"
#include "machine/sources/pci_ids.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BLOCK 16384u

struct p2p_text_block {
	struct p2p_text_block *next;
	size_t used, size;
	char text[];
};

static void *heap_alloc(void *context, size_t size)
{
	(void)context;
	return malloc(size);
}

static void heap_free(void *context, void *memory)
{
	(void)context;
	free(memory);
}

static const struct p2p_allocator heap = { heap_alloc, heap_free, NULL };

int p2p_build_new(const char *source, struct p2p_machine **machine)
{
	struct p2p_machine *new = calloc(1, sizeof(*new));

	*machine = NULL;
	if (!new)
		return -ENOMEM;
	if (p2p_fabric_builder_new(&heap, &new->builder)) {
		free(new);
		return -ENOMEM;
	}
	new->source = source;
	new->platform.cpu_family = -1;
	new->platform.cpu_model = -1;
	new->platform.cpu_shown_by = P2P_NO_NODE;
	new->platform.guest_shown_by = P2P_NO_NODE;
	*machine = new;
	return 0;
}

void p2p_machine_free(struct p2p_machine *machine)
{
	if (!machine)
		return;
	p2p_fabric_builder_free(machine->builder);
	p2p_fabric_free(machine->fabric);
	p2p_pci_ids_free(machine->ids);
	free(machine->devices);
	free(machine->names);
	free(machine->names_by_text);
	free(machine->options);
	free(machine->groups);
	free(machine->warnings);
	while (machine->text) {
		struct p2p_text_block *next = machine->text->next;

		free(machine->text);
		machine->text = next;
	}
	free(machine);
}

/* Makes room for one more element; *array stays valid when there is none. */
static bool grow(struct p2p_machine *machine, void **array, uint32_t count, uint32_t *room,
		 size_t element)
{
	if (p2p_grow(array, count, room, element))
		return true;
	machine->out_of_memory = true;
	return false;
}

static void device_init(struct p2p_device *device)
{
	memset(device, 0, sizeof(*device));
	device->physical_function = P2P_NO_NODE;
}

/* Devices are indexed by node, so a new node's place is filled whatever index it got. */
static bool devices_up_to(struct p2p_machine *machine, uint32_t count)
{
	while (machine->device_count < count) {
		if (!grow(machine, (void **)&machine->devices, machine->device_count,
			  &machine->device_room, sizeof(*machine->devices)))
			return false;
		device_init(&machine->devices[machine->device_count++]);
	}
	return true;
}

int p2p_build_add(struct p2p_machine *machine, const struct p2p_node_info *info, p2p_node *node)
{
	int rc = p2p_fabric_add(machine->builder, info, node);

	if (rc)
		return rc;
	return devices_up_to(machine, *node + 1) ? 0 : -ENOMEM;
}

p2p_node p2p_build_root(const struct p2p_machine *machine, struct p2p_bdf root)
{
	return p2p_fabric_added_root(machine->builder, root);
}

int p2p_build_root_add(struct p2p_machine *machine, struct p2p_bdf root, p2p_node *node)
{
	struct p2p_node_info info;

	*node = p2p_build_root(machine, root);
	if (*node != P2P_NO_NODE)
		return 0;
	p2p_node_info_init(&info);
	info.kind = P2P_KIND_HOST_BRIDGE;
	info.bdf.domain = root.domain;
	info.bdf.bus = root.bus;
	return p2p_build_add(machine, &info, node);
}

/*
 * PCI-to-PCI Bridge 1.2, 3.2.5: buses are numbered downwards. Numbers that are not would make a
 * loop out of damaged text.
 */
void p2p_build_check_buses(struct p2p_machine *machine, struct p2p_node_info *info,
			   const char *where)
{
	if (!info->secondary ||
	    (info->secondary > info->bdf.bus && info->subordinate >= info->secondary))
		return;
	p2p_build_warn(machine,
		       "%s: %04x:%02x:%02x.%u: buses %02x to %02x cannot lie below bus %02x; they "
		       "are unknown",
		       where, info->bdf.domain, info->bdf.bus, info->bdf.devfn >> 3,
		       info->bdf.devfn & 7u, info->secondary, info->subordinate, info->bdf.bus);
	info->secondary = info->subordinate = 0;
}

struct p2p_device *p2p_build_device(struct p2p_machine *machine, p2p_node node)
{
	return &machine->devices[node];
}

static char *text_room(struct p2p_machine *machine, size_t size)
{
	struct p2p_text_block *block = machine->text;

	if (!block || block->size - block->used < size) {
		size_t room = size > TEXT_BLOCK ? size : TEXT_BLOCK;

		block = malloc(sizeof(*block) + room);
		if (!block) {
			machine->out_of_memory = true;
			return NULL;
		}
		block->next = machine->text;
		block->used = 0;
		block->size = room;
		machine->text = block;
	}
	block->used += size;
	return block->text + block->used - size;
}

const char *p2p_build_text(struct p2p_machine *machine, const char *text, size_t length)
{
	char *copy = text_room(machine, length + 1);

	if (!copy)
		return "";
	memcpy(copy, text, length);
	copy[length] = '\0';
	p2p_printable(copy, length);
	return copy;
}

void p2p_build_name(struct p2p_machine *machine, p2p_node node, enum p2p_name_kind kind,
		    const char *text, size_t length)
{
	if (!length || !grow(machine, (void **)&machine->names, machine->name_count,
			     &machine->name_room, sizeof(*machine->names)))
		return;
	machine->names[machine->name_count++] = (struct p2p_name){
		.node = node,
		.kind = kind,
		.text = p2p_build_text(machine, text, length),
	};
}

void p2p_build_option(struct p2p_machine *machine, const char *name, const char *value,
		      size_t value_length)
{
	if (!grow(machine, (void **)&machine->options, machine->option_count, &machine->option_room,
		  sizeof(*machine->options)))
		return;
	machine->options[machine->option_count++] = (struct p2p_option){
		.name = p2p_build_text(machine, name, strlen(name)),
		.value = p2p_build_text(machine, value, value_length),
	};
}

void p2p_build_group(struct p2p_machine *machine, int32_t id, const char *type, size_t length)
{
	if (!grow(machine, (void **)&machine->groups, machine->group_count, &machine->group_room,
		  sizeof(*machine->groups)))
		return;
	machine->groups[machine->group_count++] = (struct p2p_group){
		.id = id,
		.type = p2p_build_text(machine, type, length),
	};
}

static void warn(struct p2p_machine *machine, const char *text)
{
	if (grow(machine, (void **)&machine->warnings, machine->warning_count,
		 &machine->warning_room, sizeof(*machine->warnings)))
		machine->warnings[machine->warning_count++] =
			p2p_build_text(machine, text, strlen(text));
}

void p2p_build_warn(struct p2p_machine *machine, const char *format, ...)
{
	char line[512];
	va_list arguments;

	if (machine->warning_count == P2P_WARNINGS_MAX) {
		machine->warnings_left_out++;
		return;
	}
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	warn(machine, line);
}

static int compare_names(const void *a, const void *b)
{
	const struct p2p_name *left = a, *right = b;

	if (left->node != right->node)
		return left->node < right->node ? -1 : 1;
	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	return strcmp(left->text, right->text);
}

static int compare_groups(const void *a, const void *b)
{
	const struct p2p_group *left = a, *right = b;

	return left->id < right->id ? -1 : left->id > right->id;
}

static int compare_by_text(const void *a, const void *b, void *names)
{
	const struct p2p_name *left = (const struct p2p_name *)names + *(const uint32_t *)a;
	const struct p2p_name *right = (const struct p2p_name *)names + *(const uint32_t *)b;
	int order = strcmp(left->text, right->text);

	return order ? order : compare_names(left, right);
}

/* The same name may have been found by two ways (sys/block and sys/class/block). */
static void sort_names(struct p2p_machine *machine)
{
	uint32_t kept = 0;

	if (!machine->name_count)
		return;
	qsort(machine->names, machine->name_count, sizeof(*machine->names), compare_names);
	for (uint32_t i = 0; i < machine->name_count; i++)
		if (!kept || compare_names(&machine->names[kept - 1], &machine->names[i]))
			machine->names[kept++] = machine->names[i];
	machine->name_count = kept;
	machine->names_by_text = malloc(kept * sizeof(*machine->names_by_text));
	if (!machine->names_by_text) {
		machine->out_of_memory = true;
		return;
	}
	for (uint32_t i = 0; i < kept; i++)
		machine->names_by_text[i] = i;
	qsort_r(machine->names_by_text, kept, sizeof(*machine->names_by_text), compare_by_text,
		machine->names);
}

/* What a source says of the CPU and of a hypervisor counts; ids tell it where it says nothing. */
static void look_at_ids(struct p2p_machine *machine)
{
	struct p2p_machine_facts *facts = &machine->platform;

	if (!facts->cpu_vendor && facts->cpu_family <= 0)
		facts->cpu_shown_by = p2p_ids_cpu(machine->fabric).shown_by;
	facts->guest_shown_by = p2p_ids_guest(machine->fabric);
	if (facts->hypervisor == P2P_UNKNOWN && facts->guest_shown_by != P2P_NO_NODE)
		facts->hypervisor = P2P_PRESENT;
}

int p2p_build_finish(struct p2p_machine *machine, struct p2p_error *error)
{
	p2p_node culprit = P2P_NO_NODE;
	int rc;

	if (machine->out_of_memory)
		return p2p_error_set(error, -ENOMEM, "%s: out of memory", machine->source);
	rc = p2p_fabric_finish_at(machine->builder, &machine->fabric, &culprit);
	machine->builder = NULL;
	if (rc == -ENOMEM)
		return p2p_error_set(error, rc, "%s: out of memory", machine->source);
	if (rc)
		return p2p_error_set(error, -EBADMSG,
				     "%s: the bridges form no tree: function %u lies below itself "
				     "or below what is not a bridge; take the capture again",
				     machine->source, culprit);
	devices_up_to(machine, p2p_fabric_count(machine->fabric));
	look_at_ids(machine);
	sort_names(machine);
	if (machine->group_count)
		qsort(machine->groups, machine->group_count, sizeof(*machine->groups),
		      compare_groups);
	if (machine->warnings_left_out) {
		char line[64];

		snprintf(line, sizeof(line), "and %u more warnings", machine->warnings_left_out);
		warn(machine, line);
	}
	if (machine->out_of_memory)
		return p2p_error_set(error, -ENOMEM, "%s: out of memory", machine->source);
	return 0;
}
