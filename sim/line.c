// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Words of a step line, taken one by one, each turned into what it must be.
 */
#include "line.h"
#include "tokens.h"

#include <string.h>

char *sim_take(struct sim_line *line)
{
	return line->next < line->count ? line->word[line->next++] : NULL;
}

const char *sim_look(const struct sim_line *line)
{
	return line->next < line->count ? line->word[line->next] : NULL;
}

const char *sim_after(const char *word, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(word, prefix, length) == 0 ? word + length : NULL;
}

bool sim_take_word(struct sim_line *line, const char *word)
{
	const char *next = sim_look(line);

	if (!next || strcmp(next, word) != 0)
		return false;
	line->next++;
	return true;
}

int sim_take_node(const struct sim_parser *parser, struct sim_line *line, sim_node *node)
{
	const char *word = sim_take(line);

	if (!word)
		return sim_parse_fail(parser, "a name is missing; see p2pmem-sim-scenario(5)");
	*node = sim_parse_node(parser, word);
	return *node == SIM_NO_NODE ? -1 : 0;
}

int sim_take_client(const struct sim_parser *parser, struct sim_line *line, sim_node *node)
{
	enum sim_kind kind;

	if (sim_take_node(parser, line, node) < 0)
		return -1;
	kind = sim_info(parser->scenario->machine, *node)->kind;
	if (kind != SIM_RAM && kind != SIM_HOST_BRIDGE)
		return 0;
	return sim_parse_fail(parser, "%s does no DMA: name a device, a port or a coherent device",
			      sim_info(parser->scenario->machine, *node)->name);
}

int sim_take_size(const struct sim_parser *parser, struct sim_line *line, uint64_t *size)
{
	const char *word = sim_take(line);

	if (word && sim_word_size(word, size) && *size)
		return 0;
	return sim_parse_fail(parser, "\"%.40s\" is not a size, such as 4096, 64K or 1M",
			      word ? word : "");
}

static int first_bar(const struct sim_info *info)
{
	for (unsigned int i = 0; i < SIM_BARS; i++)
		if (info->bar_size[i])
			return (int)i;
	return info->memory_size ? 0 : -1;
}

static uint64_t size_of(const struct sim_info *info, unsigned int bar)
{
	if (info->memory_size)
		return bar ? 0 : info->memory_size;
	return info->bar_size[bar];
}

/* NAME[.BAR][+OFFSET] */
int sim_take_target(const struct sim_parser *parser, struct sim_line *line,
		    struct sim_target *target)
{
	char *word = sim_take(line);
	const struct sim_info *info;
	char *offset, *bar;
	uint64_t number = 0;

	if (!word)
		return sim_parse_fail(parser, "a memory is missing: NAME[.BAR][+OFFSET]");
	*target = (struct sim_target){ .node = SIM_NO_NODE };
	offset = strchr(word, '+');
	if (offset)
		*offset++ = '\0';
	bar = strchr(word, '.');
	if (bar)
		*bar++ = '\0';
	target->node = sim_parse_node(parser, word);
	if (target->node == SIM_NO_NODE)
		return -1;
	info = sim_info(parser->scenario->machine, target->node);
	if (first_bar(info) < 0)
		return sim_parse_fail(parser, "%s has no memory: give it memory=", word);
	target->bar = (unsigned int)first_bar(info);
	if (bar) {
		if (!sim_word_number(bar, SIM_BARS - 1, &number) ||
		    !size_of(info, (unsigned int)number))
			return sim_parse_fail(parser, "%s has no BAR %.20s", word, bar);
		target->bar = (unsigned int)number;
	}
	if (offset && !sim_word_size(offset, &target->offset))
		return sim_parse_fail(parser, "\"%.40s\" is not an offset", offset);
	if (target->offset >= size_of(info, target->bar))
		return sim_parse_fail(parser, "%s ends before that offset", word);
	return 0;
}

int sim_check_fits(const struct sim_parser *parser, const struct sim_target *target, uint64_t size)
{
	const struct sim_info *info = sim_info(parser->scenario->machine, target->node);

	if (size <= size_of(info, target->bar) - target->offset)
		return 0;
	return sim_parse_fail(parser, "%s ends before that many bytes", info->name);
}
