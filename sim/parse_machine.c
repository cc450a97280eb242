// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The machine lines of scenario files.
 */
#include "parser.h"
#include "tokens.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static const struct {
	const char *word, *place;
} kinds[] = {
	[SIM_RAM] = { "ram", "is not indented" },
	[SIM_COHERENT] = { "coherent", "is not indented" },
	[SIM_HOST_BRIDGE] = { "host-bridge", "is not indented" },
	[SIM_ROOT_PORT] = { "root-port", "belongs below a host-bridge" },
	[SIM_UPSTREAM_PORT] = { "switch", "belongs below a root-port or a port" },
	[SIM_DOWNSTREAM_PORT] = { "port", "belongs below a switch" },
	[SIM_FUNCTION] = { "device", "belongs below a host-bridge, root-port or port" },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* A line as read so far: the fixed part, and registers to set once the node is there. */
struct draft {
	struct sim_info info;
	uint16_t acs;
	uint32_t peers;
	enum sim_iommu iommu;
	bool ats;
	unsigned int bars, windows, inbounds;
};

static bool find_kind(const char *word, enum sim_kind *kind)
{
	for (unsigned int i = 0; i < KINDS; i++) {
		if (strcmp(kinds[i].word, word) != 0)
			continue;
		*kind = (enum sim_kind)i;
		return true;
	}
	return false;
}

bool sim_is_node_word(const char *word)
{
	enum sim_kind kind;

	return find_kind(word, &kind);
}

static bool read_bar(struct draft *draft, const char *value, bool low)
{
	if (draft->bars == SIM_BARS || !sim_word_size(value, &draft->info.bar_size[draft->bars]))
		return false;
	if (low)
		draft->info.bar_32bit |= (uint8_t)(1u << draft->bars);
	return draft->info.bar_size[draft->bars++] != 0;
}

static bool read_window(struct draft *draft, const char *value)
{
	struct sim_window *window = &draft->info.window[draft->windows];

	return draft->windows++ < SIM_WINDOWS_MAX &&
	       sim_word_window(value, &window->size, &window->cpu.value, &window->bus.value);
}

static bool read_inbound(struct draft *draft, const char *value)
{
	struct sim_window *window = &draft->info.inbound[draft->inbounds];

	return draft->inbounds++ < SIM_WINDOWS_MAX &&
	       sim_word_window(value, &window->size, &window->bus.value, &window->cpu.value);
}

static bool read_byte(const char *value, uint64_t max, uint8_t *byte)
{
	uint64_t number;

	if (!sim_word_number(value, max, &number))
		return false;
	*byte = (uint8_t)number;
	return true;
}

static bool read_domain(struct draft *draft, const char *value)
{
	uint64_t number;

	if (!sim_word_number(value, UINT32_MAX, &number))
		return false;
	draft->info.domain = (uint32_t)number;
	return true;
}

static bool host_bridge_option(struct draft *draft, const char *word, const char *value)
{
	if (strcmp(word, "domain") == 0)
		return read_domain(draft, value);
	if (strcmp(word, "bus") == 0)
		return read_byte(value, 255, &draft->info.root_bus);
	if (strcmp(word, "window") == 0)
		return read_window(draft, value);
	if (strcmp(word, "inbound") == 0)
		return read_inbound(draft, value);
	if (strcmp(word, "peers") == 0)
		return sim_word_peers(value, &draft->peers);
	return strcmp(word, "iommu") == 0 && sim_word_iommu(value, &draft->iommu);
}

static bool pci_option(struct draft *draft, const char *word, const char *value)
{
	if (strcmp(word, "acs") == 0) {
		draft->info.acs = true;
		draft->info.acs_capability = 0x7f;
		return sim_word_acs(value, &draft->acs);
	}
	if (strcmp(word, "memory") == 0)
		return read_bar(draft, value, false);
	if (strcmp(word, "memory32") == 0)
		return read_bar(draft, value, true);
	return draft->info.kind == SIM_FUNCTION && strcmp(word, "function") == 0 &&
	       read_byte(value, 7, &draft->info.function);
}

static bool flag(struct draft *draft, const char *word)
{
	if (draft->info.kind == SIM_COHERENT && strcmp(word, "no-mmio") == 0)
		draft->info.no_mmio = true;
	else if (draft->info.kind == SIM_FUNCTION && strcmp(word, "isolated") == 0)
		draft->info.isolated = true;
	else if (draft->info.kind == SIM_FUNCTION && strcmp(word, "ats") == 0)
		draft->ats = true;
	else
		return false;
	return true;
}

static bool option(struct draft *draft, const char *word, const char *value)
{
	switch (draft->info.kind) {
	case SIM_RAM:
	case SIM_COHERENT:
		return strcmp(word, "memory") == 0 &&
		       sim_word_memory(value, &draft->info.memory_size, &draft->info.memory.value);
	case SIM_HOST_BRIDGE:
		return host_bridge_option(draft, word, value);
	default:
		return pci_option(draft, word, value);
	}
}

static int read_options(const struct sim_parser *parser, struct draft *draft, char **words,
			unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		char *value = strchr(words[i], '=');

		if (value)
			*value++ = '\0';
		if (value ? !option(draft, words[i], value) : !flag(draft, words[i]))
			return sim_parse_fail(
				parser,
				"%s cannot have \"%.80s%s%.80s\"; see p2pmem-sim-scenario(5)",
				kinds[draft->info.kind].word, words[i], value ? "=" : "",
				value ? value : "");
	}
	return 0;
}

static bool good_name(const char *name)
{
	if (!islower((unsigned char)name[0]) || strlen(name) >= SIM_NAME)
		return false;
	while (islower((unsigned char)*name) || isdigit((unsigned char)*name) || *name == '-')
		name++;
	return *name == '\0';
}

static int read_name(const struct sim_parser *parser, struct draft *draft, const char *name)
{
	if (!good_name(name))
		return sim_parse_fail(
			parser,
			"\"%.40s\" is not a name: at most %d small letters, digits and "
			"\"-\", a letter first",
			name, SIM_NAME - 1);
	if (sim_find(parser->scenario->machine, name) != SIM_NO_NODE)
		return sim_parse_fail(parser, "there is a \"%s\" already", name);
	memcpy(draft->info.name, name, strlen(name) + 1);
	return 0;
}

/* Devices are numbered in the order of the file; further functions belong to the last device. */
static void choose_slot(const struct sim_machine *machine, struct sim_info *info)
{
	const struct sim_info *parent = sim_info(machine, info->parent);
	int last = -1;

	if (!parent || (parent->kind != SIM_HOST_BRIDGE && parent->kind != SIM_UPSTREAM_PORT))
		return;
	for (sim_node node = info->parent + 1; node < sim_count(machine); node++)
		if (sim_info(machine, node)->parent == info->parent)
			last = sim_info(machine, node)->slot;
	info->slot = (uint8_t)(info->function && last >= 0 ? last : last + 1);
}

static int add(const struct sim_parser *parser, const struct draft *draft, sim_node *node)
{
	struct sim_machine *machine = parser->scenario->machine;
	struct sim_registers *registers;

	switch (sim_add(machine, &draft->info, node)) {
	case 0:
		break;
	case -ENOSPC:
		return sim_parse_fail(parser, "more than %d nodes", SIM_NODES_MAX);
	case -EEXIST:
		return sim_parse_fail(
			parser, draft->info.parent == SIM_NO_NODE
					? "that range of CPU or bus addresses is taken already"
					: "that place is taken: give function=, or another port");
	case -ENOMEM:
		return sim_parse_fail(parser, "out of memory");
	default:
		return sim_parse_fail(
			parser, "a size it cannot have: BARs are powers of two from 4K, memory "
				"and windows whole 4K, and a bus has 32 devices");
	}
	registers = sim_registers(machine, *node);
	registers->acs_control = draft->acs;
	registers->peers = draft->peers;
	registers->iommu = draft->iommu;
	registers->ats = draft->ats;
	return 0;
}

/* Only what can be below something is added with a parent; sim_add() judges the rest. */
static int check_place(const struct sim_parser *parser, const struct sim_info *info)
{
	static const unsigned int below[KINDS] = {
		[SIM_ROOT_PORT] = 1u << SIM_HOST_BRIDGE,
		[SIM_UPSTREAM_PORT] = 1u << SIM_ROOT_PORT | 1u << SIM_DOWNSTREAM_PORT,
		[SIM_DOWNSTREAM_PORT] = 1u << SIM_UPSTREAM_PORT,
		[SIM_FUNCTION] =
			1u << SIM_HOST_BRIDGE | 1u << SIM_ROOT_PORT | 1u << SIM_DOWNSTREAM_PORT,
	};
	const struct sim_info *parent = sim_info(parser->scenario->machine, info->parent);

	if (parent ? below[info->kind] >> parent->kind & 1 : !below[info->kind])
		return 0;
	return sim_parse_fail(parser, "%s %s", kinds[info->kind].word, kinds[info->kind].place);
}

int sim_parse_machine(struct sim_parser *parser, sim_node parent, char **words, unsigned int count,
		      sim_node *node)
{
	struct draft draft = { .info = { .parent = parent } };

	find_kind(words[0], &draft.info.kind);
	if (check_place(parser, &draft.info) < 0)
		return -1;
	if (count < 2)
		return sim_parse_fail(parser, "%s needs a name", words[0]);
	if (read_name(parser, &draft, words[1]) < 0 ||
	    read_options(parser, &draft, words + 2, count - 2) < 0)
		return -1;
	if (draft.info.kind <= SIM_COHERENT && !draft.info.memory_size)
		return sim_parse_fail(parser, "%s needs memory=SIZE@ADDRESS", words[0]);
	choose_slot(parser->scenario->machine, &draft.info);
	return add(parser, &draft, node);
}
