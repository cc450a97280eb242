// SPDX-License-Identifier: MIT
/* Reads machine files: an indented tree, one device or setting on a line (see README.md). */
#include "machine.h"

#include "arch.h"
#include "place.h"
#include "value.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX 64
#define WORDS_MAX 24
#define TEXT_MAX  ((size_t)1 << 20)

struct parser {
	struct lab_machine *machine;
	struct lab_error *error;
	const char *name;
	const struct lab_arch *arch; /* in place of the file's, whose CPU is none of its; or NULL */
	unsigned int line;
	unsigned int depth; /* of the stacks: the nodes that the next line may be indented below */
	unsigned int indent[DEPTH_MAX];
	struct lab_node *open[DEPTH_MAX];
};

static int parse_fail(const struct parser *parser, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int parse_fail(const struct parser *parser, const char *format, ...)
{
	char text[384];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return lab_fail(parser->error, "%s:%u: %s", parser->name, parser->line, text);
}

#define BELOW(kind) (1U << (kind))
/* Where any function may sit; below a further host bridge QEMU (pxb-pcie) takes only ports. */
#define BELOW_BUS (BELOW(LAB_MACHINE) | BELOW(LAB_ROOT_PORT) | BELOW(LAB_PORT))

static const struct {
	const char *word;
	const char *place;  /* where it may be, in words */
	unsigned int below; /* the same: the kinds it may sit below */
	bool port;          /* it takes PCI Express */
} kinds[] = {
	[LAB_MACHINE] = { "machine", "", 0, false },
	[LAB_HOST_BRIDGE] = { "host-bridge", "not indented", BELOW(LAB_MACHINE), false },
	[LAB_ROOT_PORT] = { "root-port", "not indented, or below a host-bridge",
			    BELOW(LAB_MACHINE) | BELOW(LAB_HOST_BRIDGE), true },
	[LAB_SWITCH] = { "switch", "below a root-port or a port",
			 BELOW(LAB_ROOT_PORT) | BELOW(LAB_PORT), true },
	[LAB_PORT] = { "port", "below a switch", BELOW(LAB_SWITCH), true },
	[LAB_NVME] = { "nvme", "below a root-port or a port, or not indented", BELOW_BUS, false },
	[LAB_MEMORY_BAR] = { "memory-bar", "below a root-port or a port, or not indented",
			     BELOW_BUS, false },
	[LAB_DMA_ENGINE] = { "dma-engine", "below a root-port or a port, or not indented",
			     BELOW_BUS, false },
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static bool has_ports(const struct lab_arch *arch)
{
	return arch->host_bridge != LAB_BRIDGE_SPAPR;
}

/* A host bridge with a conventional bus of its own takes functions. */
static unsigned int below(enum lab_kind kind, const struct lab_arch *arch)
{
	bool function = kinds[kind].below == BELOW_BUS;

	return kinds[kind].below | (function && !has_ports(arch) ? BELOW(LAB_HOST_BRIDGE) : 0);
}

const char *lab_kind_word(enum lab_kind kind)
{
	return kinds[kind].word;
}

/* The options of devices. */

enum option_type {
	OPTION_FLAG,
	OPTION_NUMBER,
	OPTION_SIZE,
	OPTION_RANGE,
	OPTION_FILL,
	OPTION_ADDRESS,
	OPTION_TWIN,
};

#define ANY_BUT_MACHINE (~BELOW(LAB_MACHINE))

static const struct option {
	const char *word;
	enum option_type type;
	unsigned int kinds;
	size_t offset; /* in struct lab_node; not for fill, addr and twin */
	uint64_t max;  /* of a number or size */
} options[] = {
	{ "addr", OPTION_ADDRESS, ANY_BUT_MACHINE & ~BELOW(LAB_SWITCH), 0, 0 },
	{ "multifunction", OPTION_FLAG, ANY_BUT_MACHINE, offsetof(struct lab_node, multifunction),
	  0 },
	{ "acs", OPTION_FLAG, BELOW(LAB_PORT), offsetof(struct lab_node, acs), 0 },
	{ "no-acs", OPTION_FLAG, BELOW(LAB_ROOT_PORT), offsetof(struct lab_node, no_acs), 0 },
	{ "bus", OPTION_NUMBER, BELOW(LAB_HOST_BRIDGE), offsetof(struct lab_node, bus), 255 },
	{ "numa", OPTION_NUMBER, BELOW(LAB_HOST_BRIDGE), offsetof(struct lab_node, numa), 7 },
	{ "size", OPTION_SIZE, BELOW(LAB_NVME) | BELOW(LAB_MEMORY_BAR),
	  offsetof(struct lab_node, size), UINT64_C(1) << 40 },
	{ "cmb", OPTION_SIZE, BELOW(LAB_NVME), offsetof(struct lab_node, cmb), UINT64_C(64) << 30 },
	{ "block", OPTION_SIZE, BELOW(LAB_NVME), offsetof(struct lab_node, block), 4096 },
	{ "bps", OPTION_SIZE, BELOW(LAB_NVME), offsetof(struct lab_node, rate), UINT64_C(1) << 40 },
	{ "readonly", OPTION_FLAG, BELOW(LAB_NVME), offsetof(struct lab_node, readonly), 0 },
	{ "fill", OPTION_FILL, BELOW(LAB_NVME), 0, 0 },
	{ "twin", OPTION_TWIN, BELOW(LAB_NVME), 0, 0 },
	{ "fail-read", OPTION_RANGE, BELOW(LAB_NVME), offsetof(struct lab_node, fail_read), 0 },
	{ "fail-write", OPTION_RANGE, BELOW(LAB_NVME), offsetof(struct lab_node, fail_write), 0 },
};

static bool read_fill(struct lab_node *node, const char *value)
{
	if (strcmp(value, "zero") == 0)
		return true;
	if (strncmp(value, "random:", 7) != 0)
		return false;
	node->random = true;
	return lab_value_number(value + 7, &node->seed);
}

static bool read_twin(struct parser *parser, struct lab_node *node, const char *value)
{
	struct lab_machine *machine = parser->machine;
	const struct lab_node *other = lab_machine_find(machine, value);

	if (!other || other == node || other->kind != LAB_NVME || other->twin)
		return false;
	node->twin = &machine->nodes[other - machine->nodes];
	node->twin->has_twin = true;
	return true;
}

static bool read_value(struct parser *parser, const struct option *option, struct lab_node *node,
		       const char *value)
{
	void *field = (char *)node + option->offset;
	struct lab_range *range = field;
	uint64_t *number = field;

	switch (option->type) {
	case OPTION_FLAG:
		break;
	case OPTION_NUMBER:
		return lab_value_number(value, number) && *number <= option->max;
	case OPTION_SIZE:
		return lab_value_size(value, number) && *number <= option->max;
	case OPTION_RANGE:
		return lab_value_range(value, &range->offset, &range->length);
	case OPTION_FILL:
		return read_fill(node, value);
	case OPTION_ADDRESS:
		return lab_value_address(value, &node->slot, &node->function);
	case OPTION_TWIN:
		return read_twin(parser, node, value);
	}
	return false;
}

static int read_option(struct parser *parser, struct lab_node *node, char *word)
{
	char *value = strchr(word, '=');
	const struct option *option = NULL;

	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcmp(options[i].word, word) == 0)
			option = &options[i];
	}
	if (!option || (option->kinds & BELOW(node->kind)) == 0)
		return parse_fail(parser, "%s has no option '%s'; see lab/README.md",
				  lab_kind_word(node->kind), word);
	if (option->type == OPTION_FLAG) {
		if (value)
			return parse_fail(parser, "'%s' takes no value", word);
		*((bool *)((char *)node + option->offset)) = true;
		return 0;
	}
	if (!value || !read_value(parser, option, node, value))
		return parse_fail(parser, "%s=%s is not a value it can have; see lab/README.md",
				  word, value ? value : "");
	return 0;
}

static bool valid_id(const char *id)
{
	if (!islower((unsigned char)id[0]) || strlen(id) > LAB_ID_MAX)
		return false;
	for (; *id != '\0'; id++) {
		if (!islower((unsigned char)*id) && !isdigit((unsigned char)*id) && *id != '-')
			return false;
	}
	return true;
}

static int check_range(const struct parser *parser, const struct lab_node *node, const char *word,
		       struct lab_range range)
{
	if (range.length == 0)
		return 0;
	if (range.offset % node->block != 0 || range.length % node->block != 0)
		return parse_fail(parser, "%s: offset and length must be multiples of block=%llu",
				  word, (unsigned long long)node->block);
	if (range.offset + range.length > node->size)
		return parse_fail(parser, "%s reaches past the drive's size", word);
	/* QEMU goes through a list with an entry for each block, on every request. */
	if (range.length / node->block > 65536)
		return parse_fail(parser, "%s: at most 65536 blocks", word);
	return 0;
}

static int check_twin(struct parser *parser, const struct lab_node *node)
{
	if (node->size || node->rate || node->readonly || node->random || node->fail_read.length ||
	    node->fail_write.length)
		return parse_fail(parser,
				  "a twin has no drive of its own: what concerns one "
				  "belongs to '%s'",
				  node->twin->id);
	parser->machine->twins++;
	return 0;
}

static int check_nvme(struct parser *parser, struct lab_node *node)
{
	if (parser->machine->drives + parser->machine->twins == LAB_DRIVES_MAX)
		return parse_fail(parser, "more than %d drives", LAB_DRIVES_MAX);
	if (node->twin)
		return check_twin(parser, node);
	if (node->block != 512 && node->block != 4096)
		return parse_fail(parser, "block: 512 or 4096");
	if (node->size == 0 || node->size % (1 << 20) != 0)
		return parse_fail(parser, "nvme needs size=, in whole MiB");
	if (node->cmb % (1 << 20) != 0 || (node->cmb & (node->cmb - 1)) != 0)
		return parse_fail(parser, "cmb: a power of two, at least 1M, as it is a BAR");
	if (check_range(parser, node, "fail-read", node->fail_read) < 0)
		return -1;
	if (check_range(parser, node, "fail-write", node->fail_write) < 0)
		return -1;
	node->nsid = ++parser->machine->drives;
	return 0;
}

static int check_node(struct parser *parser, struct lab_node *node)
{
	switch (node->kind) {
	case LAB_NVME:
		return check_nvme(parser, node);
	case LAB_MEMORY_BAR:
		if (node->size < 4096 || (node->size & (node->size - 1)) != 0)
			return parse_fail(parser, "memory-bar needs size=, a power of two of at "
						  "least 4K, as it is a BAR");
		return 0;
	case LAB_HOST_BRIDGE:
		if (node->bus == 0)
			return parse_fail(parser, "host-bridge needs bus=, 1 to 255");
		if (node->numa != LAB_NUMA_NONE && node->numa >= parser->machine->numa_nodes)
			parser->machine->numa_nodes = (unsigned int)node->numa + 1;
		return 0;
	default:
		return 0;
	}
}

static void link_child(struct lab_node *parent, struct lab_node *node)
{
	struct lab_node **end = &parent->child;

	while (*end)
		end = &(*end)->next;
	*end = node;
	node->parent = parent;
}

static int read_device(struct parser *parser, enum lab_kind kind, struct lab_node *parent,
		       char **words, unsigned int count)
{
	struct lab_machine *machine = parser->machine;
	struct lab_node *node;

	if (kind == LAB_HOST_BRIDGE && machine->arch->host_bridge == LAB_BRIDGE_NONE)
		return parse_fail(parser, "this board has one host bridge, and no more");
	if (!has_ports(machine->arch) && kinds[kind].port)
		return parse_fail(parser, "arch %s has conventional PCI buses alone, no %s",
				  machine->arch->name, kinds[kind].word);
	if ((below(kind, machine->arch) & BELOW(parent->kind)) == 0)
		return parse_fail(parser, "%s belongs %s", kinds[kind].word,
				  has_ports(machine->arch)
					  ? kinds[kind].place
					  : "not indented, or below a host-bridge");
	if (count < 2 || !valid_id(words[1]))
		return parse_fail(parser,
				  "%s needs an id: lower-case letters, digits and '-', at most %d",
				  kinds[kind].word, LAB_ID_MAX);
	if (lab_machine_find(machine, words[1]))
		return parse_fail(parser, "id '%s' is taken by line %u", words[1],
				  lab_machine_find(machine, words[1])->line);
	if (kind == LAB_SWITCH && parent->child)
		return parse_fail(parser, "'%s' already leads to '%s'", parent->id,
				  parent->child->id);
	if (machine->count == LAB_NODES_MAX)
		return parse_fail(parser, "more than %d devices", LAB_NODES_MAX - 1);

	node = &machine->nodes[machine->count++];
	node->kind = kind;
	node->line = parser->line;
	node->slot = -1;
	node->numa = LAB_NUMA_NONE;
	node->block = 512;
	snprintf(node->id, sizeof(node->id), "%s", words[1]);
	link_child(parent, node);
	parser->open[parser->depth] = node;
	for (unsigned int i = 2; i < count; i++) {
		if (read_option(parser, node, words[i]) < 0)
			return -1;
	}
	return check_node(parser, node);
}

/* The settings of the machine itself. */

static int read_text(struct parser *parser, char *field, const char *value)
{
	if (strlen(value) >= LAB_VALUE_MAX)
		return parse_fail(parser, "value longer than %d bytes", LAB_VALUE_MAX - 1);
	/* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.strcpy): its length is checked */
	strcpy(field, value);
	return 0;
}

static int read_arch(struct parser *parser, const char *value)
{
	const struct lab_arch *arch = lab_arch_find(value);

	if (parser->machine->count > 1)
		return parse_fail(parser, "arch belongs above the first device");
	if (!arch)
		return parse_fail(parser, "arch '%s' is not one the lab knows; see lab/README.md",
				  value);
	parser->machine->arch = parser->arch ? parser->arch : arch;
	return 0;
}

static int read_iommu(struct parser *parser, const char *value)
{
	struct lab_machine *machine = parser->machine;

	if (strcmp(value, "none") == 0)
		machine->iommu = LAB_IOMMU_NONE;
	else if (strcmp(value, "intel") == 0)
		machine->iommu = LAB_IOMMU_INTEL;
	else if (strcmp(value, "amd") == 0)
		machine->iommu = LAB_IOMMU_AMD;
	else if (strcmp(value, "smmuv3") == 0)
		machine->iommu = LAB_IOMMU_SMMUV3;
	else
		return parse_fail(parser, "iommu: none, intel, amd or smmuv3");
	return 0;
}

static bool is_setting(const char *word)
{
	static const char *const settings[] = { "arch",   "kernel", "cpu",    "cpus",
						"memory", "iommu",  "icount", "append" };

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (strcmp(settings[i], word) == 0)
			return true;
	}
	return false;
}

static int read_setting(struct parser *parser, const char *word, const char *value)
{
	struct lab_machine *machine = parser->machine;

	if (*value == '\0')
		return parse_fail(parser, "%s needs a value", word);
	if (strcmp(word, "append") == 0)
		return read_text(parser, machine->append, value);
	if (strcspn(value, " \t,") != strlen(value))
		return parse_fail(parser, "%s takes one value", word);
	if (strcmp(word, "arch") == 0)
		return read_arch(parser, value);
	if (strcmp(word, "iommu") == 0)
		return read_iommu(parser, value);
	if (strcmp(word, "kernel") == 0)
		return read_text(parser, machine->kernel, value);
	if (strcmp(word, "cpu") == 0)
		return read_text(parser, machine->cpu, value);
	if (strcmp(word, "cpus") == 0) {
		if (!lab_value_number(value, &machine->cpus) || machine->cpus < 1 ||
		    machine->cpus > 64)
			return parse_fail(parser, "cpus: 1 to 64");
		return 0;
	}
	if (strcmp(word, "icount") == 0) {
		machine->counts = true;
		return lab_value_number(value, &machine->count_shift) && machine->count_shift <= 10
			       ? 0
			       : parse_fail(parser, "icount: 0 to 10");
	}
	if (!lab_value_size(value, &machine->memory) || machine->memory < 128 << 20 ||
	    machine->memory > UINT64_C(64) << 30 || machine->memory % (1 << 21) != 0)
		return parse_fail(parser, "memory: 128M to 64G");
	return 0;
}

/* Lines. */

static unsigned int split_words(char *line, char **words)
{
	unsigned int count = 0;
	char *save = NULL;

	for (char *word = strtok_r(line, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
		if (count < WORDS_MAX)
			words[count] = word;
		count++;
	}
	return count;
}

static void trim_end(char *line)
{
	size_t length = strlen(line);

	while (length > 0 && isspace((unsigned char)line[length - 1]))
		line[--length] = '\0';
}

static unsigned int indent_of(const char *line)
{
	unsigned int columns = 0;

	for (; *line == ' ' || *line == '\t'; line++)
		columns += *line == '\t' ? 8 - columns % 8 : 1;
	return columns;
}

/* Closes what this indentation no longer is below; NULL when it fits nothing. */
static struct lab_node *find_parent(struct parser *parser, unsigned int indent)
{
	unsigned int closed = UINT32_MAX;

	while (parser->depth > 1 && parser->indent[parser->depth - 1] >= indent)
		closed = parser->indent[--parser->depth];
	/* Siblings line up: a line that closes something starts where that did. */
	if (closed != UINT32_MAX && closed != indent)
		return NULL;
	if (parser->depth == 1 && indent != 0)
		return NULL;
	return parser->open[parser->depth - 1];
}

static int read_line(struct parser *parser, char *line)
{
	unsigned int indent = indent_of(line);
	char *words[WORDS_MAX];
	struct lab_node *parent;
	unsigned int count;
	char *start = line + strspn(line, " \t");
	size_t length;

	start[strcspn(start, "#")] = '\0';
	trim_end(start);
	if (*start == '\0')
		return 0;
	length = strcspn(start, " \t");
	if (indent == 0) {
		char *value = start + length;

		if (*value != '\0')
			*value++ = '\0';
		if (is_setting(start))
			return read_setting(parser, start, value + strspn(value, " \t"));
		if (value != start + length)
			start[length] = ' ';
	}
	count = split_words(start, words);
	if (count > WORDS_MAX)
		return parse_fail(parser, "too many words");
	parent = find_parent(parser, indent);
	if (!parent)
		return parse_fail(parser, "indentation fits no line above");
	for (unsigned int kind = LAB_HOST_BRIDGE; kind < KIND_COUNT; kind++) {
		if (strcmp(kinds[kind].word, words[0]) != 0)
			continue;
		if (parser->depth == DEPTH_MAX)
			return parse_fail(parser, "more than %d levels", DEPTH_MAX - 1);
		if (read_device(parser, (enum lab_kind)kind, parent, words, count) < 0)
			return -1;
		parser->indent[parser->depth++] = indent;
		return 0;
	}
	return parse_fail(parser, "'%s' is not a word of machine files; see lab/README.md",
			  words[0]);
}

/* The whole. */

static int check_machine(struct parser *parser)
{
	struct lab_machine *machine = parser->machine;

	if (lab_place_all(machine, parser->name, parser->error) < 0)
		return -1;
	if (machine->iommu != LAB_IOMMU_NONE && !(machine->arch->iommus & 1U << machine->iommu))
		return lab_fail(parser->error, "%s: arch %s cannot have this iommu", parser->name,
				machine->arch->name);
	if (parser->arch || machine->cpu[0] == '\0')
		snprintf(machine->cpu, sizeof(machine->cpu), "%s", machine->arch->cpu);
	return 0;
}

static int parse_lines(struct parser *parser, char *text)
{
	while (text) {
		char *next = strchr(text, '\n');

		if (next)
			*next++ = '\0';
		parser->line++;
		if (read_line(parser, text) < 0)
			return -1;
		text = next;
	}
	return check_machine(parser);
}

struct lab_machine *lab_machine_parse(const char *name, const char *text, size_t length,
				      const struct lab_arch *arch, struct lab_error *error)
{
	struct lab_machine *machine = calloc(1, sizeof(*machine));
	struct parser parser = {
		.machine = machine, .error = error, .name = name, .arch = arch, .depth = 1
	};
	char *copy = strndup(text, length);

	if (!machine || !copy) {
		lab_fail(error, "%s: out of memory", name);
		goto fail;
	}
	machine->arch = arch ? arch : lab_arch_find("amd64");
	machine->cpus = 2;
	machine->memory = UINT64_C(1) << 30;
	machine->count = 1;
	machine->nodes[0].kind = LAB_MACHINE;
	parser.open[0] = &machine->nodes[0];
	if (strlen(copy) != length) {
		lab_fail(error, "%s: a 0 byte in a machine file; give a text file", name);
		goto fail;
	}
	if (parse_lines(&parser, copy) < 0)
		goto fail;
	free(copy);
	return machine;
fail:
	free(copy);
	free(machine);
	return NULL;
}

static FILE *open_machine(const char *name, const char *directory)
{
	char path[4096];
	FILE *file;

	if (strcmp(name, "-") == 0)
		return fdopen(dup(0), "r");
	file = fopen(name, "r");
	if (file || strchr(name, '/'))
		return file;
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return fopen(path, "r");
}

struct lab_machine *lab_machine_read(const char *name, const char *directory,
				     const struct lab_arch *arch, struct lab_error *error)
{
	FILE *file = open_machine(name, directory);
	struct lab_machine *machine = NULL;
	char *text;
	size_t length;

	if (!file) {
		lab_fail(error, "%s: %s; give a path, '-', or a name in %s", name, strerror(errno),
			 directory);
		return NULL;
	}
	text = malloc(TEXT_MAX);
	if (!text) {
		lab_fail(error, "%s: out of memory", name);
		goto out;
	}
	length = fread(text, 1, TEXT_MAX, file);
	if (ferror(file))
		lab_fail(error, "%s: %s", name, strerror(errno));
	else if (length == TEXT_MAX)
		lab_fail(error, "%s: longer than %zu bytes", name, TEXT_MAX);
	else
		machine = lab_machine_parse(strcmp(name, "-") == 0 ? "stdin" : name, text, length,
					    arch, error);
out:
	free(text);
	fclose(file);
	return machine;
}

const struct lab_node *lab_machine_find(const struct lab_machine *machine, const char *id)
{
	for (unsigned int i = 1; i < machine->count; i++) {
		if (strcmp(machine->nodes[i].id, id) == 0)
			return &machine->nodes[i];
	}
	return NULL;
}
