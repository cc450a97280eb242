// SPDX-License-Identifier: MIT
/*
 * From what people type to a function of the machine.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "build.h"
#include <p2pmem/text.h>
#include "span.h"

/* As many matches or near matches as one line of a message bears. */
#define LISTED_MAX 4

struct candidates {
	struct {
		p2p_node node;
		const char *name; /* that it was found by, or NULL */
	} list[LISTED_MAX];
	uint32_t count; /* may be more than are kept */
};

static void add(struct candidates *candidates, p2p_node node, const char *name)
{
	if (candidates->count < LISTED_MAX) {
		candidates->list[candidates->count].node = node;
		candidates->list[candidates->count].name = name;
	}
	candidates->count++;
}

/* "0000:03:00.0 nvme0, 0000:04:00.0 and 3 more" */
static const char *listing(const struct p2p_machine *machine, const struct candidates *candidates,
			   char *text, size_t size)
{
	uint32_t shown = candidates->count < LISTED_MAX ? candidates->count : LISTED_MAX;
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < shown && used < size; i++) {
		p2p_node node = candidates->list[i].node;
		const char *name = candidates->list[i].name;
		char bdf[P2P_BDF_TEXT];

		p2p_bdf_text(p2p_fabric_info(machine->fabric, node)->bdf, bdf);
		used += (size_t)snprintf(text + used, size - used, "%s%s%s%s", i ? ", " : "", bdf,
					 name ? " " : "", name ? name : "");
	}
	if (candidates->count > shown && used < size)
		snprintf(text + used, size - used, " and %u more", candidates->count - shown);
	return text;
}

static int settle(const struct p2p_machine *machine, const char *text,
		  const struct candidates *candidates, p2p_node *node, struct p2p_error *error)
{
	char list[256];

	if (candidates->count == 1) {
		*node = candidates->list[0].node;
		return 0;
	}
	return p2p_error_set(error, -ENOTUNIQ, "%.80s: several devices: %s; give one address", text,
			     listing(machine, candidates, list, sizeof(list)));
}

static bool is_function(const struct p2p_node_info *info)
{
	return info->kind != P2P_KIND_HOST_BRIDGE && info->kind != P2P_KIND_OFF_BUS;
}

static bool matches(const struct p2p_address_parts *address, const struct p2p_bdf *bdf)
{
	return (!address->has_domain || address->bdf.domain == bdf->domain) &&
	       address->bdf.bus == bdf->bus && address->bdf.devfn >> 3 == bdf->devfn >> 3 &&
	       (!address->has_function || address->bdf.devfn == bdf->devfn);
}

static const char *first_name(const struct p2p_machine *machine, p2p_node node)
{
	uint32_t count;
	const struct p2p_name *names = p2p_machine_names(machine, node, &count);

	return count ? names[0].text : NULL;
}

/* Without a domain, domain 0 is meant when it has the device, as lspci and setpci have it. */
static void find_address(const struct p2p_machine *machine, const struct p2p_address_parts *address,
			 struct candidates *found)
{
	struct candidates elsewhere = { .count = 0 };
	uint32_t count = p2p_fabric_count(machine->fabric);

	for (p2p_node node = 0; node < count; node++) {
		const struct p2p_node_info *info = p2p_fabric_info(machine->fabric, node);

		if (!is_function(info) || !matches(address, &info->bdf))
			continue;
		add(address->has_domain || !info->bdf.domain ? found : &elsewhere, node,
		    first_name(machine, node));
	}
	if (!found->count)
		*found = elsewhere;
}

/* Neighbours: the other functions of the device, else what is on that bus. */
static void near_address(const struct p2p_machine *machine, const struct p2p_address_parts *address,
			 struct candidates *near)
{
	struct candidates on_bus = { .count = 0 };
	uint32_t count = p2p_fabric_count(machine->fabric);

	for (p2p_node node = 0; node < count; node++) {
		const struct p2p_node_info *info = p2p_fabric_info(machine->fabric, node);

		if (!is_function(info) || info->bdf.bus != address->bdf.bus)
			continue;
		add(info->bdf.devfn >> 3 == address->bdf.devfn >> 3 ? near : &on_bus, node,
		    first_name(machine, node));
	}
	if (!near->count)
		*near = on_bus;
}

/* One node for each name, although a node may have it in two kinds. */
static void find_name(const struct p2p_machine *machine, const char *text, size_t length,
		      struct candidates *found)
{
	uint32_t low = 0, high = machine->name_count;
	p2p_node last = P2P_NO_NODE;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const char *name = machine->names[machine->names_by_text[middle]].text;

		if (strncmp(name, text, length) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < machine->name_count; low++) {
		const struct p2p_name *name = &machine->names[machine->names_by_text[low]];

		if (strncmp(name->text, text, length) || name->text[length])
			break;
		if (name->node != last)
			add(found, name->node, name->text);
		last = name->node;
	}
}

/*
 * The disk of a partition: the kernel writes disk and number, with a p between when the disk's
 * own name ends in a digit (disk_name(), block/partitions/core.c). 0: no partition's name.
 */
static size_t disk_length(const char *text)
{
	size_t length = strlen(text), digits = length;

	while (digits && isdigit((unsigned char)text[digits - 1]))
		digits--;
	if (digits == length || digits < 2)
		return 0;
	if (text[digits - 1] == 'p' && isdigit((unsigned char)text[digits - 2]))
		return digits - 1;
	return digits;
}

static void near_name(const struct p2p_machine *machine, const char *text, struct candidates *near)
{
	for (uint32_t i = 0; i < machine->name_count; i++) {
		const struct p2p_name *name = &machine->names[machine->names_by_text[i]];

		if (p2p_near(text, name->text))
			add(near, name->node, name->text);
	}
}

/* What firmware calls a device: its label, else its slot. Ports have slots for what is in them. */
static const char *label_of(const struct p2p_machine *machine, p2p_node node)
{
	const struct p2p_device *device = &machine->devices[node];
	p2p_node port = p2p_fabric_parent(machine->fabric, node);

	if (!is_function(p2p_fabric_info(machine->fabric, node)))
		return NULL;
	if (device->label)
		return device->label;
	if (p2p_fabric_info(machine->fabric, node)->kind != P2P_KIND_ENDPOINT)
		return NULL;
	return device->slot || port == P2P_NO_NODE ? device->slot : machine->devices[port].slot;
}

/* "SLOT 28", as topo prints it; "slot 28" also where the slot's name is "28". */
static bool is_label(const char *label, const char *text)
{
	if (!strcasecmp(label, text))
		return true;
	return !strncasecmp(text, "slot ", 5) && !strcasecmp(label, text + 5);
}

static void find_label(const struct p2p_machine *machine, const char *text,
		       struct candidates *found)
{
	for (p2p_node node = 0; node < p2p_fabric_count(machine->fabric); node++) {
		const char *label = label_of(machine, node);

		if (label && is_label(label, text))
			add(found, node, label);
	}
}

static void near_label(const struct p2p_machine *machine, const char *text, struct candidates *near)
{
	for (p2p_node node = 0; node < p2p_fabric_count(machine->fabric); node++) {
		const char *label = label_of(machine, node);

		if (label && p2p_near(text, label))
			add(near, node, label);
	}
}

/* "19": what is on that bus. */
static void near_bus(const struct p2p_machine *machine, const char *text, struct candidates *near)
{
	struct p2p_span span = p2p_span(text);
	uint64_t bus;

	if (!p2p_span_hex(&span, 2, &bus) || span.length)
		return;
	for (p2p_node node = 0; node < p2p_fabric_count(machine->fabric); node++) {
		const struct p2p_node_info *info = p2p_fabric_info(machine->fabric, node);

		if (is_function(info) && info->bdf.bus == bus)
			add(near, node, first_name(machine, node));
	}
}

/*
 * "GPU0", as other programs count them: those of that class, in order of address. Not found, for
 * programs count them each in its own way.
 */
static void near_class(const struct p2p_machine *machine, const char *text, struct candidates *near)
{
	static const struct {
		const char *word;
		uint32_t class, mask; /* PCI Code and ID Assignment, section 1 */
	} words[] = {
		{ "gpu", 0x030000, 0xff0000 },  { "accel", 0x120000, 0xff0000 },
		{ "nic", 0x020000, 0xff0000 },  { "net", 0x020000, 0xff0000 },
		{ "nvme", 0x010800, 0xffff00 },
	};
	size_t letters = strcspn(text, "0123456789");

	for (size_t i = 0; letters && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i].word) != letters || strncasecmp(words[i].word, text, letters))
			continue;
		for (p2p_node node = 0; node < p2p_fabric_count(machine->fabric); node++) {
			const struct p2p_node_info *info = p2p_fabric_info(machine->fabric, node);

			if (info->kind == P2P_KIND_ENDPOINT && info->class_code <= 0xffffff &&
			    (info->class_code & words[i].mask) == words[i].class)
				add(near, node, first_name(machine, node));
		}
	}
}

static void near_word(const struct p2p_machine *machine, const char *text, struct candidates *near)
{
	near_name(machine, text, near);
	if (!near->count)
		near_label(machine, text, near);
	if (!near->count)
		near_bus(machine, text, near);
	if (!near->count)
		near_class(machine, text, near);
}

static const char *last_component(const char *text)
{
	const char *slash = strrchr(text, '/');

	return slash ? slash + 1 : text;
}

static int not_found(const struct p2p_machine *machine, const char *text,
		     const struct candidates *near, struct p2p_error *error)
{
	const char *where = machine->live ? "on this machine" : "in this source";
	char list[256];

	if (near->count)
		return p2p_error_set(error, -ENOENT, "%.80s: no such device %s; near it: %s", text,
				     where, listing(machine, near, list, sizeof(list)));
	return p2p_error_set_hint(error, -ENOENT, P2P_HINT_DEVICES, "%.80s: no such device %s",
				  text, where);
}

/* `text` is what was typed, for messages; `word` what it comes down to. */
static int find_word(const struct p2p_machine *machine, const char *text, const char *word,
		     p2p_node *node, struct p2p_error *error)
{
	struct candidates found = { .count = 0 }, near = { .count = 0 };
	struct p2p_address_parts address;
	struct p2p_span span = p2p_span(word);

	if (p2p_span_address(&span, &address) && !span.length) {
		find_address(machine, &address, &found);
		if (!found.count)
			near_address(machine, &address, &near);
	} else {
		find_name(machine, word, strlen(word), &found);
		if (!found.count && disk_length(word))
			find_name(machine, word, disk_length(word), &found);
		if (!found.count)
			find_label(machine, word, &found);
		if (!found.count)
			near_word(machine, word, &near);
	}
	if (found.count)
		return settle(machine, text, &found, node, error);
	return not_found(machine, text, &near, error);
}

/* On the running machine a path may be a link: /dev/disk/by-id/…, /sys/class/net/eth0. */
int p2p_machine_find(const struct p2p_machine *machine, const char *text, p2p_node *node,
		     struct p2p_error *error)
{
	char *real = machine->live && *text == '/' ? realpath(text, NULL) : NULL;
	const char *word = last_component(real ? real : text);
	int rc;

	*node = P2P_NO_NODE;
	if (*word)
		rc = find_word(machine, text, word, node, error);
	else
		rc = p2p_error_set(error, -EINVAL,
				   "\"%.80s\" names no device; give an address (0000:03:00.0) "
				   "or a name (nvme0)",
				   text);
	free(real);
	return rc;
}
