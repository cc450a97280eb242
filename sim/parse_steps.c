// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The step lines of scenario files: finds the verb; expectations, page tables, removal.
 */
#include "line.h"
#include "tokens.h"

#include <stdlib.h>
#include <string.h>

static int read_outcome(const struct sim_parser *parser, struct sim_expect_step *expect,
			struct sim_line *line)
{
	const char *word = sim_take(line);
	bool known = false;

	for (int i = SIM_NOT_SENT; word && !known && i <= SIM_LOST; i++) {
		expect->outcome = (enum sim_outcome)i;
		known = strcmp(sim_outcome_name(expect->outcome), word) == 0;
	}
	if (!known)
		return sim_parse_fail(
			parser, "requests die not-sent, unsupported, acs, iommu, abort or lost");
	if (expect->outcome == SIM_BLOCKED && sim_look(line) &&
	    sim_word_acs(sim_look(line), &expect->bits))
		line->next++;
	if (sim_take_word(line, "at"))
		return sim_take_node(parser, line, &expect->node);
	return 0;
}

static int read_expectation(struct sim_parser *parser, struct sim_step *step, struct sim_line *line)
{
	struct sim_expect_step *expect = &step->expect;
	const char *word = sim_take(line);
	int rc = 0;

	expect->node = SIM_NO_NODE;
	if (!word)
		word = "";
	if (strcmp(word, "arrives") == 0) {
		expect->what = SIM_EXPECT_ARRIVES;
	} else if (strcmp(word, "lands") == 0) {
		expect->what = SIM_EXPECT_LANDS;
		rc = sim_take_target(parser, line, &expect->target);
	} else if (strcmp(word, "dies") == 0) {
		expect->what = SIM_EXPECT_DIES;
		rc = read_outcome(parser, expect, line);
	} else if (strcmp(word, "passes") == 0 || strcmp(word, "avoids") == 0) {
		expect->what = *word == 'p' ? SIM_EXPECT_PASSES : SIM_EXPECT_AVOIDS;
		return sim_take_node(parser, line, &expect->node);
	} else {
		return sim_parse_fail(
			parser, "expect arrives, lands, dies, passes or avoids, not \"%.40s\"",
			word);
	}
	if (rc == 0 && sim_look(line))
		rc = sim_take_size(parser, line, &expect->size);
	return rc;
}

/* An expectation judges the DMA before it, with only other expectations between. */
static int read_expect(struct sim_parser *parser, struct sim_step *step, struct sim_line *line)
{
	const struct sim_scenario *scenario = parser->scenario;
	const struct sim_step *last = scenario->count ? &scenario->step[scenario->count - 1] : NULL;

	if (!last || (last->kind != SIM_STEP_DMA && last->kind != SIM_STEP_EXPECT))
		return sim_parse_fail(parser, "expect comes right after a write, read or copy");
	return read_expectation(parser, step, line);
}

static int read_address(const struct sim_parser *parser, struct sim_line *line, uint64_t *address)
{
	const char *word = sim_take(line);

	if (word && sim_word_size(word, address) && *address % SIM_PAGE == 0)
		return 0;
	return sim_parse_fail(parser, "\"%.40s\" is not an address of a page (whole 4K)",
			      word ? word : "");
}

static int read_map(struct sim_parser *parser, struct sim_step *step, struct sim_line *line)
{
	struct sim_map *map = &step->map.map;
	struct sim_target *target = &step->map.target;

	map->read = map->write = true;
	if (sim_take_client(parser, line, &map->client) < 0 ||
	    read_address(parser, line, &map->dma.value) < 0 ||
	    sim_take_target(parser, line, target) < 0 ||
	    sim_take_size(parser, line, &map->size) < 0 ||
	    sim_check_fits(parser, target, map->size) < 0)
		return -1;
	if (map->size % SIM_PAGE != 0 || target->offset % SIM_PAGE != 0 ||
	    map->dma.value > UINT64_MAX - map->size)
		return sim_parse_fail(parser, "the IOMMU maps whole pages of 4K, below 64 bits");
	if (sim_take_word(line, "read-only"))
		map->write = false;
	else if (sim_take_word(line, "write-only"))
		map->read = false;
	return 0;
}

static int read_unmap(struct sim_parser *parser, struct sim_step *step, struct sim_line *line)
{
	struct sim_map *map = &step->map.map;

	if (sim_take_client(parser, line, &map->client) < 0 ||
	    read_address(parser, line, &map->dma.value) < 0 ||
	    sim_take_size(parser, line, &map->size) < 0)
		return -1;
	if (map->dma.value > UINT64_MAX - map->size)
		return sim_parse_fail(parser, "that address and size reach past 64 bits");
	return 0;
}

static int read_presence(struct sim_parser *parser, struct sim_step *step, struct sim_line *line)
{
	return sim_take_node(parser, line, &step->node);
}

static const struct verb {
	const char *word;
	enum sim_step_kind kind;
	int (*read)(struct sim_parser *parser, struct sim_step *step, struct sim_line *line);
} verbs[] = {
	{ "write", SIM_STEP_DMA, sim_read_write },    { "read", SIM_STEP_DMA, sim_read_read },
	{ "copy", SIM_STEP_DMA, sim_read_copy },      { "expect", SIM_STEP_EXPECT, read_expect },
	{ "set", SIM_STEP_SET, sim_read_set },        { "map", SIM_STEP_MAP, read_map },
	{ "unmap", SIM_STEP_UNMAP, read_unmap },      { "remove", SIM_STEP_REMOVE, read_presence },
	{ "insert", SIM_STEP_INSERT, read_presence },
};

static const struct verb *find_verb(const char *word)
{
	for (unsigned int i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].word, word) == 0)
			return &verbs[i];
	return NULL;
}

/* Makes room for one more step. */
static int make_room(const struct sim_parser *parser)
{
	struct sim_scenario *scenario = parser->scenario;

	if (scenario->count == SIM_STEPS_MAX)
		return sim_parse_fail(parser, "more than %d steps", SIM_STEPS_MAX);
	if (scenario->count == scenario->room) {
		unsigned int room = scenario->room ? scenario->room * 2 : 16;
		struct sim_step *larger = realloc(scenario->step, room * sizeof(*larger));

		if (!larger)
			return sim_parse_fail(parser, "out of memory");
		scenario->step = larger;
		scenario->room = room;
	}
	return 0;
}

int sim_parse_step(struct sim_parser *parser, const char *text, char **words, unsigned int count)
{
	const struct verb *verb = find_verb(words[0]);
	struct sim_line rest = { .word = words, .count = count, .next = 1 };
	struct sim_step step = { .line = parser->line };

	if (!verb)
		return sim_parse_fail(
			parser, "\"%.40s\" is not a word of scenarios; see p2pmem-sim-scenario(5)",
			words[0]);
	step.kind = verb->kind;
	if (verb->read(parser, &step, &rest) < 0)
		return -1;
	if (sim_look(&rest))
		return sim_parse_fail(parser, "\"%.80s\" is one word too many", sim_look(&rest));
	if (make_room(parser) < 0)
		return -1;
	step.text = strdup(text);
	if (!step.text)
		return sim_parse_fail(parser, "out of memory");
	parser->scenario->step[parser->scenario->count++] = step;
	return 0;
}
