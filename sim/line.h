/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A step line of a scenario while it is read. What takes a word returns 0, or -1 with the
 * parser's error filled in.
 */
#ifndef SIM_LINE_H
#define SIM_LINE_H

#include "parser.h"

struct sim_line {
	char **word;
	unsigned int count, next;
};

/** The next word, or NULL; sim_look() leaves it there. */
const char *sim_look(const struct sim_line *line);
char *sim_take(struct sim_line *line);
/** Takes the next word if it is this one. */
bool sim_take_word(struct sim_line *line, const char *word);
/** What follows the prefix, or NULL. */
const char *sim_after(const char *word, const char *prefix);

int sim_take_node(const struct sim_parser *parser, struct sim_line *line, sim_node *node);
int sim_take_client(const struct sim_parser *parser, struct sim_line *line, sim_node *node);
int sim_take_size(const struct sim_parser *parser, struct sim_line *line, uint64_t *size);
int sim_take_target(const struct sim_parser *parser, struct sim_line *line,
		    struct sim_target *target);
int sim_check_fits(const struct sim_parser *parser, const struct sim_target *target, uint64_t size);

/* parse_dma.c, parse_set.c: whole lines, after the verb */
int sim_read_write(struct sim_parser *parser, struct sim_step *step, struct sim_line *line);
int sim_read_read(struct sim_parser *parser, struct sim_step *step, struct sim_line *line);
int sim_read_copy(struct sim_parser *parser, struct sim_step *step, struct sim_line *line);
int sim_read_set(struct sim_parser *parser, struct sim_step *step, struct sim_line *line);

#endif
