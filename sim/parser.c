// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Reads scenario files: lines, indentation, first words.
 */
#include "parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64
#define WORDS_MAX 48

/* Nodes that the next line may be indented below; [0] stands for the whole. */
struct tree {
	unsigned int depth;
	unsigned int indent[DEPTH_MAX];
	sim_node node[DEPTH_MAX];
	bool closed; /* a step was read: the machine is complete */
};

int sim_parse_fail(const struct sim_parser *parser, const char *format, ...)
{
	struct sim_error *error = parser->error;
	va_list arguments;
	int length = snprintf(error->text, sizeof(error->text), "%.200s:%u: ", parser->name,
			      parser->line);

	va_start(arguments, format);
	vsnprintf(error->text + length, sizeof(error->text) - (size_t)length, format, arguments);
	va_end(arguments);
	return -1;
}

sim_node sim_parse_node(const struct sim_parser *parser, const char *name)
{
	sim_node node = sim_find(parser->scenario->machine, name);

	if (node == SIM_NO_NODE)
		sim_parse_fail(parser, "the machine has no \"%.40s\"", name);
	return node;
}

static unsigned int indent_of(const char *line)
{
	unsigned int columns = 0;

	for (; *line == ' ' || *line == '\t'; line++)
		columns += *line == '\t' ? 8 - columns % 8 : 1;
	return columns;
}

/* Closes what this indentation is no longer below; false when it fits nothing. */
static bool settle(struct tree *tree, unsigned int indent)
{
	unsigned int closed = UINT32_MAX;

	while (tree->depth > 1 && tree->indent[tree->depth - 1] >= indent)
		closed = tree->indent[--tree->depth];
	if (closed != UINT32_MAX && closed != indent)
		return false;
	return tree->depth > 1 || indent == 0;
}

static unsigned int split(char *text, char **words)
{
	unsigned int count = 0;

	for (char *save, *word = strtok_r(text, " \t", &save); word;
	     word = strtok_r(NULL, " \t", &save)) {
		if (count == WORDS_MAX)
			return WORDS_MAX + 1;
		words[count++] = word;
	}
	return count;
}

static int read_node(struct sim_parser *parser, struct tree *tree, unsigned int indent,
		     char **words, unsigned int count)
{
	sim_node node;

	if (tree->closed)
		return sim_parse_fail(parser, "the machine comes before the first step");
	if (!settle(tree, indent))
		return sim_parse_fail(parser, "the indentation fits no line above");
	if (tree->depth == DEPTH_MAX)
		return sim_parse_fail(parser, "more than %d levels", DEPTH_MAX - 1);
	if (sim_parse_machine(parser, tree->node[tree->depth - 1], words, count, &node) < 0)
		return -1;
	tree->indent[tree->depth] = indent;
	tree->node[tree->depth++] = node;
	return 0;
}

static int close_machine(struct sim_parser *parser, struct tree *tree)
{
	const struct sim_machine *machine = parser->scenario->machine;
	sim_node culprit;

	if (tree->closed)
		return 0;
	tree->closed = true;
	if (sim_assign(parser->scenario->machine, &culprit) == 0)
		return 0;
	return sim_parse_fail(parser,
			      "no room for \"%s\": give its host bridge a larger window=, or one "
			      "below 4G for memory32=, or fewer buses",
			      sim_info(machine, culprit)->name);
}

static int read_line(struct sim_parser *parser, struct tree *tree, char *line)
{
	unsigned int indent = indent_of(line), count;
	char *words[WORDS_MAX], *copy;
	int rc;

	line += strspn(line, " \t");
	line[strcspn(line, "#")] = '\0';
	for (size_t end = strlen(line); end && strchr(" \t\r", line[end - 1]); end--)
		line[end - 1] = '\0';
	if (*line == '\0')
		return 0;
	copy = strdup(line);
	if (!copy)
		return sim_parse_fail(parser, "out of memory");
	count = split(copy, words);
	if (count == 0 || count > WORDS_MAX)
		rc = sim_parse_fail(parser, "more than %d words", WORDS_MAX);
	else if (sim_is_node_word(words[0]))
		rc = read_node(parser, tree, indent, words, count);
	else
		rc = close_machine(parser, tree) < 0 ? -1
						     : sim_parse_step(parser, line, words, count);
	free(copy);
	return rc;
}

static int read_all(struct sim_parser *parser, char *text)
{
	struct tree tree = { .depth = 1, .node = { SIM_NO_NODE } };

	while (text) {
		char *next = strchr(text, '\n');

		if (next)
			*next++ = '\0';
		parser->line++;
		if (read_line(parser, &tree, text) < 0)
			return -1;
		text = next;
	}
	return close_machine(parser, &tree);
}

static int fail_at_zero(struct sim_parser *parser, const char *text)
{
	parser->line = 1;
	for (; *text; text++)
		parser->line += *text == '\n';
	return sim_parse_fail(parser, "a 0 byte: this is not a text file");
}

struct sim_scenario *sim_scenario_parse(const char *name, const char *text, size_t length,
					struct sim_error *error)
{
	struct sim_scenario *scenario = calloc(1, sizeof(*scenario));
	struct sim_parser parser = { .scenario = scenario, .error = error, .name = name };
	char *copy = strndup(text, length < SIM_TEXT_MAX ? length : SIM_TEXT_MAX);
	int rc;

	if (scenario)
		scenario->machine = sim_machine_new();
	if (!scenario || !scenario->machine || !copy)
		rc = sim_parse_fail(&parser, "out of memory");
	else if (length > SIM_TEXT_MAX)
		rc = sim_parse_fail(&parser, "longer than %zu bytes", SIM_TEXT_MAX);
	else if (strlen(copy) != length)
		rc = fail_at_zero(&parser, copy);
	else
		rc = read_all(&parser, copy);
	free(copy);
	if (rc == 0)
		return scenario;
	sim_scenario_free(scenario);
	return NULL;
}

void sim_scenario_free(struct sim_scenario *scenario)
{
	if (!scenario)
		return;
	for (unsigned int i = 0; i < scenario->count; i++)
		free(scenario->step[i].text);
	free(scenario->step);
	sim_machine_free(scenario->machine);
	free(scenario);
}
