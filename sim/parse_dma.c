// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Transfers in scenario files: write, read, copy.
 */
#include "line.h"
#include "tokens.h"

#include <string.h>

static int add_segment(struct sim_parser *parser, struct sim_dma_step *dma,
		       const struct sim_target *target, uint64_t size, bool write)
{
	if (sim_check_fits(parser, target, size) < 0)
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
			    struct sim_line *line)
{
	while (line->next < line->count) {
		char *word = line->word[line->next++];

		if (sim_after(word, "by=")) {
			if (read_by(parser, dma, word + 3) < 0)
				return -1;
		} else if (sim_after(word, "remove=")) {
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

static int read_transfer(struct sim_parser *parser, struct sim_step *step, struct sim_line *line,
			 bool write)
{
	struct sim_dma_step *dma = &step->dma;

	dma->removed = SIM_NO_NODE;
	if (sim_take_client(parser, line, &dma->client) < 0)
		return -1;
	do {
		struct sim_target target;
		uint64_t size = 0;

		if (sim_take_target(parser, line, &target) < 0 ||
		    sim_take_size(parser, line, &size) < 0 ||
		    add_segment(parser, dma, &target, size, write) < 0)
			return -1;
	} while (!is_option(sim_look(line)));
	return read_dma_options(parser, dma, line);
}

int sim_read_write(struct sim_parser *parser, struct sim_step *step, struct sim_line *line)
{
	return read_transfer(parser, step, line, true);
}

int sim_read_read(struct sim_parser *parser, struct sim_step *step, struct sim_line *line)
{
	return read_transfer(parser, step, line, false);
}

int sim_read_copy(struct sim_parser *parser, struct sim_step *step, struct sim_line *line)
{
	struct sim_dma_step *dma = &step->dma;
	struct sim_target from = { 0 }, to = { 0 };
	uint64_t size = 0;

	dma->removed = SIM_NO_NODE;
	if (sim_take_client(parser, line, &dma->client) < 0 ||
	    sim_take_target(parser, line, &from) < 0 || sim_take_target(parser, line, &to) < 0 ||
	    sim_take_size(parser, line, &size) < 0 ||
	    add_segment(parser, dma, &from, size, false) < 0 ||
	    add_segment(parser, dma, &to, size, true) < 0)
		return -1;
	return read_dma_options(parser, dma, line);
}
