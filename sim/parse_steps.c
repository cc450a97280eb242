// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The step lines of scenario files.
 */
#include "parser.h"
#include "tokens.h"

#include <stdlib.h>
#include <string.h>

/* A line's words, taken one by one. */
struct words {
	char **word;
	unsigned int count, next;
};

static const char *take(struct words *words)
{
	return words->next < words->count ? words->word[words->next++] : NULL;
}

static const char *look(const struct words *words)
{
	return words->next < words->count ? words->word[words->next] : NULL;
}

static const char *after(const char *word, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(word, prefix, length) == 0 ? word + length : NULL;
}

static bool take_word(struct words *words, const char *word)
{
	const char *next = look(words);

	if (!next || strcmp(next, word) != 0)
		return false;
	words->next++;
	return true;
}

static int take_node(const struct sim_parser *parser, struct words *words, sim_node *node)
{
	const char *word = take(words);

	if (!word)
		return sim_parse_fail(parser, "a name is missing; see p2pmem-sim-scenario(5)");
	*node = sim_parse_node(parser, word);
	return *node == SIM_NO_NODE ? -1 : 0;
}

static int take_client(const struct sim_parser *parser, struct words *words, sim_node *node)
{
	enum sim_kind kind;

	if (take_node(parser, words, node) < 0)
		return -1;
	kind = sim_info(parser->scenario->machine, *node)->kind;
	if (kind != SIM_RAM && kind != SIM_HOST_BRIDGE)
		return 0;
	return sim_parse_fail(parser, "%s does no DMA: name a device, a port or a coherent device",
			      sim_info(parser->scenario->machine, *node)->name);
}

static int take_size(const struct sim_parser *parser, struct words *words, uint64_t *size)
{
	const char *word = take(words);

	if (word && sim_word_size(word, size) && *size)
		return 0;
	return sim_parse_fail(parser, "\"%.40s\" is no size, such as 4096, 64K or 1M",
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

/* NAME[.BAR][+OFFSET], of which at least `size` bytes must be there. */
static int take_target(const struct sim_parser *parser, struct words *words,
		       struct sim_target *target)
{
	char *word = words->next < words->count ? words->word[words->next] : NULL;
	const struct sim_info *info;
	char *offset, *bar;
	uint64_t number = 0;

	if (!word)
		return sim_parse_fail(parser, "a memory is missing: NAME[.BAR][+OFFSET]");
	words->next++;
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
		return sim_parse_fail(parser, "\"%.40s\" is no offset", offset);
	if (target->offset >= size_of(info, target->bar))
		return sim_parse_fail(parser, "%s ends before that offset", word);
	return 0;
}

static int check_fits(const struct sim_parser *parser, const struct sim_target *target,
		      uint64_t size)
{
	const struct sim_info *info = sim_info(parser->scenario->machine, target->node);

	if (size <= size_of(info, target->bar) - target->offset)
		return 0;
	return sim_parse_fail(parser, "%s ends before that many bytes", info->name);
}

static int add_segment(struct sim_parser *parser, struct sim_dma_step *dma,
		       const struct sim_target *target, uint64_t size, bool write)
{
	if (check_fits(parser, target, size) < 0)
		return -1;
	if (dma->count == SIM_SEGMENTS_MAX)
		return sim_parse_fail(parser, "more than %d segments", SIM_SEGMENTS_MAX);
	if (size > SIM_REQUEST_MAX || size > SIM_TRAFFIC_MAX - parser->traffic)
		return sim_parse_fail(parser, "more than %llu MiB in one segment, or %llu in all",
				      (unsigned long long)SIM_REQUEST_MAX >> 20,
				      (unsigned long long)SIM_TRAFFIC_MAX >> 20);
	parser->traffic += size;
	dma->segment[dma->count++] =
		(struct sim_segment){ .target = *target, .size = size, .write = write };
	return 0;
}

/* NODE@SIZE */
static int read_removal(const struct sim_parser *parser, struct sim_dma_step *dma, char *value)
{
	char *at = strchr(value, '@');

	if (!at || !sim_word_size(at + 1, &dma->removed_after))
		return sim_parse_fail(parser, "remove= needs NAME@BYTES");
	*at = '\0';
	dma->removed = sim_parse_node(parser, value);
	return dma->removed == SIM_NO_NODE ? -1 : 0;
}

static int read_by(const struct sim_parser *parser, struct sim_dma_step *dma, const char *value)
{
	if (strcmp(value, "bus") == 0) {
		dma->by = SIM_BY_BUS;
	} else if (strcmp(value, "cpu") == 0) {
		dma->by = SIM_BY_CPU;
	} else {
		dma->by = SIM_BY_ADDRESS;
		if (!sim_word_number(value, UINT64_MAX, &dma->address.value))
			return sim_parse_fail(parser, "by= is bus, cpu or an address");
		if (dma->count != 1)
			return sim_parse_fail(parser, "one address fits only one segment");
		if (dma->segment[0].size - 1 > UINT64_MAX - dma->address.value)
			return sim_parse_fail(parser, "that address and size reach past 64 bits");
	}
	return 0;
}

static int read_dma_options(const struct sim_parser *parser, struct sim_dma_step *dma,
			    struct words *words)
{
	while (words->next < words->count) {
		char *word = words->word[words->next++];

		if (after(word, "by=")) {
			if (read_by(parser, dma, word + 3) < 0)
				return -1;
		} else if (after(word, "remove=")) {
			if (read_removal(parser, dma, word + 7) < 0)
				return -1;
		} else if (strcmp(word, "translated") == 0) {
			dma->flags |= SIM_TRANSLATED;
		} else if (strcmp(word, "relaxed") == 0) {
			dma->flags |= SIM_RELAXED;
		} else {
			return sim_parse_fail(
				parser, "\"%.80s\" is none of by=, remove=, translated, relaxed",
				word);
		}
	}
	return 0;
}

static bool is_option(const char *word)
{
	return !word || strchr(word, '=') || strcmp(word, "translated") == 0 ||
	       strcmp(word, "relaxed") == 0;
}

static int read_transfer(struct sim_parser *parser, struct sim_step *step, struct words *words,
			 bool write)
{
	struct sim_dma_step *dma = &step->dma;

	dma->removed = SIM_NO_NODE;
	if (take_client(parser, words, &dma->client) < 0)
		return -1;
	do {
		struct sim_target target;
		uint64_t size = 0;

		if (take_target(parser, words, &target) < 0 ||
		    take_size(parser, words, &size) < 0 ||
		    add_segment(parser, dma, &target, size, write) < 0)
			return -1;
	} while (!is_option(look(words)));
	return read_dma_options(parser, dma, words);
}

static int read_write(struct sim_parser *parser, struct sim_step *step, struct words *words)
{
	return read_transfer(parser, step, words, true);
}

static int read_read(struct sim_parser *parser, struct sim_step *step, struct words *words)
{
	return read_transfer(parser, step, words, false);
}

static int read_copy(struct sim_parser *parser, struct sim_step *step, struct words *words)
{
	struct sim_dma_step *dma = &step->dma;
	struct sim_target from = { 0 }, to = { 0 };
	uint64_t size = 0;

	dma->removed = SIM_NO_NODE;
	if (take_client(parser, words, &dma->client) < 0 || take_target(parser, words, &from) < 0 ||
	    take_target(parser, words, &to) < 0 || take_size(parser, words, &size) < 0 ||
	    add_segment(parser, dma, &from, size, false) < 0 ||
	    add_segment(parser, dma, &to, size, true) < 0)
		return -1;
	return read_dma_options(parser, dma, words);
}

static int read_outcome(const struct sim_parser *parser, struct sim_expect_step *expect,
			struct words *words)
{
	const char *word = take(words);
	bool known = false;

	for (int i = SIM_NOT_SENT; word && !known && i <= SIM_LOST; i++) {
		expect->outcome = (enum sim_outcome)i;
		known = strcmp(sim_outcome_name(expect->outcome), word) == 0;
	}
	if (!known)
		return sim_parse_fail(
			parser, "requests die not-sent, unsupported, acs, iommu, abort or lost");
	if (expect->outcome == SIM_BLOCKED && look(words) &&
	    sim_word_acs(look(words), &expect->bits))
		words->next++;
	if (take_word(words, "at"))
		return take_node(parser, words, &expect->node);
	return 0;
}

static int read_expectation(struct sim_parser *parser, struct sim_step *step, struct words *words)
{
	struct sim_expect_step *expect = &step->expect;
	const char *word = take(words);
	int rc = 0;

	expect->node = SIM_NO_NODE;
	if (!word)
		word = "";
	if (strcmp(word, "arrives") == 0) {
		expect->what = SIM_EXPECT_ARRIVES;
	} else if (strcmp(word, "lands") == 0) {
		expect->what = SIM_EXPECT_LANDS;
		rc = take_target(parser, words, &expect->target);
	} else if (strcmp(word, "dies") == 0) {
		expect->what = SIM_EXPECT_DIES;
		rc = read_outcome(parser, expect, words);
	} else if (strcmp(word, "passes") == 0 || strcmp(word, "avoids") == 0) {
		expect->what = *word == 'p' ? SIM_EXPECT_PASSES : SIM_EXPECT_AVOIDS;
		return take_node(parser, words, &expect->node);
	} else {
		return sim_parse_fail(
			parser, "expect arrives, lands, dies, passes or avoids, not \"%.40s\"",
			word);
	}
	if (rc == 0 && look(words))
		rc = take_size(parser, words, &expect->size);
	return rc;
}

/* An expectation judges the DMA before it, with only other expectations between. */
static int read_expect(struct sim_parser *parser, struct sim_step *step, struct words *words)
{
	const struct sim_scenario *scenario = parser->scenario;
	const struct sim_step *last = scenario->count ? &scenario->step[scenario->count - 1] : NULL;

	if (!last || (last->kind != SIM_STEP_DMA && last->kind != SIM_STEP_EXPECT))
		return sim_parse_fail(parser, "expect comes right after a write, read or copy");
	return read_expectation(parser, step, words);
}

/* NODE,NODE,... by port (or function) number. */
static bool read_egress(const struct sim_parser *parser, char *value, uint64_t *vector)
{
	const struct sim_machine *machine = parser->scenario->machine;

	*vector = 0;
	if (strcmp(value, "none") == 0)
		return true;
	for (char *save, *name = strtok_r(value, ",", &save); name;
	     name = strtok_r(NULL, ",", &save)) {
		const struct sim_info *info = sim_info(machine, sim_find(machine, name));

		if (!info)
			return false;
		*vector |= UINT64_C(1) << (sim_is_port(info->kind) ? info->slot : info->function);
	}
	return true;
}

/* FIRST-LAST */
static bool read_buses(char *value, uint64_t *buses)
{
	uint64_t first, last;
	char *dash = strchr(value, '-');

	if (!dash)
		return false;
	*dash = '\0';
	if (!sim_word_number(value, 255, &first) || !sim_word_number(dash + 1, 255, &last))
		return false;
	*buses = first << 8 | last;
	return true;
}

static bool read_switch(const char *value, uint64_t *number)
{
	bool on;

	if (!sim_word_switch(value, &on))
		return false;
	*number = on;
	return true;
}

static bool read_register(const struct sim_parser *parser, struct sim_step *step, const char *word,
			  char *value)
{
	enum sim_iommu iommu;
	uint32_t peers;
	uint64_t bar;
	uint16_t acs;
	bool good;

	if (strcmp(word, "memory") == 0) {
		step->set.what = SIM_SET_MEMORY;
		return read_switch(value, &step->set.value);
	}
	if (strcmp(word, "master") == 0) {
		step->set.what = SIM_SET_MASTER;
		return read_switch(value, &step->set.value);
	}
	if (strcmp(word, "ats") == 0) {
		step->set.what = SIM_SET_ATS;
		return read_switch(value, &step->set.value);
	}
	if (strcmp(word, "egress") == 0) {
		step->set.what = SIM_SET_EGRESS;
		return read_egress(parser, value, &step->set.value);
	}
	if (strcmp(word, "buses") == 0) {
		step->set.what = SIM_SET_BUSES;
		return read_buses(value, &step->set.value);
	}
	if (strcmp(word, "acs") == 0) {
		step->set.what = SIM_SET_ACS;
		good = sim_word_acs(value, &acs);
		step->set.value = good ? acs : 0;
		return good;
	}
	if (strcmp(word, "peers") == 0) {
		step->set.what = SIM_SET_PEERS;
		good = sim_word_peers(value, &peers);
		step->set.value = good ? peers : 0;
		return good;
	}
	if (strcmp(word, "iommu") == 0) {
		step->set.what = SIM_SET_IOMMU;
		good = sim_word_iommu(value, &iommu);
		step->set.value = good ? iommu : 0;
		return good;
	}
	if (!after(word, "bar") || !sim_word_number(word + 3, SIM_BARS - 1, &bar))
		return false;
	step->set.what = SIM_SET_BAR;
	step->set.bar = (unsigned int)bar;
	return sim_word_number(value, UINT64_MAX, &step->set.value);
}

static int read_set(struct sim_parser *parser, struct sim_step *step, struct words *words)
{
	char *word, *value;

	if (take_node(parser, words, &step->set.node) < 0)
		return -1;
	word = words->next < words->count ? words->word[words->next++] : NULL;
	value = word ? strchr(word, '=') : NULL;
	if (value)
		*value++ = '\0';
	if (value && read_register(parser, step, word, value))
		return 0;
	return sim_parse_fail(parser,
			      "set NAME and one of memory=, master=, ats=, acs=, egress=, peers=, "
			      "iommu=, buses=FIRST-LAST, barN=; see p2pmem-sim-scenario(5)");
}

static int read_address(const struct sim_parser *parser, struct words *words, uint64_t *address)
{
	const char *word = take(words);

	if (word && sim_word_size(word, address) && *address % SIM_PAGE == 0)
		return 0;
	return sim_parse_fail(parser, "\"%.40s\" is no address of a page (whole 4K)",
			      word ? word : "");
}

static int read_map(struct sim_parser *parser, struct sim_step *step, struct words *words)
{
	struct sim_map *map = &step->map.map;
	struct sim_target *target = &step->map.target;

	map->read = map->write = true;
	if (take_client(parser, words, &map->client) < 0 ||
	    read_address(parser, words, &map->dma.value) < 0 ||
	    take_target(parser, words, target) < 0 || take_size(parser, words, &map->size) < 0 ||
	    check_fits(parser, target, map->size) < 0)
		return -1;
	if (map->size % SIM_PAGE != 0 || target->offset % SIM_PAGE != 0 ||
	    map->dma.value > UINT64_MAX - map->size)
		return sim_parse_fail(parser, "the IOMMU maps whole pages of 4K, below 64 bits");
	if (take_word(words, "read-only"))
		map->write = false;
	else if (take_word(words, "write-only"))
		map->read = false;
	return 0;
}

static int read_unmap(struct sim_parser *parser, struct sim_step *step, struct words *words)
{
	struct sim_map *map = &step->map.map;

	if (take_client(parser, words, &map->client) < 0 ||
	    read_address(parser, words, &map->dma.value) < 0 ||
	    take_size(parser, words, &map->size) < 0)
		return -1;
	if (map->dma.value > UINT64_MAX - map->size)
		return sim_parse_fail(parser, "that address and size reach past 64 bits");
	return 0;
}

static int read_presence(struct sim_parser *parser, struct sim_step *step, struct words *words)
{
	return take_node(parser, words, &step->node);
}

static const struct verb {
	const char *word;
	enum sim_step_kind kind;
	int (*read)(struct sim_parser *parser, struct sim_step *step, struct words *words);
} verbs[] = {
	{ "write", SIM_STEP_DMA, read_write },
	{ "read", SIM_STEP_DMA, read_read },
	{ "copy", SIM_STEP_DMA, read_copy },
	{ "expect", SIM_STEP_EXPECT, read_expect },
	{ "set", SIM_STEP_SET, read_set },
	{ "map", SIM_STEP_MAP, read_map },
	{ "unmap", SIM_STEP_UNMAP, read_unmap },
	{ "remove", SIM_STEP_REMOVE, read_presence },
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
	struct words rest = { .word = words, .count = count, .next = 1 };
	struct sim_step step = { .line = parser->line };

	if (!verb)
		return sim_parse_fail(
			parser, "\"%.40s\" is no word of scenarios; see p2pmem-sim-scenario(5)",
			words[0]);
	step.kind = verb->kind;
	if (verb->read(parser, &step, &rest) < 0)
		return -1;
	if (look(&rest))
		return sim_parse_fail(parser, "\"%.80s\" is one word too many", look(&rest));
	if (make_room(parser) < 0)
		return -1;
	step.text = strdup(text);
	if (!step.text)
		return sim_parse_fail(parser, "out of memory");
	parser->scenario->step[parser->scenario->count++] = step;
	return 0;
}
