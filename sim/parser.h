/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the two halves of the scenario reader share.
 */
#ifndef SIM_PARSER_H
#define SIM_PARSER_H

#include "scenario.h"

struct sim_parser {
	struct sim_scenario *scenario;
	struct sim_error *error;
	const char *name;
	unsigned int line;
	uint64_t traffic; /* bytes of all DMA steps so far */
};

/** Fills in the error, with file and line; always -1. */
int sim_parse_fail(const struct sim_parser *parser, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** The node with that name, or SIM_NO_NODE and the error. */
sim_node sim_parse_node(const struct sim_parser *parser, const char *name);

/** Whether the line's first word is one of the machine's. */
bool sim_is_node_word(const char *word);
/** A line of the machine: adds the node below `parent`. Returns 0 or -1. */
int sim_parse_machine(struct sim_parser *parser, sim_node parent, char **words, unsigned int count,
		      sim_node *node);

/** A step. Returns 0 or -1. `text` is the whole line; it is copied. */
int sim_parse_step(struct sim_parser *parser, const char *text, char **words, unsigned int count);

#endif
